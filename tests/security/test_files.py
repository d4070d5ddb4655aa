"""Files are written whole or not at all, and a link in a file's place is not followed."""

import os
import stat
from pathlib import Path

import pytest

from nodrop.files import MAX_NAME_BYTES, bounded_name, write
from nodrop.preview.manifests import render
from nodrop.report.files import write_html, write_json


def names(folder: Path) -> set[str]:
    return {each.name for each in folder.iterdir()}


def test_a_link_in_the_place_of_a_report_is_replaced_and_what_it_leads_to_stays(tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    for name, writer in (("index.html", write_html), ("results.json", write_json)):
        path = tmp_path / "report" / name
        path.parent.mkdir(exist_ok=True)
        path.symlink_to(precious)
        writer([], path)
        assert not path.is_symlink()
        assert "gke-nodrop" in path.read_text()
    assert precious.read_text() == "mine"


@pytest.mark.parametrize("by_link", [False, True])
def test_a_pipe_in_the_place_of_a_file_stays_one_and_is_not_waited_for(tmp_path, by_link):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    path = tmp_path / "link" if by_link else pipe
    if by_link:
        path.symlink_to(pipe)
    with pytest.raises(OSError, match="Is not a regular file"):
        write({path: "x"})
    assert pipe.is_fifo()
    assert path.is_symlink() == by_link
    assert names(tmp_path) == {"pipe", path.name}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a device, or replace one")
def test_a_device_in_the_place_of_a_file_stays_one(tmp_path):
    device = tmp_path / "null"
    os.mknod(device, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    with pytest.raises(OSError, match="Is not a regular file"):
        write({device: "x"})
    assert device.is_char_device()


def test_nothing_is_in_place_where_one_of_the_files_cannot_be_written(tmp_path):
    (tmp_path / "taken.yaml").mkdir()
    with pytest.raises(OSError, match=r"taken\.yaml"):
        write({tmp_path / "a.yaml": "a", tmp_path / "taken.yaml": "b", tmp_path / "c.yaml": "c"})
    assert names(tmp_path) == {"taken.yaml"}


def test_a_text_that_cannot_be_encoded_is_written_with_an_escape(tmp_path):
    write({tmp_path / "a": "x\ud800"})
    assert (tmp_path / "a").read_text() == r"x\ud800"


def test_a_written_file_has_the_mode_that_the_owner_wants_of_new_files(tmp_path):
    mask = os.umask(0o027)
    try:
        write({tmp_path / "a": ""})
    finally:
        os.umask(mask)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_name_too_long_for_a_file_is_cut_and_stays_apart_from_its_like(tmp_path):
    stems = ["x" * 5000 + end for end in "ab"]
    cut = [bounded_name(stem, ".yaml") for stem in stems]
    assert len(set(cut)) == 2
    assert all(len(each) <= MAX_NAME_BYTES and each.endswith(".yaml") for each in cut)
    assert bounded_name("service-web", ".yaml") == "service-web.yaml"


def test_rendered_objects_with_endless_names_are_all_written(tmp_path):
    objects = [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "é" * 4000 + end}} for end in "ab"]
    assert len(render(objects, tmp_path / "out")) == len(names(tmp_path / "out")) == 2
