"""Python's garbage collection, paused where nothing is garbage."""

import atexit
import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Generator[None]:
    """No garbage collection meanwhile.

    Objects that are read and judged are in use to the end: the search among 100,000 of them takes as long as their
    judgement. In a first evaluation of a program, which would walk the SDKs' classes repeatedly, it takes a third.
    Afterwards all that there is counts as old, so that the next collection does not search it as if it were new.
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
    """No search for garbage among what is left when this process ends, which frees all of it anyway.

    With the Pulumi SDKs loaded that search takes a second, a third of a short command.
    """
    atexit.register(gc.freeze)
