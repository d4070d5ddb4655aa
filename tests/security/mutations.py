"""Manifests that nobody should write: those of the tests, changed at random places into what is hostile.

A seed gives the same text each time. Some are YAML, some JSON, some broken as text.
"""

import copy
import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from nodrop.paths.files.reading import read

TESTS = Path(__file__).resolve().parents[1]

MARK = "x-fuzz"
"""In each element that the scalars would put into a page."""

SCALARS: tuple[Any, ...] = (
    "\x1b]52;c;cm0=\x07",
    "\x1b[2J\x1b[31mred",
    "\x9b31mred",
    "web\r\n::error::owned",
    "::set-output name=x::owned",
    "  ::add-mask::x",
    "##[add-mask]x",
    "##vso[task.setvariable variable=x]owned",
    f"{'w' * 110} ::error::owned {'w' * 110}",
    "[/bold][link=file:///etc/passwd]x[/link]",
    "[bold",
    "nul\x00nul",
    "lone \ud800 surrogate \udfff",
    "\u202eder\u2066\u2028\u2029\u061c\ufeff\U000e0041",
    f"<script {MARK}>alert(1)</script>",
    f"<img src=x onerror=alert(1) {MARK}>",
    f"<svg {MARK}><g onload=alert(1)/></svg>",
    f"</article></section></main><p {MARK}>",
    f"</style></title><iframe {MARK}></iframe>",
    f'" onmouseover="alert(1)" {MARK}="',
    f"' style='x' {MARK}='",
    f"<!--<x {MARK}>-->]]><![CDATA[<x {MARK}>",
    "{{ 7 * 7 }}{% raw %}",
    "$x$ $\\frac$ ${HOME} $(id) `id` %s %n {0} {x!r}",
    "a" * 5000,
    "../../../etc/passwd",
    "/dev/null",
    "",
    " ",
    "~",
    "=",
    "<<",
    "!!python/object/apply:os.system [id]",
    "{",
    "[[[[",
    "2001-01-01",
    "0x7fffffffffffffff",
    "1e309",
    "Ａ１²٣",
    0,
    -1,
    1,
    65536,
    2**31,
    2**63,
    -(2**63) - 1,
    10**30,
    10**400,
    1e308,
    -1e308,
    5e-324,
    0.1,
    True,
    False,
    None,
)
"""Texts, numbers and the rest, each in place of a value or of a key."""

KINDS = ("Pod", "Service", "Ingress", "Deployment", "List", "StatefulSet", "Gateway", "HTTPRoute", "BackendConfig")

_MOST_EDITS = 6


@cache
def sources() -> tuple[tuple[dict[str, Any], ...], ...]:
    """The objects of each file that is mutated."""
    folders = ("judge/field_cases", "judge/clean", "lab/manifests")
    files = sorted(file for folder in folders for file in (TESTS / folder).glob("*.yaml"))
    return tuple(tuple(read([file]).objects) for file in files)


def mutated(seed: int) -> str:
    """The text of a manifest; not always one that can be read, or be written as UTF-8."""
    draw = random.Random(seed)  # noqa: S311 - repeatable, not secret
    objects = copy.deepcopy(list(draw.choice(sources())))
    for _ in range(draw.randint(1, _MOST_EDITS)):
        _edit(objects, draw)
    text = _written(objects, draw)
    return _broken(text, draw) if draw.random() < 0.15 else text


def _edit(root: list[Any], draw: random.Random) -> None:
    holder, key = draw.choice(list(_places(root)))
    match draw.randrange(10):
        case 0:
            del holder[key]
        case 1 if isinstance(holder, dict):
            hostile = draw.choice(SCALARS)
            holder[hostile if isinstance(hostile, str) else str(hostile)] = holder.pop(key)
        case 2:
            holder[key] = _wrong_type(holder[key], draw)
        case 3 if not _is_deep(root):
            holder[key] = _nested(draw)
        case 4 if not _is_deep(root):
            other, place = draw.choice(list(_places(root)))
            holder[key] = copy.deepcopy(other[place])
        case 5:
            one = draw.choice(root) if root else None
            if isinstance(one, dict):
                one["kind"] = draw.choice((*KINDS, draw.choice(SCALARS)))
        case 6:
            one = draw.choice(root) if root else None
            if isinstance(one, dict) and isinstance(one.get("metadata"), dict):
                field = draw.choice(("name", "namespace", "labels", "annotations", "generateName"))
                one["metadata"][field] = draw.choice((draw.choice(SCALARS), {"app": draw.choice(SCALARS)}))
        case 7:
            _rename_everywhere(root, draw)
        case _:
            holder[key] = draw.choice(SCALARS)
    if not root:
        root.append(draw.choice(SCALARS))


def _is_deep(root: list[Any]) -> bool:
    """Whether one more nest would be deeper than Python copies or writes."""
    level: list[Any] = [root]
    for _ in range(60):
        level = [
            child
            for each in level
            for child in (each.values() if isinstance(each, dict) else each)
            if isinstance(child, dict | list)
        ]
    return bool(level)


def _places(value: Any) -> Any:
    """Every mapping or list with each of its keys or numbers."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, each in items:
        yield value, key
        if isinstance(each, dict | list):
            yield from _places(each)


def _rename_everywhere(root: list[Any], draw: random.Random) -> None:
    """A hostile name that every reference follows, so that the path stays whole."""
    old = draw.choice([each for each in _texts(root) if each] or ["web"])
    new = draw.choice([each for each in SCALARS if isinstance(each, str)])
    for holder, key in list(_places(root)):
        if holder[key] == old:
            holder[key] = new


def _texts(root: list[Any]) -> list[str]:
    found = []
    for each in root:
        metadata = each.get("metadata") if isinstance(each, dict) else None
        if isinstance(metadata, dict):
            found += [each for each in (metadata.get("name"), metadata.get("namespace")) if isinstance(each, str)]
    return found


def _wrong_type(value: Any, draw: random.Random) -> Any:
    return draw.choice(([value], {"x": value}, str(value), [], {}, [value, value], [[value]], json.dumps(str(value))))


def _nested(draw: random.Random) -> Any:
    value: Any = draw.choice(SCALARS)
    for _ in range(draw.choice((3, 30, 150, 190, 400))):
        value = [value] if draw.random() < 0.5 else {"spec": value}
    return value


def _written(objects: list[Any], draw: random.Random) -> str:
    form = draw.randrange(4)
    if form == 0:
        return json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    if form == 1:
        return "\n".join(map(json.dumps, objects))
    # a JSON text is YAML, and takes a tenth of the time of a YAML dump
    documents = [json.dumps(each, ensure_ascii=draw.random() < 0.8, indent=1) for each in objects]
    if form == 2:
        return "\n---\n".join(f"# yaml\n{each}" for each in documents)
    return "\n---\n".join(map(_yaml, objects))


def _yaml(value: Any) -> str:
    try:
        return yaml.dump(value, allow_unicode=True, Dumper=_FAST)
    except (UnicodeEncodeError, RecursionError):  # of a lone surrogate, or deeper than PyYAML goes
        return json.dumps(value)


_FAST = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def _broken(text: str, draw: random.Random) -> str:
    """Cut, doubled, or with something hostile in the middle."""
    at, to = sorted((draw.randrange(len(text) + 1), draw.randrange(len(text) + 1)))
    hostile = str(draw.choice(SCALARS))
    return draw.choice(
        (
            text[:at],
            text[:at] + text[to:],
            text[:at] + hostile + text[at:],
            text[:to] + "\n&a *a\n" + text[to:],
            text[:at] + "\n--- " + hostile + "\n" + text[at:],
            text[:to] + text[at:to] + text[to:],
        )
    )
