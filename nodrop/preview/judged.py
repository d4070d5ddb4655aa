"""The judgement of an evaluated program: its Kubernetes objects, and what they stand on in the same program.

To the objects come the order of creation, the cluster and the network. Not here: the judgement itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from nodrop.judge import Facts, Judgement, judge
from nodrop.judge.judge import Surroundings
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.changes import Identity
from nodrop.paths.compute_classes import compute_classes
from nodrop.paths.fields import UNKNOWN, whole
from nodrop.preview.fixed_inputs import CLUSTER, NETWORK, NODE_POOL, SUBNETWORK
from nodrop.preview.manifests import kubernetes_object
from nodrop.preview.node_pools import on_nodes
from nodrop.preview.replacement import beneath
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.update import identity
from nodrop.preview.values import plain
from nodrop.rollout import Placement, Rollout
from nodrop.rollout.facts import LOAD_BALANCER_RANGES
from nodrop.rollout.infrastructure import Firewall, Infrastructure

_FIREWALL = "gcp:compute/firewall:Firewall"
_FOR_PROXIES = ("REGIONAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER", UNKNOWN)
"""Purposes of proxy-only subnets; the second is the older name. Source: Google, Proxy-only subnets."""


def judge_program(
    evaluation: Evaluation,
    *,
    facts: Mapping[str, Facts] | None = None,
    defaults: Facts | None = None,
    waivers: Callable[[str], Mapping[str, str]] = lambda _: {},
) -> Judgement:
    """The verdicts on the program's serving paths; the arguments are those of `judge`."""
    program = _Program(evaluation)
    return judge(
        program.objects.values(), facts=facts, defaults=defaults, waivers=waivers, surroundings=program.surroundings
    )


def surroundings_of(evaluation: Evaluation) -> Surroundings:
    """What the program says of a path besides its objects, for `judge` of the objects that it makes."""
    return _Program(evaluation).surroundings


@dataclass(frozen=True)
class _Program:
    evaluation: Evaluation

    @cached_property
    def objects(self) -> dict[str, Manifest]:
        """The Kubernetes objects by URN."""
        made = {each.urn: kubernetes_object(each) for each in self.evaluation.resources}
        return {urn: manifest for urn, manifest in made.items() if manifest is not None}

    @property
    def surroundings(self) -> Surroundings:
        """What the program says besides the objects."""
        return Surroundings(rollout=self._rollout, autopilot=self._autopilot)

    def _autopilot(self, workload: Manifest) -> bool | None:
        """Whether a cluster of the program under a workload is an Autopilot cluster; None: it may be.

        Of a cluster that the program only reads it is not known; what only the update knows counts as yes.
        """
        urn = self._urns.get(identity(workload))
        under = self._beneath[urn] if urn is not None else frozenset[str]()
        clusters = [each for each in self._of_type(CLUSTER) if each.urn in under]
        stated = [plain(each.inputs).get("enableAutopilot") or False for each in clusters]
        if not stated or any(each.read_id is not None for each in clusters):
            return None
        return any(stated)

    def _rollout(self, path: ServingPath, rollout: Rollout) -> Rollout:
        """The rollout with what the program says of the path's objects besides them."""
        if rollout.wiring is None:
            return rollout
        before = all(urn in self._needs(path.deployment) for urn in self._urns_of_load_balancer(path))
        wiring = replace(
            rollout.wiring,
            load_balancer_before_pods=before,
            replicas_are_left_alone=self._leaves_replicas(path.deployment),
            infrastructure=self._infrastructure(path),
        )
        return replace(rollout, wiring=wiring, placement=self._placement(path, rollout.placement))

    def _placement(self, path: ServingPath, placement: Placement | None) -> Placement | None:
        under = self._needs(path.deployment)
        clusters = [each for each in self._of_type(CLUSTER) if each.urn in under]
        if not clusters:
            return placement
        cluster = clusters[0]
        pools = {
            each.urn: plain(each.inputs)
            for each in self._of_type(NODE_POOL)
            if cluster.urn in each.property_dependencies.get("cluster", ())
        }
        pod = path.pod
        found = on_nodes(placement or Placement(), pod, plain(cluster.inputs), pools)
        own_nodes = compute_classes(pod, self._namespaces(path.namespace))
        knows_all = self._has_all_pools_of(clusters) and not own_nodes
        return found if knows_all else replace(found, refused_by_pools=())

    def _has_all_pools_of(self, clusters: Iterable[Resource]) -> bool:
        """Whether the clusters are one that the program makes, and each pool that it may have states its inputs."""
        made = {each.urn for each in self._of_type(CLUSTER) if each.read_id is None}
        under = {each.urn for each in clusters}
        return (
            len(under) == 1
            and under <= made
            and all(
                each.read_id is None and not made.isdisjoint(each.property_dependencies.get("cluster", ()))
                for each in self._of_type(NODE_POOL)
            )
            and not any(each.remote and under & self._beneath[each.urn] for each in self.evaluation.resources)
        )

    def _namespaces(self, name: str) -> list[Manifest]:
        return [each for each in self.objects.values() if (each["kind"], identity(each)[2]) == ("Namespace", name)]

    def _leaves_replicas(self, deployment: Manifest) -> bool:
        urn = self._urns[identity(deployment)]
        [resource] = [each for each in self.evaluation.resources if each.urn == urn]
        return any(path in ("spec", "spec.replicas") for path in resource.options.ignore_changes)

    def _urns_of_load_balancer(self, path: ServingPath) -> list[str]:
        return [self._urns[identity(each)] for each in (path.service, path.entry, *path.http_routes)]

    def _infrastructure(self, path: ServingPath) -> Infrastructure:
        under = self._needs(path.service)
        clusters = [each for each in self._of_type(CLUSTER) if each.urn in under]
        networks = [each for each in self._of_type(NETWORK) if each.urn in under]
        namespaces = {name for kind, _, name in self._urns if kind == "Namespace"}
        return Infrastructure(
            gateway_api=_gateway_api(plain(clusters[0].inputs)) if clusters else None,
            vpc_native=_vpc_native(plain(clusters[0].inputs)) if clusters else None,
            proxy_subnet=self._proxy_subnet(networks[0], clusters) if networks and not _crosses_regions(path) else None,
            firewall=_firewall(self._firewalls(networks, clusters)),
            own_network=networks[0].name if networks else None,
            network_policies=_enforces_policies(plain(clusters[0].inputs)) if clusters else None,
            kube_proxy=_kube_proxy(plain(clusters[0].inputs)) if clusters else None,
            own_namespace=path.namespace in namespaces,
        )

    def _firewalls(self, networks: Iterable[Resource], clusters: Iterable[Resource]) -> Iterator[Mapping[str, Any]]:
        """The rules of the program's network under the path, or of one that exists and that its cluster names."""
        urns = {each.urn for each in networks}
        named = {plain(each.inputs).get("network") for each in clusters} - {None, UNKNOWN}
        for each in self._of_type(_FIREWALL):
            inputs = plain(each.inputs)
            if inputs.get("network") in named or not urns.isdisjoint(each.property_dependencies.get("network", ())):
                yield inputs

    def _proxy_subnet(self, network: Resource, clusters: Iterable[Resource]) -> bool:
        """Whether the network has one in the region of a cluster; a region that is not known counts as any."""
        locations = [plain(each.inputs).get("location") for each in clusters]
        regions = {"-".join(str(each).split("-")[:2]) for each in locations if each not in (None, UNKNOWN)}
        subnets = [
            each for each in self._of_type(SUBNETWORK) if network.urn in each.property_dependencies.get("network", ())
        ]
        found = [inputs for inputs in (plain(each.inputs) for each in subnets) if inputs.get("purpose") in _FOR_PROXIES]
        return any(not regions or each.get("region") in (None, UNKNOWN, *regions) for each in found)

    def _of_type(self, resource_type: str) -> list[Resource]:
        return [each for each in self.evaluation.resources if each.type == resource_type]

    def _needs(self, manifest: Manifest) -> frozenset[str]:
        return self._beneath[self._urns[identity(manifest)]]

    @cached_property
    def _urns(self) -> dict[Identity, str]:
        return {identity(manifest): urn for urn, manifest in self.objects.items()}

    @cached_property
    def _beneath(self) -> Mapping[str, frozenset[str]]:
        return beneath(self.evaluation)


def _crosses_regions(path: ServingPath) -> bool:
    """Whether its proxies are in subnets of another purpose, GLOBAL_MANAGED_PROXY, which are not looked for.

    Source: hashicorp/terraform-provider-google website/docs/r/compute_subnetwork.html.markdown.
    """
    return path.by_gateway and "cross-regional" in (whole(path.entry)["spec"]["gatewayClassName"].text() or "")


def _gateway_api(cluster: Mapping[str, Any]) -> bool | None:
    """Whether the API is on; Autopilot has it. Source: Google, Deploying Gateways."""
    if cluster.get("enableAutopilot"):
        return True
    config = cluster.get("gatewayApiConfig")
    if config is None:
        return False
    channel = config.get("channel") if isinstance(config, dict) else config
    return None if channel == UNKNOWN else channel not in ("CHANNEL_DISABLED", "CHANNEL_UNSPECIFIED")


def _vpc_native(cluster: Mapping[str, Any]) -> bool | None:
    """Source: Google, VPC-native clusters, the default network mode; pulumi-gcp, Cluster, networkingMode."""
    mode = cluster.get("networkingMode", "VPC_NATIVE")
    return None if mode == UNKNOWN else mode != "ROUTES"


def _enforces_policies(cluster: Mapping[str, Any]) -> bool | None:
    """Whether NetworkPolicies do anything. Source: Google, Network policies."""
    if cluster.get("enableAutopilot"):
        return True
    datapath, calico = cluster.get("datapathProvider"), cluster.get("networkPolicy")
    if UNKNOWN in (datapath, calico):
        return None
    return datapath == "ADVANCED_DATAPATH" or (isinstance(calico, dict) and calico.get("enabled") is True)


def _kube_proxy(cluster: Mapping[str, Any]) -> bool | None:
    """Source: Google, GKE Dataplane V2, which Autopilot has and which Standard has where it is asked for."""
    if cluster.get("enableAutopilot"):
        return False
    datapath = cluster.get("datapathProvider")
    return None if datapath == UNKNOWN else datapath != "ADVANCED_DATAPATH"


def _firewall(firewalls: Iterable[Mapping[str, Any]]) -> Firewall | None:
    """What the rules that are for load balancers let in; None where there is none, or one that cannot be read."""
    rules = [each for each in firewalls if _is_for_load_balancers(each)]
    ports: list[str] = []
    for allowed in (entry for each in rules for entry in each["allows"]):
        if not isinstance(allowed, dict) or str(allowed.get("protocol")).lower() not in ("tcp", "6", "all"):
            continue
        stated = allowed.get("ports")
        if not isinstance(stated, list) or not all(isinstance(each, str) for each in stated):
            return Firewall(ports=()) if stated is None else None
        ports += stated
    return Firewall(ports=tuple(dict.fromkeys(ports))) if rules else None


def _is_for_load_balancers(firewall: Mapping[str, Any]) -> bool:
    sources = firewall.get("sourceRanges")
    return (
        firewall.get("direction", "INGRESS") == "INGRESS"
        and isinstance(firewall.get("allows"), list)
        and isinstance(sources, list)
        and set(LOAD_BALANCER_RANGES) <= set(sources)
    )
