"""How late this machine lets a busy process be: measured before a lab starts, for a moment."""

import os
import time

WORK_SECONDS = 0.05
"""Processor time that a part of the lab needs in one piece, at worst. Source: chosen, for the controllers."""
_WATCH_REAL_SECONDS = 0.5
_PAUSE_SECONDS = 0.01
"""Between two pieces of work, so that each finds this process asleep."""
_LOOK_AGAIN_SECONDS = 1
QUIET_LATENCY_REAL_SECONDS = 0.09
"""Latency up to which labs run side by side. Source: chosen: more than half a core is free then."""


def latency_real_seconds() -> float:
    """The longest that `WORK_SECONDS` of processor time took, in wall-clock seconds."""
    worst, end = 0.0, time.monotonic() + _WATCH_REAL_SECONDS
    while (begun := time.monotonic()) < end:
        done = time.thread_time() + WORK_SECONDS
        while time.thread_time() < done:
            pass
        worst = max(worst, time.monotonic() - begun)
        time.sleep(_PAUSE_SECONDS)
    return worst


def quiet_latency_real_seconds(patience_seconds: float) -> float:
    """The machine's latency once labs may run side by side on it, or else as it is when the patience ends."""
    end = time.monotonic() + patience_seconds
    while (latency := latency_real_seconds()) > QUIET_LATENCY_REAL_SECONDS and time.monotonic() < end:
        time.sleep(_LOOK_AGAIN_SECONDS)
    return latency


def labs_side_by_side(latency: float, *, heavy: bool = False) -> int:
    """How many labs a machine of that latency runs at a time: three for two cores where it is quiet, else one.

    A lab of the comparison takes half a core. Source: measured on two cores, where three held the verdicts.

    Args:
        latency: as `latency_real_seconds` measures it.
        heavy: whether a lab also runs kernels or a control plane of Kubernetes, and takes a core.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if latency > QUIET_LATENCY_REAL_SECONDS:
        return 1
    return cores if heavy else cores * 3 // 2
