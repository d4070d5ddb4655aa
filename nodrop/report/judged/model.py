"""What a report of a judgement says, before any format: paths, what was found, what is accepted, hidden or known."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from nodrop.judge import ChangeJudgement, Judgement, PathJudgement, Verdict
from nodrop.judge.judgement import worst
from nodrop.judge.places import unattached
from nodrop.paths import Backend, ServingPath
from nodrop.paths.names import of_cluster
from nodrop.report.judged.baseline import BaselineEntry, identity
from nodrop.report.judged.loss import ExpectedLoss, loss_of
from nodrop.rollout import Diagnostic, Origin, Severity

ORDER = (Verdict.DROPS, Verdict.NOT_JUDGED, Verdict.AT_RISK, Verdict.CLEAN)
"""Verdicts, the one to look at first first."""


@dataclass(frozen=True, kw_only=True)
class PathReport:
    """One serving path."""

    name: str
    verdict: Verdict
    way: tuple[str, ...] = ()
    """The objects from the load balancer to the workload, in words."""
    found: tuple[Diagnostic, ...] = ()
    """What is shown and counts, worst first."""
    accepted: tuple[Diagnostic, ...] = ()
    """What the owner accepts; each has its waiver."""
    not_judged: tuple[str, ...] = ()
    """Why nothing can be said, or not about all of it."""
    stated: tuple[str, ...] = ()
    """Facts about the application, each with where it is stated."""
    assumptions: tuple[str, ...] = ()
    """What was taken to hold, since no object, file or option states it."""
    loss: ExpectedLoss | None = None
    """None: no rate was given, or the model does not know the path."""


@dataclass(frozen=True, kw_only=True)
class ChangeReport:
    """What applying one version over another does."""

    verdict: Verdict
    before: str
    """What was compared with, in words, such as `the exported state`."""
    compared: tuple[str, ...] = ()
    """Names of the serving paths that were compared."""
    found: tuple[Diagnostic, ...] = ()
    accepted: tuple[Diagnostic, ...] = ()
    not_compared: tuple[str, ...] = ()
    """Why something that could matter was not compared."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A judgement as it is reported; the paths to look at first come first."""

    verdict: Verdict
    paths: tuple[PathReport, ...] = ()
    objects: tuple[Diagnostic, ...] = ()
    """What was found of objects that stand on no path."""
    accepted_objects: tuple[Diagnostic, ...] = ()
    """What of it the owner accepts."""
    change: ChangeReport | None = None
    """None: nothing was compared with."""
    passed_over: tuple[str, ...] = ()
    """Files and objects that were not judged, each with the reason."""
    kinds: Mapping[str, int] = field(default_factory=dict)
    """How many objects of each kind were judged."""
    unread: tuple[str, ...] = ()
    """Inputs that should have been judged and could not be read, each with the reason."""
    hidden: Mapping[str, int] = field(default_factory=dict)
    """How many findings of a rule `--select` and `--ignore` leave out."""
    known: tuple[tuple[str | None, Diagnostic], ...] = ()
    """Findings that the baseline names, each with the name of its path; they are in no path."""
    gone: tuple[str, ...] = ()
    """Entries of the baseline that were not found again, in words."""

    @property
    def found(self) -> Iterator[tuple[str | None, Diagnostic]]:
        """Everything that counts, with the name of its path; None for an object on no path, and for a change."""
        return chain(
            ((None, each) for each in (self.change.found if self.change else ())),
            ((path.name, each) for path in self.paths for each in path.found),
            ((None, each) for each in self.objects),
        )

    @property
    def accepted(self) -> Iterator[tuple[str | None, Diagnostic]]:
        """Everything that is accepted, likewise."""
        return chain(
            ((None, each) for each in (self.change.accepted if self.change else ())),
            ((path.name, each) for path in self.paths for each in path.accepted),
            ((None, each) for each in self.accepted_objects),
        )

    def count(self, severity: Severity) -> int:
        """How many findings of that severity count."""
        return sum(each.severity is severity for _, each in self.found)


def report_of(
    judgement: Judgement,
    change: ChangeReport | None = None,
    *,
    shows: Callable[[str], bool] = lambda _: True,
    baseline: Collection[BaselineEntry] = (),
    requests_per_second: float | None = None,
    passed_over: Sequence[str] = (),
    unread: Sequence[str] = (),
) -> Report:
    """The report of a judgement.

    Verdicts stay what the judgement says; only findings are left out.

    Args:
        judgement: as judged.
        change: from another version to what was judged; None: there is none.
        shows: whether findings of the rule of that name are shown and count.
        baseline: findings that are known and do not count.
        requests_per_second: rate for the expected loss of a rollout; None: no expected loss.
        passed_over: files and documents that were no Kubernetes objects, each with the reason.
        unread: inputs that could not be read, each with the reason.
    """
    hidden: Counter[str] = Counter()
    met: list[tuple[str | None, Diagnostic]] = []

    def counts(path: str | None, found: Diagnostic) -> bool:
        if identity(path, found) in baseline:
            met.append((path, found))
            return False
        if not shows(found.rule):
            hidden[found.rule] += 1
            return False
        return True

    paths = [_path_report(path, counts, requests_per_second) for path in judgement.paths]
    if change is not None:
        change = replace(change, found=tuple(each for each in change.found if counts(None, each)))
    return Report(
        verdict=judgement.verdict if change is None else worst((change.verdict, judgement.verdict)),
        change=change,
        paths=tuple(sorted(paths, key=lambda path: ORDER.index(path.verdict))),
        objects=tuple(each for each in judgement.objects if each.waiver is None and counts(None, each)),
        accepted_objects=tuple(each for each in judgement.objects if each.waiver is not None),
        passed_over=(*passed_over, *map(str, judgement.passed_over)),
        kinds=judgement.kinds,
        unread=tuple(unread),
        hidden=dict(hidden),
        known=tuple(met),
        gone=tuple(map(str, sorted({*baseline} - {identity(*each) for each in met}))),
    )


def _path_report(
    path: PathJudgement, counts: Callable[[str | None, Diagnostic], bool], requests_per_second: float | None
) -> PathReport:
    return PathReport(
        name=path.name,
        verdict=path.verdict,
        way=_way(path.path) if path.path else (),
        found=tuple(each for each in path.diagnostics if each.waiver is None and counts(path.name, each)),
        accepted=tuple(each for each in path.diagnostics if each.waiver is not None),
        not_judged=path.not_judged,
        stated=stated(path),
        assumptions=assumed(path),
        loss=loss_of(path, requests_per_second) if requests_per_second else None,
    )


def stated(path: PathJudgement) -> tuple[str, ...]:
    """The facts that something states, such as `start-up 2 s (annotation)`."""
    return tuple(str(each) for each in path.assumptions if each.origin is not Origin.DEFAULT)


def assumed(path: PathJudgement) -> tuple[str, ...]:
    """The facts that nothing states, such as `start-up 10 s`."""
    return tuple(f"{each.name} {each.value}" for each in path.assumptions if each.origin is Origin.DEFAULT)


def change_report(change: ChangeJudgement, before: str) -> ChangeReport:
    """The report of a change from `before`, such as `the exported state`."""
    return ChangeReport(
        verdict=change.verdict,
        before=before,
        compared=change.paths,
        found=tuple(each for each in change.diagnostics if each.waiver is None),
        accepted=tuple(each for each in change.diagnostics if each.waiver is not None),
        not_compared=change.not_compared,
    )


def _way(path: ServingPath) -> tuple[str, ...]:
    port = path.service_port.get("port")
    entry, service, deployment = map(_named, (path.entry, path.service, path.deployment))
    backends = "NEG" if path.backend is Backend.NEG else "NodePort"
    return (entry, f"{service}:{port}", backends, deployment)


def _named(manifest: Mapping[str, object]) -> str:
    metadata = manifest.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return f"{manifest.get('kind')} {name}"


def sentence(report: Report) -> str:
    """What it comes to, in one line."""
    change = f"The change: {report.change.verdict}." if report.change else ""
    paths = Counter(path.verdict for path in report.paths)
    verdicts = ", ".join(f"{paths[verdict]} {verdict}" for verdict in ORDER if paths[verdict])
    told = f"{counted(len(report.paths), 'serving path')}: {verdicts}." if report.paths else _none_among(report)
    kinds = [
        counted(report.count(Severity.ERROR), "error"),
        counted(report.count(Severity.WARNING), "warning"),
        f"{report.count(Severity.NOT_JUDGED)} not judged",
        f"{len(list(report.accepted))} accepted",
        f"{len(report.known)} known from the baseline",
        f"{sum(report.hidden.values())} hidden",
        f"{len(report.unread)} not read",
    ]
    counts = ", ".join(each for each in kinds if each[:2] != "0 ")
    return " ".join(filter(None, (change, told, f"{counts}." if counts else "")))


NOT_READ = "not read: "
PASSED_OVER = "passed over: "
"""How a line begins that names a part of the input."""


def no_path(judgement: Judgement, unread: Iterable[str] = (), passed_over: Iterable[str] = ()) -> str:
    """That there is no serving path, with what was found, where the way ends, and what was not read, each in a line."""
    found = [*judgement.objects, *(one for each in judgement.paths for one in each.diagnostics)]
    ends = (
        *(": ".join(filter(None, (place(each), of_object(each), each.seen))) for each in found),
        *(reason for each in judgement.paths for reason in each.not_judged),
        *map(str, judgement.passed_over),
        *(NOT_READ + each for each in unread),
        *(PASSED_OVER + each for each in passed_over),
    )
    return "\n  ".join([_none_among(judgement).rstrip(".").replace("No", "no", 1), *ends])


def _none_among(given: Report | Judgement) -> str:
    nothing = "nothing that is read, so nothing is judged" if given.passed_over else "nothing"
    found = ", ".join(f"{number} {kind}" for kind, number in sorted(given.kinds.items())) or nothing
    return f"No serving path: nothing leads from an Ingress or Gateway of GKE's to a Deployment. Found: {found}."


def counted(number: int, noun: str) -> str:
    """Such as "1 error" and "2 errors"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def shown(value: object) -> str:
    """A diagnostic's value or cure as text: a list comma-separated, a whole number without its decimal point."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def values_add_up(report: Report) -> bool:
    """Whether several numbers of a path are to change: a longer preStop wants a longer grace period."""
    values = [(path, each.would_pass) for path, each in report.found]
    numbers = [path for path, value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return len(set(numbers)) < len(numbers)


def instead(found: Diagnostic) -> str:
    """What would pass, and what states it where nothing does yet."""
    field = unattached(found)
    return shown(found.would_pass) if field is None else f"{shown(found.would_pass)}, as {field}"


def of_object(found: Diagnostic) -> str | None:
    """Such as `Service demo/web`, with its cluster where there are several; None: it is of no object."""
    if found.object is None:
        return None
    return f"{found.object}{of_cluster(found.cluster) if found.cluster else ''}"


def place(found: Diagnostic) -> str | None:
    """Such as `k8s/web.yaml:31`, with the chart's template if there is one; None if it was read from no file."""
    if found.file is None:
        return None
    line = found.file if found.line is None else f"{found.file}:{found.line}"
    return line if found.template is None else f"{line} ({found.template})"
