"""What a preview knows of one property: a plain value, a secret, an unknown, a reference, an asset; and its wire form.

The wire form is a protobuf Struct in which a key of Pulumi's own marks what JSON cannot say (pulumi/pulumi
sdk/go/common/resource/properties.go). Not here: which resource a value belongs to, and how the values are shown.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from google.protobuf import struct_pb2

from nodrop.paths import fields

Struct = struct_pb2.Struct  # ty: ignore[missing-attribute] protobuf makes its classes at run time
_WireValue = struct_pb2.Value  # ty: ignore[missing-attribute]

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 a signature of the wire format
_RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
"""What the wire has in the place of an unknown value."""
_UNKNOWN_TEXTS = frozenset(
    {
        UNKNOWN_TEXT,
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",  # a bool
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",  # a number
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",  # a list
        "030794c1-ac77-496b-92df-f27374a8bd58",  # an asset
        "e48ece36-62e2-4504-bad9-02848725956a",  # an archive
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",  # an object
    }
)
"""What it has there by the type of the value, where a provider's Check knows that. Source: pulumi/pulumi
sdk/go/common/resource/plugin/rpc.go."""


class Unknown(enum.Enum):
    """The type of `UNKNOWN`, a value that only a real deployment will know."""

    UNKNOWN = fields.UNKNOWN

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True)
class SecretValue:
    """A value that the program marked as secret; its repr does not show it."""

    value: Value = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class ResourceReference:
    """A resource handed over as a property: its URN and, for a custom resource, its id (UNKNOWN before it exists)."""

    urn: str
    id: str | Unknown | None


@dataclass(frozen=True, kw_only=True)
class Asset:
    """A file, text or address that a resource takes as content; of an archive, `source` may be its members by name."""

    kind: Literal["asset", "archive"]
    origin: Literal["path", "text", "uri", "assets"]
    source: Value


_Scalar: TypeAlias = bool | int | float | str
Value: TypeAlias = "_Scalar | Unknown | SecretValue | ResourceReference | Asset | list[Value] | dict[str, Value] | None"
Properties: TypeAlias = dict[str, Any]
"""Properties by name, each a `Value`; Any, so that nested ones can be reached by index."""


def decode(struct: Struct) -> tuple[Properties, dict[str, set[str]]]:
    """Read properties off the wire.

    Returns the properties by name and, for each, the URNs that its output values depend on. Numbers without a fraction
    become int, since the wire has one kind of number only, and keys are sorted, since it keeps no order of them.
    """
    properties: Properties = {}
    dependencies: dict[str, set[str]] = {}
    for key, value in sorted(struct.fields.items()):
        urns: set[str] = set()
        properties[key] = _decode(value, urns)
        dependencies[key] = urns
    return properties, dependencies


def _decode(value: _WireValue, dependencies: set[str]) -> Value:
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value in _UNKNOWN_TEXTS else value.string_value
        case "number_value":
            number = value.number_value
            return int(number) if number.is_integer() else number
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [_decode(item, dependencies) for item in value.list_value.values]
        case "struct_value":
            return _decode_struct(value.struct_value, dependencies)
    return None


def _decode_struct(struct: Struct, dependencies: set[str]) -> Value:
    fields = struct.fields
    if _SIGNATURE not in fields:
        return {key: _decode(value, dependencies) for key, value in sorted(fields.items())}
    signature = fields[_SIGNATURE].string_value
    if signature == _SECRET:
        return SecretValue(_decode(fields["value"], dependencies))
    if signature == _OUTPUT:
        dependencies.update(urn.string_value for urn in fields["dependencies"].list_value.values)
        known = _decode(fields["value"], dependencies) if "value" in fields else UNKNOWN
        return SecretValue(known) if fields["secret"].bool_value else known
    if signature == _RESOURCE:
        identity = _decode(fields["id"], dependencies) if "id" in fields else None
        known_id = identity if isinstance(identity, str) and identity else UNKNOWN
        return ResourceReference(urn=fields["urn"].string_value, id=None if identity is None else known_id)
    if signature in (_ASSET, _ARCHIVE):
        origins: tuple[Literal["path", "text", "uri", "assets"], ...] = ("path", "text", "uri", "assets")
        origin = next(name for name in origins if name in fields)
        source = _decode(fields[origin], dependencies)
        return Asset(kind="asset" if signature == _ASSET else "archive", origin=origin, source=source)
    raise ValueError(f"the program sent a value with the signature {signature!r}, which no release of Pulumi knows")


def encode(properties: Mapping[str, Value]) -> Struct:
    """Write properties for the wire, the inverse of `decode` but for dependencies."""
    struct = Struct()
    struct.update({key: _encode(value) for key, value in properties.items()})
    return struct


def encode_outputs(properties: Mapping[str, Value], dependencies: Mapping[str, set[str]]) -> Struct:
    """Write properties with every secret, unknown and dependency as an output value, as a transform gets them.

    Source: pulumi/pulumi pkg/resource/deploy/source_eval.go, `upgradeOutputValues`.
    """
    struct = Struct()
    for key, value in properties.items():
        wire = _encode(value, as_outputs=True)
        if urns := dependencies.get(key):
            known = value.value if isinstance(value, SecretValue) else value
            wire = _output(known, secret=isinstance(value, SecretValue), dependencies=sorted(urns))
        struct[key] = wire
    return struct


def _encode(value: Value, *, as_outputs: bool = False) -> Any:
    if value is UNKNOWN:
        return _output(UNKNOWN, secret=False, dependencies=[]) if as_outputs else UNKNOWN_TEXT
    if isinstance(value, SecretValue):
        if as_outputs:
            return _output(value.value, secret=True, dependencies=[])
        return {_SIGNATURE: _SECRET, "value": _encode(value.value)}
    if isinstance(value, ResourceReference):
        identity = {} if value.id is None else {"id": UNKNOWN_TEXT if isinstance(value.id, Unknown) else value.id}
        return {_SIGNATURE: _RESOURCE, "urn": value.urn} | identity
    if isinstance(value, Asset):
        return {
            _SIGNATURE: _ASSET if value.kind == "asset" else _ARCHIVE,
            value.origin: _encode(value.source, as_outputs=as_outputs),
        }
    if isinstance(value, dict):
        return {key: _encode(item, as_outputs=as_outputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_encode(item, as_outputs=as_outputs) for item in value]
    return value


def _output(value: Value, *, secret: bool, dependencies: list[str]) -> dict[str, Any]:
    wire: dict[str, Any] = {_SIGNATURE: _OUTPUT, "secret": secret, "dependencies": dependencies}
    if value is not UNKNOWN:
        wire["value"] = _encode(value, as_outputs=True)
    return wire


def is_marked(value: Mapping[str, Any]) -> bool:
    """Whether this JSON object stands for what JSON cannot say, such as a resource."""
    return _SIGNATURE in value


def is_secret(value: Mapping[str, Any]) -> bool:
    """Whether this JSON object, such as one of an exported state, stands for a secret, encrypted or not."""
    return value.get(_SIGNATURE) == _SECRET


def plain(value: Value) -> Any:
    """`value` as JSON: every leaf of a secret as "[secret]", an unknown as "[unknown]"."""
    return _plain(value, lambda leaf: leaf)


def masked(value: Value) -> Any:
    """`value` as JSON with every leaf as "[secret]", its keys kept."""
    return _plain(value, lambda _: fields.SECRET)


def _plain(value: Value, show: Callable[[Any], Any]) -> Any:
    match value:
        case Unknown():
            return show(value.value)
        case SecretValue():
            return masked(value.value)
        case ResourceReference():
            return show(value.urn)
        case Asset():
            return {value.kind: {value.origin: _plain(value.source, show)}}
        case dict():
            return {key: _plain(item, show) for key, item in value.items()}
        case list():
            return [_plain(item, show) for item in value]
    return show(value)
