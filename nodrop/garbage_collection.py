"""Python's garbage collection, paused where nothing is garbage."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Generator[None]:
    """No garbage collection meanwhile.

    Objects that are read and judged are in use to the end: the search among 100,000 of them takes as long as their
    judgement. In a first evaluation of a program, which would walk the SDKs' classes repeatedly, it takes a third.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
