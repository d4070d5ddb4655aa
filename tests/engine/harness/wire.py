"""Property values as they go over the wire between engine and provider.

Decoded, an unknown value is `UNKNOWN`, a secret one `Secret`, whole numbers are ints. Not here: assets, archives,
resource references and output values, which providers that do not ask for them are not sent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format, struct_pb2
from pulumi.runtime import rpc

UNKNOWN = rpc.UNKNOWN
Struct = struct_pb2.Struct  # ty: ignore[missing-attribute] protobuf makes its classes at run time
Object = dict[str, Any]


@dataclass(frozen=True)
class Secret:
    """A value that the engine encrypts in state and hides in output."""

    value: Any


def decode(properties: Struct) -> Object:
    return {key: _decoded(value) for key, value in json_format.MessageToDict(properties).items()}


def encode(properties: Mapping[str, Any]) -> Struct:
    struct = Struct()
    json_format.ParseDict({key: _encoded(value) for key, value in properties.items()}, struct)
    return struct


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


def _decoded(value: Any) -> Any:
    match value:
        case {rpc._special_sig_key: rpc._special_secret_sig}:
            return Secret(_decoded(value.get("value")))
        case dict():
            return {key: _decoded(item) for key, item in value.items()}
        case list():
            return [_decoded(item) for item in value]
        case float() if value.is_integer():
            return int(value)
    return value


def _encoded(value: Any) -> Any:
    match value:
        case Secret():
            return {rpc._special_sig_key: rpc._special_secret_sig, "value": _encoded(value.value)}
        case Mapping():
            return {key: _encoded(item) for key, item in value.items()}
        case list() | tuple():
            return [_encoded(item) for item in value]
    return value
