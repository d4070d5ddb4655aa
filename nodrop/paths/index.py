"""The objects that serving paths are made of, by kind, namespace and name. Any others are passed over."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property

from nodrop.gke.kinds import HAD_OTHER_FIELDS, NO_LONGER_SERVED, SERVED_SOURCE, VERSIONS
from nodrop.paths.fields import Field, Manifest, ref_of, whole
from nodrop.paths.problems import ProblemKind, ReadingError
from nodrop.paths.scale_targets import is_in_its_group


class Index(dict[tuple[str, str, str], Field]):
    """Objects by kind, namespace and name; complete before anything is looked up otherwise."""

    def __init__(self, namespaces: Mapping[str, Field]) -> None:
        super().__init__()
        self.namespaces = namespaces

    @cached_property
    def by_kind(self) -> Mapping[str, list[Field]]:
        """The objects by their kind, in their order."""
        found: dict[str, list[Field]] = {}
        for (kind, _, _), given in self.items():
            found.setdefault(kind, []).append(given)
        return found

    def grouped(self, kind: str, keys_of: Callable[[Field], Iterable[Hashable]]) -> Mapping[Hashable, list[Field]]:
        """The objects of a kind by each of their keys, and under None those that have no readable ones; made once."""
        if (kind, keys_of) not in self._groups:
            found: dict[Hashable, list[Field]] = {}
            for given in self.by_kind.get(kind, ()):
                try:
                    keys = list(dict.fromkeys(keys_of(given)))
                except ReadingError:
                    keys = [None]
                for key in keys:
                    found.setdefault(key, []).append(given)
            self._groups[kind, keys_of] = found
        return self._groups[kind, keys_of]

    @cached_property
    def _groups(self) -> dict[Hashable, Mapping[Hashable, list[Field]]]:
        return {}

    @cached_property
    def _deployments(self) -> Mapping[tuple[str, str], list[Field]]:
        """Deployments by namespace and each label of their pods; under an empty label those of unreadable labels."""
        found: dict[tuple[str, str], list[Field]] = {}
        for given in self.by_kind.get("Deployment", ()):
            try:
                labels = given["spec"]["template"]["metadata"]["labels"].mapping()
            except ReadingError:
                labels = {"": ""}
            for key, value in labels.items():
                found.setdefault((namespace_of(given), _label(key, value)), []).append(given)
        return found

    @cached_property
    def _autoscalers(self) -> Mapping[tuple[str, str], Field]:
        """The first HorizontalPodAutoscaler of a Deployment, by the Deployment's namespace and name."""
        found: dict[tuple[str, str], Field] = {}
        for given in self.by_kind.get("HorizontalPodAutoscaler", ()):
            try:
                target = given["spec"]["scaleTargetRef"]
                if target["kind"].text() == "Deployment" and is_in_its_group(target):
                    found.setdefault((namespace_of(given), target["name"].text() or ""), given)
            except ReadingError:
                continue
        return found

    def autoscaler(self, namespace: str, deployment: str) -> Field | None:
        """The HorizontalPodAutoscaler of the Deployment of that name."""
        return self._autoscalers.get((namespace, deployment))

    def deployments_with(self, namespace: str, labels: Mapping[str, object]) -> list[Field]:
        """Deployments of a namespace whose pods have that of the labels which the fewest have.

        Among them are all whose pods have every label. Those whose labels cannot be read come last.
        """
        places = [(namespace, _label(*each)) for each in labels.items()]
        fewest = min((self._deployments.get(place, []) for place in places), key=len)
        return [*fewest, *self._deployments.get((namespace, _label("", "")), ())]


INDEXED = (
    "Ingress",
    "Service",
    "Deployment",
    "Secret",
    "BackendConfig",
    "Gateway",
    "HTTPRoute",
    "ReferenceGrant",
    "GCPBackendPolicy",
    "HealthCheckPolicy",
    "HorizontalPodAutoscaler",
)
"""Kinds that the index holds."""
_API = "kubernetes.io, Object Names and IDs"
_OTHERS_HAVE = ("Service", "Gateway")
"""Knative has Services, and Istio has Gateways."""


def indexed(objects: Iterable[Manifest]) -> tuple[Index, list[ReadingError]]:
    """The index, and an error for each object of those kinds that cannot be in it, or is in it twice."""
    given_objects = list(objects)
    index = Index(namespaces_of(given_objects))
    errors: list[ReadingError] = []
    for manifest in given_objects:
        kind = manifest.get("kind") if isinstance(manifest, dict) else None
        if not isinstance(kind, str) or kind not in INDEXED:
            continue
        given = whole(manifest)
        try:
            version = given["apiVersion"].text()
            name = given["metadata"]["name"].text()
            earlier = version in NO_LONGER_SERVED.get(kind, ())
            if version in VERSIONS[kind] or (earlier and kind not in HAD_OTHER_FIELDS):
                if name is None:
                    raise given["metadata"]["name"].problem(ProblemKind.REFUSED, "has no metadata.name", _API)
                key = (kind, namespace_of(given), name)
                if key in index:
                    message = "is given more than once; the last one counts"
                    errors.append(given.problem(ProblemKind.AMBIGUOUS, message))
                index[key] = given
            elif kind not in _OTHERS_HAVE:
                told = ProblemKind.REFUSED if earlier else ProblemKind.UNSUPPORTED
                raise given["apiVersion"].error(VERSIONS[kind][0], told, SERVED_SOURCE if earlier else None)
        except ReadingError as error:
            errors.append(error)
    return index, errors


def namespaces_of(objects: Iterable[Manifest]) -> dict[str, Field]:
    """The Namespaces by name; of two the last, for nothing leads over them."""
    found = (each for each in objects if isinstance(each, dict) and each.get("kind") == "Namespace")
    return {ref_of(each).name: whole(each) for each in found if each.get("apiVersion") == "v1"}


def of_kind(index: Index, kind: str) -> list[Field]:
    """The objects of one kind, in their order."""
    return index.by_kind.get(kind, [])


def _label(key: str, value: object) -> str:
    return f"{key}={value}"


def namespace_of(given: Field) -> str:
    """The namespace that an object is in."""
    return given["metadata"]["namespace"].text() or "default"
