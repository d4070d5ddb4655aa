"""Ways to pods that are no serving paths, or that lead to other pods than a Deployment's: named, and not judged."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from nodrop.gke.kinds import VERSIONS
from nodrop.gke.services import NEG, read_neg
from nodrop.judge.judgement import Unjudged
from nodrop.judge.passed_over import reason_of
from nodrop.paths import Manifest, ReadingError
from nodrop.paths.containers import containers_of
from nodrop.paths.decoded import annotation_of, decoded
from nodrop.paths.fields import Field, name_of, ref_of, whole
from nodrop.paths.index import namespace_of
from nodrop.paths.ports import target_port_of
from nodrop.paths.workloads import has_no_pods, made_by_others, template_of
from nodrop.rollout import ObjectRef

_ROUTES = ("GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
_WORKLOADS = ("Rollout", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod")
_ENDING = {"Job": "batch/v1", "CronJob": "batch/v1"}
"""Workloads whose pods end by themselves, with their versions: of no concern unless a Service selects them."""
_ENDS = "its pods take requests while they run, and how they end is not modelled"


class _Workload(NamedTuple):
    """One whose pods are not judged."""

    template: Field
    labels: Mapping[str, object]
    why: str


class OtherWays:
    """The objects that are read only to say that they are not judged."""

    def __init__(self, objects: Collection[Manifest]) -> None:
        made = made_by_others(objects)
        self._workloads: dict[str, list[_Workload]] = {}
        self._services: dict[str, Manifest] = {}
        self._routes: list[Manifest] = []
        for each in objects:
            kind = each.get("kind")
            try:
                if (why := _why_not(each)) and ref_of(each) not in made and not _has_no_pods(whole(each)):
                    template = template_of(whole(each))
                    workload = _Workload(template, template["metadata"]["labels"].mapping(), why)
                    self._workloads.setdefault(namespace_of(whole(each)), []).append(workload)
                elif kind == "Service" and each.get("apiVersion") in VERSIONS["Service"]:
                    self._services[name_of(each)] = each
                elif kind in _ROUTES and reason_of(each):
                    self._routes.append(each)
            except ReadingError:
                continue

    def behind(self, service: Manifest) -> Iterator[Unjudged]:
        """Why pods of a Service are not judged, one reason a workload that is no Deployment. Raises ReadingError."""
        given = whole(service)
        selector = given["spec"]["selector"].mapping()
        for template, labels, why in self._workloads.get(namespace_of(given), ()):
            if selector and selector.items() <= labels.items() and _may_listen(template["spec"], given):
                place = template["metadata"]["labels"].path
                yield Unjudged(template.object, place, f"behind {given.object}; {why}")

    def behind_named(self, name: str) -> list[Unjudged]:
        """The same of the Service of that name, such as `Service demo/web`; nothing where there is none."""
        try:
            return list(self.behind(self._services[name])) if name in self._services else []
        except ReadingError:
            return []

    def besides(self, by_gateway: Collection[ObjectRef]) -> Iterator[tuple[str, list[Unjudged]]]:
        """Name and reasons of each way that is no serving path, also where one leads to the same Service.

        `by_gateway`: Services on the paths of Gateways, whose controller asks for standalone groups itself.
        """
        for route in self._routes:
            yield name_of(route), [Unjudged(ref_of(route), "kind", f"{reason_of(route)}")]
        for name, service in self._services.items():
            spec = service.get("spec")
            if isinstance(spec, dict) and spec.get("type") == "LoadBalancer":
                why = "a load balancer below HTTP, whose rollouts are not modelled"
                yield name, [Unjudged(ref_of(service), "spec.type", why), *self.behind_named(name)]
            elif ref_of(service) not in by_gateway and (annotation := _asks_for_groups(service)):
                why = "what sends to its standalone network endpoint groups is a load balancer in none of the objects"
                yield name, [Unjudged(annotation.object, annotation.path, why), *self.behind_named(name)]


def _why_not(workload: Manifest) -> str | None:
    """Why the pods of a workload are not judged; none of what is none, or a Deployment."""
    kind = str(workload.get("kind"))
    if kind in _ENDING:
        return _ENDS if workload.get("apiVersion") == _ENDING[kind] else None
    return reason_of(workload) if kind in _WORKLOADS else None


def _asks_for_groups(service: Manifest) -> Field | None:
    """The annotation that asks for network endpoint groups which no Ingress uses; None: there is none.

    Source: Google, Container-native load balancing through standalone zonal NEGs.
    """
    try:
        annotation = annotation_of(whole(service), NEG)
        stated = decoded(annotation, read_neg)
    except ReadingError:
        return None
    return annotation if stated and stated.exposed_ports else None


def _has_no_pods(workload: Field) -> bool:
    try:
        return has_no_pods(workload)
    except ReadingError:
        return False


def _may_listen(pod: Field, service: Field) -> bool:
    """Whether pods get requests of a Service: not those that declare none of the port names that it sends to.

    Source: kubernetes/endpointslice utils.go, getEndpointPorts; kubernetes/ingress-gce pkg/neg/syncers/utils.go.
    """
    targets = [target_port_of(port) for port in service["spec"]["ports"].entries()]
    containers = containers_of(pod)
    names = [port["name"].value for each in containers for port in each["ports"].entries()]
    return not containers or not targets or any(each.number() is not None or each.value in names for each in targets)
