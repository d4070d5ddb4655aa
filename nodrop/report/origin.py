"""When, where and by which command a report came to be, and the command that runs one of its variants again."""

import os
import platform
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from nodrop.lab.results import Result

_CONFIG = ("-c", "--config", "--neg-config", "--node-port-config")


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


def provenance_here(*, by_variant: bool) -> Provenance:
    """This process now, without the values of config, which may be secrets."""
    kernel = f"{platform.system()} {platform.release()} on {platform.machine()}"
    return Provenance(
        command=("nodrop", *without_config_values(sys.argv[1:])),
        written=datetime.now(UTC).replace(microsecond=0),
        machine=f"{os.cpu_count()} cores, {kernel}, Python {platform.python_version()}",
        by_variant=by_variant,
    )


def without_config_values(arguments: Sequence[str]) -> Iterator[str]:
    """A command's words with `KEY=…` for each `KEY=VALUE` of an option that takes config."""
    is_setting = False
    for word in arguments:
        option, equals, setting = word.partition("=")
        if is_setting:
            yield f"{option}=…"
        elif equals and option in _CONFIG and option.startswith("--"):
            yield f"{option}={setting.partition('=')[0]}=…"
        elif word.startswith("-c") and len(word) > len("-c"):
            yield f"{option}=…"
        else:
            yield word
        is_setting = not is_setting and word in _CONFIG
