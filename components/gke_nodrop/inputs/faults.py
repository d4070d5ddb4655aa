"""What is wrong with inputs: one error that lists every fault."""

import json
import reprlib
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pulumi

LONGEST_TEXT = 80
"""Characters of a value that a fault shows. Source: chosen, so that a fault stays a line or two."""


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
        inputs = len({each.input for each in self.faults})
        count = f"{inputs} inputs are not right" if inputs > 1 else "an input is not right"
        lines = [f"{subject}: {count}", *(f"  {line}" for line in (*self.faults, *self.notes))]
        super().__init__("\n".join(lines))


def fault(at: str, value: object, rule: str, source: str, would_pass: str) -> Fault:
    """A fault of the input at a path, whose value is None where it is absent."""
    said = "absent" if value is None else shown(value)
    return Fault(input=at, value=said, rule=rule, source=source, would_pass=would_pass)


def inside(path: str, faults: Iterable[Fault]) -> Iterator[Fault]:
    """Faults of a group of inputs as faults of what holds the group at `path`; "" stands for the group itself."""
    for each in faults:
        yield replace(each, input=joined(path, each.input))


def joined(path: str, inner: str) -> str:
    """The path of an input within the group at `path`, or of a key of the configuration whose namespace that is."""
    dot = "." if path and inner and not path.endswith(":") and not inner.startswith("[") else ""
    return f"{path}{dot}{inner}"


def is_late(value: object) -> bool:
    """Whether it is known only while the program runs on: an Output, or a coroutine."""
    return isinstance(value, (pulumi.Output, Awaitable))


def shown(value: object) -> str:
    """A value as faults print it, on one line of bounded length, whatever it is."""
    if is_late(value):
        return "an Output"
    try:
        text = json.dumps(value, ensure_ascii=False, default=_within)
    except (TypeError, ValueError, RecursionError):
        text = reprlib.repr(value)  # of bounded depth, and it survives objects that cannot be shown
    text = text.encode(errors="backslashreplace").decode()
    return text if len(text) <= LONGEST_TEXT else f"{text[: LONGEST_TEXT - 3]}..."


def is_plain(value: object) -> bool:
    """Whether `shown` tells of it no more than what it is: what a list or an object holds may be a secret."""
    return value is None or type(value) in (str, int, float, bool) or is_late(value)


def of_wrong_type(value: object) -> str:
    """A value that is not of its input's type, as faults print it: `5 (int)`, but `{…} (dict)`."""
    if is_late(value):
        return shown(value)
    brackets = "{…}" if isinstance(value, Mapping) else "[…]" if isinstance(value, (list, tuple)) else "…"
    return f"{shown(value) if is_plain(value) else brackets} ({type(value).__name__})"


def _within(value: object) -> str:
    if is_late(value):
        return "an Output"
    raise TypeError
