"""A serving path's `Placement`: on which nodes its pods run, and what may take them away there, as the objects say it.

Zones are known where the pods are bound to some; of versions nothing is said.
"""

from collections.abc import Iterable, Iterator

from nodrop.gke.nodes import COMPUTE_CLASS, HOST_NAME, PREEMPTIBLE, PROVISIONING, SPOT, ZONE
from nodrop.paths.compute_classes import default_classes
from nodrop.paths.containers import containers_of
from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.selectors import selects
from nodrop.paths.serving_path import ServingPath
from nodrop.paths.volumes import disks_of_one_node, of_one_node, of_one_pod, stated_claims
from nodrop.rollout import DisruptionBudget, Placement, PodQuota

SPOT_LABELS = {
    SPOT: ("true",),
    PREEMPTIBLE: ("true",),
    PROVISIONING: ("spot", "preemptible"),
    COMPUTE_CLASS: ("autopilot-spot",),
}
"""Labels of nodes that may go at short notice, with their values. Source: Google, Spot VMs; Preemptible VMs;
Autopilot-mode workloads in GKE Standard."""
_OF_SPOT_ALONE = (SPOT, PREEMPTIBLE)
"""Those that other nodes lack."""

_SPREADS = "DoNotSchedule"


def read_placement(
    path: ServingPath,
    beside: Iterable[Manifest],
    pod_quota: PodQuota | None,
    disruption_budget: DisruptionBudget | None,
) -> Placement:
    """Nodes of the path's pods; `beside` are the objects that concern it, `pod_quota` what quotas leave.

    `disruption_budget` is what budgets allow.

    Raises:
        ReadingError: a field has no readable value.
    """
    pod = path.pod
    beside = list(beside)
    claims = stated_claims(beside)
    by_default = [each.value in SPOT_LABELS[COMPUTE_CLASS] for each in default_classes(pod, beside)]
    spot = any(_required(pod)) or (bool(by_default) and all(by_default))
    return Placement(
        spot=spot,
        may_be_spot=any(_possible(pod)) or any(by_default),
        spreads_each_version_over_zones=any(
            each["topologyKey"].value == ZONE
            and each["whenUnsatisfiable"].value == _SPREADS
            and "pod-template-hash" in [key.value for key in each["matchLabelKeys"].entries()]
            for each in pod["topologySpreadConstraints"].entries()
        ),
        zones=1 if _share_a_zone(path) else _zones(path.pod),
        node=_only_node(pod),
        one_pod_a_zone=_requires(path, "podAntiAffinity", ZONE),
        one_pod_a_node=_requires(path, "podAntiAffinity", HOST_NAME),
        all_on_one_node=_requires(path, "podAffinity", HOST_NAME),
        volumes_of_one_pod=of_one_pod(claims),
        volumes_of_one_node=of_one_node(claims),
        disks_of_one_node=disks_of_one_node(pod),
        host_ports=tuple(_host_ports(pod)),
        pod_quota=pod_quota,
        disruption_budget=disruption_budget,
    )


def is_spread_over_nodes(path: ServingPath) -> bool:
    """Whether the path's pods require not to be all on one node: by anti-affinity, or by a spread that must hold.

    All of them there and none elsewhere is a skew of their number, which `maxSkew` may allow. Source: kubernetes.io,
    Pod Topology Spread Constraints.

    Raises:
        ReadingError: a field has no readable value.
    """
    labels = whole(path.deployment)["spec"]["template"]["metadata"]["labels"].mapping()
    return any(_requires(path, "podAntiAffinity", topology) for topology in (HOST_NAME, ZONE)) or any(
        each["topologyKey"].value in (HOST_NAME, ZONE)
        and each["whenUnsatisfiable"].value == _SPREADS
        and each["maxSkew"].integer(default=path.replicas) < path.replicas
        and selects(each["labelSelector"], labels)
        for each in path.pod["topologySpreadConstraints"].entries()
    )


def _only_node(pod: Field) -> str | None:
    """The node that the pods are bound to by its name."""
    for place in (pod["nodeName"], pod["nodeSelector"][HOST_NAME]):
        if place.value is not None:
            return str(place.value)
    nodes = _every_term(pod, HOST_NAME)
    return nodes.pop() if len(nodes) == 1 else None


def _zones(pod: Field) -> int | None:
    """How many zones the pods are bound to; none where they are to none."""
    if pod["nodeSelector"][ZONE].value is not None:
        return 1
    return len(_every_term(pod, ZONE)) or None


def _share_a_zone(path: ServingPath) -> bool:
    """Whether the path's pods require to be where one of them is: in its zone, or on its node, which is in one."""
    return any(_requires(path, "podAffinity", topology) for topology in (ZONE, HOST_NAME))


def _every_term(pod: Field, key: str) -> set[str]:
    """Values of a label to which every term of the required affinity binds the pods; none where one does not."""
    terms = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    found: set[str] = set()
    for term in terms.entries():
        bound = [
            {str(value.value) for value in each["values"].entries()}
            for each in term["matchExpressions"].entries()
            if each["key"].value == key and each["operator"].value == "In"
        ]
        if not bound:
            return set()
        found |= set.intersection(*bound)
    return found


def _requires(path: ServingPath, affinity: str, topology: str) -> bool:
    """Whether the path's pods require to share such a part of the cluster (`podAffinity`), or not to."""
    labels = whole(path.deployment)["spec"]["template"]["metadata"]["labels"].mapping()
    terms = path.pod["affinity"][affinity]["requiredDuringSchedulingIgnoredDuringExecution"]
    return any(
        each["topologyKey"].value == topology
        and each["labelSelector"].value is not None
        and not each["matchLabelKeys"].entries()
        and selects(each["labelSelector"], labels)
        for each in terms.entries()
    )


def _host_ports(pod: Field) -> Iterator[int]:
    for container in containers_of(pod):
        for port in container["ports"].entries():
            if number := port["hostPort"].number():
                yield number


def _required(pod: Field) -> Iterator[str]:
    """Labels that every node of the pod has and that say that it may go at short notice."""
    for key, values in SPOT_LABELS.items():
        if pod["nodeSelector"][key].value in values:
            yield key
    terms = pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    each_term = [list(_asked(term, certainly=True)) for term in terms.entries()]
    if each_term and all(each_term):
        yield from each_term[0]


def _possible(pod: Field) -> Iterator[str]:
    """Labels that nodes of the pod may have as well; none where it selects nodes that stay."""
    if pod["nodeSelector"][PROVISIONING].value == "standard":
        return
    affinity = pod["affinity"]["nodeAffinity"]
    for term in affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"].entries():
        yield from _asked(term, certainly=False)
    for preferred in affinity["preferredDuringSchedulingIgnoredDuringExecution"].entries():
        yield from _asked(preferred["preference"], certainly=False)
    for toleration in pod["tolerations"].entries():
        key = str(toleration["key"].value)
        if toleration["key"].value in (None, "") and toleration["operator"].value == "Exists":
            yield "every taint"
        values = SPOT_LABELS.get(key, ())
        if toleration["value"].value in values or (values and toleration["operator"].value == "Exists"):
            yield key


def _asked(term: Field, *, certainly: bool) -> Iterator[str]:
    """Labels of a term that say so of every node that matches it, or of one that may."""
    for expression in term["matchExpressions"].entries():
        key, operator = expression["key"].value, expression["operator"].value
        values = [each.value for each in expression["values"].entries()]
        spot = SPOT_LABELS.get(key, ()) if isinstance(key, str) else ()
        of_spot = [value in spot for value in values] if operator == "In" else [operator == "Exists"]
        if operator == "Exists" and key not in _OF_SPOT_ALONE:
            of_spot.append(False)
        if spot and (all(of_spot) if certainly else any(of_spot)):
            yield str(key)
