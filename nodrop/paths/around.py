"""What else concerns the pods and the load balancer of a serving path: the objects beside it, found by label or name.

Looked up in an index that is built once, so that many paths cost no more than their number.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import cached_property

from nodrop.gke.ingresses import FRONTEND_CONFIG, MANAGED_CERTIFICATES
from nodrop.paths.budgets import PodsBeside, read_budget
from nodrop.paths.compute_classes import classes_of_namespace
from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.index import namespace_of
from nodrop.paths.network_policies import is_of_calico
from nodrop.paths.object_counts import count_objects
from nodrop.paths.pod_sources import sources_of
from nodrop.paths.problems import ReadingError
from nodrop.paths.quotas import NO_QUOTA, Quotas, Room
from nodrop.paths.requests import PodRequests, may_be_filled_in
from nodrop.paths.scale_targets import is_astray, is_in_its_group
from nodrop.paths.selector_index import SelectorIndex
from nodrop.paths.selectors import selects
from nodrop.paths.serving_path import ServingPath
from nodrop.paths.vertical_scaling import VERTICAL_AUTOSCALER
from nodrop.paths.workloads import CountedWorkload, read_workload
from nodrop.rollout import DisruptionBudget, ObjectRef

SELECTING = ("NetworkPolicy", "PodDisruptionBudget")
"""Kinds that concern the pods that they select."""
SCALING = ("HorizontalPodAutoscaler", "ScaledObject")
"""Kinds that set the replicas of the Deployment that they name."""
_DECIDING = {
    "Canary": "targetRef",
    "HTTPScaledObject": "scaleTargetRef",
    "HorizontalPodAutoscaler": "scaleTargetRef",
    "MultidimPodAutoscaler": "scaleTargetRef",
    "Rollout": "workloadRef",
    "ScaledObject": "scaleTargetRef",
    VERTICAL_AUTOSCALER: "targetRef",
}
"""Kinds whose controllers decide about the pods of the Deployment that they name, by the field that names it."""
NAMED = (
    "ServiceAccount",
    "ManagedCertificate",
    "FrontendConfig",
    "GCPGatewayPolicy",
    "Namespace",
    "PersistentVolumeClaim",
)
"""Kinds that a path's objects name, or that name them."""
_SOURCES = ("ConfigMap", "Secret")
"""Kinds that pods name and read; what they hold concerns no rule."""
OF_NAMESPACE = ("ResourceQuota", "LimitRange")
"""Kinds that concern all pods of their namespace."""
_SQL_PROXY = "AuthProxyWorkload"
"""The kind with which the Cloud SQL Proxy Operator adds a proxy to pods."""

_ASTRAY = "autoscaler of an unknown group's kind"
"""Stands for the kind of autoscalers that name a kind of Kubernetes' in another group: they may be meant for it."""

_Key = tuple[str, str, str]


class Around:
    """All objects beside the paths, to look up those of one path."""

    def __init__(
        self, objects: Iterable[Manifest], autopilot: Callable[[Manifest], bool | None] = lambda _: None
    ) -> None:
        """`autopilot` says whether the cluster of a workload is an Autopilot one; None: not known."""
        self._autopilot = autopilot
        self._objects = list(objects)
        self._selecting: list[tuple[str, Mapping[str, object], Manifest]] = []
        """Place, labels and object of each; see `_selectors`."""
        self._named: dict[_Key, list[Manifest]] = {}
        self._quotas: dict[str, Quotas] = {}
        for each in self._objects:
            if isinstance(each, dict) and not is_of_calico(each):
                with suppress(ReadingError):
                    self._add(each, whole(each))

    def _add(self, manifest: Manifest, given: Field) -> None:
        kind = str(manifest.get("kind"))
        if kind in SELECTING:
            selector = given["spec"]["podSelector" if kind == "NetworkPolicy" else "selector"]
            if kind == "PodDisruptionBudget" and selector.value is None:
                return  # it selects no pod. Source: Kubernetes API, PodDisruptionBudgetSpec v1 policy
            place = _place(kind, namespace_of(given))
            self._selecting.append((place, selector["matchLabels"].mapping(), manifest))
        elif kind in _DECIDING:
            target = given["spec"][_DECIDING[kind]]
            scaled = f"{target['kind'].value or 'Deployment'}/{target['name'].value}"
            if kind != "HorizontalPodAutoscaler" or is_in_its_group(target):
                self._put(kind, namespace_of(given), scaled, manifest)
            elif is_astray(target):
                self._put(_ASTRAY, namespace_of(given), scaled, manifest)
        elif kind == "GCPGatewayPolicy":
            self._put(kind, namespace_of(given), given["spec"]["targetRef"]["name"].value, manifest)
        elif kind in (*OF_NAMESPACE, _SQL_PROXY):
            self._put(kind, namespace_of(given), "", manifest)
        elif kind == "Namespace":
            self._put(kind, "", given["metadata"]["name"].value, manifest)
        elif kind in (*NAMED, *_SOURCES):
            self._put(kind, namespace_of(given), given["metadata"]["name"].value, manifest)

    def _put(self, kind: str, namespace: str, name: object, manifest: Manifest) -> None:
        self._named.setdefault((kind, namespace, str(name)), []).append(manifest)

    def of(self, path: ServingPath) -> list[Manifest]:
        """Those that concern the path, in no particular order."""
        return [*self._of_pods(path), *self._of_entry(path)]

    def read_by_pods(self, path: ServingPath) -> Iterator[Manifest]:
        """The ConfigMaps and Secrets that the path's pods name. Raises ReadingError."""
        for kind, name in dict.fromkeys(sources_of(path.pod.value)):
            yield from self._named.get((kind, path.namespace, name), ())

    def room(self, path: ServingPath) -> Room:
        """What the ResourceQuotas of its namespace leave to the path's Deployment. Raises ReadingError."""
        namespace = path.namespace
        quotas = self._named.get(("ResourceQuota", namespace, ""), ())
        if not quotas:
            return NO_QUOTA
        if namespace not in self._quotas:
            self._quotas[namespace] = Quotas(
                quotas,
                self.requests(path),
                self._workloads.get(namespace, {}).values(),
                self._counts.get(namespace, {}),
            )
        return self._quotas[namespace].room(path.deployment, filled_in=self.are_filled_in(path))

    def disruption_budget(self, path: ServingPath, beside: Iterable[Manifest]) -> DisruptionBudget | None:
        """What the budgets among the objects beside the path allow. Raises ReadingError."""
        budgets = [whole(each) for each in beside if each.get("kind") == "PodDisruptionBudget"]
        own = whole(path.deployment).object
        return read_budget(budgets, lambda budget: path.replicas + self._pods_beside.under(budget, own))

    def may_serve_beside(self, path: ServingPath) -> bool:
        """Whether the path's Service selects another workload that may have pods. Raises ReadingError."""
        selector = whole(path.service)["spec"]["selector"].mapping()
        own = whole(path.deployment).object
        return any(
            each.object != own and each.pods != 0 and selector.items() <= each.labels.items()
            for each in self._workloads.get(path.namespace, {}).values()
        )

    def are_filled_in(self, path: ServingPath) -> bool:
        """Whether GKE may state what containers of its pods do not."""
        return may_be_filled_in(path.pod, self._autopilot_mode(path.deployment))

    def _autopilot_mode(self, manifest: Manifest) -> bool | None:
        """Whether its pods run in Autopilot mode; None: not known, as where their Namespace chooses a class for them.

        Raises:
            ReadingError: a label of the Namespace has no readable value.
        """
        autopilot = self._autopilot(manifest)
        namespaces = self._named.get(("Namespace", "", namespace_of(whole(manifest))), ())
        return None if autopilot is False and any(map(classes_of_namespace, namespaces)) else autopilot

    def requests(self, path: ServingPath) -> PodRequests:
        """What the LimitRanges of its namespace make of the path's containers. Raises ReadingError."""
        return PodRequests(self._named.get(("LimitRange", path.namespace, ""), ()))

    @cached_property
    def _selectors(self) -> SelectorIndex[Manifest]:
        return SelectorIndex(self._selecting)

    @cached_property
    def _pods_beside(self) -> PodsBeside:
        return PodsBeside((each for each in self._objects if isinstance(each, dict)), self.autoscalers)

    @cached_property
    def _workloads(self) -> dict[str, dict[ObjectRef, CountedWorkload]]:
        """All that have pods, by namespace; of two of one name the last counts."""
        found: dict[str, dict[ObjectRef, CountedWorkload]] = {}
        for each in self._objects:
            if isinstance(each, dict):
                with suppress(ReadingError):
                    if workload := read_workload(each, self.autoscalers(each), autopilot=self._autopilot_mode(each)):
                        found.setdefault(namespace_of(whole(each)), {})[workload.object] = workload
        return found

    @cached_property
    def _counts(self) -> Mapping[str, Mapping[str, float]]:
        """What all objects take from quotas of objects, by namespace."""
        return count_objects(each for each in self._objects if isinstance(each, dict))

    def autoscalers(self, workload: Manifest) -> list[Manifest]:
        """Those that decide about the pods of a Deployment or another workload."""
        given = whole(workload)
        place = namespace_of(given), f"{given['kind'].value}/{given['metadata']['name'].value}"
        return [each for kind in _DECIDING for each in self._named.get((kind, *place), ())]

    def _of_pods(self, path: ServingPath) -> Iterator[Manifest]:
        template = whole(path.deployment)["spec"]["template"]
        labels: Mapping[str, object] = template["metadata"]["labels"].mapping()
        for kind in SELECTING:
            for each in self._selectors.candidates(_place(kind, path.namespace), labels):
                spec = whole(each)["spec"]
                if selects(spec["podSelector" if kind == "NetworkPolicy" else "selector"], labels):
                    yield each
        yield from self.autoscalers(path.deployment)
        name = str(whole(path.deployment)["metadata"]["name"].value)
        yield from self._named.get((_ASTRAY, path.namespace, f"Deployment/{name}"), ())
        account = template["spec"]["serviceAccountName"].value
        yield from self._named.get(("ServiceAccount", path.namespace, str(account)), ())
        for volume in template["spec"]["volumes"].entries():
            claim = str(volume["persistentVolumeClaim"]["claimName"].value)
            yield from self._named.get(("PersistentVolumeClaim", path.namespace, claim), ())
        yield from self._named.get(("Namespace", "", path.namespace), ())
        for kind in OF_NAMESPACE:
            yield from self._named.get((kind, path.namespace, ""), ())
        for each in self._named.get((_SQL_PROXY, path.namespace, ""), ()):
            if _gets_proxy(whole(path.deployment), whole(each)["spec"]["workloadSelector"]):
                yield each

    def _of_entry(self, path: ServingPath) -> Iterator[Manifest]:
        entry = whole(path.entry)
        namespace, annotations = namespace_of(entry), entry["metadata"]["annotations"]
        for name in str(annotations[MANAGED_CERTIFICATES].value or "").split(","):
            yield from self._named.get(("ManagedCertificate", namespace, name.strip()), ())
        yield from self._named.get(("FrontendConfig", namespace, str(annotations[FRONTEND_CONFIG].value)), ())
        yield from self._named.get(("GCPGatewayPolicy", namespace, str(entry["metadata"]["name"].value)), ())


def _place(kind: str, namespace: str) -> str:
    return f"{kind}/{namespace}"


def _gets_proxy(deployment: Field, selector: Field) -> bool:
    """Whether the Cloud SQL Proxy Operator's selector takes a Deployment, or its pods or ReplicaSets by their labels.

    Source: GoogleCloudPlatform/cloud-sql-proxy-operator internal/workload/workload.go, workloadMatches.
    """
    kind, name, labels = selector["kind"].value, selector["name"].value, selector["selector"]
    own, template = deployment["metadata"], deployment["spec"]["template"]["metadata"]
    of_workload = kind in (None, "", "Deployment") and name in (None, "", own["name"].value)
    of_pods = kind in (None, "", "Pod", "ReplicaSet") and name in (None, "")
    return (of_workload and selects(labels, own["labels"].mapping())) or (
        of_pods and selects(labels, template["labels"].mapping())
    )
