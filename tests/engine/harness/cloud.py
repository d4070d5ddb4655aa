"""Google Cloud as the stand-ins see it: resources by id, with dependencies that block deletion, delays and faults.

Shared by all instances of the gcp provider and by the ingress controllers. It knows what uses a network or a
subnetwork; it has no permissions, no quotas but injected ones, no eventual consistency, and does not notice an address
that a balancer still uses. A cluster is a world (worlds.py): it stands for one real API server. Without a factory of
worlds clusters are names only.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from harness.faults import CloudError, Faults, HalfDoneError
from harness.wire import Object

if TYPE_CHECKING:
    from harness.worlds import GkeWorld, GkeWorlds

CLUSTER, NODE_POOL = "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"
NETWORK, SUBNETWORK = "gcp:compute/network:Network", "gcp:compute/subnetwork:Subnetwork"
ADDRESS, REGIONAL_ADDRESS = "gcp:compute/globalAddress:GlobalAddress", "gcp:compute/address:Address"
PROJECT = "test-project"


@dataclass
class Resource:
    """One resource."""

    token: str
    id: str
    properties: Object
    status: str = "RUNNING"
    world: "GkeWorld | None" = None
    """What stands behind a cluster."""

    @property
    def name(self) -> str:
        return self.id.rpartition("/")[2]

    @property
    def number(self) -> int:
        """The same for the same id."""
        return int(hashlib.sha256(self.id.encode()).hexdigest(), 16)

    @property
    def address(self) -> str:
        """IPv4, of a reserved address."""
        return f"198.51.100.{self.number % 254 + 1}"


@dataclass
class Cloud(Faults):
    """One project. Thread-safe."""

    worlds: "GkeWorlds | None" = None
    """Where worlds come from; None: clusters are names only."""
    resources: dict[str, Resource] = field(default_factory=dict)
    negs: dict[tuple[str, str], str] = field(default_factory=dict)
    """Network by name and zone; so too instance groups."""
    instance_groups: dict[tuple[str, str], str] = field(default_factory=dict)
    firewalls: dict[str, str] = field(default_factory=dict)
    """Network by name: rules that controllers made."""

    def create(self, token: str, identity: str, properties: Mapping[str, Any]) -> Resource:
        resource = Resource(token, identity, dict(properties), status="PROVISIONING")
        with self.lock:
            fault = self.met(token, "create")
            if fault and not fault.half_way:
                raise CloudError(fault.message)
            if identity in self.resources:
                raise CloudError(f"Error 409: The resource '{identity}' already exists, alreadyExists")
            self._check_references(resource)
            self.resources[identity] = resource
        self.wait(token, "create")
        if fault:
            if token == CLUSTER:
                del self.resources[identity]
                raise CloudError(fault.message)
            resource.status = "ERROR"
            raise HalfDoneError(fault.message)
        self._bring_to_life(resource)
        resource.status = "RUNNING"
        return resource

    def read(self, token: str, identity: str) -> Resource | None:
        if fault := self.met(token, "read"):
            raise CloudError(fault.message)
        return self.resources.get(identity)

    def update(self, token: str, identity: str, properties: Mapping[str, Any]) -> Resource:
        """A node pool that had failed half-way comes to life."""
        fault = self.met(token, "update")
        if fault and not fault.half_way:
            raise CloudError(fault.message)
        resource = self.resources.get(identity)
        if resource is None:
            raise CloudError(f"Error 404: The resource '{identity}' was not found, notFound")
        self.wait(token, "update")
        resource.properties = dict(properties)
        if fault:
            raise HalfDoneError(fault.message)
        if resource.status == "ERROR":
            self._bring_to_life(resource)
            resource.status = "RUNNING"
        return resource

    def delete(self, token: str, identity: str) -> None:
        if fault := self.met(token, "delete"):
            raise CloudError(fault.message)
        resource = self.resources.get(identity)
        if resource is None:
            return
        if token == CLUSTER and resource.properties.get("deletionProtection", True):
            raise CloudError(
                "Cannot destroy cluster because deletion_protection is set to true. "
                "Set it to false to proceed with cluster deletion."
            )
        self.wait(token, "delete")
        with self.lock:
            for user in self.users(resource):
                kind = token.rpartition(":")[2].lower()
                raise CloudError(
                    f"Error waiting for Deleting {kind.capitalize()}: The {kind} resource '{identity}' is already "
                    f"being used by '{user}', resourceInUseByAnotherResource"
                )
            del self.resources[identity]
        self._end(resource)

    def users(self, resource: Resource) -> Iterator[str]:
        """Ids of what keeps a network or subnetwork from being deleted."""
        if resource.token not in (NETWORK, SUBNETWORK):
            return
        for other in self.resources.values():
            if resource.id in (other.properties.get("network"), other.properties.get("subnetwork")):
                yield other.id
        if resource.token == NETWORK:
            project = resource.id.partition("/global/")[0]
            places = {
                "networkEndpointGroups": self.negs,
                "instanceGroups": self.instance_groups,
            }
            for collection, found in places.items():
                for (name, zone), network in found.items():
                    if network == resource.id:
                        yield f"{project}/zones/{zone}/{collection}/{name}"
            for name, network in self.firewalls.items():
                if network == resource.id:
                    yield f"{project}/global/firewalls/{name}"

    def of_type(self, token: str) -> list[Resource]:
        with self.lock:
            return [resource for resource in self.resources.values() if resource.token == token]

    def is_empty(self) -> bool:
        """Neither what Pulumi made nor what controllers made is left."""
        return not (self.resources or self.negs or self.instance_groups or self.firewalls)

    # What the ingress controllers ask for.

    def address_of(self, name: str) -> str | None:
        found = [
            one.address for token in (ADDRESS, REGIONAL_ADDRESS) for one in self.of_type(token) if one.name == name
        ]
        return found[0] if found else None

    def add_neg(self, name: str, zone: str, network: str) -> None:
        self._put(self.negs, (name, zone), network)

    def delete_neg(self, name: str, zone: str) -> None:
        self._put(self.negs, (name, zone), None)

    def add_instance_group(self, name: str, zone: str, network: str) -> None:
        self._put(self.instance_groups, (name, zone), network)

    def delete_instance_group(self, name: str, zone: str) -> None:
        self._put(self.instance_groups, (name, zone), None)

    def add_firewall(self, name: str, network: str) -> None:
        self._put(self.firewalls, name, network)

    def delete_firewall(self, name: str) -> None:
        self._put(self.firewalls, name, None)

    def _put(self, where: dict[Any, str], key: Any, network: str | None) -> None:
        with self.lock:
            if network is None:
                where.pop(key, None)
            else:
                where[key] = network

    def _check_references(self, resource: Resource) -> None:
        for key in ("network", "subnetwork"):
            value = resource.properties.get(key)
            if value and value not in self.resources:
                raise CloudError(f"Error 404: The resource '{value}' was not found, notFound")
        if resource.token == NODE_POOL and resource.properties["cluster"] not in self.resources:
            raise CloudError(f"Error 404: Not found: {resource.properties['cluster']}., notFound")

    def _bring_to_life(self, resource: Resource) -> None:
        if resource.token == CLUSTER and self.worlds:
            resource.world = self.worlds.take(resource.name, resource.properties["network"], self)
            if resource.properties.get("enableAutopilot"):
                resource.world.add_nodes("autopilot", _zones(resource.properties))
        elif resource.token == NODE_POOL:
            cluster = self.resources[resource.properties["cluster"]]
            if cluster.world:
                cluster.world.add_nodes(resource.name, _zones({**cluster.properties, **resource.properties}))

    def _end(self, resource: Resource) -> None:
        if resource.token == CLUSTER:
            pools = [one for one in self.of_type(NODE_POOL) if one.properties["cluster"] == resource.id]
            for pool in pools:
                self.resources.pop(pool.id, None)
            if resource.world and self.worlds:
                self.worlds.give_back(resource.world)
        elif resource.token == NODE_POOL:
            cluster: Resource | None = self.resources.get(resource.properties["cluster"])
            if cluster and cluster.world:
                cluster.world.remove_nodes(resource.name)


def _zones(properties: Mapping[str, Any]) -> list[str]:
    location = properties["location"]
    return properties.get("nodeLocations") or (
        [location] if location.count("-") == 2 else [f"{location}-b", f"{location}-c"]
    )
