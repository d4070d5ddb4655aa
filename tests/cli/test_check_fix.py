"""`nodrop check --fix`: only the lines that cure change, in all files or in none."""

import difflib
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nodrop.cli import main

SHOP = (Path(__file__).parents[1] / "shop.yaml").read_text()
CURED = (("sleep: {seconds: 5}", "sleep: {seconds: 60}"), ("GracePeriodSeconds: 20", "GracePeriodSeconds: 95"))


def fix(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", "--fix", *map(str, arguments)])


def cured(text: str = SHOP) -> str:
    for old, new in CURED:
        text = text.replace(old, new)
    return text


@pytest.fixture
def file(tmp_path) -> Path:
    made = tmp_path / "web.yaml"
    made.write_text(SHOP)
    return made


def test_the_edits_are_chosen_by_the_facts_that_options_state(file):
    done = fix(file, "--longest-request-seconds", 100)
    assert (done.exit_code, "longest request 100 s (option)" in done.stdout) == (0, True)
    assert "drainingTimeoutSec: 100" in file.read_text()
    file.write_text(SHOP)
    patch = CliRunner().invoke(main, ["check", "--patch", str(file), "--longest-request-seconds", "100"])
    assert "drainingTimeoutSec: 100" in patch.stdout


def test_only_the_lines_that_cure_change_and_what_is_left_is_judged(file):
    done = fix(file)
    assert file.read_text() == cured()
    changed = [line for line in difflib.ndiff(SHOP.splitlines(), file.read_text().splitlines()) if line[0] in "+-"]
    assert len(changed) == 4
    assert done.exit_code == 0
    assert done.stdout.startswith("clean  shop/web")
    assert done.stderr.splitlines() == [
        f"{file}: Deployment shop/web: spec.template.spec.containers[0].lifecycle.preStop.sleep.seconds is 60 now",
        f"{file}: Deployment shop/web: spec.template.spec.terminationGracePeriodSeconds is 95 now",
    ]


def test_a_second_time_there_is_nothing_to_do(file):
    fix(file)
    before = file.stat()
    done = fix(file)
    assert done.stderr == "nothing to fix: no findings\n"
    assert file.stat() == before


def test_objects_spread_over_a_folder_are_edited_where_each_stands(tmp_path):
    ingress, service, backend, deployment = SHOP.split("---\n")
    backend = backend.replace("drainingTimeoutSec: 30", "drainingTimeoutSec: 0")
    for name, text in (("front", ingress + "---\n" + service), ("backend", backend), ("pods", deployment)):
        (tmp_path / f"{name}.yaml").write_text(text)
    assert fix(tmp_path).exit_code == 0
    assert (tmp_path / "front.yaml").read_text() == ingress + "---\n" + service
    assert (tmp_path / "backend.yaml").read_text() == backend.replace("TimeoutSec: 0", "TimeoutSec: 30")
    assert (tmp_path / "pods.yaml").read_text() == cured(deployment)


def test_nothing_is_edited_where_not_all_of_it_can_be_and_what_cannot_is_listed(file):
    shared = SHOP.replace("terminationGracePeriodSeconds: 20", "terminationGracePeriodSeconds: &short 20").replace(
        "image: example/web:1", "image: example/web:1\n          env: [{name: GRACE, value: *short}]"
    )
    file.write_text(shared)
    done = fix(file)
    assert file.read_text() == shared
    assert done.stderr.startswith("nothing is edited, since not all of it can be; ")
    assert f"{file}: Deployment shop/web spec.template.spec.terminationGracePeriodSeconds cannot be set" in done.stderr
    assert "preStop" not in done.stderr
    assert done.exit_code == 1
    assert "pre-stop-outlasts-deprogramming" in done.stdout


def test_a_cure_that_is_no_edit_of_a_field_is_only_reported(file):
    file.write_text(SHOP.replace("sleep: {seconds: 5}", "exec: {command: [drain]}"))
    before = file.read_text()
    done = fix(file)
    assert "preStop" not in done.stderr
    assert "exec: {command: [drain]}" in file.read_text()
    assert len(before.splitlines()) == len(file.read_text().splitlines())


def test_a_link_is_neither_followed_nor_replaced(tmp_path):
    target = tmp_path / "target" / "web.yaml"
    target.parent.mkdir()
    target.write_text(SHOP)
    link = tmp_path / "web.yaml"
    link.symlink_to(target)
    done = fix(link)
    assert link.is_symlink()
    assert target.read_text() == SHOP
    assert f"{link}: Deployment shop/web is in a file that is a link, which is not followed" in done.stderr
    assert done.exit_code == 1


def test_nothing_is_edited_where_one_of_the_files_cannot_be_written(tmp_path, monkeypatch):
    ingress, service, backend, deployment = SHOP.split("---\n")
    backend = backend.replace("drainingTimeoutSec: 30", "drainingTimeoutSec: 0")
    files = {"a": "---\n".join((ingress, service, backend)), "b": deployment}
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    opened = os.open

    def full(path: object, *more: int) -> int:
        if ".b.yaml" in str(path):
            raise OSError(28, "No space left on device", str(path))
        return opened(path, *more)  # ty: ignore[invalid-argument-type]

    monkeypatch.setattr(os, "open", full)
    done = fix(tmp_path)
    assert done.exit_code == 2
    assert "nothing is edited: " in done.stderr
    assert "No space left" in done.stderr
    assert {file.name: file.read_text() for file in tmp_path.iterdir()} == {
        f"{name}.yaml": files[name] for name in files
    }


def test_the_rights_of_an_edited_file_stay(file):
    file.chmod(0o640)
    fix(file)
    assert file.stat().st_mode & 0o777 == 0o640
