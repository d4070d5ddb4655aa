"""What stands beneath a serving path in its program: the order of creation, the cluster, its node pools, the network.

Not here: which resource makes an object (program_objects).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from nodrop.paths import Manifest, ServingPath
from nodrop.paths.compute_classes import compute_classes
from nodrop.paths.fields import UNKNOWN, whole
from nodrop.preview import cluster_inputs
from nodrop.preview.firewalls import firewall_of, firewalls_under
from nodrop.preview.fixed_inputs import CLUSTER, NETWORK, NODE_POOL, SUBNETWORK
from nodrop.preview.node_pools import on_nodes
from nodrop.preview.program_objects import ProgramObjects
from nodrop.preview.replacement import beneath
from nodrop.preview.resources import Resource
from nodrop.preview.values import plain
from nodrop.rollout import Placement, Rollout
from nodrop.rollout.infrastructure import Infrastructure

_FOR_PROXIES = ("REGIONAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER", UNKNOWN)
"""Purposes of proxy-only subnets; the second is the older name. Source: Google, Proxy-only subnets."""


@dataclass(frozen=True)
class ProgramInfrastructure:
    """What the objects of a program stand on in it."""

    objects: ProgramObjects

    def autopilot(self, workload: Manifest) -> bool | None:
        """Whether a cluster of the program under a workload is an Autopilot cluster; None: it may be.

        Of a cluster that the program only reads it is not known; what only the update knows counts as yes.
        """
        resource = self.objects.resource_of(workload)
        under = self._beneath[resource.urn] if resource else frozenset[str]()
        clusters = [each for each in self._of_type(CLUSTER) if each.urn in under]
        stated = [plain(each.inputs).get("enableAutopilot") or False for each in clusters]
        if not stated or any(each.read_id is not None for each in clusters):
            return None
        return any(stated)

    def rollout(self, path: ServingPath, rollout: Rollout) -> Rollout:
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
        own_nodes = compute_classes(pod, self.objects.namespaces_of(path.deployment))
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
            and not any(each.remote and under & self._beneath[each.urn] for each in self.objects.evaluation.resources)
        )

    def _leaves_replicas(self, deployment: Manifest) -> bool:
        kept = self._resource(deployment).options.ignore_changes
        return any(path in ("spec", "spec.replicas") for path in kept)

    def _urns_of_load_balancer(self, path: ServingPath) -> list[str]:
        return [self._resource(each).urn for each in (path.service, path.entry, *path.http_routes)]

    def _infrastructure(self, path: ServingPath) -> Infrastructure:
        under = self._needs(path.service)
        clusters = [each for each in self._of_type(CLUSTER) if each.urn in under]
        networks = [each for each in self._of_type(NETWORK) if each.urn in under]
        return Infrastructure(
            gateway_api=cluster_inputs.gateway_api(plain(clusters[0].inputs)) if clusters else None,
            http_load_balancing=cluster_inputs.http_load_balancing(plain(clusters[0].inputs)) if clusters else None,
            vpc_native=cluster_inputs.vpc_native(plain(clusters[0].inputs)) if clusters else None,
            proxy_subnet=self._proxy_subnet(networks[0], clusters) if networks and not _crosses_regions(path) else None,
            firewall=firewall_of(plain(each.inputs) for each in firewalls_under(self.objects.evaluation, under)),
            own_network=networks[0].name if networks else None,
            network_policies=cluster_inputs.enforces_policies(plain(clusters[0].inputs)) if clusters else None,
            kube_proxy=cluster_inputs.kube_proxy(plain(clusters[0].inputs)) if clusters else None,
            own_namespace=bool(self.objects.namespaces_of(path.deployment)),
        )

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
        return [each for each in self.objects.evaluation.resources if each.type == resource_type]

    def _needs(self, manifest: Manifest) -> frozenset[str]:
        return self._beneath[self._resource(manifest).urn]

    def _resource(self, manifest: Manifest) -> Resource:
        resource = self.objects.resource_of(manifest)
        assert resource is not None  # noqa: S101 - states an invariant: what is judged was made by the program
        return resource

    @cached_property
    def _beneath(self) -> Mapping[str, frozenset[str]]:
        return beneath(self.objects.evaluation)


def _crosses_regions(path: ServingPath) -> bool:
    """Whether its proxies are in subnets of another purpose, GLOBAL_MANAGED_PROXY, which are not looked for.

    Source: hashicorp/terraform-provider-google website/docs/r/compute_subnetwork.html.markdown.
    """
    return path.by_gateway and "cross-regional" in (whole(path.entry)["spec"]["gatewayClassName"].text() or "")
