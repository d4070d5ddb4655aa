"""Python's search for garbage, put off where nothing is garbage."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def without_collection() -> Generator[None]:
    """No search for cycles meanwhile: objects that are read and judged are in use to the end, and a search among
    100,000 of them takes as long as their judgement."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
