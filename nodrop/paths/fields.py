"""Reading one field of a Kubernetes object: typed, with Kubernetes' defaults, and with a name for what cannot be read.

Objects come from anywhere (files, a program evaluated offline), so nothing is taken for granted about their shape.
Which fields mean what is not known here.
"""

from reprlib import Repr
from typing import Any

from nodrop.paths.problems import Problem, ProblemKind, ReadingError
from nodrop.rollout import ObjectRef

Manifest = dict[str, Any]
"""A Kubernetes object as JSON."""

UNKNOWN = "[unknown]"
"""Stands in an offline evaluation for a value that only `pulumi up` will know."""

SECRET = "[secret]"  # noqa: S105 - the mask, not a secret
"""Stands in an offline evaluation for a masked secret."""

SECRET_OF_TYPE = {"a number": "[secret number]", "a boolean": "[secret boolean]"}
"""Stand in a ConfigMap or Secret for a masked secret that is no text, as they take nothing else, by what it is."""


def is_unknown_or_masked(value: object) -> bool:
    """Whether a value stands for one that is not known yet, or is masked, in whole or in part."""
    return isinstance(value, str) and (UNKNOWN in value or value in (SECRET, *SECRET_OF_TYPE.values()))


_LONGEST_SHOWN_BITS = 128
_SHOWN = Repr()
_SHOWN.maxstring, _SHOWN.maxother, _SHOWN.maxlong = 60, 60, 60
MAX_INTEGER = 2**31 - 1
"""Of nearly all numbers in the API's types. Source: kubernetes/api apps/v1 and core/v1 types.go, int32."""


class Field:
    """A place inside an object, there or not. Every reading of a value of the wrong type raises `ReadingError`."""

    __slots__ = ("_above", "_step", "object", "value")

    def __init__(
        self, value: object, object_ref: ObjectRef, path: str | int = "", *, above: "Field | None" = None
    ) -> None:
        self.value = value
        self.object = object_ref
        self._step = path
        self._above = above

    @property
    def path(self) -> str:
        """Where it is in the object, such as `spec.ports[0].name`; most places are read without anybody asking."""
        above = self._above.path if self._above is not None else ""
        if isinstance(self._step, int):
            return f"{above}[{self._step}]"
        if self._above is None:
            return self._step
        if "/" in self._step or "." in self._step:
            return f"{above}[{self._step}]"
        return f"{above}.{self._step}" if above else self._step

    def __getitem__(self, key: str) -> "Field":
        """The field of that name, of an absent value if there is none."""
        value = self.value
        found = value.get(key) if type(value) is dict else self.mapping().get(key)
        return Field(found, self.object, key, above=self)

    @property
    def is_null(self) -> bool:
        """Whether a null stands there, which the API reads as the empty value of some types, not as nothing."""
        above = self._above.value if self._above is not None else None
        return self.value is None and isinstance(above, dict) and self._step in above

    def at(self, path: str) -> "Field":
        """The field at a path below, such as `iap.enabled` or `keys[0].name`; keys hold neither dot nor bracket."""
        place = self
        for step in path.replace("[", ".[").split("."):
            place = place.entries()[int(step[1:-1])] if step.startswith("[") else place[step]
        return place

    def mapping(self) -> Manifest:
        """The object at this place; empty if absent."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.error("an object")
        return self.value

    def entries(self) -> list["Field"]:
        """The entries of the list at this place; none if absent."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.error("a list")
        return [Field(entry, self.object, index, above=self) for index, entry in enumerate(self.value)]

    def text(self) -> str | None:
        """The string at this place; none if absent or empty."""
        if self.value is None:
            return None
        if not isinstance(self.value, str) or self.value in (UNKNOWN, SECRET):
            raise self.error("a string")
        return self.value or None

    def integer(self, *, default: int, least: int = 0) -> int:
        """The whole number at this place, `default` if absent. 60.0 is one: some sources know only floats."""
        if self.value is None:
            return default
        number = self.number()
        if number is None or number < least:
            raise self.error(f"a whole number of {least} or more")
        if number > MAX_INTEGER:
            raise self.error(f"a whole number of {MAX_INTEGER} or less")
        return number

    def number(self) -> int | None:
        """The whole number at this place; none if there is something else."""
        if isinstance(self.value, int) and not isinstance(self.value, bool):
            return self.value
        if isinstance(self.value, float) and self.value.is_integer():
            return int(self.value)
        return None

    def port(self) -> int:
        """The port number at this place."""
        number = self.number()
        if number is None or not 1 <= number <= 65535:
            raise self.error("a port number from 1 to 65535")
        return number

    def error(self, wanted: str, kind: ProblemKind = ProblemKind.UNREADABLE, source: str | None = None) -> ReadingError:
        """The error that says what stands here instead of what was wanted; unknown or a secret whatever `kind` says."""
        found = f"is {shortened(self.value)}"
        if self.value is None:
            found = "is missing"
        elif self.value == UNKNOWN:
            kind, found = ProblemKind.UNKNOWN, "is not known before `pulumi up`"
        elif self.value == SECRET:
            kind, found = ProblemKind.SECRET, "is a secret"
        return self.problem(kind, f"{self.path or 'it'} {found}", source, wanted)

    def problem(
        self, kind: ProblemKind, message: str, source: str | None = None, wanted: str | None = None
    ) -> ReadingError:
        """The error that says that of this place."""
        return ReadingError(Problem(kind, self.object, message, self.path or None, source, wanted))


def ref_of(manifest: Manifest) -> ObjectRef:
    """Which object it is, whatever of it can be read."""
    metadata = manifest.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    return ObjectRef(
        kind=str(manifest.get("kind")),
        namespace=None if manifest.get("kind") == "Namespace" else str(metadata.get("namespace") or "default"),
        name=str(metadata.get("name") or "(no name)"),
    )


def name_of(manifest: Manifest) -> str:
    """An object's name for messages, `Kind namespace/name`, whatever of it can be read."""
    return str(ref_of(manifest))


def whole(manifest: Manifest) -> Field:
    """The whole object, to read its fields from."""
    return Field(manifest, ref_of(manifest))


def is_plain(value: object) -> bool:
    """Whether it is a text, a number or a boolean, and so holds nothing else."""
    return isinstance(value, str | int | float)


def shortened(value: object) -> str:
    """A value for a message, shortened; of an object or a list only that it is one: what it holds may be a secret."""
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and value.bit_length() > _LONGEST_SHOWN_BITS:
        return f"a number of more than {_LONGEST_SHOWN_BITS} bits"
    return _SHOWN.repr(value)


def unquoted(value: object) -> str:
    """As `shortened`, and a text as it stands: for "its field = value"."""
    return str(value)[:80] if is_plain(value) else shortened(value)
