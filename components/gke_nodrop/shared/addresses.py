"""The address of a load balancer, and the inputs that Ingress and Gateway have in common.

Not here: DNS records, which belong to the zone's owner.
"""

from typing import Annotated

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy

_API = "Google, Compute Engine API"

AddressName = Annotated[
    str,
    limits.google_name("the name of an address, not the address", f"{_API}, addresses"),
    HeldBy(("name",)),
    Example("shop"),
]
SubnetId = Annotated[
    str,
    limits.matching(r"\S+", "the id of a subnet", f"{_API}, subnetworks"),
    HeldBy(("subnetwork_id", "id")),
    Example("projects/shop/regions/us-central1/subnetworks/shop"),
]


def global_address(name: str, opts: pulumi.ResourceOptions) -> "gcp.compute.GlobalAddress":
    """An external address for the whole world."""
    return gcp.compute.GlobalAddress(name, address_type="EXTERNAL", opts=opts)


def regional_address(
    name: str, region: pulumi.Input[str] | None, opts: pulumi.ResourceOptions
) -> "gcp.compute.Address":
    """An external address of a region, by default the provider's, in the project's network tier."""
    return gcp.compute.Address(name, address_type="EXTERNAL", region=region, opts=opts)


def internal_address(
    name: str, region: pulumi.Input[str] | None, subnetwork: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> "gcp.compute.Address":
    """An internal address of a purpose such that HTTP and HTTPS can share it."""
    return gcp.compute.Address(
        name,
        address_type="INTERNAL",
        purpose="SHARED_LOADBALANCER_VIP",
        region=region,
        subnetwork=subnetwork,
        opts=opts,
    )
