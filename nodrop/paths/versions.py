"""One of two versions of the same objects: its index, its serving paths, and what each path is found again by."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from nodrop.paths.around import Around
from nodrop.paths.fields import Field, Manifest, ref_of, whole
from nodrop.paths.gateways import entry_of, routes_of
from nodrop.paths.index import Index, indexed, namespace_of, of_kind
from nodrop.paths.problems import ReadingError
from nodrop.paths.repeats import without_repeats
from nodrop.paths.resolve import Resolution, resolve
from nodrop.paths.routes import Entry
from nodrop.paths.serving_path import ServingPath

Identity = tuple[str, str, str]
"""Kind, namespace and name of an object."""


@dataclass(frozen=True, kw_only=True)
class Version:
    """The objects of one version, and what was read from them."""

    objects: Sequence[Manifest]
    index: Index
    resolution: Resolution
    entries: tuple[Entry, ...]
    keyed: "tuple[tuple[PathKeys, ServingPath], ...]"
    """The paths, each with its objects."""
    around: Around

    @cached_property
    def found(self) -> "Mapping[Hashable, Sequence[tuple[PathKeys, ServingPath]]]":
        """The paths by what of their objects one may look for."""
        found: dict[Hashable, list[tuple[PathKeys, ServingPath]]] = {}
        for keys, path in self.keyed:
            for key in (
                keys,
                ("service", keys.service),
                ("entry and service", keys.entry, keys.service),
                ("entry and deployment", keys.entry, keys.deployment),
            ):
                found.setdefault(key, []).append((keys, path))
        return found

    @cached_property
    def namespaces(self) -> frozenset[object]:
        """Names of the Namespaces among the objects."""
        given = (each for each in self.objects if isinstance(each, dict) and each.get("kind") == "Namespace")
        return frozenset(str(whole(each)["metadata"]["name"].value) for each in given)


@dataclass(frozen=True, kw_only=True)
class PathKeys:
    """The objects of a path."""

    entry: Identity
    service: Identity
    deployment: Identity
    port: object = field(compare=False, default=None)


def version_of(objects: Iterable[Manifest]) -> Version:
    """What the objects of one version are. Raises nothing, whatever they look like."""
    given, _ = without_repeats(objects)
    index, _ = indexed(given)
    resolution = resolve(given)
    return Version(
        objects=given,
        index=index,
        resolution=resolution,
        entries=tuple(_entries(index)),
        keyed=tuple((keys_of(path), path) for path in resolution.paths),
        around=Around(given),
    )


def _entries(index: Index) -> Iterator[Entry]:
    """Each Ingress and Gateway, of whatever class; unreadable ones are left out."""
    for entry in (*of_kind(index, "Ingress"), *of_kind(index, "Gateway")):
        with suppress(ReadingError):
            yield entry_of(entry.mapping(), http_routes_of(entry, index))


def keys_of(path: ServingPath) -> PathKeys:
    """Its objects, and its port by name, else by number."""
    port = Field(path.service_port, ref_of(path.service))
    return PathKeys(
        entry=identity_of(path.entry),
        service=identity_of(path.service),
        deployment=identity_of(path.deployment),
        port=port["name"].value or port["port"].value,
    )


def identity_of(manifest: Manifest) -> Identity:
    """Raises ReadingError where it has no readable name."""
    given = whole(manifest)
    return str(manifest["kind"]), namespace_of(given), given["metadata"]["name"].text() or ""


def http_routes_of(entry: Field, index: Index) -> tuple[Manifest, ...]:
    """The HTTPRoutes of an entry, none where it is an Ingress."""
    if entry["kind"].value != "Gateway":
        return ()
    return tuple(each.mapping() for each in routes_of(entry, index)[0])
