"""What is found: a broken rule, where, what is wrong, its source, what would pass, and why it is accepted if it is.

The one shape for all tools; each puts it into its own words in one place.
"""

from dataclasses import dataclass
from enum import StrEnum

Value = float | str | tuple[str, ...]


class Severity(StrEnum):
    """How much a diagnostic weighs."""

    ERROR = "error"
    """Requests will be lost, or an API will refuse the value."""
    WARNING = "warning"
    """Requests may be lost, or the margin that Google recommends is not kept."""
    NOT_JUDGED = "not judged"
    """Nothing is said about lost requests. Never counts as passed."""


class Origin(StrEnum):
    """Who states a fact about an application, or a waiver."""

    ANNOTATION = "annotation"
    """The Deployment itself."""
    CONTAINER = "container"
    """The container's command, arguments or environment."""
    FILE = "nodrop.yaml"
    OPTION = "option"
    DEFAULT = "default"
    """Not stated; it is assumed."""


@dataclass(frozen=True, kw_only=True)
class ObjectRef:
    """A Kubernetes object by name."""

    kind: str
    namespace: str | None
    """None: the object is in no namespace."""
    name: str

    def __str__(self) -> str:
        """Such as `Deployment demo/web`."""
        return f"{self.kind} {self.name if self.namespace is None else f'{self.namespace}/{self.name}'}"


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """One broken rule, and what would keep it."""

    rule: str
    """Stable kebab-case name."""
    severity: Severity
    input: str
    """The model's name of the value to change, such as `rollout.pre_stop_seconds`."""
    value: Value
    """Its value now."""
    seen: str
    """What is wrong with that value, with the numbers that it was held against."""
    why: str
    source: str
    would_pass: Value
    """A value of `input` that would keep this rule, all else equal; a sentence where no value would."""
    object: ObjectRef | None = None
    """None: the value is in no object, or the caller knows none."""
    field: str | None = None
    """Path in `object`, such as `spec.template.spec.terminationGracePeriodSeconds`; None: unknown."""
    file: str | None = None
    """Where `object` was read from; None: from no file."""
    line: int | None = None
    """In `file`, the first being 1; None: unknown."""
    template: str | None = None
    """The chart's template that `object` says it was rendered from; None: it says nothing."""
    waiver: str | None = None
    """Why the owner accepts it, in one line; None: it is not waived."""
    waived_by: Origin | None = None
    """Who waives it; None: it is not waived, or the caller did not ask."""
    cluster: str = ""
    """Which cluster `object` is in, where the caller knows several."""

    @property
    def is_error(self) -> bool:
        """Whether it weighs as an error and it is not waived."""
        return self.severity is Severity.ERROR and self.waiver is None

    def __str__(self) -> str:
        found = f"{self.input} = {self.value}: {self.seen}"
        cited = f"[{self.rule}, {self.severity}; {self.source}]"
        if self.waiver is not None:
            return f"accepted: {found} {cited}. Reason: {self.waiver}"
        return f"{found}; {self.why} {cited}. Would pass: {self.would_pass}"
