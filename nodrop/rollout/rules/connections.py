"""Connections and requests at any time, not only in a rollout."""

from collections.abc import Iterator
from math import ceil

from nodrop.rollout.facts import BACKEND_KEEP_ALIVE_SECONDS, GRACE_MARGIN_SECONDS, KEEP_ALIVE_RECOMMENDED_SECONDS
from nodrop.rollout.findings import GOOGLE_BACKENDS, GOOGLE_TIMEOUTS, Finding, Severity
from nodrop.rollout.timing import Rollout


def backend_timeout_covers_longest_request(rollout: Rollout) -> Iterator[Finding]:
    """The load balancer itself waits for the longest request, without which draining for it is in vain."""
    if rollout.backend_timeout_seconds < rollout.longest_request_seconds:
        yield Finding(
            rule="backend-timeout-covers-longest-request",
            severity=Severity.ERROR,
            input="rollout.backend_timeout_seconds",
            value=rollout.backend_timeout_seconds,
            seen=f"shorter than longest_request_seconds = {rollout.longest_request_seconds:g} s",
            why="the load balancer gives up on a longer request, at any time and not only in a rollout",
            source=GOOGLE_BACKENDS,
            would_pass=ceil(rollout.longest_request_seconds) + GRACE_MARGIN_SECONDS,
        )


def keep_alive_outlasts_load_balancer(rollout: Rollout) -> Iterator[Finding]:
    """The application never closes an idle connection first. Closing after each response cannot race."""
    seconds = rollout.keep_alive_timeout_seconds
    if seconds == 0 or seconds >= KEEP_ALIVE_RECOMMENDED_SECONDS:
        return
    yield Finding(
        rule="keep-alive-outlasts-load-balancer",
        severity=Severity.ERROR if seconds <= BACKEND_KEEP_ALIVE_SECONDS else Severity.WARNING,
        input="rollout.keep_alive_timeout_seconds",
        value=seconds,
        seen=f"the load balancer reuses connections that were idle for up to {BACKEND_KEEP_ALIVE_SECONDS} s",
        why="a request that meets a connection just closed by the application fails",
        source=GOOGLE_TIMEOUTS,
        would_pass=KEEP_ALIVE_RECOMMENDED_SECONDS,
    )
