"""What `--command` can do to the machine and to the lab: a probe tries, and its answers' status says what it could."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.lab

MANIFEST = Path(__file__).parents[1] / "lab" / "manifests" / "neg.yaml"
PROBE = Path(__file__).with_name("probe.py")
NOBODY = 65534
FIRST_STATUS = 520
"""The first attempt's; see probe.py."""
SEES_PROCESSES = "see a process that is not its own"
ATTEMPTS = (
    "nothing",
    "read a token of the environment",
    "read the home folder",
    "read the temporary folder",
    "write to the current folder",
    "write to a folder of the system",
    "connect to a socket in the current folder",
    "connect to a socket in the temporary folder",
    "have or regain a capability",
    "gain privileges by a program",
    SEES_PROCESSES,
    "take a descriptor of another process",
    "make namespaces",
    "change a mount",
    "run as root",
    "read what root alone may read",
    "write where the lab's errors go",
)
"""In the order of probe.py."""


def person(user: str) -> dict[str, Any]:
    if user == "root":
        if os.geteuid() != 0:
            pytest.skip("only root can be root")
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def an_interpreter(become: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """A Python that the person may run, and the variables with which it finds this package."""
    found = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    system = shutil.which(f"python3.{sys.version_info.minor}", path="/usr/local/bin:/usr/bin")
    for python in filter(None, (sys.executable, system)):
        try:
            attempt = [python, "-P", "-c", "import nodrop.lab.experiments"]
            subprocess.run(attempt, check=True, capture_output=True, cwd="/", env=os.environ | found, **become)
        except (OSError, subprocess.CalledProcessError):
            continue
        return python, found
    pytest.skip("an ordinary user cannot run this Python")


def listen(path: Path, sockets: list[socket.socket]) -> None:
    sockets.append(socket.socket(socket.AF_UNIX))
    sockets[-1].bind(str(path))
    path.chmod(0o777)
    sockets[-1].listen()


@pytest.fixture(scope="module", params=["root", "an ordinary user"])
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """The rehearsal's failures by cause, of a command that answers each request with what it could do."""
    become = person(request.param)
    python, found = an_interpreter(become)
    top = Path(os.path.realpath("/var")) / "lib" / f"nodrop-test-{os.getpid()}-{len(request.param)}"
    if os.geteuid() != 0:
        top = tmp_path_factory.mktemp("machine")
    project, home, temporary = top / "project", top / "home", top / "temporary"
    for folder in (top, project, home, temporary):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o777)
    sockets: list[socket.socket] = []
    try:
        for folder in (home, temporary):
            (folder / "secret").write_text("a secret")
        for folder in (project, temporary):
            listen(folder / "socket", sockets)
        shutil.copy(PROBE, project)
        shutil.copy(MANIFEST, project)
        environment = {
            **os.environ,
            **found,
            "A_TOKEN": "a secret",
            "HOME": str(home),
            "TMPDIR": str(temporary),
        }
        command = f"{python} -I -S probe.py {{port}} {home} {temporary}"
        options = ["--experiment", "rollout", "--speed-up", "30", "--output", str(temporary / "results.json")]
        done = subprocess.run(
            [python, "-P", "-m", "nodrop", "rehearse", "neg.yaml", "--command", command, *options],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            **become,
        )
        assert (temporary / "results.json").exists(), done.stderr
        (result,) = json.loads((temporary / "results.json").read_text())["results"]
        return {**result["failures"], **result["failures_anyway"], **result["steady_failures"]}
    finally:
        for each in sockets:
            each.close()
        if os.geteuid() == 0:
            shutil.rmtree(top)


def test_the_probe_says_what_it_can_do(answers: dict[str, int]) -> None:
    """Else the silence below would show nothing: the first attempt is one that succeeds anywhere."""
    assert answers[f"application answered {FIRST_STATUS}"] > 0


MOUNT_PROC = """
import ctypes, os
from nodrop.lab.data_plane import namespaces
namespaces.unshare_as_root(namespaces.CLONE_NEWNS | namespaces.CLONE_NEWPID)
child = os.fork()
if not child:
    os._exit(bool(ctypes.CDLL(None).mount(b"proc", b"/proc", b"proc", 0, None)))
raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("attempt", ATTEMPTS[1:])
def test_a_command_cannot(attempt: str, answers: dict[str, int]) -> None:
    if attempt == SEES_PROCESSES and subprocess.run([sys.executable, "-c", MOUNT_PROC]).returncode:
        pytest.skip("a container engine hides parts of /proc here, so there can be no fresh one: see SECURITY.md")
    assert f"application answered {FIRST_STATUS + ATTEMPTS.index(attempt)}" not in answers
