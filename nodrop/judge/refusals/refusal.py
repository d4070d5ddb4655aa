"""What is refused of an object, and values that several kinds of objects have in common."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from nodrop.paths.fields import Field, is_plain, is_unknown_or_masked, shortened
from nodrop.rollout.rules.objects import OF_OBJECT
from nodrop.rollout.sources import API_VALIDATION


class Refusal(NamedTuple):
    """One field that is refused."""

    field: Field
    seen: str
    """What is wrong with it."""
    would_pass: str
    source: str = API_VALIDATION
    shown: str | None = None
    """What stands there, where it is not the field's own value."""
    why: str = OF_OBJECT
    """What comes of it."""


_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_DNS_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_SERVICE_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9])?")
_KEY_NAME = re.compile(r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_PORT_NAME = re.compile(r"(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]{0,13}[a-z0-9])?")
_HELD = re.compile(r"\.(env|httpHeaders)\[\d+\]\.value$")
_NUMBERS_AND_DOTS = re.compile(r"[0-9.]+")


def of_metadata(metadata: Field, *, service: bool = False) -> Iterator[Refusal]:
    """Name, labels and annotations. Source: kubernetes/apimachinery pkg/api/validation/objectmeta.go."""
    name = metadata["name"]
    if _is_wrong(name, _SERVICE_NAME if service else _DNS_NAME):
        yield Refusal(name, f"is {name.value!r}", "lowercase letters, digits and hyphens, such as web")
    if metadata["namespace"].value:
        yield from of_label(metadata["namespace"], "shop")
    yield from of_labels(metadata["labels"])
    yield from of_annotations(metadata["annotations"])


def of_annotations(annotations: Field) -> Iterator[Refusal]:
    """Keys of annotations, whose letters may be of any case, and that their values are texts."""
    for key in annotations.mapping():
        annotation = annotations[key]
        yield from _of_key(annotation, str(key).lower())
        if annotation.value is not None and not isinstance(annotation.value, str):
            yield not_a_text(annotation)


def of_labels(labels: Field) -> Iterator[Refusal]:
    """Keys and values of labels."""
    for key in labels.mapping():
        label = labels[key]
        yield from _of_key(label, str(key))
        if label.value is not None and not isinstance(label.value, str):
            yield not_a_text(label)
        else:
            yield from of_label_value(label)


def of_label_value(field: Field) -> Iterator[Refusal]:
    """The value of a label. Source: kubernetes/apimachinery pkg/util/validation, IsValidLabelValue."""
    if _is_wrong(field, _LABEL_VALUE):
        yield Refusal(field, f"is {field.value!r}", "at most 63 letters, digits, hyphens, dots and underscores")


def of_qualified_name(field: Field) -> Iterator[Refusal]:
    """A value that names a label or a taint."""
    if field.value is None:
        yield Refusal(field, "is absent", "a key such as app.kubernetes.io/name")
    elif isinstance(field.value, str) and not is_qualified(field.value):
        yield Refusal(field, f"is {field.value!r}", "a key such as app.kubernetes.io/name")


def of_label(field: Field, example: str) -> Iterator[Refusal]:
    """A name that is one label of a DNS name. Source: kubernetes/apimachinery pkg/util/validation, IsDNS1123Label."""
    if _is_wrong(field, _DNS_LABEL):
        yield Refusal(field, f"is {field.value!r}", f"lowercase letters, digits and hyphens, such as {example}")


def of_port_name(field: Field) -> Iterator[Refusal]:
    """The name of a container's port. Source: kubernetes/apimachinery pkg/util/validation, IsValidPortName."""
    if field.value and _is_wrong(field, _PORT_NAME):
        yield Refusal(
            field, f"is {field.value!r}", "at most 15 lowercase letters, digits and single hyphens, such as http"
        )


def _of_key(field: Field, key: str) -> Iterator[Refusal]:
    """The key of a label or annotation."""
    if not is_qualified(key):
        yield Refusal(field, f"has the key {key!r}", "a key such as app.kubernetes.io/name")


def is_qualified(key: str) -> bool:
    """Whether a key is one, or not known yet. Source: kubernetes/apimachinery pkg/util/validation, IsQualifiedName."""
    prefix, slash, name = key.rpartition("/")
    form = _KEY_NAME.fullmatch(name) and (not slash or _DNS_NAME.fullmatch(prefix))
    return bool(form) or is_unknown_or_masked(key)


def _is_wrong(field: Field, form: re.Pattern[str]) -> bool:
    """Whether a text has another form; what is not known yet, or masked, has none."""
    value = field.value
    return isinstance(value, str) and not is_unknown_or_masked(value) and not form.fullmatch(value)


def not_a_text(field: Field) -> Refusal:
    """That a value is no text, such as a number without quotation marks."""
    if _may_be_secret(field):
        return Refusal(field, f"is {_kind(field.value)}, not a text", "the same in quotation marks", shown="…")
    shown = str(field.value).lower() if isinstance(field.value, bool) else shortened(field.value)
    would_pass = f'"{shown}", in quotation marks' if is_plain(field.value) else "a text, in quotation marks"
    return Refusal(field, f"is {shown}, not a text", would_pass)


def _may_be_secret(field: Field) -> bool:
    """Whether it is the value of an environment variable or of a header, which no message shows."""
    return _HELD.search(field.path) is not None


def _kind(value: object) -> str:
    return "a boolean" if isinstance(value, bool) else "a number" if is_plain(value) else shortened(value)


def one_of(field: Field, accepted: Iterable[str], source: str = API_VALIDATION) -> Iterator[Refusal]:
    """A value that is none of those; an absent one, or one that is not known yet, passes."""
    names = list(accepted)
    if field.value is not None and not is_unknown_or_masked(field.value) and field.value not in names:
        yield Refusal(field, f"is {field.value}", " or ".join(names), source)


def between(field: Field, least: int, most: int, source: str = API_VALIDATION) -> Iterator[Refusal]:
    """A whole number outside of both."""
    number = field.number()
    if number is not None and not least <= number <= most:
        yield Refusal(field, f"is {number}", f"{least} to {most}", source)


def of_host(host: Field) -> Iterator[Refusal]:
    """A host of an Ingress or HTTPRoute. Source: pkg/apis/networking/validation, validateIngressRules; Gateway API,
    Hostname."""
    name = host.value
    if isinstance(name, str) and name and not is_unknown_or_masked(name):
        bare = name.removeprefix("*.")
        if not _DNS_NAME.fullmatch(bare) or _NUMBERS_AND_DOTS.fullmatch(bare):
            yield Refusal(host, f"is {name!r}", "a host name such as www.example.com, without port or scheme")


def twice(place: Field, what: str, fields: list[Field]) -> Iterator[Refusal]:
    """A value that several have of which each needs its own."""
    for value, times in Counter(str(each.value) for each in fields if each.value is not None).items():
        if times > 1:
            yield Refusal(place, f"has the {what} {value} {times} times", f"a {what} of its own for each")


def is_beyond_all(value: object) -> bool:
    """Whether a value is a percentage of more than 100."""
    percentage = value[:-1] if isinstance(value, str) and value.endswith("%") else ""
    digits = percentage.lstrip("0") if percentage.isascii() and percentage.isdigit() else ""
    return len(digits) > 3 or int(digits or 0) > 100


def or_absent(field: Field) -> object:
    """The value for a sentence."""
    return "absent" if field.value is None else field.value or "empty"
