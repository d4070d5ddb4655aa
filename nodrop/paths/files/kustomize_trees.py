"""What kustomizations give all their objects alike: namespace, names and labels of selectors.

Objects of a path that get different ones do not fit together any more as they did when they were read.

Source: kustomize api/internal/konfig/builtinpluginconsts; plugin/builtin/namespacetransformer.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple

from nodrop.paths.fields import Manifest
from nodrop.paths.files.kustomization_file import Kustomization

_OF_CLUSTER = ("ComputeClass", "Namespace", "PriorityClass")
_NAMED = ("Deployment", "Service")
_NOT_FOLLOWED = ("GCPBackendPolicy", "HTTPRoute", "HealthCheckPolicy", "VerticalPodAutoscaler")
"""Kinds that name a Service or Deployment by fields of which kustomize does not know."""
_FOLLOWED = ("HorizontalPodAutoscaler", "Ingress")
"""Kinds whose names of these it changes, where one kustomization includes both."""
_SELECTING = ("NetworkPolicy", "PodDisruptionBudget", "Service")


class Layer(NamedTuple):
    """One kustomization below a root, or the root itself."""

    of: Kustomization
    files: frozenset[str]
    """Real paths of the files whose objects it changes."""


Tree = Sequence[Layer]
"""A root's layers, its own first."""


class _Settings(NamedTuple):
    """What one kustomization gives all its objects."""

    namespace: str
    names: tuple[str, str]
    labels: frozenset[tuple[str, str]]


_NOTHING = _Settings("", ("", ""), frozenset())


class _Given(NamedTuple):
    """What an object of a path gets."""

    kind: str
    read_in: str
    """Its namespace, as it was read."""
    namespace: frozenset[str]
    """That of layers which give another one."""
    names: frozenset[tuple[str, str]]
    """Prefixes with suffixes."""
    labels: frozenset[tuple[str, str]]
    """Those added to selectors, of a Deployment also those that its pods have."""


def parted(objects: Collection[tuple[Manifest, str]], trees: Collection[Tree]) -> str | None:
    """The kustomization after which objects of one path, each with its file, do not fit together; None if all do."""
    whole = [tree for tree in trees if all(file in tree[0].files for _, file in objects)]
    for layers in whole or [[layer for tree in trees for layer in tree]]:
        if _parts(objects, layers, followed=bool(whole)):
            changing = [each for each in layers if any(file in each.files for _, file in objects)]
            alone = (each for each in changing if _parts(objects, [each], followed=bool(whole)))
            together = next(each for each in changing if _settings(each.of) != _NOTHING)
            return str(next(alone, together).of.file)
    return None


def _parts(objects: Collection[tuple[Manifest, str]], layers: Sequence[Layer], *, followed: bool) -> bool:
    given = [_given(manifest, [each.of for each in layers if file in each.files]) for manifest, file in objects]
    return not _fit(given, followed=followed)


def given_to_all(of: Kustomization) -> Iterator[str]:
    """What it gives all its objects, such as `namePrefix eu-`."""
    settings = _settings(of)
    named = zip(("namespace", "namePrefix", "nameSuffix"), (settings.namespace, *settings.names), strict=True)
    yield from (f"{key} {value}" for key, value in named if value)
    yield from (f"label {key}={value}" for key, value in sorted(settings.labels))


def _fit(given: Sequence[_Given], *, followed: bool) -> bool:
    namespaces: dict[str, set[frozenset[str]]] = {}
    for each in given:
        if each.kind not in _OF_CLUSTER:
            namespaces.setdefault(each.read_in, set()).add(each.namespace)
    if any(len(each) > 1 for each in namespaces.values()):
        return False
    names = {each.names for each in given if each.kind in _NAMED}
    if any(names) and any(each.kind in _NOT_FOLLOWED for each in given):
        return False
    if not followed and len(names | {each.names for each in given if each.kind in _FOLLOWED}) > 1:
        return False
    pods = [each.labels for each in given if each.kind == "Deployment"]
    return all(each.labels <= labels for labels in pods for each in given if each.kind in _SELECTING)


def _given(manifest: Manifest, layers: Sequence[Kustomization]) -> _Given:
    kind, metadata = str(manifest.get("kind")), manifest.get("metadata")
    stated = str((metadata.get("namespace") if isinstance(metadata, dict) else None) or "default")
    settings = [_settings(each) for each in layers]
    labels = frozenset(each for one in settings for each in one.labels)
    if kind == "Deployment":
        labels |= frozenset(_labels_of_pods(manifest))
    return _Given(
        kind=kind,
        read_in=stated,
        namespace=frozenset(one.namespace for one in settings if one.namespace not in ("", stated)),
        names=frozenset(one.names for one in settings if any(one.names)),
        labels=labels,
    )


def _labels_of_pods(deployment: Manifest) -> Iterator[tuple[str, str]]:
    value: Any = deployment
    for key in ("spec", "template", "metadata", "labels"):
        value = value.get(key) if isinstance(value, dict) else None
    yield from ((str(key), str(each)) for key, each in (value if isinstance(value, dict) else {}).items())


def _settings(of: Kustomization) -> _Settings:
    entries = [each for each in of.entries("labels") if isinstance(each, dict) and each.get("includeSelectors")]
    given = (*(each.get("pairs") for each in entries), of.stated.get("commonLabels"))
    pairs = [each for each in given if isinstance(each, dict)]
    return _Settings(
        namespace=_text(of, "namespace"),
        names=(_text(of, "namePrefix"), _text(of, "nameSuffix")),
        labels=frozenset((str(key), str(value)) for each in pairs for key, value in each.items()),
    )


def _text(of: Kustomization, key: str) -> str:
    value = of.stated.get(key)
    return value if isinstance(value, str) else ""
