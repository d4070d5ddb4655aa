"""What is judged: a verdict for each serving path, with everything that it rests on."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from nodrop.judge.accepted import Accepted
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.files.reading import Position
from nodrop.rollout import Diagnostic, ObjectRef, Origin, Rollout, Severity

Positions = Callable[[Manifest, str], Position | None]
"""Where a field of an object was read from, or what is nearest above it; None where it is unknown."""


class Verdict(StrEnum):
    """What a rollout does to requests."""

    DROPS = "drops"
    """An error that is not waived: requests are lost, or GKE refuses an object."""
    AT_RISK = "at risk"
    """A warning that is not waived."""
    CLEAN = "clean"
    """None of the others, and nothing on the path was passed over."""
    NOT_JUDGED = "not judged"
    """Something on the path could not be judged, and what could be has no error."""


_WORST_FIRST = (Verdict.DROPS, Verdict.NOT_JUDGED, Verdict.AT_RISK, Verdict.CLEAN)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of them; NOT_JUDGED where there is none."""
    return min(verdicts, key=_WORST_FIRST.index, default=Verdict.NOT_JUDGED)


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A fact about an application that the judgement rests on, and who states it."""

    name: str
    """Such as `longest request`."""
    value: str
    """With its unit, such as `30 s`."""
    origin: Origin
    place: str = ""
    """Where a container states it, with file and line where they are known."""

    def __str__(self) -> str:
        return f"{self.name} {self.value} ({self.place or self.origin})"


@dataclass(frozen=True)
class Unjudged:
    """Why something could not be judged."""

    object: ObjectRef
    field: str
    """Path in the object; empty: the object as a whole."""
    why: str
    """One clause."""
    whole: bool = False
    """Whether `why` is all that there is to say."""

    def __str__(self) -> str:
        return self.why if self.whole else f"{self.object}: {self.field}: {self.why}"


@dataclass(frozen=True, kw_only=True)
class PassedOver:
    """An object that was not read."""

    object: ObjectRef
    reason: str
    position: Position | None = None
    """None: it was read from no file."""
    cluster: str | None = None
    """Which cluster it is in, where there are several; None: any."""

    def __str__(self) -> str:
        place = f"{self.position}: " if self.position else ""
        return f"{place}{self.object}: {self.reason}"


@dataclass(frozen=True, kw_only=True)
class PathJudgement:
    """One way from a load balancer to a workload."""

    name: str
    """Such as `demo/web`; of a way that leads to no path, the object that is in the way, such as `Ingress demo/web`."""
    path: ServingPath | None
    """None: the way could not be followed to a Deployment."""
    rollout: Rollout | None
    """What the rules were asked about; None without a path."""
    diagnostics: tuple[Diagnostic, ...]
    """Worst first; waived ones, which carry `waiver`, last."""
    reasons: tuple[str, ...]
    """Why something could not be judged, each with object and field."""
    assumptions: tuple[Assumption, ...]
    awaiting_rehearsal: tuple[str, ...] = ()
    """The same of what a rehearsal judges."""
    accepted: Accepted = field(default_factory=dict, hash=False)
    """What the owner of the workload waives, broken or not."""
    cluster: str = ""
    """Which cluster it is in, such as `provider east`; empty: there is only one."""

    @property
    def not_judged(self) -> tuple[str, ...]:
        """All reasons why something is not judged."""
        return (*self.awaiting_rehearsal, *self.reasons)

    @property
    def verdict(self) -> Verdict:
        """The one word."""
        return verdict_of(self.diagnostics, self.not_judged)


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """All that was judged, worst first."""

    paths: tuple[PathJudgement, ...]
    objects: tuple[Diagnostic, ...]
    """About objects that are on no path, such as what GKE refuses."""
    passed_over: tuple[PassedOver, ...]
    """Objects on no path that were not read; where there is no path, those that one could stand on, too."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """How many objects of each kind were given."""

    @property
    def verdict(self) -> Verdict:
        """The worst one; NOT_JUDGED where there is no path."""
        about_objects = [verdict_of(self.objects, ())] if self.objects else []
        return worst([*(path.verdict for path in self.paths), *about_objects])


def verdict_of(diagnostics: Iterable[Diagnostic], not_judged: Iterable[str]) -> Verdict:
    """The one word for what was found, and for the reasons why something could not be judged."""
    severities = {each.severity for each in diagnostics if each.waiver is None}
    if Severity.ERROR in severities:
        return Verdict.DROPS
    if any(not_judged) or Severity.NOT_JUDGED in severities:
        return Verdict.NOT_JUDGED
    return Verdict.AT_RISK if severities else Verdict.CLEAN


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Worst first, waived ones last; else as they come."""
    weights = list(Severity)
    return tuple(sorted(diagnostics, key=lambda each: (each.waiver is not None, weights.index(each.severity))))


def worst_first(paths: Iterable[PathJudgement]) -> tuple[PathJudgement, ...]:
    """By their verdicts; else as they come."""
    return tuple(sorted(paths, key=lambda each: _WORST_FIRST.index(each.verdict)))
