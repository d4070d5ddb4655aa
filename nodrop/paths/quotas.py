"""How many pods of a Deployment the ResourceQuotas of its namespace leave room for, beside all other pods there.

Source: kubernetes.io, Resource Quotas; kubernetes/kubernetes pkg/quota/v1/evaluator/core/pods.go.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nodrop.paths.fields import Field, Manifest, is_unknown_or_masked, ref_of, whole
from nodrop.paths.problems import ReadingError
from nodrop.paths.requests import NotKnownError, PodRequests, known, may_be_filled_in
from nodrop.paths.workloads import CountedWorkload
from nodrop.rollout import ObjectRef

COUNTED = ("pods", "count/pods")
_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_TO_BE_STATED = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
"""Where a quota limits one of these, the API refuses a pod of which a container does not state it."""
_OF_REPLICA_SETS = "count/replicasets.apps"
_OF_CLAIMS = ("persistentvolumeclaims", "count/persistentvolumeclaims", "requests.storage")
_OF_STORAGE_CLASS = ".storageclass.storage.k8s.io/"
_ADDED_BY_A_ROLLOUT = (_OF_REPLICA_SETS, "count/endpointslices.discovery.k8s.io", "count/endpoints")
_OF_OTHERS = ("configmaps", "replicationcontrollers", "resourcequotas", "secrets", "services")
"""Objects of which a rollout makes none."""


class Demand(NamedTuple):
    """An amount that a quota wants stated, and that a container does not state."""

    stated: Field
    """Where it would stand."""
    quota: Field
    """What wants it."""


class Exceeded(NamedTuple):
    """An entry of a quota that is less than what there is."""

    quota: Manifest
    hard: Field
    """Where it says how much."""
    there: float
    """What the objects of the namespace take from it."""


class Room(NamedTuple):
    """What quotas leave to one Deployment."""

    pods: int | None
    """At most, old and new together; None: no quota counts them."""
    quota: Manifest | None
    """The one that leaves no more."""
    field: str
    """Where it says so, such as `spec.hard.pods`."""
    unknown: tuple[NotKnownError, ...]
    """What cannot be told from the objects."""
    demands: tuple[Demand, ...]
    """For each of which the API refuses the pods."""
    exceeded: tuple[Exceeded, ...]
    """For each of which it refuses one of the other objects."""


NO_QUOTA = Room(None, None, "", (), (), ())


class _Taken(NamedTuple):
    """What all pods of a namespace take from one entry of a quota."""

    total: float
    by_workload: dict[ObjectRef, float]
    unknown: dict[ObjectRef, NotKnownError]


class Quotas:
    """The quotas of a namespace, and all that take from them; what each takes is read once."""

    def __init__(
        self,
        quotas: Iterable[Manifest],
        requests: PodRequests,
        workloads: Iterable[CountedWorkload],
        objects: Mapping[str, float],
    ) -> None:
        """With what the objects take from each entry that a quota may have, besides pods."""
        self._specs = [(each, whole(each)["spec"]) for each in quotas]
        self._requests = requests
        self._objects = objects
        self._workloads = {each.object: each for each in workloads}
        self._taken: dict[tuple[int, str], _Taken] = {}

    def room(self, deployment: Manifest) -> Room:
        """What they leave to the Deployment, one of the workloads. Raises ReadingError."""
        ref = ref_of(deployment)
        pod = whole(deployment)["spec"]["template"]["spec"]
        own = self._workloads.get(ref) or CountedWorkload(ref, None, pod, filled_in=may_be_filled_in(pod))
        least, demands, unknown, exceeded = NO_QUOTA, list[Demand](), list[NotKnownError](), list[Exceeded]()
        for quota, spec in self._specs:
            for key in spec["hard"].mapping():
                try:
                    if self._is_exceeded(spec, str(key)):
                        exceeded.append(Exceeded(quota, spec["hard"][key], self._objects[key]))
                    demands += self._demands(spec, str(key), own)
                    left = self._left(spec, str(key), own)
                except NotKnownError as error:
                    unknown.append(error)
                    continue
                if left is not None and (least.pods is None or left < least.pods):
                    least = NO_QUOTA._replace(pods=left, quota=quota, field=spec["hard"][key].path)
        return least._replace(unknown=tuple(unknown), demands=tuple(demands), exceeded=tuple(exceeded))

    def _is_exceeded(self, spec: Field, key: str) -> bool:
        """Whether an entry of a quota is less than what the objects take from it. Raises NotKnownError."""
        there = self._objects.get(key, 0.0)
        if not there or spec["scopes"].entries() or spec["scopeSelector"]["matchExpressions"].entries():
            return False
        most = known(spec["hard"][key], "how much it leaves is not known")
        return most is not None and there > most

    def _demands(self, spec: Field, key: str, workload: CountedWorkload) -> list[Demand]:
        """What containers of the pods lack of what one entry of a quota limits. Raises NotKnownError."""
        named = resource_of(key)
        if key not in _TO_BE_STATED or named is None or not self._counts(spec, workload):
            return []
        lacking = self._lacking(workload.pod, named)
        if lacking and workload.filled_in:
            raise NotKnownError(spec["hard"][key], _filled_in(workload, named))
        return [Demand(each, spec["hard"][key]) for each in lacking]

    def _lacking(self, pod: Field, named: tuple[str, str]) -> list[Field]:
        """Where containers of the pod do not state an amount, such as that of `requests` and `cpu`."""
        containers = [*pod["containers"].entries(), *pod["initContainers"].entries()]
        lacking = [each for each in containers if self._requests.of_container(each, *named) is None]
        return [each["resources"][named[0]][named[1]] for each in lacking]

    def _left(self, spec: Field, key: str, own: CountedWorkload) -> int | None:
        """For how many pods one entry of a quota leaves room; None: it counts none. Raises NotKnownError."""
        hard, named, pod = spec["hard"][key], resource_of(key), own.pod
        if key in _ADDED_BY_A_ROLLOUT:
            raise NotKnownError(hard, f"how many {key.removeprefix('count/')} a rollout adds is not modelled")
        if makes_claims(pod) and (key in _OF_CLAIMS or _OF_STORAGE_CLASS in key):
            raise NotKnownError(hard, "what the pods' own claims take is not modelled")
        if not (named or key in COUNTED or _is_of_others(key)):
            raise NotKnownError(hard, "what it counts is not known")
        if not (named or key in COUNTED) or not self._counts(spec, own):
            return None
        each = self._each(hard, own, named)
        most = known(hard, "how much it leaves is not known") if each else None
        if most is None:
            return None
        others = self._taken_by_others(spec, key, own.object)
        return max(0, int((most - others) / each + 1e-9))

    def _each(self, hard: Field, workload: CountedWorkload, named: tuple[str, str] | None) -> float:
        """What one pod takes: of pods, itself. Raises NotKnownError where another than the objects says how much."""
        if named is None:
            return 1.0
        if named[1] in workload.resources_set:
            raise NotKnownError(hard, f"a VerticalPodAutoscaler sets what pods of {workload.object} take from it")
        if workload.filled_in and named[1] in _RESOURCES and self._lacking(workload.pod, named):
            raise NotKnownError(hard, _filled_in(workload, named))
        return self._requests.of_pod(workload.pod, *named) or 0.0

    def _taken_by_others(self, spec: Field, key: str, own: ObjectRef) -> float:
        place = (id(spec), key)
        if place not in self._taken:
            amounts = {each.object: self._taken_by(spec, key, each) for each in self._workloads.values()}
            known_amounts = {ref: each for ref, each in amounts.items() if not isinstance(each, NotKnownError)}
            unknown = {ref: each for ref, each in amounts.items() if isinstance(each, NotKnownError)}
            self._taken[place] = _Taken(sum(known_amounts.values()), known_amounts, unknown)
        taken = self._taken[place]
        for error in (each for ref, each in taken.unknown.items() if ref != own):
            raise error
        return taken.total - taken.by_workload.get(own, 0.0)

    def _taken_by(self, spec: Field, key: str, workload: CountedWorkload) -> float | NotKnownError:
        not_known = NotKnownError(spec["hard"][key], f"how much pods of {workload.object} take from it is not known")
        try:
            each = self._each(spec["hard"][key], workload, resource_of(key)) if self._counts(spec, workload) else 0.0
        except NotKnownError as error:
            return error
        except ReadingError:
            return not_known
        return not_known if each and workload.pods is None else each * (workload.pods or 0)

    def _counts(self, spec: Field, workload: CountedWorkload) -> bool:
        """Whether a quota counts the pods: those of all its scopes. Raises NotKnownError."""
        places = [(each, each, None) for each in spec["scopes"].entries()]
        selector = spec["scopeSelector"]["matchExpressions"]
        places += [(each["scopeName"], each["scopeName"], each) for each in selector.entries()]
        answers = [(place, self._is_of(str(scope.value), workload, expression)) for place, scope, expression in places]
        if any(answer is False for _, answer in answers):
            return False
        for place, answer in answers:
            if answer is None:
                raise NotKnownError(place, "whether the scope counts these pods is not modelled, or not in the objects")
        return True

    def _is_of(self, scope: str, workload: CountedWorkload, expression: Field | None) -> bool | None:
        """Whether pods are of a scope; None: it cannot be told. Source: podMatchesScopeFunc."""
        pod = workload.pod
        if scope in ("Terminating", "NotTerminating"):
            return (pod["activeDeadlineSeconds"].value is not None) == (scope == "Terminating")
        if scope in ("BestEffort", "NotBestEffort"):
            asks = self._asks_something(workload)
            return None if asks is None else asks == (scope == "NotBestEffort")
        if scope == "PriorityClass":
            return _is_of_class(pod["priorityClassName"].value, expression)
        if scope == "CrossNamespacePodAffinity":
            return _looks_into_namespaces(pod["affinity"])
        return False if scope == "VolumeAttributesClass" else None

    def _asks_something(self, workload: CountedWorkload) -> bool | None:
        """Whether a container has a request or limit, so that the pods are not of the class BestEffort."""
        pod = workload.pod
        containers = [*pod["containers"].entries(), *pod["initContainers"].entries()]
        untold = pod["resources"].value is not None or workload.filled_in or bool(workload.resources_set)
        for group, resource in (("requests", "cpu"), ("requests", "memory"), ("limits", "cpu"), ("limits", "memory")):
            try:
                if any(self._requests.of_container(each, group, resource) for each in containers):
                    return True
            except NotKnownError:
                untold = True
        return None if untold else False


def _filled_in(workload: CountedWorkload, named: tuple[str, str]) -> str:
    """Why it is not known what pods take of which containers state no amount."""
    return (
        f"a container of {workload.object} states no {'.'.join(named)}; what Autopilot fills in is not in the objects"
    )


def resource_of(key: str) -> tuple[str, str] | None:
    """What an entry of a quota limits, such as `requests` and `cpu`; None: something else than pods ask."""
    if key in _RESOURCES or key.startswith("hugepages-"):
        return "requests", key
    group, _, resource = key.partition(".")
    return (group, resource) if group == "requests" or (group == "limits" and resource in _RESOURCES) else None


def _is_of_others(key: str) -> bool:
    """Whether an entry of a quota counts objects of which a rollout makes none, or claims."""
    kind = key.removeprefix("count/")
    return kind.partition(".")[0] in _OF_OTHERS or key != kind or key in _OF_CLAIMS or _OF_STORAGE_CLASS in key


def makes_claims(pod: Field) -> bool:
    """Whether each pod brings claims of its own."""
    return any(each["ephemeral"].value is not None for each in pod["volumes"].entries())


def _is_of_class(name: object, expression: Field | None) -> bool | None:
    """A pod without a class may get the cluster's default one."""
    if not name or is_unknown_or_masked(name):
        return None
    if expression is None:
        return True
    operator, values = expression["operator"].value, [each.value for each in expression["values"].entries()]
    if any(map(is_unknown_or_masked, values)):
        return None
    answers = {"Exists": True, "DoesNotExist": False, "In": name in values, "NotIn": name not in values}
    return answers.get(operator) if isinstance(operator, str) else None


def _looks_into_namespaces(affinity: Field) -> bool:
    """Whether the pod's affinity to pods, or against them, names namespaces. Source: usesCrossNamespacePodAffinity."""
    for kind in ("podAffinity", "podAntiAffinity"):
        required = affinity[kind]["requiredDuringSchedulingIgnoredDuringExecution"].entries()
        preferred = affinity[kind]["preferredDuringSchedulingIgnoredDuringExecution"].entries()
        for term in (*required, *(each["podAffinityTerm"] for each in preferred)):
            if term["namespaces"].entries() or term["namespaceSelector"].value is not None:
                return True
    return False
