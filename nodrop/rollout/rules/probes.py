"""The kubelet's probes: that they are there, ask the pod itself, and ask what readiness and liveness each need."""

from collections.abc import Iterator

from nodrop.gke.health_checks import Probe
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import PROBE_HOSTS, PROBES
from nodrop.rollout.timing import Rollout

_PROBE = Probe(path="/ready/", period_seconds=10, timeout_seconds=5, success_threshold=1, failure_threshold=3)
"""Of the examples."""


@version_rule(
    severity=Severity.ERROR,
    source=PROBES,
    goes_wrong="The probe never passes: new pods stay unready, or are restarted again and again.",
    cure="Probe a port that the container declares.",
    breaks={"probes_without_port": ("readiness_probe",)},
    keeps={"probes_without_port": ()},
    fact="other containers",
)
def probe_ports_exist(rollout: Rollout) -> Iterator[Diagnostic]:
    """A probe that names a port names one that its container declares."""
    for probe in rollout.probes_without_port:
        yield Diagnostic(
            rule="probe-ports-exist",
            severity=Severity.ERROR,
            input=probe,
            value="a name",
            seen="its container declares no port of that name, so that the kubelet finds none",
            why="a probe that never passes keeps every new pod unready, or restarts it again and again",
            source=PROBES,
            would_pass="the name or the number of one of its container's ports",
        )


@version_rule(
    severity=Severity.ERROR,
    source=PROBE_HOSTS,
    goes_wrong="The probe never passes: new pods stay unready, or are restarted again and again.",
    cure="Leave the host out, so that the kubelet asks the pod's own address.",
    breaks={
        "probe_hosts_of_the_node": (("spec.template.spec.containers[0].readinessProbe.httpGet.host", "127.0.0.1"),)
    },
    keeps={"probe_hosts_of_the_node": ()},
    fact="other containers",
)
def probes_ask_the_pod(rollout: Rollout) -> Iterator[Diagnostic]:
    """Probes and postStart hooks ask the pod, not a loopback address, which is the node's."""
    for field, host in rollout.probe_hosts_of_the_node:
        is_hook = ".postStart." in field
        yield Diagnostic(
            rule="probes-ask-the-pod",
            severity=Severity.ERROR,
            input="probe_hosts_of_the_node",
            value=host,
            seen="a loopback address; the kubelet connects from the node, and the pod has a network of its own",
            why="a postStart hook that fails ends its container, again and again"
            if is_hook
            else "a probe that never passes keeps every new pod unready, or restarts it again and again",
            source=PROBE_HOSTS,
            would_pass="absent: the pod's own address",
            field=field,
        )


@version_rule(
    severity={
        Severity.ERROR: "behind instance groups, where kube-proxy sends requests to the pod at once",
        Severity.WARNING: "behind NEGs, where the load balancer's own check waits",
    },
    source=PROBES,
    goes_wrong="A pod counts as ready when its container has started, whether it serves or not.",
    cure="Add a readiness probe of the path that the load balancer's check asks.",
    breaks={"readiness_probe": None, "wiring.container_native": False},
    warns={"readiness_probe": None},
    keeps={"readiness_probe.period_seconds": 1},
)
def readiness_is_probed(rollout: Rollout) -> Iterator[Diagnostic]:
    """A pod counts as ready only when it reports that it is."""
    if rollout.readiness_probe is not None:
        return
    native = rollout.wiring is None or rollout.wiring.container_native
    yield Diagnostic(
        rule="readiness-is-probed",
        severity=Severity.WARNING if native else Severity.ERROR,
        input="readiness_probe",
        value="absent",
        seen="the serving container has none",
        why=(
            "a pod counts as ready when its container has started; only the load balancer's own check waits for more"
            if native
            else "kube-proxy sends requests to a pod from its container's start on, before it listens"
        ),
        source=PROBES,
        would_pass="a probe of the path that the load balancer's check asks",
    )


@version_rule(
    severity=Severity.WARNING,
    source=PROBES,
    goes_wrong="Whatever makes a pod unready also restarts it at the same moment, and cuts off its requests.",
    cure="Give the liveness probe another path, or a greater failureThreshold.",
    given={"readiness_probe": _PROBE, "liveness_probe": _PROBE, "health_check.path": "/ready/"},
    breaks={"liveness_probe.path": "/ready/"},
    keeps={"liveness_probe.path": "/alive/"},
)
def liveness_is_another_question(rollout: Rollout) -> Iterator[Diagnostic]:
    """A container that cannot serve for the moment is taken out of service before it is restarted."""
    readiness, liveness = rollout.readiness_probe, rollout.liveness_probe
    if readiness is None or liveness is None or not _asked(liveness):
        return
    if readiness == liveness and _asked(readiness) == _asked(liveness):
        yield Diagnostic(
            rule="liveness-is-another-question",
            severity=Severity.WARNING,
            input="liveness_probe",
            value=_asked(liveness),
            seen="the same probe as readiness, with the same period and thresholds",
            why="whatever makes a pod unready also restarts it at the same moment, and cuts off its requests",
            source=PROBES,
            would_pass="another question, or a greater failureThreshold",
        )


def _asked(probe: Probe) -> str:
    """What a probe asks; empty where it is unknown."""
    return f"GET {probe.path}" if probe.path else probe.asks
