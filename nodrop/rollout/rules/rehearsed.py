"""What a rehearsal counts, one function a rule. Whoever rehearsed asks them, with plain numbers."""

from collections.abc import Iterator
from functools import partial

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import RuleKind, register

REHEARSAL = "this rehearsal"
_BY_OTHERS = "0; the other findings say what to change"
_UNEXPLAINED = (
    "0; no other finding says why: state the facts as the application behaves (longest request, start-up, keep-alive, "
    "on TERM), or see by `--report` what the pods did when requests failed"
)
_KEPT_OPEN_ROLLOUT = (
    "0, by `drainingTimeoutSec` longer than preStop and what the application then needs to close connections, and an "
    "application that closes them on SIGTERM"
)
_KEPT_OPEN_STEADY = "0, by a backend timeout (`timeoutSec`) as long as a connection or stream may last"

_rehearsal_rule = partial(
    register,
    RuleKind.REHEARSAL,
    source=REHEARSAL,
    fact="what a rehearsal counted",
    asked_by_components=False,
)


def _cure(kept_open: bool, explained: bool, of_open_connections: str) -> str:
    """What would pass: rules judge requests that end by themselves, not connections that stay open."""
    if kept_open:
        return f"{of_open_connections}; and what the other findings say" if explained else of_open_connections
    return _BY_OTHERS if explained else _UNEXPLAINED


@_rehearsal_rule(
    severity=Severity.ERROR,
    goes_wrong="Client requests fail while the pods are replaced, as they did here.",
    cure="Do what the other findings on the path say, and rehearse again.",
    breaks={"failed": 7, "requests": 1000, "causes": ("3 failed_to_pick_backend: no healthy endpoint was left",)},
    keeps={"failed": 0, "requests": 1000},
)
def rehearsed_rollout_fails_no_request(
    failed: int, requests: int, causes: tuple[str, ...] = (), *, kept_open: bool = False, explained: bool = True
) -> Iterator[Diagnostic]:
    """No request fails during a rehearsed rollout.

    Args:
        failed: requests that the rollouts made fail, over all runs.
        requests: how many there were.
        causes: why, the most frequent first, in the words of the load balancer's log.
        kept_open: whether clients kept connections or streams open.
        explained: whether the path has other findings.
    """
    if failed:
        yield Diagnostic(
            rule="rehearsed-rollout-fails-no-request",
            severity=Severity.ERROR,
            input="rehearsal.failed",
            value=failed,
            seen=f"of {requests:,} requests during a rehearsed rollout",
            why=", ".join(causes) or "they were not answered with 200",
            source=REHEARSAL,
            would_pass=_cure(kept_open, explained, _KEPT_OPEN_ROLLOUT),
        )


@_rehearsal_rule(
    severity=Severity.WARNING,
    goes_wrong="Client requests fail at any time, which hides the failures of a rollout.",
    cure="Do what the other findings on the path say; raise `timeoutSec` to the longest request, keep-alive to 620 s.",
    breaks={
        "failed": 9,
        "requests": 1000,
        "causes": ("9 backend_timeout: the response took longer than the backend timeout",),
    },
    keeps={"failed": 0, "requests": 1000},
)
def rehearsed_steady_traffic_fails_no_request(
    failed: int, requests: int, causes: tuple[str, ...] = (), *, kept_open: bool = False, explained: bool = True
) -> Iterator[Diagnostic]:
    """No request fails in a rehearsal while nothing changes, before the rollout.

    Args:
        failed: requests in the windows before the rollouts, over all runs.
        requests: how many there were.
        causes: why, the most frequent first, in the words of the load balancer's log.
        kept_open: whether clients kept connections or streams open.
        explained: whether the path has other findings.
    """
    if failed:
        yield Diagnostic(
            rule="rehearsed-steady-traffic-fails-no-request",
            severity=Severity.WARNING,
            input="rehearsal.steady_failed",
            value=failed,
            seen=f"of {requests:,} requests before the rollout, while nothing changed",
            why=", ".join(causes) or "they were not answered with 200",
            source=REHEARSAL,
            would_pass=_cure(kept_open, explained, _KEPT_OPEN_STEADY),
        )


@_rehearsal_rule(
    severity=Severity.ERROR,
    goes_wrong="Clients keep reaching a pod that has reported that it cannot serve.",
    cure="Use container-native load balancing (NEG), which sends each request to a pod that it has checked.",
    breaks={"leaked": 99, "requests": 100},
    keeps={"leaked": 0, "requests": 100},
)
def rehearsed_unready_pod_gets_no_request(leaked: int, requests: int) -> Iterator[Diagnostic]:
    """Once an unready pod was taken out in a rehearsal, it answers no request.

    Args:
        leaked: requests that it still answered, over all runs.
        requests: how many were sent after it had been taken out.
    """
    if leaked:
        yield Diagnostic(
            rule="rehearsed-unready-pod-gets-no-request",
            severity=Severity.ERROR,
            input="rehearsal.leaked",
            value=leaked,
            seen=f"of {requests:,} requests after an unready pod had been taken out",
            why="kept-alive connections stay with the pod that they were opened to",
            source=REHEARSAL,
            would_pass="0, by container-native load balancing (NEG)",
        )
