"""The load balancer's programming: when each of its proxies learns of an endpoint, and when it forgets it.

Every proxy has lags of its own, as in the measurements: a change that one proxy follows after 12 s another follows
after 28 s. What a proxy does with an endpoint that it knows (health checks, connections) is real, not modelled.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from nodrop.lab.clock import Time


@dataclass(frozen=True, order=True)
class NetworkEndpoint:
    """One network endpoint that requests can be sent to."""

    address: str
    port: int
    zone: str
    pod: str
    """The pod's name; empty for a node of an instance group."""


@dataclass
class _Programme:
    """What one proxy is programmed with for one endpoint, and when."""

    attach_at: float
    detach_at: float | None = None


@dataclass
class LoadBalancer:
    """Programs all proxies."""

    time: Time
    attach_lag_seconds: tuple[float, ...]
    detach_lag_seconds: tuple[float, ...]
    draining_timeout_seconds: float
    program: Callable[[int, frozenset[NetworkEndpoint]], None]
    """Hands one proxy its endpoints."""
    cut: Callable[[int, NetworkEndpoint], None]
    """Closes what one proxy still has open to an endpoint when connection draining is over."""
    health: Callable[[NetworkEndpoint], bool | None]
    """True where any proxy's health check finds the endpoint healthy, None where no proxy has checked it yet."""
    at_once: bool = False
    """Whether proxies learn of endpoints without any lag, so that those of the first pods are soon known.

    Set while a lab starts; cleared once the first pods serve, just before its experiment begins (`running`)."""
    _plans: list[dict[NetworkEndpoint, _Programme]] = field(init=False)
    _programmed: list[frozenset[NetworkEndpoint]] = field(init=False)
    _draining: list[tuple[float, int, NetworkEndpoint]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._plans = [{} for _ in self.attach_lag_seconds]
        self._programmed = [frozenset() for _ in self.attach_lag_seconds]

    def attach(self, endpoint: NetworkEndpoint) -> None:
        """Every proxy learns of the endpoint after its attach lag."""
        for plan, lag in zip(self._plans, self.attach_lag_seconds, strict=True):
            plan[endpoint] = _Programme(self.time.now() + (0 if self.at_once else lag))

    def detach(self, endpoint: NetworkEndpoint) -> None:
        """Every proxy forgets the endpoint after its detach lag, never before it has learnt of it."""
        for plan, lag in zip(self._plans, self.detach_lag_seconds, strict=True):
            plan[endpoint].detach_at = max(self.time.now() + lag, plan[endpoint].attach_at)

    def known(self) -> frozenset[NetworkEndpoint]:
        """The endpoints that at least one proxy knows."""
        return frozenset().union(*self._programmed)

    def programmed(self) -> bool:
        """Whether no programming is under way."""
        now = self.time.now()
        return all(p.attach_at <= now and p.detach_at is None for plan in self._plans for p in plan.values())

    def sync(self) -> float | None:
        """Programs what is due, and cuts what has drained for long enough."""
        now = self.time.now()
        for proxy, plan in enumerate(self._plans):
            for endpoint in [e for e, p in plan.items() if p.detach_at is not None and p.detach_at <= now]:
                del plan[endpoint]
                self._draining.append((now + self.draining_timeout_seconds, proxy, endpoint))
            current = frozenset(e for e, p in plan.items() if p.attach_at <= now)
            if current != self._programmed[proxy]:
                self._programmed[proxy] = current
                self.program(proxy, current)
        for drained in [entry for entry in self._draining if entry[0] <= now]:
            self._draining.remove(drained)
            self.cut(*drained[1:])
        programmes = [p for plan in self._plans for p in plan.values()]
        return min(
            (
                at
                for at in (
                    *(p.attach_at for p in programmes),
                    *(p.detach_at for p in programmes if p.detach_at is not None),
                    *(entry[0] for entry in self._draining),
                )
                if at > now
            ),
            default=None,
        )
