"""How long connections and requests may last, at any time and, when draining, as a pod leaves."""

from collections.abc import Iterator
from math import ceil, floor

from nodrop.rollout.behaviour import OnTerm
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.facts import (
    BACKEND_KEEP_ALIVE_SECONDS,
    GRACE_MARGIN_SECONDS,
    KEEP_ALIVE_RECOMMENDED_SECONDS,
    MAX_DRAINING_TIMEOUT_SECONDS,
)
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import GOOGLE_BACKENDS, GOOGLE_DRAINING, GOOGLE_TIMEOUTS, LIFECYCLE, NODE_JS
from nodrop.rollout.timing import AppProtocol, Rollout, serves_until_kill


@version_rule(
    severity={
        Severity.ERROR: "shorter than the longest request",
        Severity.WARNING: "longer than the pod lives, which keeps its address from being reused",
    },
    source=GOOGLE_DRAINING,
    goes_wrong="The load balancer cuts off requests in flight when connection draining ends; the default is 0 s.",
    cure="Set drainingTimeoutSec to the longest request.",
    breaks={"draining_timeout_seconds": 0},
    warns={"draining_timeout_seconds": 300},
    keeps={"draining_timeout_seconds": 20},
    ends_pods=True,
)
def draining_covers_longest_request(rollout: Rollout) -> Iterator[Diagnostic]:
    """The load balancer gives requests in flight the time they need, but no more than the pod has."""
    draining, longest = rollout.draining_timeout_seconds, rollout.longest_request_seconds
    if longest > MAX_DRAINING_TIMEOUT_SECONDS:
        yield Diagnostic(
            rule="draining-covers-longest-request",
            source=GOOGLE_DRAINING,
            severity=Severity.ERROR,
            input="rollout.longest_request_seconds",
            value=longest,
            seen=f"longer than the {MAX_DRAINING_TIMEOUT_SECONDS} s that connection draining can last",
            why="whatever is in flight when draining ends is cut",
            would_pass=MAX_DRAINING_TIMEOUT_SECONDS,
        )
    elif draining < longest:
        yield Diagnostic(
            rule="draining-covers-longest-request",
            source=GOOGLE_DRAINING,
            severity=Severity.ERROR,
            input="rollout.draining_timeout_seconds",
            value=draining,
            seen=f"shorter than longest_request_seconds = {longest:g} s",
            why="requests in flight when draining ends are cut off; the load balancer's default is 0",
            would_pass=ceil(longest),
        )
    if draining > max(rollout.termination_grace_period_seconds, ceil(longest)):
        yield Diagnostic(
            rule="draining-covers-longest-request",
            source=GOOGLE_DRAINING,
            severity=Severity.WARNING,
            input="rollout.draining_timeout_seconds",
            value=draining,
            seen=f"longer than termination_grace_period_seconds = {rollout.termination_grace_period_seconds} s",
            why="the pod is gone by then, and its address and port cannot be reused until draining ends",
            would_pass=ceil(longest),
        )


@version_rule(
    severity=Severity.ERROR,
    source=GOOGLE_BACKENDS,
    goes_wrong="The load balancer gives up on longer requests at any time, not only in a rollout.",
    cure="Set timeoutSec to the longest request plus a few seconds.",
    breaks={"backend_timeout_seconds": 10},
    keeps={"backend_timeout_seconds": 20},
)
def backend_timeout_covers_longest_request(rollout: Rollout) -> Iterator[Diagnostic]:
    """The load balancer waits for the longest request; otherwise draining for it has no effect."""
    if rollout.backend_timeout_seconds < rollout.longest_request_seconds:
        yield Diagnostic(
            rule="backend-timeout-covers-longest-request",
            severity=Severity.ERROR,
            input="rollout.backend_timeout_seconds",
            value=rollout.backend_timeout_seconds,
            seen=f"shorter than longest_request_seconds = {rollout.longest_request_seconds:g} s",
            why="the load balancer gives up on a longer request, at any time and not only in a rollout",
            source=GOOGLE_BACKENDS,
            would_pass=ceil(rollout.longest_request_seconds) + GRACE_MARGIN_SECONDS,
        )


@version_rule(
    severity=Severity.WARNING,
    source=GOOGLE_BACKENDS,
    goes_wrong="The load balancer lets requests last longer than a rollout does, and nobody says whether they do.",
    cure="State the longest request, or lower timeoutSec.",
    given={"longest_request_is_stated": False},
    breaks={"backend_timeout_seconds": 3600},
    keeps={"backend_timeout_seconds": 20},
    fact="whether the longest request is stated",
    asked_by_components=False,
)
def longest_request_is_stated(rollout: Rollout) -> Iterator[Diagnostic]:
    """If the load balancer lets requests outlast draining or the grace period, the longest request is stated."""
    after_pre_stop = rollout.termination_grace_period_seconds - rollout.pre_stop_seconds
    borne, allowed = min(rollout.draining_timeout_seconds, after_pre_stop), rollout.backend_timeout_seconds
    if rollout.longest_request_is_stated or allowed <= max(borne, rollout.longest_request_seconds):
        return
    yield Diagnostic(
        rule="longest-request-is-stated",
        severity=Severity.WARNING,
        input="rollout.longest_request_seconds",
        value=rollout.longest_request_seconds,
        seen=f"assumed, while the load balancer lets requests last {allowed} s",
        why=f"a rollout cuts what lasts longer than {max(borne, 0)} s, the shorter of draining and grace after preStop",
        source=GOOGLE_BACKENDS,
        would_pass="stated",
    )


@version_rule(
    severity={
        Severity.ERROR: f"no longer than the {BACKEND_KEEP_ALIVE_SECONDS} s of the load balancer",
        Severity.WARNING: f"shorter than the {KEEP_ALIVE_RECOMMENDED_SECONDS} s that Google recommends",
    },
    source=GOOGLE_TIMEOUTS,
    goes_wrong="A request arrives on a connection that the application is closing, and fails.",
    cure="Set the server's keep-alive timeout to 620 s.",
    breaks={"keep_alive_timeout_seconds": 65},
    warns={"keep_alive_timeout_seconds": 610},
    keeps={"keep_alive_timeout_seconds": 620},
)
def keep_alive_outlasts_load_balancer(rollout: Rollout) -> Iterator[Diagnostic]:
    """The application never closes an idle connection first. Closing after each response is safe; so is HTTP/2."""
    seconds = rollout.keep_alive_timeout_seconds
    if rollout.protocol is AppProtocol.HTTP2 or seconds == 0 or seconds >= KEEP_ALIVE_RECOMMENDED_SECONDS:
        return
    yield Diagnostic(
        rule="keep-alive-outlasts-load-balancer",
        severity=Severity.ERROR if seconds <= BACKEND_KEEP_ALIVE_SECONDS else Severity.WARNING,
        input="rollout.keep_alive_timeout_seconds",
        value=seconds,
        seen=f"the load balancer reuses connections that were idle for up to {BACKEND_KEEP_ALIVE_SECONDS} s",
        why=(
            "a request that arrives on a connection which the application is closing fails. Where the "
            "server's timeout cannot "
            "be set: a native sidecar in front that keeps it, closing after each response (0), or a waiver"
        ),
        source=GOOGLE_TIMEOUTS,
        would_pass=KEEP_ALIVE_RECOMMENDED_SECONDS,
    )


@version_rule(
    severity=Severity.WARNING,
    source=NODE_JS,
    goes_wrong="Node.js before 12.19 closes an idle connection sooner than keepAliveTimeout says, just as a request "
    "arrives.",
    cure="Run Node.js 12.19 or later, or set server.headersTimeout above server.keepAliveTimeout.",
    breaks={"headers_timeout_seconds": 60},
    keeps={"headers_timeout_seconds": 621},
    fact="headersTimeout of Node.js",
    asked_by_components=False,
)
def headers_timeout_exceeds_keep_alive(rollout: Rollout) -> Iterator[Diagnostic]:
    """Node.js does not close an idle connection because headers have not arrived yet. 0: no such limit."""
    seconds, keep_alive = rollout.headers_timeout_seconds, rollout.keep_alive_timeout_seconds
    if rollout.protocol is AppProtocol.HTTP2 or not seconds or seconds > keep_alive:
        return
    yield Diagnostic(
        rule="headers-timeout-exceeds-keep-alive",
        severity=Severity.WARNING,
        input="rollout.headers_timeout_seconds",
        value=seconds,
        seen=f"not longer than keep_alive_timeout_seconds = {keep_alive:g} s",
        why="before Node.js 12.19 its clock runs while a kept-alive connection is idle, so the connection ends sooner "
        "than stated; in later ones only an empty line after a request starts it",
        source=NODE_JS,
        would_pass=floor(keep_alive) + 1,
    )


@version_rule(
    severity=Severity.WARNING,
    source=LIFECYCLE,
    goes_wrong="Every old pod lives until KILL and takes up quota, and KILL cuts off whatever is open.",
    cure="Make the application close its listener and idle connections on TERM.",
    given={"on_term": OnTerm.SERVE},
    breaks={"termination_grace_period_seconds": 120},
    keeps={"termination_grace_period_seconds": 85},
)
def closes_idle_connections_on_term(rollout: Rollout) -> Iterator[Diagnostic]:
    """An old pod exits when its requests have ended, and does not wait for KILL.

    Where grace is no longer than those requests need, waiting for KILL costs nothing; and the mode hard-coded-delay
    relies on it.
    """
    if rollout.on_term is not OnTerm.SERVE or serves_until_kill(rollout.mode, rollout.on_term):
        return
    needed = rollout.pre_stop_seconds + ceil(rollout.longest_request_seconds) + GRACE_MARGIN_SECONDS
    if rollout.termination_grace_period_seconds <= needed:
        return
    yield Diagnostic(
        rule="closes-idle-connections-on-term",
        severity=Severity.WARNING,
        input="rollout.on_term",
        value=rollout.on_term,
        seen=(
            f"every old pod lives for all of termination_grace_period_seconds = "
            f"{rollout.termination_grace_period_seconds} s, where {needed} s cover its requests"
        ),
        why="terminating pods take up quota and delay node drains, and KILL cuts off whatever is open",
        source=LIFECYCLE,
        would_pass=OnTerm.DRAIN.value,
    )
