"""Ways to pods that are no serving paths, or that lead to other pods than a Deployment's: named, and not judged."""

from collections.abc import Iterable, Iterator, Mapping

from nodrop.gke.kinds import VERSIONS
from nodrop.judge.judgement import Unjudged
from nodrop.judge.passed_over import reason_of
from nodrop.paths import Manifest, ReadingError
from nodrop.paths.fields import name_of, ref_of, whole
from nodrop.paths.index import namespace_of

_ROUTES = ("GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")
_OF_NAMESPACE = ("CiliumNetworkPolicy", "GCPTrafficDistributionPolicy")
_OF_CLUSTER = (
    "CiliumClusterwideNetworkPolicy",
    "AdminNetworkPolicy",
    "BaselineAdminNetworkPolicy",
    "ClusterNetworkPolicy",
)
_WORKLOADS = ("Rollout", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Pod")


class OtherWays:
    """The objects that are read only to say that they are not judged."""

    def __init__(self, objects: Iterable[Manifest]) -> None:
        self._workloads: dict[str, list[tuple[Manifest, Mapping[str, object]]]] = {}
        self._services: dict[str, Manifest] = {}
        self._routes: list[Manifest] = []
        self._policies: dict[str | None, list[Manifest]] = {}
        for each in objects:
            kind = each.get("kind")
            try:
                if kind in _WORKLOADS and reason_of(each):
                    at = whole(each) if kind == "Pod" else whole(each)["spec"]["template"]
                    pods = (each, at["metadata"]["labels"].mapping())
                    self._workloads.setdefault(namespace_of(whole(each)), []).append(pods)
                elif kind == "Service" and each.get("apiVersion") in VERSIONS["Service"]:
                    self._services[name_of(each)] = each
                elif kind in (*_OF_NAMESPACE, *_OF_CLUSTER) and reason_of(each):
                    place = namespace_of(whole(each)) if kind in _OF_NAMESPACE else None
                    self._policies.setdefault(place, []).append(each)
                elif kind in _ROUTES and reason_of(each):
                    self._routes.append(each)
            except ReadingError:
                continue

    def behind(self, service: Manifest) -> Iterator[Unjudged]:
        """Why pods of a Service are not judged, one reason a workload that is no Deployment. Raises ReadingError."""
        given = whole(service)
        selector = given["spec"]["selector"].mapping()
        for workload, labels in self._workloads.get(namespace_of(given), ()):
            if selector and selector.items() <= labels.items():
                place = "metadata.labels" if workload.get("kind") == "Pod" else "spec.template.metadata.labels"
                yield Unjudged(ref_of(workload), place, f"behind {given.object}; {reason_of(workload)}")

    def over(self, namespace: str) -> Iterator[Unjudged]:
        """Why what reaches the pods of a namespace is not judged, one reason a policy that is not read."""
        for each in (*self._policies.get(None, ()), *self._policies.get(namespace, ())):
            yield Unjudged(ref_of(each), "spec", f"{reason_of(each)}")

    def behind_named(self, name: str) -> list[Unjudged]:
        """The same of the Service of that name, such as `Service demo/web`; nothing where there is none."""
        try:
            return list(self.behind(self._services[name])) if name in self._services else []
        except ReadingError:
            return []

    def besides(self) -> Iterator[tuple[str, list[Unjudged]]]:
        """Name and reasons of each way that is no serving path, also where one leads to the same Service."""
        for route in self._routes:
            yield name_of(route), [Unjudged(ref_of(route), "kind", f"{reason_of(route)}")]
        for name, service in self._services.items():
            spec = service.get("spec")
            if isinstance(spec, dict) and spec.get("type") == "LoadBalancer":
                why = "a load balancer below HTTP, whose rollouts are not modelled"
                yield name, [Unjudged(ref_of(service), "spec.type", why), *self.behind_named(name)]
