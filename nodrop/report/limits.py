"""What the lab cannot show, as the page and the JSON file print it: what holds for every rehearsal, and what for these.

What depends on the path is asked of it: with a condition, in `nodrop.lab.conditions` or `nodrop.judge.limits`, no
rehearsal is clean; what changes no verdict is in `nodrop.lab.left_out`. The lags of a run belong to its `Conditions`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from nodrop.lab.left_out import OMISSIONS
from nodrop.lab.results import Result


@dataclass(frozen=True, kw_only=True)
class LabLimit:
    """One thing that the lab leaves out or does differently from GKE, and what that means for its results."""

    topic: str
    """A few words, unique in `LIMITS`."""
    text: str
    """One or two sentences in plain text."""


def limits_of(results: Iterable[Result]) -> tuple[LabLimit, ...]:
    """`LIMITS`, and what was left out of the paths of these results."""
    topics = {topic for each in results for topic in each.subject.left_out}
    left_out = [each for each in OMISSIONS if each.topic in topics]
    return (*LIMITS, *(LabLimit(topic=each.topic[:1].upper() + each.topic[1:], text=each.text) for each in left_out))


LIMITS = (
    LabLimit(
        topic="Google's own programming lags",
        text="How long Google Cloud takes to attach and detach an endpoint is an input of the rehearsal, with "
        "published measurements as defaults. Magnitudes follow these lags and the request rate; verdicts hold "
        "as long as a cluster's lags stay within those rehearsed.",
    ),
    LabLimit(
        topic="Retries by the load balancer",
        text="The proxies send a failed GET once more where the load balancer's class does, as Google documents it, "
        "and no POST. How long they wait before that, and whether they avoid the endpoint that failed, is not "
        "published: the lab waits as Envoy does by default, and takes the next endpoint.",
    ),
    LabLimit(
        topic="One process for all proxies",
        text="A single Envoy process carries every load balancer proxy. Each has its own view of the endpoints and "
        "its own lag, but they share one machine and never fail apart from each other.",
    ),
    LabLimit(
        topic="Constants of the kernel",
        text="Time is compressed, but the kernel's own constants are not: a lost SYN is sent again after 1 s of "
        "wall-clock time and an unanswered ARP request fails after about 3 s, which counts as many times more "
        "in the rehearsed system.",
    ),
    LabLimit(
        topic="Latency of the machine",
        text="Nor is the machine's own latency compressed: every compressed timeout, and the end of connection "
        "draining, gets half a second of wall-clock time on top. A margin thinner than that is not measured, and of "
        "what draining cuts off up to half is not; less than a second of it is refused. A run in "
        "which a part of the lab waited for the machine for a third of that is void and repeated; after three void "
        "runs the variant is undecided. A count that the timing model all but excludes is a result only after a second "
        "run that found the same.",
    ),
    LabLimit(
        topic="Embedded controllers",
        text="The deployment, EndpointSlice, kube-proxy, kubelet and endpoint group controllers follow the "
        "arithmetic of the originals, but they are not the originals. With --control-plane kubernetes the first three "
        "and the scheduler are; the kubelet and Google's controllers never are.",
    ),
    LabLimit(
        topic="Protocols",
        text="The load balancer speaks to the pods what is declared: HTTP/1.1 or HTTP/2, over TLS or in clear. Clients "
        "speak HTTP/1.1 to it, calls of gRPC included. Where WebSocket connections, over HTTP/1.1, or "
        "streams of events are asked for, they are always active. "
        "A stream is opened by a GET, which a balancer that retries sends once more.",
    ),
    LabLimit(
        topic="Stand-ins for containers",
        text="Unless a command is given, a container is a stand-in server with the stated start-up time, request "
        "duration, keep-alive and answer to SIGTERM. It listens on every port that its container declares or that a "
        "probe or the load balancer's health check asks, and answers each of their paths with 200, the readiness "
        "probe's only while it is ready. A container beside it starts and ends at once, and every request needs it "
        "until it is answered, unless "
        "every-container-has-pre-stop is waived. Your application may start slower, or take SIGTERM differently.",
    ),
    LabLimit(
        topic="Other ways in which pods come and go",
        text="A first roll-out into an empty zone, scale-in, node failure, eviction, node upgrade and Spot preemption "
        "are not rehearsed.",
    ),
    LabLimit(
        topic="Rare failures",
        text="0 failures of n requests bound the loss at 3/n with 95 % confidence, and only under the conditions "
        "of the run. They do not show that no request is ever lost.",
    ),
)
