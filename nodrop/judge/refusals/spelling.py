"""Fields whose names are misspelt: kubectl refuses an object with one, and other tools drop it in silence.

Told only where a known name is near, so that fields of later versions pass.
"""

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from nodrop.judge.refusals.field_names import BELOW, DEFINED_IN, NAMES, OF_KIND
from nodrop.judge.refusals.refusal import Refusal
from nodrop.paths.fields import Field, is_unknown_or_masked

_VALIDATION = "kubernetes.io, Server-side field validation"
_WHY = "kubectl refuses the object, and what does not validate drops the field, whose default then holds"
_ALIKE = 0.9
"""Share of what two names have in common from which one is taken for the other. Chosen."""


def of_spelling(kind: str, given: Field) -> Iterator[Refusal]:
    """What is misspelt in an object of that kind. Raises ReadingError."""
    if kind in OF_KIND:
        source = f"{DEFINED_IN.get(kind, 'kubernetes/api types.go of 1.37')}; {_VALIDATION}"
        yield from _misspelt(given["spec"], OF_KIND[kind], source)


def _misspelt(place: Field, of_type: str, source: str) -> Iterator[Refusal]:
    if is_unknown_or_masked(place.value):
        return
    names = NAMES[of_type].split()
    for key in place.mapping():
        if key not in names and isinstance(key, str) and (meant := _nearest(key, names)):
            yield Refusal(place[key], "is set by a name that the API does not know", meant, source, key, _WHY)
    for key, below in BELOW.get(of_type, {}).items():
        for each in _each(place[key]):
            yield from _misspelt(each, below, source)


def _each(field: Field) -> Iterable[Field]:
    return field.entries() if isinstance(field.value, list) else [field]


def _nearest(key: str, names: Iterable[str]) -> str | None:
    by_case = {each.lower(): each for each in names}
    turned_round = [each for each in by_case if sorted(each) == sorted(key.lower())]
    near = turned_round or get_close_matches(key.lower(), by_case, n=1, cutoff=_ALIKE)
    return by_case[near[0]] if near else None
