"""Garbage collection is paused where it would only find objects in use, and afterwards its state is as before."""

import gc
import subprocess
import sys
from collections.abc import Generator

import pytest

from nodrop.garbage_collection import without_collection


class Made:
    """An object that the collector tracks."""


@pytest.fixture(autouse=True)
def collecting() -> Generator[None]:
    gc.enable()
    yield
    gc.unfreeze()
    gc.enable()


def age_of(made: Made) -> int:
    return next(age for age in range(3) if any(each is made for each in gc.get_objects(generation=age)))


def test_what_is_made_meanwhile_counts_as_old_afterwards():
    with without_collection():
        assert not gc.isenabled()
        made = Made()
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0
    assert age_of(made) == 2
    assert age_of(Made()) == 0


def test_a_collection_that_was_off_stays_off():
    gc.disable()
    with without_collection():
        pass
    assert not gc.isenabled()


def test_objects_that_somebody_has_frozen_stay_frozen():
    gc.freeze()
    frozen = gc.get_freeze_count()
    with without_collection():
        pass
    assert gc.get_freeze_count() >= frozen > 0


def test_a_command_leaves_nothing_to_search_when_its_process_ends():
    ended = "import atexit, gc; atexit.register(lambda: print('tracked:', len(gc.get_objects())))"
    command = f"{ended}\nfrom nodrop.cli import main\nmain(['rules', '--help'])"
    process = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True, timeout=60)
    assert process.stdout.splitlines()[-1] == "tracked: 0"
