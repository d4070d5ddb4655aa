"""The SslPolicy of a load balancer that names none: TLS 1.2 or newer.

Google's own default lets clients in that speak TLS 1.0. Source: Google, SSL policies overview.
"""

from typing import Annotated

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, HeldBy

SslPolicyName = Annotated[
    str,
    limits.google_name("the name of an SslPolicy", "Google, Compute Engine API, sslPolicies"),
    HeldBy(("name",)),
    Example("modern"),
]

PROFILE, MIN_TLS_VERSION = "MODERN", "TLS_1_2"
"""Source: CIS Google Cloud Platform Foundation Benchmark 3.9; Google, SSL policies overview."""


def global_policy(name: str, opts: pulumi.ResourceOptions) -> "gcp.compute.SSLPolicy":
    """One for global load balancers. It is named by Pulumi, so that several services have one each."""
    return gcp.compute.SSLPolicy(name, profile=PROFILE, min_tls_version=MIN_TLS_VERSION, opts=opts)


def regional_policy(
    name: str, region: pulumi.Input[str] | None, opts: pulumi.ResourceOptions
) -> "gcp.compute.RegionSslPolicy":
    """One for the load balancers of a region, by default the provider's."""
    return gcp.compute.RegionSslPolicy(name, profile=PROFILE, min_tls_version=MIN_TLS_VERSION, region=region, opts=opts)
