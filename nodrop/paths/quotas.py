"""How many pods of a Deployment the ResourceQuotas of its namespace leave room for, beside all other pods there.

Source: kubernetes.io, Resource Quotas; kubernetes/kubernetes pkg/quota/v1/evaluator/core/pods.go.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from nodrop.gke.resources import OF_EVERY_POD, is_native
from nodrop.paths.fields import Field, Manifest, ref_of, whole
from nodrop.paths.problems import ReadingError
from nodrop.paths.quota_scopes import counts_pods
from nodrop.paths.requests import LackingError, NotKnownError, PodRequests, as_stated, known, named
from nodrop.paths.workloads import CountedWorkload
from nodrop.rollout import ObjectRef, PodQuota
from nodrop.rollout.placement import COUNTED

TO_BE_STATED = ("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory")
"""Where a quota limits one of these, the API refuses a pod of which a container does not state it."""
_OF_REPLICA_SETS = "count/replicasets.apps"
_OF_CLAIMS = ("persistentvolumeclaims", "count/persistentvolumeclaims", "requests.storage")
_OF_STORAGE_CLASS = ".storageclass.storage.k8s.io/"
_ADDED_BY_A_ROLLOUT = (_OF_REPLICA_SETS, "count/endpointslices.discovery.k8s.io", "count/endpoints")
_OF_OTHERS = ("configmaps", "replicationcontrollers", "resourcequotas", "secrets", "services")
"""Objects of which a rollout makes none."""


class Demand(NamedTuple):
    """What a quota wants stated, and containers do not state."""

    quota: Field
    """Its `spec.hard`."""
    asked: tuple[str, ...]
    """Such as `requests.cpu`."""
    containers: tuple[Field, ...]
    """Each of which lacks one of them or more."""


class Exceeded(NamedTuple):
    """An entry of a quota that is less than what there is."""

    quota: Manifest
    hard: Field
    """Where it says how much."""
    there: float
    """What the objects of the namespace take from it."""


class Room(NamedTuple):
    """What quotas leave to one Deployment."""

    pod_quota: PodQuota | None
    """What leaves the fewest pods; None: no quota counts them."""
    quota: Manifest | None
    """Where that stands."""
    field: str
    """The place in it, such as `spec.hard.pods`."""
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

    def room(self, deployment: Manifest, *, filled_in: bool) -> Room:
        """What they leave to the Deployment, one of the workloads; `filled_in`: GKE may state what its pods do not.

        Raises ReadingError.
        """
        ref = ref_of(deployment)
        pod = whole(deployment)["spec"]["template"]["spec"]
        own = self._workloads.get(ref) or CountedWorkload(ref, None, pod, filled_in=filled_in)
        least, demands, unknown, exceeded = NO_QUOTA, list[Demand](), list[NotKnownError](), list[Exceeded]()
        for quota, spec in self._specs:
            lacking, may_be_filled_in = dict[str, list[Field]](), dict[str, list[Field]]()
            for key in map(str, spec["hard"].mapping()):
                try:
                    if self._is_exceeded(spec, key):
                        exceeded.append(Exceeded(quota, spec["hard"][key], self._objects[key]))
                    lacking |= self._lacking(spec, key, own)
                    left = self._left(spec, key, own)
                except LackingError as error:
                    may_be_filled_in[error.asked] = error.containers
                    continue
                except NotKnownError as error:
                    unknown.append(error)
                    continue
                if left is not None and (least.pod_quota is None or left.pods < least.pod_quota.pods):
                    least = NO_QUOTA._replace(pod_quota=left, quota=quota, field=spec["hard"][key].path)
            demands += _demands(spec["hard"], lacking)
            unknown += [_not_known(each) for each in _demands(spec["hard"], may_be_filled_in)]
        return least._replace(unknown=tuple(unknown), demands=tuple(demands), exceeded=tuple(exceeded))

    def _is_exceeded(self, spec: Field, key: str) -> bool:
        """Whether an entry of a quota is less than what the objects take from it. Raises NotKnownError."""
        there = self._objects.get(key, 0.0)
        if not there or spec["scopes"].entries() or spec["scopeSelector"]["matchExpressions"].entries():
            return False
        most = known(spec["hard"][key], "how much it leaves is not known")
        return most is not None and there > most

    def _lacking(self, spec: Field, key: str, workload: CountedWorkload) -> dict[str, list[Field]]:
        """Containers that lack what one entry of a quota wants stated, by what that is. Raises NotKnownError.

        Source: kubernetes/kubernetes pkg/quota/v1/evaluator/core/pods.go, Constraints: nothing of a pod that states
        resources as a whole.
        """
        asked, pod = resource_of(key), workload.pod
        if key not in TO_BE_STATED or asked is None or pod["resources"].value is not None:
            return {}
        if not counts_pods(spec, workload, self._requests):
            return {}
        lacking = self._requests.lacking(pod, *asked, filled_in=workload.filled_in)
        return {".".join(asked): lacking} if lacking else {}

    def _left(self, spec: Field, key: str, own: CountedWorkload) -> PodQuota | None:
        """What one entry of a quota leaves to the pods; None: it counts none. Raises NotKnownError."""
        hard, named, pod = spec["hard"][key], resource_of(key), own.pod
        if key == _OF_REPLICA_SETS and self._holds_replica_sets(hard):
            return None
        if key in _ADDED_BY_A_ROLLOUT:
            raise NotKnownError(hard, f"how many {key.removeprefix('count/')} a rollout adds is not modelled")
        if makes_claims(pod) and (key in _OF_CLAIMS or _OF_STORAGE_CLASS in key):
            raise NotKnownError(hard, "what the pods' own claims take is not modelled")
        if not (named or key in COUNTED or _is_of_others(key)):
            raise NotKnownError(hard, "what it counts is not known")
        if not (named or key in COUNTED) or not counts_pods(spec, own, self._requests):
            return None
        each = self._each(hard, own, named)
        most = known(hard, "how much it leaves is not known") if each else None
        if most is None:
            return None
        others = self._taken_by_others(spec, key, own.object)
        return PodQuota(entry=key, stated=as_stated(hard), most=most, others=others, each=each)

    def _holds_replica_sets(self, hard: Field) -> bool:
        """Whether an entry of a quota is enough for the ReplicaSets that all workloads have at most."""
        made = [each.replica_sets for each in self._workloads.values()]
        most = known(hard, "how much it leaves is not known")
        return most is not None and None not in made and most >= sum(each or 0 for each in made)

    def _each(self, hard: Field, workload: CountedWorkload, named: tuple[str, str] | None) -> float:
        """What one pod takes: of pods, itself. Raises NotKnownError where another than the objects says how much."""
        if named is None:
            return 1.0
        if named[1] in workload.resources_set:
            raise NotKnownError(hard, f"a VerticalPodAutoscaler sets what pods of {workload.object} take from it")
        asked = self._requests.of_pod(workload.pod, *named)
        self._requests.lacking(workload.pod, *named, filled_in=workload.filled_in)
        return asked or 0.0

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
        why = f"how much of it the pods of {workload.object} take is not known"
        not_known = NotKnownError(spec["hard"][key], why)
        try:
            is_counted = counts_pods(spec, workload, self._requests)
            each = self._each(spec["hard"][key], workload, resource_of(key)) if is_counted else 0.0
        except LackingError as error:
            return NotKnownError(spec["hard"][key], f"{why}: {error.why}")
        except NotKnownError as error:
            return error
        except ReadingError:
            return not_known
        return not_known if each and workload.pods is None else each * (workload.pods or 0)


def _demands(hard: Field, lacking: dict[str, list[Field]]) -> list[Demand]:
    """All that a quota wants stated as one, by the containers that lack it; none where none does."""
    containers = {each.path: each for found in lacking.values() for each in found}
    return [Demand(hard, tuple(lacking), tuple(containers.values()))] if lacking else []


def _not_known(demand: Demand) -> NotKnownError:
    why = f"{named(demand.containers)} no {' or '.join(demand.asked)}"
    return NotKnownError(demand.quota, f"{why}; whether Autopilot fills that in, and how much, is not in the objects")


def resource_of(key: str) -> tuple[str, str] | None:
    """What an entry of a quota limits, such as `requests` and `cpu`; None: something else than pods ask."""
    if is_native(key):
        return "requests", key
    group, _, resource = key.partition(".")
    return (group, resource) if group == "requests" or (group == "limits" and resource in OF_EVERY_POD) else None


def _is_of_others(key: str) -> bool:
    """Whether an entry of a quota counts objects of which a rollout makes none, or claims."""
    kind = key.removeprefix("count/")
    return kind.partition(".")[0] in _OF_OTHERS or key != kind or key in _OF_CLAIMS or _OF_STORAGE_CLASS in key


def makes_claims(pod: Field) -> bool:
    """Whether each pod brings claims of its own."""
    return any(each["ephemeral"].value is not None for each in pod["volumes"].entries())
