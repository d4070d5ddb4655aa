"""Answers for the cloud in tests of a program that uses these components, for `pulumi.runtime.set_mocks`.

docs/testing.md shows how. `nodrop.testing` evaluates a whole project instead, and judges what it finds.
"""

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi.runtime import MockCallArgs, MockResourceArgs

OUTPUTS: Mapping[str, Mapping[str, Any]] = {
    "gcp:compute/globalAddress:GlobalAddress": {"address": "203.0.113.7"},
    "gcp:compute/address:Address": {
        "address": "10.10.0.7",
        "selfLink": "https://www.googleapis.com/compute/v1/projects/the-project/regions/us-central1/addresses/the-address",
    },
    "gcp:serviceaccount/account:Account": {
        "project": "the-project",
        "email": "gke-nodes@the-project.iam.gserviceaccount.com",
        "member": "serviceAccount:gke-nodes@the-project.iam.gserviceaccount.com",
    },
    "gcp:container/cluster:Cluster": {
        "endpoint": "203.0.113.8",
        "masterAuth": {"clusterCaCertificate": "Q0E="},
    },
    "kubernetes:networking.k8s.io/v1:Ingress": {"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.9"}]}}},
    "kubernetes:gateway.networking.k8s.io/v1:Gateway": {"status": {"addresses": [{"value": "203.0.113.10"}]}},
}
"""What the cloud decides and the components read, by type of resource; properties as the provider spells them.

Addresses are of the blocks for documentation (RFC 5737).
"""

IDS: Mapping[str, str] = {
    "gcp:kms/cryptoKey:CryptoKey": "projects/the-project/locations/us-central1/keyRings/the-ring/cryptoKeys/",
    "gcp:pubsub/topic:Topic": "projects/the-project/topics/",
}
"""What stands before the name in the ids of which the components check the form, by type of resource."""

DNS_ENDPOINT = "gke-1.us-central1.gke.goog"


class Mocks(pulumi.runtime.Mocks):
    """Answers every resource of the components, offline; what a program registers stays in `registered`.

    A resource has the id NAME-id, or one of the form that `IDS` has, its inputs as outputs, its own name where it
    states none (`name` of Google Cloud, `metadata.name` of Kubernetes), and what `OUTPUTS` has of its type.
    """

    registered: list[MockResourceArgs]
    """All resources, components included, in the order of registration."""

    def __init__(
        self,
        outputs: Mapping[str, Mapping[str, Any]] | None = None,
        calls: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Mocks with answers of your own.

        Args:
            outputs: properties by type of resource, instead of those of `OUTPUTS` or besides.
            calls: results of the program's own functions by token, such as `gcp:organizations/getProject:getProject`.
                The components call none.
        """
        self.registered = []
        self._outputs = outputs or {}
        self._calls = calls or {}

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        """The id and the outputs of a resource."""
        self.registered.append(args)
        found = dict(args.inputs)
        if args.typ.startswith("gcp:"):
            found = {"name": args.name} | found
        elif args.typ.startswith("kubernetes:") and "/" in args.typ:
            found["metadata"] = {"name": args.name} | (found.get("metadata") or {})
        if endpoints := args.inputs.get("controlPlaneEndpointsConfig"):
            dns = {**endpoints["dnsEndpointConfig"], "endpoint": DNS_ENDPOINT}
            found["controlPlaneEndpointsConfig"] = {**endpoints, "dnsEndpointConfig": dns}
        resource_id = f"{IDS[args.typ]}{args.name}" if args.typ in IDS else f"{args.name}-id"
        return resource_id, {**found, **OUTPUTS.get(args.typ, {}), **self._outputs.get(args.typ, {})}

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]] | None]:
        """The result of a function. Raises LookupError where `calls` has none."""
        if args.token not in self._calls:
            raise LookupError(
                f"{args.token} would ask the cloud: give its result, Mocks(calls={{{args.token!r}: ...}})"
            )
        return dict(self._calls[args.token]), []
