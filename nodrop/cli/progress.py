"""How the lab's runs are followed on stderr while they go on."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.lab.job import Job


@contextmanager
def progress_of(total: int) -> Generator[Callable[[Job, str], None]]:
    """Shows `total` jobs on a bar with the time left, or without a terminal, a line for each that ended.

    The body reports their phases.
    """
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    from nodrop.rollout.text import printable

    console = Console(stderr=True)
    columns = [
        BarColumn(20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
    ]
    watched = console.is_interactive
    ended = itertools.count(1)
    one_at_a_time = threading.Lock()
    started = time.monotonic()
    with Progress(*columns, console=console, transient=True, disable=not watched) as bar:
        task = bar.add_task("starting", total=total)

        def progress(job: Job, phase: str) -> None:
            name = printable(f"{job.variant}, {job.experiment}: {phase}")
            bar.update(task, description=name, advance=phase == "done")
            if phase == "done" and not watched:
                with one_at_a_time:
                    so_far = next(ended)
                    left = left_text(time.monotonic() - started, so_far, total)
                    echo(f"{so_far}/{total} {job.variant}, {job.experiment}{left}", err=True)

        yield progress


def left_text(elapsed_seconds: float, ended: int, total: int) -> str:
    """About how long it will still take, as long a time for each that is left; empty at the end."""
    seconds = elapsed_seconds / ended * (total - ended)
    if ended >= total:
        return ""
    return f", about {seconds:.0f} s left" if seconds < 90 else f", about {seconds / 60:.0f} min left"
