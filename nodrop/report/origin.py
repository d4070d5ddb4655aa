"""When, where and by which command a report came to be, and the command that runs one of its variants again."""

import os
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nodrop.lab.results import Result


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """One call of a command."""

    command: tuple[str, ...]
    """Its words, such as ("nodrop", "demo")."""
    written: datetime
    machine: str
    """Cores, kernel and Python in a few words."""
    by_variant: bool
    """The command takes `--variant`."""

    def again(self, run: Result) -> str:
        """The command line that repeats the run of one variant with its seed."""
        variant = ("--variant", run.subject.variant) if self.by_variant else ()
        return shlex.join((*self.command, *variant, "--seed", str(run.conditions.seed), "--seeds", "1"))


def provenance_here(arguments: Sequence[str] = (), *, by_variant: bool) -> Provenance:
    """This process now. `arguments`: those of the command, this process's own where none are given."""
    kernel = f"{platform.system()} {platform.release()} on {platform.machine()}"
    return Provenance(
        command=("nodrop", *(arguments or sys.argv[1:])),
        written=datetime.now(UTC).replace(microsecond=0),
        machine=f"{os.cpu_count()} cores, {kernel}, Python {platform.python_version()}",
        by_variant=by_variant,
    )
