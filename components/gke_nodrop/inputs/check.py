"""Checks what a user gave against the TypedDict that declares it, and reports every fault at once.

Types, limits and examples are read from the fields (`declared`), rules over several inputs from `rules`. Not here: the
timing rules, which are in `nodrop.rollout`.
"""

import difflib
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import partial
from typing import Any, TypeVar

import pulumi

from gke_nodrop.inputs.declared import Declared, HeldBy, example_of, fields_of
from gke_nodrop.inputs.faults import Fault, InputError, inside, is_late, is_plain, joined, of_wrong_type, shown
from gke_nodrop.inputs.rules import rules_of

T = TypeVar("T")

NEAR = 0.75
"""How alike two names are, of 1, where one may be a slip for the other: "prot" for "port" just is. Source: chosen."""

_PLAIN = "must be a plain value, known before anything is created"
_TELLS_NOTHING = ("an Output", "absent", "[]", "{}")
_DROP = object()
"""Stands for a value that has a fault and is left out of what the rules see."""


def check_inputs(
    subject: str,
    args: Any,
    shape: type[T],
    *,
    name: str | None = None,
    more: Iterable[Fault] = (),
    rules: Iterable[Callable[[T], Iterable[Fault]]] = (),
    notes: Callable[[T], Iterable[str]] = lambda _: (),
    prefix: str = "",
    late: bool = True,
) -> T:
    """The args with every value of its declared type: 5.0 as 5, "drain" as an Enum, absent keys left absent.

    Args:
        subject: What the args belong to, such as `WebService "web"`.
        args: As the user gave them. None means absent.
        shape: The TypedDict of the args.
        name: The component's name, for rules that need it; None: there is none, and those rules are not asked.
        more: Faults that are known already.
        rules: Rules besides those that are attached to the TypedDicts; their faults bring whole paths.
        notes: What an error should say besides the faults; sees the args as the rules do.
        prefix: Stands before every input's name in the faults.
        late: Whether Outputs are checked as well, as soon as their values are known; a wrong one stops the program.

    Raises:
        InputError: at least one input is not right.
    """
    walk, root = _Walk(name), _Place(prefix, shape.__name__)
    clean: Any = walk.group(args, root, shape) if isinstance(args, Mapping) else None
    if clean is None:
        raise InputError(subject, [*more, _not_a_mapping(args, shape)])
    wrong = [fault.input for fault in walk.faults]
    found = (*walk.broken_rules(), *(fault for rule in rules for fault in rule(clean)))
    # Where a rule misses only what was wrong there, or inside, and is left out, that fault says more.
    faults = [*walk.faults, *more, *(each for each in found if not any(_is_at(path, each.input) for path in wrong))]
    if faults:
        raise InputError(subject, faults, notes(clean))
    return _Walk(name, late=partial(_checked_late, subject, name)).group(args, root, shape) if late else clean


def _checked_late(subject: str, name: str | None, value: Any, declared: Declared, at: "_Place") -> "pulumi.Output[Any]":
    """An Output or a coroutine that is checked once its value is known, in the words of the check of a plain value."""

    def check(known: list[Any]) -> Any:
        arrived, is_secret = known
        walk = _Walk(name)
        checked = walk.value(arrived, declared, replace(at, hidden=at.hidden or is_secret))
        if faults := [*walk.faults, *(() if walk.faults else walk.broken_rules())]:
            raise InputError(subject, faults)
        return checked

    output = value if isinstance(value, pulumi.Output) else pulumi.Output.from_input(value)
    return pulumi.Output.all(output, output.is_secret()).apply(check)


def _not_a_mapping(args: object, shape: type) -> Fault:
    if isinstance(args, pulumi.ResourceOptions):
        return Fault(
            input="args",
            value="ResourceOptions",
            rule="must be the inputs: options come after them, or as opts",
            source=shape.__name__,
            would_pass="Component(name, inputs, options), or Component(name, opts=options, …)",
        )
    return Fault(
        input="args",
        value=f"… ({type(args).__name__})",  # unsaid: it may be a secret, or hold one
        rule="must be a mapping",
        source=shape.__name__,
        would_pass=shown(example_of(shape)),
    )


def _is_at(path: str, group: str) -> bool:
    return path == group or path.startswith((f"{group}.", f"{group}["))


@dataclass(frozen=True)
class _Place:
    """Where in the args the walk is."""

    path: str
    """As faults name it, such as `ranges.pods`."""
    shape: str
    """Name of the TypedDict that declares it: the source of faults of shape."""
    hidden: bool = False
    """Whether it lies within a secret."""


@dataclass(frozen=True)
class _Walk:
    name: str | None
    late: Callable[[Any, Declared, _Place], Any] = lambda value, _, __: value
    """What becomes of a value that is known only later."""
    faults: list[Fault] = field(default_factory=list)
    groups: list[tuple[type, Any, str]] = field(default_factory=list)
    """Each group that was met, without its values that have a fault, and its path; the innermost first."""

    def broken_rules(self) -> Iterator[Fault]:
        """What the rules find that are attached to the groups."""
        for shape, clean, path in self.groups:
            for rule in rules_of(shape):
                if not rule.needs_name:
                    yield from inside(path, rule.find(clean))
                elif self.name is not None:
                    yield from inside(path, rule.find(clean, self.name))

    def group(self, args: Mapping[Any, Any], at: _Place, shape: type) -> Any:
        known = fields_of(shape)
        clean: dict[str, Any] = {}
        for key, value in args.items():
            if key not in known:
                self._unknown_key(at.path, key, known, shape.__name__)
            elif is_late(value) and not known[key].may_be_output and f"existing_{key}" in known:
                rule = f"{_PLAIN}; existing_{key} takes an Output"
                self._fault(_member(at, key, shape), known[key], "an Output", rule, shape.__name__)
            elif value is not None:
                checked = self.value(value, known[key], _member(at, key, shape))
                if checked is not _DROP:
                    clean[key] = checked
        for key in typing.cast("Any", shape).__required_keys__:
            if args.get(key) is None:
                self._fault(_member(at, key, shape), known[key], "absent", "is required", shape.__name__)
        self.groups.append((shape, clean, at.path))
        return clean

    def value(self, value: Any, declared: Declared, at: _Place) -> Any:
        if is_late(value):
            if declared.may_be_output:
                return self.late(value, declared, at)
            return self._fault(at, declared, "an Output", _PLAIN, at.shape)
        faults = len(self.faults)
        converted = self._convert(value, declared, at)
        if len(self.faults) > faults:
            return converted
        for limit in declared.limits:
            if not limit.holds(converted):
                return self._fault(at, declared, shown(value), f"must be {limit.rule}", limit.source)
        return converted

    def _convert(self, value: Any, declared: Declared, at: _Place) -> Any:
        kind = declared.kind
        if kind is str:
            return self._text(value, declared, at)
        if kind is list:
            return self._items(value, declared, at)
        if kind is dict:
            return self._entries(value, declared, at)
        if typing.is_typeddict(kind):
            if isinstance(value, Mapping):
                return self.group(value, at, kind)
            return self._wrong_type(value, declared, at, "a mapping")
        if issubclass(kind, Enum):
            known = [member.value for member in kind]
            if isinstance(value, str) and value in known:
                return kind(value)
            return self._wrong_type(value, declared, at, f"one of {', '.join(known)}")
        if kind is int and isinstance(value, float) and value.is_integer():
            return int(value)  # other languages send every number as a float
        kinds = (int, float) if kind is float else kind
        if isinstance(value, kinds) and (kind is bool or not isinstance(value, bool)):
            return value
        names = {int: "a whole number", float: "a number", bool: "true or false"}
        return self._wrong_type(value, declared, at, names[kind])

    def _text(self, value: Any, declared: Declared, at: _Place) -> Any:
        if not isinstance(value, str):
            return self._wrong_type(value, declared, at, "text")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            rule = "must be Unicode text; half of a surrogate pair is none"
            return self._fault(at, declared, shown(value), rule, "RFC 3629, UTF-8")
        return value

    def _items(self, value: Any, declared: Declared, at: _Place) -> Any:
        if not isinstance(value, (list, tuple)):
            return self._wrong_type(value, declared, at, "a list")
        (item,) = declared.parts
        inner = _inside(at, declared)
        checked = [self.value(each, item, inner(f"[{index}]")) for index, each in enumerate(value)]
        return [each for each in checked if each is not _DROP]

    def _entries(self, value: Any, declared: Declared, at: _Place) -> Any:
        if not isinstance(value, Mapping):
            return self._wrong_type(value, declared, at, "a mapping")
        key_type, value_type = declared.parts
        inner = _inside(at, declared)
        clean = {}
        for key, item in value.items():
            # A secret may stand where its name should.
            told = shown(key if _is_right(key, key_type) or (is_plain(key) and not declared.is_secret) else "…")
            place = inner(f"[{told}]")
            named = self.value(key, key_type, replace(place, hidden=at.hidden or declared.is_secret))
            checked = self.value(item, value_type, place)
            if named is not _DROP and checked is not _DROP:
                clean[key] = checked
        return clean

    def _unknown_key(self, path: str, key: object, known: Iterable[str], source: str) -> None:
        text = key if isinstance(key, str) and key.isprintable() else shown(key) if is_plain(key) else "…"
        near = difflib.get_close_matches(text, known, n=1, cutoff=NEAR)
        self.faults.append(
            Fault(
                input=joined(path, text),
                value="…",  # unsaid: under a misspelt key it may be a secret
                rule=f"does not exist; did you mean {joined(path, near[0])}?" if near else "does not exist",
                source=source,
                would_pass=joined(path, near[0]) if near else f"one of {', '.join(sorted(known))}",
            )
        )

    def _wrong_type(self, value: object, declared: Declared, at: _Place, expected: str) -> object:
        if isinstance(value, pulumi.Resource):
            return self._resource(value, declared, at, expected)
        tells_nothing = value is None or not is_plain(value)  # what it holds is not shown
        told = of_wrong_type(value)
        return self._fault(at, declared, told, f"must be {expected}", at.shape, tells_nothing=tells_nothing)

    def _resource(self, given: pulumi.Resource, declared: Declared, at: _Place, expected: str) -> object:
        """A resource stands where a value of it is wanted."""
        held = declared.noted(HeldBy) or HeldBy(("id",))
        attribute = next((each for each in held.attributes if hasattr(given, each.partition(".")[0])), None)
        key = at.path.rpartition(".")[2]
        would_pass = f"its attribute {attribute}, such as {key}.{attribute}" if attribute else shown(declared.example)
        rule = f"must be {expected}, not the resource itself"
        value = f"a {type(given).__name__}"
        self.faults.append(Fault(input=at.path, value=value, rule=rule, source=at.shape, would_pass=would_pass))
        return _DROP

    def _fault(
        self, at: _Place, declared: Declared, value: str, rule: str, source: str, *, tells_nothing: bool = False
    ) -> object:
        """`tells_nothing`: what is said of the value is no secret even where the value is one."""
        hidden = not (tells_nothing or value in _TELLS_NOTHING) and (at.hidden or declared.holds_secrets)
        said = "[secret]" if hidden else value
        would_pass = shown(declared.example)
        self.faults.append(Fault(input=at.path, value=said, rule=rule, source=source, would_pass=would_pass))
        return _DROP


def _is_right(key: object, declared: Declared) -> bool:
    return isinstance(key, str) and key.isprintable() and all(limit.holds(key) for limit in declared.limits)


def _member(at: _Place, key: str, shape: type) -> _Place:
    return _Place(joined(at.path, key), shape.__name__, at.hidden)


def _inside(at: _Place, declared: Declared) -> Callable[[str], _Place]:
    hidden = at.hidden or declared.is_secret
    return lambda path: _Place(at.path + path, at.shape, hidden)
