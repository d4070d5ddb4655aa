"""Run by test_command.py as a container: tries what it should not be able to do, and answers with what it could.

Each request gets the status of the next attempt that succeeded, from 520 up in the order of ATTEMPTS.
"""

import ctypes
import http.server
import itertools
import os
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

PORT, HOME, TEMPORARY = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
FIRST_STATUS = 520
CLONE_NEWUSER, CLONE_NEWNS = 0x10000000, 0x20000
SYS_PIDFD_OPEN, SYS_PIDFD_GETFD = 434, 438
libc = ctypes.CDLL(None, use_errno=True)


def nothing() -> bool:
    return True


def read_a_token() -> bool:
    return "A_TOKEN" in os.environ


def read_home() -> bool:
    return (HOME / "secret").read_text() == "a secret"


def read_temporary() -> bool:
    return (TEMPORARY / "secret").read_text() == "a secret"


def write_here() -> bool:
    Path("written").write_text("x")
    return True


def write_to_the_system() -> bool:
    for folder in ("/usr", "/usr/lib", "/etc", "/opt", sys.prefix):
        try:
            Path(folder, "nodrop-written").write_text("x")
        except OSError:
            continue
        Path(folder, "nodrop-written").unlink()
        return True
    return False


def connects(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
    return True


def status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith(f"{field}:")), 16)


def have_a_capability() -> bool:
    return any(status(field) for field in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"))


def gain_privileges() -> bool:
    return status("NoNewPrivs") != 1


def processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def see_others() -> bool:
    return set(processes()) != {os.getpid()}


def take_a_descriptor() -> bool:
    for process in processes():
        if process == os.getpid():
            continue
        held = libc.syscall(SYS_PIDFD_OPEN, process, 0)
        if held >= 0 and any(libc.syscall(SYS_PIDFD_GETFD, held, number, 0) >= 0 for number in range(32)):
            return True
    return False


def in_a_child(work: Callable[[], bool]) -> bool:
    child = os.fork()
    if not child:
        try:
            os._exit(0 if work() else 1)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def make_namespaces() -> bool:
    return in_a_child(lambda: libc.unshare(CLONE_NEWUSER) == 0)


def change_a_mount() -> bool:
    return in_a_child(lambda: libc.mount(b"tmpfs", b"/opt", b"tmpfs", 0, None) == 0)


def run_as_root() -> bool:
    return os.geteuid() == 0


def read_what_root_may() -> bool:
    return bool(Path("/etc/shadow").read_bytes())


def write_to_the_errors() -> bool:
    return not stat.S_ISCHR(os.fstat(2).st_mode)


ATTEMPTS = (
    nothing,
    read_a_token,
    read_home,
    read_temporary,
    write_here,
    write_to_the_system,
    lambda: connects(Path("socket").absolute()),
    lambda: connects(TEMPORARY / "socket"),
    have_a_capability,
    gain_privileges,
    see_others,
    take_a_descriptor,
    make_namespaces,
    change_a_mount,
    run_as_root,
    read_what_root_may,
    write_to_the_errors,
)


def succeeds(attempt: Callable[[], bool]) -> bool:
    try:
        return attempt()
    except OSError:
        return False


SAID = itertools.cycle([FIRST_STATUS + number for number, attempt in enumerate(ATTEMPTS) if succeeds(attempt)])


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments: object) -> None:  # ty: ignore[incompatible-method-override]
        pass

    def do_GET(self) -> None:
        self.send_response(200 if self.path.startswith("/ready") else next(SAID))
        self.send_header("X-Pod", os.environ.get("POD_NAME", ""))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()


http.server.ThreadingHTTPServer(("", PORT), Handler).serve_forever()
