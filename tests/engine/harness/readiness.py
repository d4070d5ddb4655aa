"""What the readiness gate's condition says. Source: kubernetes/ingress-gce pkg/neg/readiness/reflector.go."""

from datetime import UTC, datetime
from typing import NamedTuple

from nodrop.lab.kubernetes.gate import GATE
from nodrop.lab.kubernetes.rest import Object


class Verdict(NamedTuple):
    """One of the things the condition can say."""

    status: bool
    reason: str
    text: str

    def condition(self, negs: list[str]) -> Object:
        """The pod's condition; `negs` are those that hold it."""
        opened = f' Marking condition "{GATE}" to True.' if self.status else ""
        return {
            "type": GATE,
            "status": str(self.status),
            "reason": self.reason,
            "message": self.text.format(first=next(iter(negs), ""), all=negs) + opened,
            "lastTransitionTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }


IN_NO_NEG = Verdict(True, "LoadBalancerNegReady", "Pod does not belong to any NEG.")
HEALTHY = Verdict(
    True, "LoadBalancerNegReady", 'Pod has become Healthy in NEG "{first}" attached to BackendService "{first}".'
)
WITHOUT_HEALTH_CHECK = Verdict(
    True,
    "LoadBalancerNegWithoutHealthCheck",
    'Pod is in NEG "{first}". NEG is not attached to any BackendService with health checking.',
)
TIMED_OUT = Verdict(
    True, "LoadBalancerNegTimeout", "Timeout waiting for pod to become healthy in at least one of the NEG(s): {all}."
)
WAITING = Verdict(
    False, "LoadBalancerNegNotReady", "Waiting for pod to become healthy in at least one of the NEG(s): {all}"
)
