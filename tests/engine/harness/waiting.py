"""Waiting for what other processes bring about."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def until(check: Callable[[], Found], *, seconds: float = 60.0) -> Found:
    """The first true answer of `check`, asked ten times a second; only a busy machine takes long."""
    end = time.monotonic() + seconds
    while not (found := check()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(0.1)
    return found


def always(check: Callable[[], object], *, seconds: float) -> bool:
    """Whether `check` stays true for this long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not check():
            return False
        time.sleep(0.1)
    return True
