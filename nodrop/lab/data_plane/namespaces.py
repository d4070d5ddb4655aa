"""Linux namespaces by system call, so that the lab needs no `unshare`, `ip` or `nsenter` binary.

Network namespaces are held by file descriptor only: nothing has a name, so nothing can be left behind. A namespace is
entered by the calling thread alone (setns(2)); sockets opened and processes started inside stay there.
"""

import ctypes
import functools
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from typing import Self

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1


@functools.cache
def _libc() -> ctypes.CDLL:
    """The C library, loaded when first needed: other systems can import this module."""
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{what}: {os.strerror(errno)}")


def unshare(flags: int) -> None:
    """unshare(2) with the flags `CLONE_NEW*`; raises OSError where the system refuses."""
    _checked(_libc().unshare(flags), "unshare")


def die_with_parent() -> None:
    """Asks the kernel to kill this process when the thread that started it ends (prctl(2), PR_SET_PDEATHSIG).

    To be called after any change of credentials: the kernel clears the wish then.
    """
    _checked(_libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl")


def mount_tmpfs(target: str) -> None:
    """Mounts an empty tmpfs on the directory `target` in this mount namespace."""
    _checked(_libc().mount(b"tmpfs", target.encode(), b"tmpfs", 0, b"mode=0755"), f"mount tmpfs on {target}")


def map_to_root(uid: int, gid: int) -> None:
    """Maps the user and group ids of the outer user to root of the user namespace just unshared."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)


class NetNamespace:
    """A network namespace held by its file descriptor; it ends when the last process and descriptor leave it."""

    def __init__(self, name: str) -> None:
        """Makes a new, empty namespace; `name` is for messages only."""
        self.name = name
        with _returning():
            unshare(CLONE_NEWNET)
            self.fd = _current()

    @classmethod
    def current(cls, name: str) -> Self:
        """The namespace that the calling thread is in."""
        namespace = cls.__new__(cls)
        namespace.name = name
        namespace.fd = _current()
        return namespace

    @contextmanager
    def entered(self) -> Generator[None]:
        """Runs the body in this namespace; only the calling thread moves, so the body must not await."""
        with _returning():
            _checked(_libc().setns(self.fd, CLONE_NEWNET), f"setns {self.name}")
            yield

    def close(self) -> None:
        """Lets go of the namespace."""
        os.close(self.fd)


def _current() -> int:
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


@contextmanager
def _returning() -> Generator[None]:
    before = _current()
    try:
        yield
    finally:
        _checked(_libc().setns(before, CLONE_NEWNET), "setns back")
        os.close(before)
