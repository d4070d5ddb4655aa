"""What a service's owner knows of it and wants, from which `solver` computes a rollout's numbers."""

from collections.abc import Iterator
from dataclasses import dataclass

from nodrop.rollout.behaviour import OnTerm
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import MAX_INT32
from nodrop.rollout.sources import KUBERNETES_API
from nodrop.rollout.timing import Mode

MAX_SECONDS = 2**28
"""The longest time that may be stated: some eight years, so that no sum of a few exceeds an int32. Source: chosen."""


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """The inputs of `solver.solve`, which documents and defaults them."""

    longest_request_seconds: float
    startup_seconds: float
    start_delay_seconds: float
    pre_stop_floor_seconds: int
    replicas: int
    max_replicas: int | None
    zones: int | None
    spot: bool
    keep_alive_timeout_seconds: float
    on_term: OnTerm
    mode: Mode
    health_check_path: str
    rolled_out_within_seconds: float | None

    @property
    def reducible_seconds(self) -> dict[str, float]:
        """The times that the owner can shorten where no numbers meet them, in the order in which to try.

        The longest first: the shorter ones may be defaults, which nobody stated.
        """
        times = {
            "longest_request_seconds": self.longest_request_seconds,
            "startup_seconds": self.startup_seconds,
            "start_delay_seconds": self.start_delay_seconds,
            "pre_stop_floor_seconds": self.pre_stop_floor_seconds,
        }
        return dict(sorted(times.items(), key=lambda each: -each[1]))


def out_of_range(wishes: Wishes) -> Iterator[Diagnostic]:
    """A finding for each input that no manifest could hold."""
    ranges = {f"rollout.{name}": (seconds, 0, MAX_SECONDS) for name, seconds in wishes.reducible_seconds.items()} | {
        "rollout.keep_alive_timeout_seconds": (wishes.keep_alive_timeout_seconds, 0, MAX_SECONDS),
        "rollout.rolled_out_within_seconds": (wishes.rolled_out_within_seconds, 1, MAX_INT32),
        "rollout.zones": (wishes.zones, 1, MAX_INT32),
        "replicas": (wishes.replicas, 1, MAX_INT32),
        "max_replicas": (wishes.max_replicas, max(1, wishes.replicas), MAX_INT32),
    }
    for name, (value, least, most) in ranges.items():
        if value is not None and not least <= value <= most:
            yield Diagnostic(
                rule="inputs-in-range",
                severity=Severity.ERROR,
                input=name,
                value=value,
                seen=f"not a number from {least} to {most}",
                why="the timings are computed from it",
                source=KUBERNETES_API,
                would_pass=max(least, 1),
            )
