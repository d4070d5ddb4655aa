"""The sandbox from the inside: the child enters the namespaces and starts the lab as their first process.

Runs as `python -P -m nodrop.lab.inside`, with the descriptor of the pipe as its argument.
"""

import asyncio
import contextlib
import os
import signal
import stat
import sys
import traceback
from collections.abc import Coroutine
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from nodrop.lab import pipe
from nodrop.lab.data_plane import namespaces
from nodrop.lab.errors import LabFailedError, LabStalledError
from nodrop.lab.results import Result
from nodrop.lab.sandbox import no_package

WORK_FOLDER = "/run"
"""Covered by a tmpfs inside the sandbox."""


def _enter(connection: Connection) -> None:
    """Enters the namespaces, then runs the lab as their first process and waits for its end."""
    sockets = machine_sockets()
    try:
        namespaces.unshare_as_root(namespaces.CLONE_NEWNS | namespaces.CLONE_NEWNET | namespaces.CLONE_NEWPID)
    except OSError as error:
        pipe.send_error(connection, "unavailable", _no_namespaces(error))
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
    _measure(connection, sockets)


def machine_sockets() -> list[str]:
    """The absolute paths of the unix sockets that are bound in this network namespace (proc_net(5))."""
    with open("/proc/net/unix", errors="surrogateescape") as file:
        entries = [line.rstrip("\n").split(maxsplit=7) for line in file]
    return [entry[7] for entry in entries if len(entry) == 8 and entry[7].startswith("/")]


def cover_sockets(sockets: list[str]) -> None:
    """Takes those unix sockets of the machine out of this mount namespace: a read-only view would not keep them off."""
    for path in sockets:
        with contextlib.suppress(FileNotFoundError, PermissionError):  # gone, or where nobody of the lab gets to
            if stat.S_ISSOCK(os.stat(path).st_mode):
                namespaces.cover(path)


def _measure(connection: Connection, sockets: list[str]) -> None:
    """In the first process of the namespaces."""
    job = pipe.receive_job(connection)

    def progress(phase: str) -> None:
        pipe.send_progress(connection, phase)

    progress("building the network")
    try:
        from nodrop.lab import experiments
        from nodrop.lab.data_plane import topology, translation
        from nodrop.lab.kubernetes import cluster

        namespaces.mount_tmpfs(WORK_FOLDER)
        cover_sockets(sockets)
        settings, folder = job.settings, Path(WORK_FOLDER)
        fabric = topology.build(settings.proxies, guests=job.ipvs is not None, client_ports=settings.client_ports)
        started = None
        if settings.control_plane == "kubernetes":
            started = cluster.start(job, fabric, folder, progress)
            translations = started.translations
        else:
            translations = translation.start(fabric, job.ipvs, settings.speed_up, folder)
    except LabFailedError as error:
        pipe.send_error(connection, "failed", str(error))
        return
    except ImportError as error:
        pipe.send_error(connection, "unavailable", no_package(error))
        return
    except Exception as error:  # netlink's errors have no common base but this
        said = f"the lab's network cannot be built here: {error!r}\n{_NETWORK_NEEDS}"
        pipe.send_error(connection, "unavailable", said)
        return
    asyncio.run(_answer(connection, experiments.run(job, fabric, translations, folder, progress, started)))


async def _answer(connection: Connection, experiment: Coroutine[Any, Any, Result]) -> None:
    """Sends what came of it before the loop ends what else runs in it: the kernel ends that anyway."""
    try:
        result = await experiment
    except* LabStalledError as errors:
        pipe.send_error(connection, "stalled", str(errors.exceptions[0]))
    except* LabFailedError as errors:
        pipe.send_error(connection, "failed", str(errors.exceptions[0]))
    except* Exception:  # whatever it was, the caller gets it in full
        pipe.send_error(connection, "failed", traceback.format_exc())
    else:
        pipe.send_result(connection, result)


_NETWORK_NEEDS = (
    "It needs a tmpfs, veth pairs, a bridge, nftables NAT (nft_nat, nft_masq, nft_numgen) and conntrack in a network\n"
    "namespace: any Debian, Ubuntu or Fedora kernel has them, as modules that may have to be loaded by root (modprobe)."
)


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
