"""The judgement of an evaluated program: its Kubernetes objects, and what they stand on in the same program.

To the objects come the order of creation, the cluster and the network. Not here: the judgement itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from nodrop.judge import Facts, Judgement, judge
from nodrop.judge.judge import Surroundings
from nodrop.judge.judgement import PassedOver
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.changes import Identity
from nodrop.paths.compute_classes import compute_classes
from nodrop.paths.fields import UNKNOWN, ref_of, whole
from nodrop.paths.index import INDEXED
from nodrop.preview import cluster_inputs
from nodrop.preview.clusters import Clusters, is_of_a_cluster
from nodrop.preview.firewalls import firewall_of, firewalls_under
from nodrop.preview.fixed_inputs import CLUSTER, NETWORK, NODE_POOL, SUBNETWORK
from nodrop.preview.makers import unread_of
from nodrop.preview.manifests import kubernetes_object
from nodrop.preview.node_pools import on_nodes
from nodrop.preview.patches import Patch, patch_of
from nodrop.preview.replacement import beneath
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.update import identity
from nodrop.preview.values import plain
from nodrop.rollout import ObjectRef, Placement, Rollout
from nodrop.rollout.infrastructure import Infrastructure

_FOR_PROXIES = ("REGIONAL_MANAGED_PROXY", "INTERNAL_HTTPS_LOAD_BALANCER", UNKNOWN)
"""Purposes of proxy-only subnets; the second is the older name. Source: Google, Proxy-only subnets."""

MADE_TWICE = (
    "the second one is refused, since the object exists, or each changes and deletes what is the other's too "
    "[pulumi/pulumi-kubernetes provider/pkg/await/await.go, Creation]; make it once"
)
"""What becomes of an object that two resources make."""


def judge_program(
    evaluation: Evaluation,
    *,
    facts: Mapping[str, Facts] | None = None,
    defaults: Facts | None = None,
    waivers: Callable[[str], Mapping[str, str]] = lambda _: {},
) -> Judgement:
    """The verdicts on the program's serving paths; the arguments are those of `judge`."""
    return ProgramObjects(evaluation).judged(facts=facts, defaults=defaults, waivers=waivers)


@dataclass(frozen=True)
class ProgramObjects:
    """The Kubernetes objects of a program, and what it says of them besides."""

    evaluation: Evaluation

    @cached_property
    def by_urn(self) -> dict[str, Manifest]:
        """The objects that the program would create, as `kubernetes_object` shows them, by URN in its order."""
        made = {each.urn: kubernetes_object(each) for each in self.evaluation.resources}
        return {urn: manifest for urn, manifest in made.items() if manifest is not None}

    @property
    def all(self) -> list[Manifest]:
        """The same without the URNs."""
        return list(self.by_urn.values())

    @property
    def by_cluster(self) -> dict[str, list[Manifest]]:
        """The objects by what their cluster is called, such as `provider east`."""
        found: dict[str, list[Manifest]] = {}
        for manifest in self.by_urn.values():
            found.setdefault(self._cluster(manifest), []).append(manifest)
        return found

    @property
    def surroundings(self) -> Surroundings:
        """What the program says besides the objects; they are known by themselves, and copies by their names."""
        return Surroundings(
            rollout=self._rollout,
            autopilot=self._autopilot,
            changed_by=self._changed_by,
            cluster=self._cluster,
            unread=tuple(self.unread.values()),
            doubted=self._doubted,
        )

    def judged(
        self,
        *,
        facts: Mapping[str, Facts] | None = None,
        defaults: Facts | None = None,
        waivers: Callable[[str], Mapping[str, str]] = lambda _: {},
    ) -> Judgement:
        """The verdicts on the serving paths; the arguments are those of `judge`."""
        return judge(self.all, facts=facts, defaults=defaults, waivers=waivers, surroundings=self.surroundings)

    @cached_property
    def unread(self) -> dict[str, PassedOver]:
        """What makes objects that are not among these, by URN."""
        return dict(unread_of(self.evaluation, self._clusters))

    def urn_of(self, ref: ObjectRef | None, cluster: str = "") -> str | None:
        """URN of an object, of that cluster if several have one of its name, or of what makes unread ones."""
        named = self._urns_by_ref.get(ref, [])
        there = [urn for urn in named if self._clusters.of(self._resources[urn]) == cluster]
        return next(iter(there or named), None)

    @property
    def _doubted(self) -> dict[str, tuple[str, ...]]:
        """By cluster, others that may be the same one and have objects, or what changes or makes some."""
        there = {self._clusters.of(each) for each in self.evaluation.resources if is_of_a_cluster(each)}
        found = {one: tuple(each for each in others if each in there) for one, others in self._clusters.doubted.items()}
        return {one: others for one, others in found.items() if others}

    def _cluster(self, manifest: Manifest) -> str:
        urn = self._urn(manifest)
        return self._clusters.of(self._resources[urn]) if urn else ""

    def _changed_by(self, manifest: Manifest) -> str | None:
        """That several resources make an object, or what a patch of its cluster does to it.

        Of a Deployment also what one does to its Namespace; a Namespace of the program is asked for by itself.
        """
        if makers := self._makers_of(manifest):
            return f"{' and '.join(makers)} make it: {MADE_TWICE}"
        patches = self._patches.get(self._cluster(manifest), ())
        if found := next((each for each in patches if each.concerns(manifest)), None):
            return found.told()
        ref = ref_of(manifest)
        if not patches or ref.kind != "Deployment" or self._namespaces_of(manifest):
            return None
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": ref.namespace}}
        over_it = (each.told(f"its Namespace {ref.namespace}") for each in patches if each.concerns(namespace))
        return next(over_it, None)

    def _makers_of(self, manifest: Manifest) -> list[str]:
        """The resources that make one object between them, of a kind of which the judgement does not say it itself."""
        urns = self._urns_by_ref.get(ref_of(manifest), []) if manifest.get("kind") not in INDEXED else []
        there = [
            self._resources[urn] for urn in urns if self._clusters.of(self._resources[urn]) == self._cluster(manifest)
        ]
        return [self._named(each) for each in there] if len(there) > 1 else []

    def _named(self, resource: Resource) -> str:
        """A resource by its name and its parent's, such as `web of WebService shop`."""
        parent = self._resources.get(resource.parent or "")
        below = parent is not None and parent.parent is not None
        return f"{resource.name} of {parent.type.rpartition(':')[2]} {parent.name}" if below else resource.name

    @cached_property
    def _patches(self) -> dict[str, list[Patch]]:
        """Patches by cluster."""
        found: dict[str, list[Patch]] = {}
        for each in self.evaluation.resources:
            provider = self._resources.get(each.provider or "")
            stated = provider.inputs.get("namespace") if provider else None
            if patch := patch_of(each, stated if isinstance(stated, str) and stated else "default"):
                found.setdefault(self._clusters.of(each), []).append(patch)
        return found

    def _autopilot(self, workload: Manifest) -> bool | None:
        """Whether a cluster of the program under a workload is an Autopilot cluster; None: it may be.

        Of a cluster that the program only reads it is not known; what only the update knows counts as yes.
        """
        urn = self._urn(workload)
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
        own_nodes = compute_classes(pod, self._namespaces_of(path.deployment))
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

    def _leaves_replicas(self, deployment: Manifest) -> bool:
        kept = self._resources[self._known_urn(deployment)].options.ignore_changes
        return any(path in ("spec", "spec.replicas") for path in kept)

    def _urns_of_load_balancer(self, path: ServingPath) -> list[str]:
        return [self._known_urn(each) for each in (path.service, path.entry, *path.http_routes)]

    def _infrastructure(self, path: ServingPath) -> Infrastructure:
        under = self._needs(path.service)
        clusters = [each for each in self._of_type(CLUSTER) if each.urn in under]
        networks = [each for each in self._of_type(NETWORK) if each.urn in under]
        return Infrastructure(
            gateway_api=cluster_inputs.gateway_api(plain(clusters[0].inputs)) if clusters else None,
            http_load_balancing=cluster_inputs.http_load_balancing(plain(clusters[0].inputs)) if clusters else None,
            vpc_native=cluster_inputs.vpc_native(plain(clusters[0].inputs)) if clusters else None,
            proxy_subnet=self._proxy_subnet(networks[0], clusters) if networks and not _crosses_regions(path) else None,
            firewall=firewall_of(plain(each.inputs) for each in firewalls_under(self.evaluation, under)),
            own_network=networks[0].name if networks else None,
            network_policies=cluster_inputs.enforces_policies(plain(clusters[0].inputs)) if clusters else None,
            kube_proxy=cluster_inputs.kube_proxy(plain(clusters[0].inputs)) if clusters else None,
            own_namespace=bool(self._namespaces_of(path.deployment)),
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
        return [each for each in self.evaluation.resources if each.type == resource_type]

    def _needs(self, manifest: Manifest) -> frozenset[str]:
        return self._beneath[self._known_urn(manifest)]

    def _known_urn(self, manifest: Manifest) -> str:
        urn = self._urn(manifest)
        assert urn is not None  # noqa: S101 - states an invariant: what is judged was made by the program
        return urn

    def _urn(self, manifest: Manifest) -> str | None:
        """Of an object, or of one of the name of a copy."""
        return self._urns_by_id.get(id(manifest)) or self._urns_by_name.get(identity(manifest))

    @cached_property
    def _urns_by_id(self) -> dict[int, str]:
        return {id(manifest): urn for urn, manifest in self.by_urn.items()}

    @cached_property
    def _urns_by_name(self) -> dict[Identity, str]:
        return {identity(manifest): urn for urn, manifest in self.by_urn.items()}

    @cached_property
    def _urns_by_ref(self) -> dict[ObjectRef | None, list[str]]:
        found: dict[ObjectRef | None, list[str]] = {}
        for urn, manifest in self.by_urn.items():
            found.setdefault(ref_of(manifest), []).append(urn)
        for urn, maker in self.unread.items():
            found.setdefault(maker.object, []).append(urn)
        return found

    @cached_property
    def _namespaces(self) -> dict[tuple[str, str], list[Manifest]]:
        """Namespaces by cluster and name."""
        found: dict[tuple[str, str], list[Manifest]] = {}
        for each in self.by_urn.values():
            if each["kind"] == "Namespace":
                found.setdefault((self._cluster(each), identity(each)[2]), []).append(each)
        return found

    def _namespaces_of(self, manifest: Manifest) -> list[Manifest]:
        """The Namespaces that may be the one of an object."""
        return self._namespaces.get((self._cluster(manifest), str(ref_of(manifest).namespace)), [])

    @cached_property
    def _resources(self) -> dict[str, Resource]:
        return {each.urn: each for each in self.evaluation.resources}

    @cached_property
    def _clusters(self) -> Clusters:
        return Clusters(self.evaluation)

    @cached_property
    def _beneath(self) -> Mapping[str, frozenset[str]]:
        return beneath(self.evaluation)


def _crosses_regions(path: ServingPath) -> bool:
    """Whether its proxies are in subnets of another purpose, GLOBAL_MANAGED_PROXY, which are not looked for.

    Source: hashicorp/terraform-provider-google website/docs/r/compute_subnetwork.html.markdown.
    """
    return path.by_gateway and "cross-regional" in (whole(path.entry)["spec"]["gatewayClassName"].text() or "")
