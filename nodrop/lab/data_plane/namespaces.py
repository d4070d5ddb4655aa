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

from nodrop.lab.contained import NOBODY

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
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


def cover(path: str) -> None:
    """Puts /dev/null in the place of the file `path` in this mount namespace."""
    _checked(_libc().mount(b"/dev/null", os.fsencode(path), None, MS_BIND, None), f"cover {path}")


def map_to_root(uid: int, gid: int) -> None:
    """Maps the user and group ids of the outer user to root of the user namespace just unshared."""
    _write_maps("self", f"0 {uid} 1", f"0 {gid} 1", setgroups="deny")


def unshare_as_root(flags: int) -> None:
    """unshare(2) with a new user namespace beside `flags`, whose root is the caller; raises OSError if refused.

    Where the caller is root, it has a user NOBODY as well.
    """
    uid, gid = os.geteuid(), os.getegid()
    if uid or not _nobody_is_mapped():
        unshare(CLONE_NEWUSER | flags)
        map_to_root(uid, gid)
        return
    unshared, tell = os.pipe()
    helper = os.fork()  # only from outside can more than one user be mapped
    if not helper:
        os.close(tell)
        os.read(unshared, 1)
        two = f"0 0 1\n{NOBODY} {NOBODY} 1"
        try:
            _write_maps(str(os.getppid()), two, two, setgroups="allow")
        except OSError as error:
            os._exit(error.errno or 1)
        os._exit(0)
    try:
        unshare(CLONE_NEWUSER | flags)
    finally:
        os.close(tell)
        os.close(unshared)
        errno = os.waitstatus_to_exitcode(os.waitpid(helper, 0)[1])
    if errno:
        raise OSError(
            errno,
            "root without the capabilities SETUID and SETGID cannot map the user nobody: "
            f"add them, or start this as an ordinary user: {os.strerror(errno)}",
        )


def _nobody_is_mapped() -> bool:
    """Whether this user namespace has a user and a group NOBODY."""

    def mapped(file: str) -> bool:
        with open(f"/proc/self/{file}") as lines:
            ranges = [[int(number) for number in line.split()] for line in lines]
        return any(first <= NOBODY < first + count for first, _outside, count in ranges)

    return mapped("uid_map") and mapped("gid_map")


def _write_maps(process: str, uids: str, gids: str, *, setgroups: str) -> None:
    for name, text in (("setgroups", setgroups), ("uid_map", uids), ("gid_map", gids)):
        with open(f"/proc/{process}/{name}", "w") as file:
            file.write(text)


@contextmanager
def new_process_ids() -> Generator[None]:
    """The first process that the body starts is the first of a new process-id namespace; it may start no thread."""
    own = os.open("/proc/thread-self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    try:
        unshare(CLONE_NEWPID)
        try:
            yield
        finally:
            _checked(_libc().setns(own, CLONE_NEWPID), "setns back")
    finally:
        os.close(own)


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
