"""Checks a component's args against their TypedDict, their limits and its rules, and reports every fault at once.

The TypedDicts say which keys there are and of what type; `limits` says which values; rules look at several inputs
together. Not here: the timing rules, which are in `nodrop.rollout`.
"""

import difflib
import inspect
import json
import typing
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Any, NotRequired, Required, TypeVar, Union

import pulumi

T = TypeVar("T")

NEAR = 0.75
"""How alike two names are, of 1, where one may be a slip for the other: "prot" for "port" just is. Source: chosen."""

_SECRETS = ("secret_env", "secret_env{value}", "client_secret")
"""How the patterns of inputs end whose values no fault shows."""

_DROP = object()
"""Stands for a value that has a fault and is left out of what the rules see."""


@dataclass(frozen=True, kw_only=True)
class Limit:
    """Which values of an input are right."""

    holds: Callable[[Any], bool]
    rule: str
    """Reads on after "must be"."""
    source: str


@dataclass(frozen=True)
class Example:
    """A value that passes; faults quote it."""

    value: Any


def unwrapped(expected: Any) -> tuple[Any, tuple[Any, ...]]:
    """A declared type without NotRequired, Required and Annotated, and what Annotated says, outermost last."""
    notes: tuple[Any, ...] = ()
    while typing.get_origin(expected) in (NotRequired, Required, Annotated):
        notes = (*getattr(expected, "__metadata__", ()), *notes)
        expected = typing.get_args(expected)[0]
    return expected, notes


def example_of(expected: Any) -> Any:
    """An example of a declared type, put together from those of its parts."""
    expected, notes = unwrapped(expected)
    stated = [note.value for note in notes if isinstance(note, Example)]
    if stated:
        return stated[-1]
    if typing.get_origin(expected) is Union:
        return example_of(typing.get_args(expected)[0])
    if typing.is_typeddict(expected):
        return {key: example_of(inner) for key, inner in inspect.get_annotations(expected).items()}
    if typing.get_origin(expected) is list:
        return [example_of(typing.get_args(expected)[0])]
    if typing.get_origin(expected) is dict:
        key, value = typing.get_args(expected)
        return {example_of(key): example_of(value)}
    return next(iter(expected)) if isinstance(expected, type) and issubclass(expected, Enum) else None


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One input that is not right."""

    input: str
    """Path of the input, such as `rollout.pre_stop_seconds` or `hosts[0]`."""
    value: str
    """Its value, as shown to the user."""
    rule: str
    """What it breaks."""
    source: str
    """Where the rule comes from."""
    would_pass: str
    """A value that would pass."""

    def __str__(self) -> str:
        return f"{self.input} = {self.value}: {self.rule} ({self.source}). Would pass: {self.would_pass}"


class InputError(pulumi.RunError, ValueError):
    """Inputs that cannot work; `faults` holds each of them. Pulumi prints the message and no traceback.

    `notes` are lines that stand below the faults.
    """

    def __init__(self, subject: str, faults: Iterable[Fault], notes: Iterable[str] = ()) -> None:
        self.faults = tuple(faults)
        self.notes = tuple(notes)
        count = f"{len(self.faults)} inputs are not right" if len(self.faults) > 1 else "an input is not right"
        lines = [f"{subject}: {count}", *(f"  {line}" for line in (*self.faults, *self.notes))]
        super().__init__("\n".join(lines))


def check(
    subject: str,
    args: Mapping[str, Any],
    shape: type[T],
    *,
    limits: Mapping[str, Limit],
    example: Mapping[str, Any],
    rules: Iterable[Callable[[T], Iterable[Fault]]] = (),
    notes: Callable[[T], Iterable[str]] = lambda _: (),
    prefix: str = "",
) -> T:
    """The args with every value of its declared type: 5.0 as 5, "drain" as an Enum, absent keys left absent.

    Args:
        subject: What the args belong to, such as `WebService "web"`.
        args: As the user gave them. None means absent.
        shape: The TypedDict of the args.
        limits: Limits by path; `[]` stands for a list's items, `{key}` and `{value}` for a mapping's keys and values.
        example: Args that pass; faults quote it.
        rules: Look at several inputs at once; they see the args without the values that have a fault.
        notes: What an error should say besides the faults; sees the args as the rules do.
        prefix: Stands before every input's name in the faults.

    Raises:
        InputError: at least one input is not right.
    """
    walk = _Walk(limits)
    if not isinstance(args, Mapping):
        walk.wrong_type(args, _Place("args", "", shape.__name__, example), "a mapping")
        raise InputError(subject, walk.faults)
    clean = walk.group(args, shape, _Place(prefix, "", shape.__name__, example))
    found = [fault.input for fault in walk.faults]
    told = (fault for rule in rules for fault in rule(clean))
    # Where a rule misses only what was wrong there, or inside, and is left out, that fault says more.
    faults = [*walk.faults, *(each for each in told if not any(_is_at(path, each.input) for path in found))]
    if faults:
        raise InputError(subject, faults, notes(clean))
    return clean


def _is_at(path: str, group: str) -> bool:
    return path == group or path.startswith((f"{group}.", f"{group}["))


def shown(value: object) -> str:
    """A value as faults print it, on one line of bounded length."""
    if isinstance(value, (pulumi.Output, Awaitable)):
        return "an Output"
    try:
        text = json.dumps(value, ensure_ascii=False, default=_within)
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _within(value: object) -> str:
    if isinstance(value, (pulumi.Output, Awaitable)):
        return "an Output"
    raise TypeError


def fault(at: str, value: object, rule: str, source: str, would_pass: str) -> Fault:
    """A fault of the input at a path, whose value is None where it is absent."""
    said = "absent" if value is None else shown(value)
    return Fault(input=at, value=said, rule=rule, source=source, would_pass=would_pass)


@dataclass(frozen=True)
class _Place:
    """Where in the args the walk is."""

    path: str
    """As faults name it, such as `ranges.pods`."""
    pattern: str
    """As limits name it, such as `files{key}`."""
    shape: str
    """Name of the TypedDict that declares it: the source of faults of shape."""
    example: Any
    """A value that passes."""

    def inside(self, path: str, pattern: str, example: Any) -> "_Place":
        return _Place(self.path + path, self.pattern + pattern, self.shape, example)


@dataclass(frozen=True)
class _Walk:
    limits: Mapping[str, Limit]
    faults: list[Fault] = field(default_factory=list)

    def group(self, args: Any, shape: type, at: _Place) -> Any:
        if not isinstance(args, Mapping):
            return self.wrong_type(args, at, "a mapping")
        annotations = inspect.get_annotations(shape)
        dot = "." if at.pattern else ""
        clean: dict[str, Any] = {}
        for key, value in args.items():
            if key not in annotations:
                self._unknown_key(f"{at.path}{dot}", str(key), annotations, shape.__name__)
            elif value is not None:
                checked = self.value(value, annotations[key], self._member(at, dot, key, shape))
                if checked is not _DROP:
                    clean[key] = checked
        for key in typing.cast("Any", shape).__required_keys__:
            if args.get(key) is None:
                self._fault(self._member(at, dot, key, shape), "absent", "is required", shape.__name__)
        return clean

    def value(self, value: Any, expected: Any, at: _Place) -> Any:
        expected, notes = unwrapped(expected)
        is_output = isinstance(value, (pulumi.Output, Awaitable))
        if typing.get_origin(expected) is Union:  # pulumi.Input[T] is a Union of T, Awaitable[T], Output[T]
            if is_output:
                return value
            expected, inner = unwrapped(typing.get_args(expected)[0])
            notes = (*inner, *notes)
        if is_output:
            return self._fault(at, "an Output", "must be a plain value, known before anything is created", at.shape)
        faults = len(self.faults)
        converted = self._convert(value, expected, at)
        if len(self.faults) > faults:
            return converted
        for limit in (note for note in (*notes, self.limits.get(at.pattern)) if isinstance(note, Limit)):
            if not limit.holds(converted):
                return self._fault(at, shown(value), f"must be {limit.rule}", limit.source)
        return converted

    def _convert(self, value: Any, expected: Any, at: _Place) -> Any:
        if typing.is_typeddict(expected):
            return self.group(value, expected, at)
        if typing.get_origin(expected) is list:
            return self._items(value, typing.get_args(expected)[0], at)
        if typing.get_origin(expected) is dict:
            return self._entries(value, *typing.get_args(expected), at)
        if issubclass(expected, Enum):
            known = [member.value for member in expected]
            return expected(value) if value in known else self.wrong_type(value, at, f"one of {', '.join(known)}")
        if expected is int and isinstance(value, float) and value.is_integer():
            return int(value)  # other languages send every number as a float
        kinds = (int, float) if expected is float else expected
        if isinstance(value, kinds) and (expected is bool or not isinstance(value, bool)):
            return value
        names = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}
        return self.wrong_type(value, at, names[expected])

    def _items(self, value: Any, item: Any, at: _Place) -> Any:
        if not isinstance(value, (list, tuple)):
            return self.wrong_type(value, at, "a list")
        first = at.example[0] if at.example else None
        checked = [self.value(entry, item, at.inside(f"[{index}]", "[]", first)) for index, entry in enumerate(value)]
        return [entry for entry in checked if entry is not _DROP]

    def _entries(self, value: Any, name_type: Any, entry: Any, at: _Place) -> Any:
        if not isinstance(value, Mapping):
            return self.wrong_type(value, at, "a mapping")
        name, first = next(iter((at.example or {}).items()), (None, None))
        clean = {}
        for key, item in value.items():
            named = self.value(key, name_type, at.inside(f"[{shown(key)}]", "{key}", name))
            checked = self.value(item, entry, at.inside(f"[{shown(key)}]", "{value}", first))
            if named is not _DROP and checked is not _DROP:
                clean[key] = checked
        return clean

    def _member(self, at: _Place, dot: str, key: str, shape: type) -> _Place:
        example = (at.example or {}).get(key)
        return _Place(f"{at.path}{dot}{key}", f"{at.pattern}{dot}{key}", shape.__name__, example)

    def _unknown_key(self, path: str, key: str, known: Iterable[str], source: str) -> None:
        near = difflib.get_close_matches(key, known, n=1, cutoff=NEAR)
        rule = f"does not exist; did you mean {path}{near[0]}?" if near else "does not exist"
        would_pass = path + near[0] if near else f"one of {', '.join(sorted(known))}"
        # Its value stays unsaid: under a misspelt key it may be a secret.
        self.faults.append(Fault(input=path + key, value="…", rule=rule, source=source, would_pass=would_pass))

    def wrong_type(self, value: object, at: _Place, expected: str) -> object:
        return self._fault(at, f"{shown(value)} ({type(value).__name__})", f"must be {expected}", at.shape)

    def _fault(self, at: _Place, value: str, rule: str, source: str) -> object:
        secret = at.pattern.endswith(_SECRETS) or _holds_secrets(at.example)
        hidden = secret and value not in ("an Output", "absent")
        said = "[secret]" if hidden else value
        self.faults.append(Fault(input=at.path, value=said, rule=rule, source=source, would_pass=shown(at.example)))
        return _DROP


def _holds_secrets(example: Any) -> bool:
    """Whether an input like this one has secrets inside, wherever they stand in a value of the wrong shape."""
    if isinstance(example, list):
        return any(_holds_secrets(item) for item in example)
    if not isinstance(example, Mapping):
        return False
    return any(key in _SECRETS or _holds_secrets(inner) for key, inner in example.items())
