"""How requests find a Deployment's pods: load balancer, Service, selector, what lets traffic in.

Values only, as the objects state them; whether they are right, and whether a change between two of them is harmless, is
for `rules` to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """An object of a path that is deleted for another one."""

    old: str
    """Such as `Ingress demo/web`."""
    new: str
    """The same name where it is the same object with `field` changed."""
    field: str | None = None
    """Field that cannot be changed in place; None: the object's name or namespace is another."""


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """One way from the load balancer to the pods."""

    entry: str
    """What makes the load balancer: "Ingress" or "Gateway" and its class, such as "Ingress gce"."""
    container_native: bool
    """Whether the backends are NEGs; else instance groups."""
    routes: Mapping[str, str]
    """Service by host and path, such as {"www.example.com/*": "web"}, for every rule of the load balancer."""
    neg_annotation: str | None
    """Value of the Service's annotation `cloud.google.com/neg`; None: it has none."""
    selector: Mapping[str, str]
    """The Service's."""
    pod_labels: Mapping[str, str]
    """The pod template's."""
    target_port: int | str
    """The Service port's, as stated: a number or the name of a container port."""
    serving_port: int | None = None
    """The number that requests go to, on the pod or, behind an instance group, the node; None: nobody has said."""
    publishes_not_ready_addresses: bool = False
    load_balancer_before_pods: bool | None = None
    """Whether the Deployment is created only after Service and Ingress; None: nobody has said."""
    admitted_ranges: tuple[str, ...] | None = None
    """Source ranges (CIDR) that firewall and NetworkPolicy let reach the pods; None: nobody has said."""
    proxy_only_range: str | None = None
    """The proxy-only subnet's range (CIDR) where the load balancer is internal or regional."""
    states_replicas: bool = True
    """Whether the Deployment states `spec.replicas`."""
    autoscaled: bool = False
    """Whether a HorizontalPodAutoscaler targets the Deployment."""
    replaced: tuple[Replaced, ...] = ()
    """Objects of the version before that these ones replace; only a comparison knows."""
    unserved: tuple[str, ...] = ()
    """Why these objects lead on to no pods, where those of the version before did; only a comparison knows."""
