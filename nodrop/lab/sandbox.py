"""Runs a job in namespaces of its own, as an ordinary user, so that nothing of it can outlive it or be seen outside.

The caller starts one child process; the child enters new user, mount, network and process-id namespaces and starts the
lab as their first process. When any of the three is killed, the kernel kills the rest: each dies with its parent, and
with the first process of a process-id namespace all others. Files lie on a tmpfs that exists only in there.
"""

import os
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from nodrop.lab import namespaces
from nodrop.lab.job import Job
from nodrop.lab.results import Result

WORK_FOLDER = "/run"
"""Covered by a tmpfs inside the sandbox."""


class LabUnavailableError(RuntimeError):
    """This machine cannot run the lab: the message says what is missing and what to do about it."""


class LabFailedError(RuntimeError):
    """The lab ran but could not measure: the message says why."""


def run(job: Job, progress: Callable[[str], None]) -> Result:
    """Runs the job in a sandbox and returns its result.

    To be called from a thread that lives until it returns: the child dies with the thread that started it.

    Args:
        job: what to rehearse.
        progress: told the name of each phase as it begins.

    Raises:
        LabUnavailableError: namespaces, netfilter or a package of the extra [lab] is missing.
        LabFailedError: the lab could not measure.
    """
    ours, theirs = Pipe()
    with tempfile.TemporaryFile("w+") as errors, theirs:
        child = subprocess.Popen(
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stderr=errors,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        try:
            with ours:
                ours.send(job)
                return _receive(ours, progress)
        except EOFError:
            errors.seek(0)
            raise LabFailedError(f"the lab ended without a result:\n{errors.read().strip()}") from None
        finally:
            child.kill()
            child.wait()


def _receive(connection: Connection, progress: Callable[[str], None]) -> Result:
    while True:
        kind, content = connection.recv()
        if kind == "result":
            return content
        if kind == "progress":
            progress(content)
        elif kind == "unavailable":
            raise LabUnavailableError(content)
        else:
            raise LabFailedError(content)


def _enter(connection: Connection) -> None:
    """In the child: enters the namespaces, then runs the lab as their first process and waits for its end."""
    uid, gid = os.geteuid(), os.getegid()
    try:
        namespaces.unshare(
            namespaces.CLONE_NEWUSER | namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET | namespaces.CLONE_NEWPID
        )
        namespaces.map_to_root(uid, gid)
    except OSError as error:
        connection.send(("unavailable", _no_namespaces(error)))
        return
    namespaces.die_with_parent()
    lifeline, held = os.pipe()
    first = os.fork()
    if first:
        os.waitpid(first, 0)
        return
    os.close(held)
    namespaces.die_with_parent()
    os.set_blocking(lifeline, False)
    try:
        if os.read(lifeline, 1) == b"":
            return  # the parent was killed before its death could be watched
    except BlockingIOError:
        pass
    _measure(connection)


def _measure(connection: Connection) -> None:
    """In the first process of the namespaces."""
    job: Job = connection.recv()
    try:
        namespaces.mount_tmpfs(WORK_FOLDER)
        from nodrop.lab import experiments
        from nodrop.lab.lab import LabError
    except ImportError as error:
        connection.send(
            ("unavailable", f"{error.name} is not installed; install the extra: pip install gke-nodrop[lab]")
        )
        return
    except OSError as error:
        connection.send(("unavailable", f"{error}: the sandbox needs a tmpfs of its own on {WORK_FOLDER}"))
        return
    try:
        result = experiments.run(job, Path(WORK_FOLDER), lambda phase: connection.send(("progress", phase)))
    except* LabError as errors:
        connection.send(("failed", str(errors.exceptions[0])))
    except* Exception:  # whatever it was, the caller gets it in full
        connection.send(("failed", traceback.format_exc()))
    else:
        connection.send(("result", result))


def _no_namespaces(error: OSError) -> str:
    return (
        f"this system does not let a normal user make namespaces ({error}). What may allow it, as root:\n"
        "  Ubuntu 23.10 and later: sysctl -w kernel.apparmor_restrict_unprivileged_userns=0\n"
        "  Debian 10 and earlier:  sysctl -w kernel.unprivileged_userns_clone=1\n"
        "  RHEL 7:                 sysctl -w user.max_user_namespaces=10000\n"
        "  in a container:         a seccomp profile that allows unshare and mount, or --privileged"
    )


def _main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides
    with Connection(int(sys.argv[1])) as connection:
        _enter(connection)


if __name__ == "__main__":
    _main()
