"""What a container has: the files, the variables and the ports that its command needs. tests/security has the rest."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nodrop.lab.containers import Application, environment, shown
from nodrop.paths import Behaviour
from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.rollout import OnTerm

STATED = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)
IN_A_CONTAINER = """
import asyncio, json, os, sys
from nodrop.lab.containers import Process
from nodrop.lab.data_plane import namespaces
from nodrop.lab.data_plane.topology import build
from nodrop.lab.errors import LabFailedError

async def ended(asked, namespace):
    try:
        process = await Process.start(asked["command"], namespace, asked["environment"], tuple(asked["shown"]))
    except LabFailedError as error:
        return str(error)
    if asked["terminate"]:
        await asyncio.sleep(0.5)
        process.terminate()
        await process.exited(1)
        if process.running:
            process.kill()
            await process.exited(None)
            return "only KILL ended it"
    await process.exited(20)
    return process._process.returncode

asked = json.load(sys.stdin)
namespaces.unshare_as_root(namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET | namespaces.CLONE_NEWPID)
if os.fork():
    os.wait()
else:
    _address, namespace = build(proxies=1).nodes[0].add_pod()
    print(json.dumps(asyncio.run(ended(asked, namespace))), flush=True)
"""


def application(command: str | None, **given) -> Application:
    return Application(STATED, command, **given)


def outcome(command: list[str], view: Application, folder: Path, *, terminate: bool = False) -> int | str:
    """The exit code of the command in a container, or why it cannot be run."""
    here = os.getcwd()
    os.chdir(folder)
    try:
        visible = shown(view)
    finally:
        os.chdir(here)
    asked = {
        "command": command,
        "environment": environment({}, view, "pod-1", ""),
        "shown": visible,
        "terminate": terminate,
    }
    done = subprocess.run(
        [sys.executable, "-c", IN_A_CONTAINER],
        input=json.dumps(asked),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-S", "-c", code]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A current folder that everybody may read."""
    for parent in (tmp_path, *tmp_path.parents):
        if parent.owner() == "root" and parent.name.startswith("pytest"):
            parent.chmod(0o755)
    current = tmp_path / "current"
    current.mkdir()
    (current / "data").write_text("here")
    return current


@pytest.mark.lab
@pytest.mark.parametrize(
    "code",
    [
        "assert open('data').read() == 'here'",
        "open('/tmp/written', 'w').write('x'); open('/dev/shm/written', 'w').write('x')",
        "import socket; socket.create_server(('', 80))",
        "import os; assert os.environ['HOME'] == '/tmp'",
        "import os; assert len(os.urandom(9)) == 9; open('/dev/null', 'w').write('x')",
        "import os; os.kill(os.getpid(), 0); assert os.getpid() == 1; assert os.listdir('/proc/self/fd')",
        "import subprocess; subprocess.run(['ls', '/usr'], check=True)",
        "import threading; t = threading.Thread(target=print); t.start(); t.join()",
    ],
)
def test_a_command_can(code: str, folder: Path) -> None:
    assert outcome(python(code), application("python"), folder) == 0


@pytest.mark.lab
def test_a_claim_that_does_not_hold_would_be_told(folder: Path) -> None:
    assert outcome(python("assert False"), application("python"), folder) == 1


@pytest.mark.lab
def test_a_file_that_the_command_names_is_seen_wherever_it_is_but_nothing_beside_it(folder: Path) -> None:
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "named").write_text("x")
    (elsewhere / "beside").write_text("x")
    code = f"import os; assert os.listdir({str(elsewhere)!r}) == ['named']"
    assert outcome(python(code), application(f"server {elsewhere / 'named'}"), folder) == 0


@pytest.mark.lab
def test_a_link_on_the_way_is_followed(folder: Path) -> None:
    real = folder.parent / "real"
    real.mkdir()
    (real / "file").write_text("x")
    (folder.parent / "link").symlink_to("real")
    (folder.parent / "second").symlink_to(folder.parent / "link" / "file")
    named = folder.parent / "second"
    assert outcome(python(f"assert open({str(named)!r}).read() == 'x'"), application(f"server {named}"), folder) == 0


@pytest.mark.lab
def test_what_is_asked_for_is_seen_and_stays_as_it_is(folder: Path) -> None:
    more = folder.parent / "more"
    more.mkdir()
    code = f"""
import errno
try:
    open({str(more / "written")!r}, "w")
except OSError as error:
    assert error.errno == errno.EROFS
else:
    raise SystemExit(1)
"""
    assert outcome(python(code), application("server", read=(str(more),)), folder) == 0


@pytest.mark.lab
def test_a_command_that_ignores_term_by_default_is_told_so_by_kill_as_the_first_process_of_any_container(
    folder: Path,
) -> None:
    sleeping = python("import time; time.sleep(60)")
    assert outcome(sleeping, application("python"), folder, terminate=True) == "only KILL ended it"
    heeding = python("import signal, sys, time; signal.signal(15, lambda *_: sys.exit(3)); time.sleep(60)")
    assert outcome(heeding, application("python"), folder, terminate=True) == 3


@pytest.mark.lab
@pytest.mark.parametrize(
    ("command", "why"),
    [("no-such-command", "No such file or directory"), ("/etc/passwd", "Permission denied")],
)
def test_a_command_that_cannot_run_is_one_clear_line(command: str, why: str, folder: Path) -> None:
    assert outcome([command], application(command), folder) == f"the command {command!r} cannot be run: {why}"


# Without a container


def test_the_environment_is_what_the_pod_and_the_caller_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_TOKEN", "a secret")
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    declared = [
        {"name": "MODE", "value": "fast"},
        {"name": "POD_IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
        {"name": "LATER", "value": UNKNOWN},
        {"name": "PASSWORD", "value": SECRET},
    ]
    view = application("server", environment={"GIVEN": "x", "MODE": "slow"})
    stated = environment({"name": "app", "env": declared}, view, "web-1", "a private key")
    assert stated.pop("READY_TEST_TOKEN") == view.token
    assert stated == {
        "PATH": "/usr/bin",
        "LANG": "de_DE.UTF-8",
        "HOME": "/tmp",
        "MODE": "slow",
        "GIVEN": "x",
        "POD_NAME": "web-1",
    }


def test_only_a_stand_in_gets_the_private_key_of_the_run() -> None:
    stand_in = environment({"name": "app"}, application(None), "web-1", "a private key")
    assert stand_in["READY_TEST_CERTIFICATE"] == "a private key"
    assert "a private key" not in environment({"name": "app"}, application("server"), "web-1", "a private key").values()


@pytest.mark.parametrize("where", ["home", "above home", "a temporary folder", "the root"])
def test_a_current_folder_that_holds_private_ones_is_not_shown(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "above" / "home"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    folders = {"home": home, "above home": home.parent, "a temporary folder": Path("/tmp"), "the root": Path("/")}
    monkeypatch.chdir(folders[where])
    assert os.getcwd() not in shown(application("server"))
    (home / "project").mkdir()
    monkeypatch.chdir(home / "project")
    assert os.getcwd() in shown(application("server"))


def test_the_stand_in_sees_no_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert str(tmp_path) not in shown(application(None))
