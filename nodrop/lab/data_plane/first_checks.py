"""New endpoints that Envoy takes as healthy after one passed check, held back until the healthy threshold is met. Pure.

Google's load balancer finds an endpoint healthy when so many checks in a row have passed; Envoy does so too, but not
where the first check of an endpoint passes. Source: Google, Health checks overview; envoyproxy/envoy
source/extensions/health_checkers/common/health_checker_base_impl.cc handleSuccess.
"""

from dataclasses import dataclass, field

from nodrop.lab.clock import Time
from nodrop.rollout import HealthCheck

Address = tuple[str, int]
"""Address and port of an endpoint."""


@dataclass
class FirstChecks:
    """The endpoints of one proxy, from when it learns of them."""

    time: Time
    health_check: HealthCheck
    _held: dict[Address, float | None] = field(default_factory=dict)
    """Since when Envoy's checks pass; None: none has yet."""
    _known: frozenset[Address] = frozenset()

    def programmed(self, endpoints: frozenset[Address]) -> None:
        """The proxy knows these endpoints now."""
        held = endpoints - self._known if self.health_check.healthy_threshold > 1 else frozenset()
        self._held = {each: since for each, since in self._held.items() if each in endpoints} | dict.fromkeys(held)
        self._known = endpoints

    def found(self, endpoint: Address, passes: bool | None) -> None:
        """Envoy's checks of the endpoint say so now; None: there was none yet.

        Once Envoy finds it unhealthy, Envoy counts to the threshold itself. Failed checks that are too few for that are
        not seen, and begin no new count.
        """
        if passes is None or endpoint not in self._held:
            return
        since = self._held[endpoint]
        if since is None:
            self._held[endpoint] = since = self.time.now()
        further = (self.health_check.healthy_threshold - 1) * self.health_check.check_interval_seconds
        if not passes or self.time.now() - since >= further:
            del self._held[endpoint]

    @property
    def held(self) -> frozenset[Address]:
        """Those that the proxy must not use yet."""
        return frozenset(self._held)
