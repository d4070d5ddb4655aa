"""How the lab's runs are followed on stderr while they go on."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.lab.job import Job


@contextmanager
def progress_of(total: int) -> Generator[Callable[[Job, str], None]]:
    """Shows `total` jobs on a bar, or without a terminal, a line for each that ended; the body reports their phases."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from nodrop.rollout.text import printable

    console = Console(stderr=True)
    columns = [BarColumn(30), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}", markup=False)]
    watched = console.is_interactive
    ended = itertools.count(1)
    one_at_a_time = threading.Lock()
    with Progress(*columns, console=console, transient=True, disable=not watched) as bar:
        task = bar.add_task("starting", total=total)

        def progress(job: Job, phase: str) -> None:
            name = printable(f"{job.variant}, {job.experiment}: {phase}")
            bar.update(task, description=name, advance=phase == "done")
            if phase == "done" and not watched:
                with one_at_a_time:
                    echo(f"{next(ended)}/{total} {job.variant}, {job.experiment}", err=True)

        yield progress
