"""Property values as they go over the wire between engine and provider: nodrop's own reading of them, and secrecy.

Whole numbers are ints. Not here: assets, archives, resource references and output values, which providers that do not
ask for them are not sent.
"""

from collections.abc import Mapping
from typing import Any

from nodrop.preview import values
from nodrop.preview.values import SecretValue as Secret
from nodrop.preview.values import Struct, encode

UNKNOWN = values.UNKNOWN
Object = dict[str, Any]

__all__ = ["UNKNOWN", "Object", "Secret", "contains", "decode", "encode", "plain", "secret_like"]


def decode(properties: Struct) -> Object:
    return values.decode(properties)[0]


def plain(value: Any) -> Any:
    """Without secrecy."""
    match value:
        case Secret():
            return plain(value.value)
        case Mapping():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
    return value


def contains(value: Any, what: Any) -> bool:
    """Whether `what`, UNKNOWN or the class Secret, is the value or anywhere in it."""
    match value:
        case Secret():
            return what is Secret or contains(value.value, what)
        case Mapping():
            return any(contains(item, what) for item in value.values())
        case list():
            return any(contains(item, what) for item in value)
    return value == what


def secret_like(value: Any, model: Any) -> Any:
    """`value`, secret where `model` is."""
    if isinstance(value, Secret) or not contains(model, Secret):
        return value
    if isinstance(value, Mapping) and isinstance(model, Mapping):
        return {key: secret_like(item, model.get(key)) for key, item in value.items()}
    return Secret(value)
