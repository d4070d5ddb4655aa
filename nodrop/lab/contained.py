"""The first program of a container: makes its view of the machine, gives up all privileges, becomes the command.

With ENTER it is the first program of a further process of a container that is there: it enters the container's
namespaces and gives up the same privileges.

Runs as the first process of a process-id namespace, as root of the lab's user namespace; `arguments` makes its
command line. What is shown stays where it is, read-only; everything else of the file system is not there. The command
runs as an ordinary user in a user namespace of its own, without capabilities and without a way to gain any. Imports
little: it is part of the time that a container takes to start.
"""

import ctypes
import os
import signal
import sys

TEMPORARY_FOLDER = "/tmp"  # noqa: S108 - of the container, where nobody else is
_EMPTY_FOLDERS = (TEMPORARY_FOLDER, "/var/tmp", "/run", "/dev/shm")  # noqa: S108
"""Each is a tmpfs that only the container sees and may write to."""
_DEVICES = ("null", "zero", "full", "random", "urandom")
_STANDARD_STREAMS = {"fd": "fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}
_ROOT = "/run"
"""Where the container's file system is put together, before it becomes the root."""
_MOST_LINKS = 40
"""As the kernel: a path that leads over more symbolic links is not followed."""
ENTER = "enter"
CANNOT_RUN = 127
"""Exit code where the command cannot be run, as shells have it."""


NOBODY = 65534
"""The user and group that the command runs as, in its own user namespace, and on the machine where root starts."""


def arguments(command: list[str], *, shown: tuple[str, ...], report: int) -> list[str]:
    """The command line that runs `command` in a container.

    Args:
        command: its program and arguments.
        shown: absolute paths of the files and folders that it sees; one that does not exist is left out.
        report: the descriptor on which an error is reported, as text, before the command has begun; closed when it
            begins.
    """
    return [sys.executable, "-I", "-S", __file__, str(report), str(len(shown)), *shown, *command]


def arguments_to_enter(command: list[str], *, process: int) -> list[str]:
    """The command line that runs `command` in the container whose first process has that number here.

    It ends with the command's exit code, with CANNOT_RUN where that cannot be run.
    """
    return [sys.executable, "-I", "-S", __file__, ENTER, str(process), *command]


def enter(process: int, command: list[str]) -> int:
    """Runs the command in the container; returns its exit code."""
    current = os.getcwd()
    try:
        _enter_namespaces(process)
        _drop_capabilities()
    except OSError:
        return CANNOT_RUN
    child = os.fork()  # only a child is in the process-id namespace
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        _checked(_libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "prctl PR_SET_PDEATHSIG")
        os.chdir(current if os.path.isdir(current) else TEMPORARY_FOLDER)
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError:
        os._exit(CANNOT_RUN)


def main(report: int, shown: list[str], command: list[str]) -> None:
    """Becomes the command; returns only where it cannot be run, which it has reported by then."""
    os.set_inheritable(report, False)
    try:
        try:
            _show(shown)
            _drop_privileges()
        except OSError as error:
            os.write(report, f"its container cannot be made: {error}".encode())
            return
        os.execvp(command[0], command)  # noqa: S606 - no shell is wanted
    except OSError as error:
        os.write(report, (error.strerror or str(error)).encode())


# The file system


def _show(shown: list[str]) -> None:
    current = os.getcwd()
    _checked(_libc.unshare(_CLONE_NEWNS | _CLONE_NEWIPC | _CLONE_NEWUTS), "unshare")
    _mount(None, "/", None, _MS_REC | _MS_PRIVATE)
    _mount("tmpfs", _ROOT, "tmpfs", 0, "mode=0755")
    for folder in _EMPTY_FOLDERS:
        os.makedirs(_ROOT + folder)
        _mount("tmpfs", _ROOT + folder, "tmpfs", _MS_NOSUID | _MS_NODEV, "mode=1777")
    for device in _DEVICES:
        _bind(f"/dev/{device}", read_only=False)
    for name, stream in _STANDARD_STREAMS.items():
        os.symlink(f"/proc/self/{stream}", f"{_ROOT}/dev/{name}")
    os.mkdir(f"{_ROOT}/proc")
    try:
        _mount("proc", f"{_ROOT}/proc", "proc", _MS_NOSUID | _MS_NODEV | _MS_NOEXEC)
    except PermissionError:  # a container engine hides parts of /proc, so the kernel allows no whole one
        _mount("/proc", f"{_ROOT}/proc", None, _MS_BIND | _MS_REC)
    seen: list[str] = []
    for path in sorted(shown):
        end = _lay_links(path)
        if os.path.exists(end) and not any(f"{end}/".startswith(f"{earlier}/") for earlier in seen):
            _bind(end, read_only=True)
            seen.append(end)
    os.chdir(_ROOT)
    _checked(_libc.pivot_root(b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", _MNT_DETACH), "umount of the machine's file system")
    _mount(None, "/", None, _MS_REMOUNT | _MS_BIND | _MS_RDONLY | _MS_NOSUID)
    try:
        os.chdir(current)
    except OSError:
        os.chdir(TEMPORARY_FOLDER)


def _lay_links(path: str) -> str:
    """Repeats the symbolic links on the way to `path`; returns where it leads."""
    done, ahead, links = "", path.split("/"), 0
    while ahead:
        part = ahead.pop(0)
        if part == "..":
            done = os.path.dirname(done).rstrip("/")
        if part in ("", ".", ".."):
            continue
        candidate = f"{done}/{part}"
        if not os.path.islink(candidate):
            done = candidate
            continue
        links += 1
        if links > _MOST_LINKS:
            break
        target = os.readlink(candidate)
        copy = _ROOT + candidate
        if not os.path.lexists(copy):
            os.makedirs(os.path.dirname(copy), exist_ok=True)
            os.symlink(target, copy)
        ahead = target.split("/") + ahead
        done = "" if target.startswith("/") else done
    return done or "/"


def _bind(path: str, *, read_only: bool) -> None:
    target = _ROOT + path
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_RDONLY))
    _mount(path, target, None, _MS_BIND | _MS_REC)
    if read_only:
        wanted = _MountAttributes(set=_MOUNT_ATTR_RDONLY | _MOUNT_ATTR_NOSUID | _MOUNT_ATTR_NODEV)
        argument = (_AT_FDCWD, target.encode(), _AT_RECURSIVE, ctypes.byref(wanted), ctypes.sizeof(wanted))
        _checked(_libc.syscall(_SYS_MOUNT_SETATTR, *argument), f"mount_setattr {path} (Linux 5.12 has it)")


# The privileges


def _drop_privileges() -> None:
    """Leaves an ordinary user of a new user namespace, who can gain nothing, and make no namespace of his own."""
    if _root_started_the_lab():
        _become_nobody()
    _checked(_libc.prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0), "prctl PR_SET_DUMPABLE")  # else /proc/self is not its own
    uid, gid = os.geteuid(), os.getegid()
    _checked(_libc.unshare(_CLONE_NEWUSER), "unshare")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{NOBODY} {uid} 1"), ("gid_map", f"{NOBODY} {gid} 1")):
        _write(f"/proc/self/{name}", text)
    _write("/proc/sys/user/max_user_namespaces", "0")
    _drop_capabilities()


def _enter_namespaces(process: int) -> None:
    """Those of the container whose first process this is, its user namespace too."""
    by_root, descriptor = _root_started_the_lab(), os.pidfd_open(process)
    theirs = _CLONE_NEWNS | _CLONE_NEWUTS | _CLONE_NEWIPC | _CLONE_NEWNET | _CLONE_NEWPID
    _checked(_libc.setns(descriptor, theirs), "setns")
    if by_root:
        _become_nobody()
    _checked(_libc.setns(descriptor, _CLONE_NEWUSER), "setns")  # last: from there nothing else can be entered
    os.close(descriptor)


def _root_started_the_lab() -> bool:
    """Any other user stays who he is."""
    return any(line.split()[0] == str(NOBODY) for line in _read("/proc/self/uid_map").splitlines())


def _become_nobody() -> None:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


def _drop_capabilities() -> None:
    """So that what is started from here can gain none."""
    for capability in range(int(_read("/proc/sys/kernel/cap_last_cap")) + 1):
        _checked(_libc.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0), "prctl PR_CAPBSET_DROP")
    _checked(_libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "prctl PR_SET_NO_NEW_PRIVS")
    # the rest goes with the command's start: who is not root keeps no capability over execve(2)


def _read(path: str) -> str:
    with open(path) as file:
        return file.read()


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


# System calls

_libc = ctypes.CDLL(None, use_errno=True)
_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWIPC, _CLONE_NEWUSER = 0x20000, 0x4000000, 0x8000000, 0x10000000
_CLONE_NEWPID, _CLONE_NEWNET = 0x20000000, 0x40000000
_MS_RDONLY, _MS_NOSUID, _MS_NODEV, _MS_NOEXEC = 0x1, 0x2, 0x4, 0x8
_MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 0x20, 0x1000, 0x4000, 0x40000
_MNT_DETACH = 2
_MOUNT_ATTR_RDONLY, _MOUNT_ATTR_NOSUID, _MOUNT_ATTR_NODEV = 0x1, 0x2, 0x4
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_SYS_MOUNT_SETATTR = 442
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 4, 24, 38


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "user_namespace")]


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    texts = [None if text is None else text.encode() for text in (source, target, kind, data)]
    _checked(_libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]), f"mount {target}")


def _checked(result: int, what: str) -> None:
    if result != 0:
        errno = ctypes.get_errno()
        raise OSError(errno, f"{what}: {os.strerror(errno)}")


if __name__ == "__main__":
    if sys.argv[1] == ENTER:
        sys.exit(enter(int(sys.argv[2]), sys.argv[3:]))
    count = int(sys.argv[2])
    main(int(sys.argv[1]), sys.argv[3 : 3 + count], sys.argv[3 + count :])
    sys.exit(CANNOT_RUN)
