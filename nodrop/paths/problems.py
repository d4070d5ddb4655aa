"""What is wrong with objects before any timing is looked at: a typed `Problem`, and the error that carries it."""

from dataclasses import dataclass
from enum import StrEnum

from nodrop.rollout import ObjectRef


class ProblemKind(StrEnum):
    """Why a way through the objects cannot be followed. Decide by this, never by a message's words."""

    REFUSED = "refused"
    """An API or a GKE controller refuses the object, or fails to program the load balancer from it; `source` says
    which."""
    UNREADABLE = "unreadable"
    """A field is missing, or its value is of a type or form that it cannot have."""
    UNKNOWN = "unknown"
    """Only `pulumi up` will know the value."""
    SECRET = "secret"  # noqa: S105 - a kind of problem
    """The value is masked."""
    LEADS_NOWHERE = "leads nowhere"
    """What is named is not there, or nothing follows, and no other object could change that."""
    ABSENT = "absent"
    """What is named, or what would follow, is not among the objects; it may be elsewhere."""
    AMBIGUOUS = "ambiguous"
    """Several objects claim what only one can have."""
    UNSUPPORTED = "unsupported"
    """It is right for GKE or another controller, but its meaning is not modelled here."""


@dataclass(frozen=True)
class Problem:
    """Why a way through the objects leads nowhere, or what on it could not be read."""

    kind: ProblemKind
    object: ObjectRef
    message: str
    """What was seen, without the object's name."""
    field: str | None = None
    """Path inside the object, such as `spec.ports[0].targetPort`; None: the object as a whole."""
    source: str | None = None
    """Where the rule stands, for what is refused, or what a controller leaves out."""
    wanted: str | None = None
    """What would pass."""

    def __str__(self) -> str:
        wanted = f"; wanted {self.wanted}" if self.wanted else ""
        source = f" [{self.source}]" if self.source else ""
        return f"{self.object}: {self.message}{wanted}{source}"


class ReadingError(ValueError):
    """A reading that cannot be made; `problem` says why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem
