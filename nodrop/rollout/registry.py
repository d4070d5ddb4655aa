"""The registry of all rules: what each holds, what goes wrong without it, its cure, and examples.

A rule is registered where it is written, by a decorator, under its function's name with hyphens. All stand in
`nodrop.rollout.rules`, on plain values, whatever reads the objects: `import nodrop.rollout` makes every name known
that can be waived or listed, without pulumi.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol, TypeVar

from nodrop.rollout.diagnostics import Diagnostic, Severity


class RuleKind(StrEnum):
    """What a rule judges."""

    VERSION = "one version"
    """A `Rollout`."""
    CHANGE = "a change"
    """Two `Rollout`s of the same objects, before and after."""
    OBJECTS = "objects"
    """Two versions of an object beside a serving path; the function's parameters are its own."""
    REHEARSAL = "a rehearsal"
    """What a rehearsal counted; the function's parameters are its own."""
    WAIVER = "waivers"
    """Waivers: what they name, and why."""


class Judge(Protocol):
    """The function of a rule; a diagnostic for each way in which it is broken."""

    @property
    def __name__(self) -> str:
        """Of the function, with underscores."""
        ...

    def __call__(self, *args: Any, **kwargs: Any) -> Iterable[Diagnostic]:
        """The diagnostics on what the kind of rule judges."""
        ...


VERSION_BEFORE = "the version before"
"""The fact that a rule has to know that compares two versions."""
Edits = Mapping[str, Any]
"""What differs from a clean rollout (of a change: from the version before), by path, such as
`{"health_check.path": "/healthz/"}`; of a rule of another kind, its function's keyword arguments."""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule, as registered."""

    name: str
    """Kebab-case, its function's; what its diagnostics carry."""
    kind: RuleKind
    holds: str
    """What is right where it is kept: the first paragraph of its function's docstring."""
    severities: Mapping[Severity, str]
    """When each severity applies, worst first; the text is empty where there is only one."""
    sources: tuple[str, ...]
    goes_wrong: str
    """What happens where it is broken, in one line."""
    cure: str
    """What to do about it, in one line."""
    breaks: Edits
    """An example that breaks it with the worst severity."""
    warns: Edits | None
    """Where there are two severities: an example that breaks it with the second."""
    keeps: Edits
    """An example close to `breaks` that keeps it."""
    given: Edits
    """What all examples, and of a change both versions, have in common beside the clean values."""
    unwaivable: str | None
    """Why no reason helps against it; None: it can be waived."""
    fact: str | None
    """What it has to know besides timings and the application's behaviour, in words; None: nothing."""
    asked_by_components: bool
    """Whether a component's inputs say all that it has to know."""
    shapes_solution: bool
    """Whether waiving it changes what is solved."""
    precondition: bool
    """Whether no other rule is asked where it is broken."""
    ends_pods: bool
    """Whether it judges how a pod ends, so that a change which replaces the pod is held to it too."""
    judge: Judge

    @property
    def compares(self) -> bool:
        """Whether it compares two versions."""
        return self.fact == VERSION_BEFORE


_REGISTERED: dict[str, Rule] = {}

F = TypeVar("F", bound=Judge)


def all_rules() -> Mapping[str, Rule]:
    """All registered rules by name, in the order of their registration."""
    return MappingProxyType(_REGISTERED)


def rules_of(kind: RuleKind) -> tuple[Rule, ...]:
    """The registered rules that judge such a thing."""
    return tuple(each for each in _REGISTERED.values() if each.kind is kind)


def waivable() -> tuple[str, ...]:
    """Names of the rules that may be waived, sorted."""
    return tuple(sorted(each.name for each in _REGISTERED.values() if each.unwaivable is None))


def register(
    kind: RuleKind,
    *,
    severity: Severity | Mapping[Severity, str],
    source: str | tuple[str, ...],
    goes_wrong: str,
    cure: str,
    breaks: Edits,
    keeps: Edits,
    warns: Edits | None = None,
    given: Edits | None = None,
    unwaivable: str | None = None,
    fact: str | None = None,
    asked_by_components: bool = True,
    shapes_solution: bool = False,
    precondition: bool = False,
    ends_pods: bool = False,
) -> Callable[[F], F]:
    """Registers the decorated function as a rule; the fields of `Rule` say what the arguments mean.

    Args:
        severity: the only one, or when each applies, worst first.
        source: one or all that its diagnostics cite.

    Raises:
        ValueError: a rule of that name is registered already.
    """

    def registered(judge: F) -> F:
        name = judge.__name__.replace("_", "-")
        if name in _REGISTERED:
            raise ValueError(f"two rules are called {name}")
        paragraph = (judge.__doc__ or "").strip().partition("\n\n")[0]
        _REGISTERED[name] = Rule(
            name=name,
            kind=kind,
            holds=" ".join(paragraph.split()),
            severities=severity if isinstance(severity, Mapping) else {severity: ""},
            sources=(source,) if isinstance(source, str) else source,
            goes_wrong=goes_wrong,
            cure=cure,
            breaks=breaks,
            warns=warns,
            keeps=keeps,
            given=given or {},
            unwaivable=unwaivable,
            fact=fact,
            asked_by_components=asked_by_components,
            shapes_solution=shapes_solution,
            precondition=precondition,
            ends_pods=ends_pods,
            judge=judge,
        )
        return judge

    return registered


version_rule = partial(register, RuleKind.VERSION)
"""Registers a rule of one version: `(rollout: Rollout) -> Iterator[Diagnostic]`."""

change_rule = partial(register, RuleKind.CHANGE, fact=VERSION_BEFORE, asked_by_components=False)
"""Registers a rule of a change: `(before: Rollout, after: Rollout) -> Iterator[Diagnostic]`."""
