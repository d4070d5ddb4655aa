"""How long the load balancer's proxies take to follow a NEG: the model's only input that no manifest decides."""

from dataclasses import dataclass

from nodrop.rollout.facts import ATTACH_SECONDS, DETACH_SECONDS, PROXY_LAST_REQUEST_SECONDS


@dataclass(frozen=True, kw_only=True)
class Programming:
    """Lags in seconds, one of each for every proxy."""

    attach_lag_seconds: tuple[float, ...]
    """From the endpoint's entry into its NEG until the proxy knows it."""
    detach_lag_seconds: tuple[float, ...]
    """From the endpoint's removal from its NEG until the proxy stops using it."""
    injects_gate: bool = True
    """Whether pods get the readiness gate, declared or not, as on GKE."""

    def __post_init__(self) -> None:
        if not self.attach_lag_seconds or len(self.attach_lag_seconds) != len(self.detach_lag_seconds):
            raise ValueError("attach_lag_seconds and detach_lag_seconds must name the same proxies, at least one")


def _spread(low: float, high: float) -> tuple[float, ...]:
    return tuple(low + (high - low) * index / (_PROXIES - 1) for index in range(_PROXIES))


_PROXIES = 4
"""Source: chosen; enough for one slow proxy among fast ones."""

MEASURED = Programming(
    attach_lag_seconds=_spread(*ATTACH_SECONDS),
    detach_lag_seconds=_spread(DETACH_SECONDS[0], PROXY_LAST_REQUEST_SECONDS),
)
"""Proxies spread evenly over the lags that were measured, up to the last request that reached a stopped pod."""
