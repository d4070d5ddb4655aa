"""Python's garbage collection, paused where nothing is garbage."""

import atexit
import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Generator[None]:
    """No garbage collection meanwhile.

    Objects that are read and judged are in use to the end: scanning 100,000 of them takes as long as judging them. In
    the first evaluation of a program, which would walk the SDKs' classes repeatedly, collections take a third of the
    time. Afterwards everything there is counts as old, so that the next collection does not scan it as new.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():  # else somebody has frozen objects, which must stay so
                gc.freeze()
                gc.unfreeze()  # into the oldest generation
            gc.enable()


def none_at_exit() -> None:
    """No garbage collection when this process ends, which frees everything anyway.

    With the Pulumi SDKs loaded it takes a second, a third of a short command.
    """
    atexit.register(gc.freeze)
