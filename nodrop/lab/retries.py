"""Which failed requests the load balancer sends a second time, by its class. Pure.

Never one with a body, so no POST. Source: Google, External Application Load Balancer overview, and Internal Application
Load Balancer overview, Retries. How long a proxy waits before the second try is not published, nor whether it avoids
the endpoint of the first: the lab's proxies wait for as long as Envoy does by default, and take the next one.
"""

from collections.abc import Sequence
from enum import StrEnum

from nodrop.gke.ingresses import CLASS, CLASS_EXTERNAL
from nodrop.paths import ServingPath
from nodrop.paths.fields import whole

CLASSIC_GATEWAY_CLASS = "gke-l7-gxlb"
MOST_TRIES = 2
"""Of a request by a proxy."""
_HEALTHY_SHARE = 0.8


class Retries(StrEnum):
    """When a GET is sent once more."""

    CLASSIC = "a GET once, if no response had begun and 80 % of the endpoints are healthy"
    """Classic load balancers, on Google Front Ends: class gce, Gateways of class gke-l7-gxlb."""
    ENVOY = "a GET once, if it ended in 502, 503 or 504"
    """Global external, regional external and internal ones, without a retry policy in their URL map, which neither of
    GKE's controllers writes."""

    @property
    def envoy_conditions(self) -> str:
        """As `retry_on` of a route of Envoy."""
        return "reset,connect-failure,refused-stream" if self is Retries.CLASSIC else "gateway-error"

    def allowed(self, healthy: Sequence[bool]) -> bool:
        """Whether a proxy retries while it finds its endpoints so: a classic one only while most are healthy.

        It has nowhere to send to either where there is a single endpoint.
        """
        if self is Retries.ENVOY:
            return True
        return len(healthy) > 1 and sum(healthy) >= _HEALTHY_SHARE * len(healthy)


def retries_of(path: ServingPath) -> Retries:
    """What the load balancer of the path's Ingress or Gateway does."""
    if path.by_gateway:
        gateway_class = whole(path.entry)["spec"]["gatewayClassName"].text() or ""
        return Retries.CLASSIC if gateway_class.removesuffix("-mc") == CLASSIC_GATEWAY_CLASS else Retries.ENVOY
    ingress_class = whole(path.entry)["metadata"]["annotations"][CLASS].text() or CLASS_EXTERNAL
    return Retries.CLASSIC if ingress_class == CLASS_EXTERNAL else Retries.ENVOY
