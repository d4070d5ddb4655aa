"""That what is stated takes effect: a BackendConfig governs a port, an autoscaler has the replicas to itself."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import AUTOSCALERS, BACKEND_CONFIGS, HOOKS, INGRESS_FEATURES, LOCAL_TRAFFIC
from nodrop.rollout.timing import Rollout


@version_rule(
    severity=Severity.ERROR,
    source=BACKEND_CONFIGS,
    goes_wrong="The BackendConfig governs nothing: draining stays at 0 s, the timeout at 30 s.",
    cure="Name a port of the Service in the annotation, or `default`.",
    given={"wiring.service_ports": ("http", "80")},
    breaks={"wiring.backend_config_ports_unknown": ("8080",)},
    keeps={"wiring.backend_config_ports_unknown": ()},
    fact="Service",
)
def backend_config_governs_a_port(rollout: Rollout) -> Iterator[Diagnostic]:
    """Each BackendConfig that a Service's annotation attaches is attached to one of the Service's ports."""
    wiring = rollout.wiring
    for port in wiring.backend_config_ports_unknown if wiring else ():
        yield Diagnostic(
            rule="backend-config-governs-a-port",
            severity=Severity.ERROR,
            input="wiring.backend_config_annotation",
            value=port,
            seen=f"no port of the Service has that name or number; it has {', '.join(wiring.service_ports)}"
            if wiring
            else "",
            why=(
                "the BackendConfig governs nothing, without a word: the backend service keeps the defaults, a draining "
                "of 0 s, a timeout of 30 s and an inferred health check"
            ),
            source=BACKEND_CONFIGS,
            would_pass=", ".join(wiring.service_ports) if wiring else "",
        )


@version_rule(
    severity=Severity.WARNING,
    source=AUTOSCALERS,
    goes_wrong="Every apply sets the number of pods back under load, until the autoscaler acts.",
    cure="Leave spec.replicas to the autoscaler; where it is live, ignore its changes first.",
    given={"wiring.autoscaled": True},
    breaks={"wiring.states_replicas": True},
    keeps={"wiring.states_replicas": False},
    fact="autoscaler",
    asked_by_components=False,
)
def autoscaler_owns_replicas(rollout: Rollout) -> Iterator[Diagnostic]:
    """Either the Deployment states its replicas, or an autoscaler decides."""
    wiring = rollout.wiring
    if wiring is not None and wiring.autoscaled and wiring.states_replicas and not wiring.replicas_are_left_alone:
        yield Diagnostic(
            rule="autoscaler-owns-replicas",
            severity=Severity.WARNING,
            input="wiring.states_replicas",
            value=True,
            seen="spec.replicas is stated, and an autoscaler targets the Deployment",
            why="every apply sets the number back, and takes pods away under load until the autoscaler acts",
            source=AUTOSCALERS,
            would_pass="absent; whoever takes it out of a live Deployment first leaves its changes alone",
        )


@version_rule(
    severity=Severity.ERROR,
    source=LOCAL_TRAFFIC,
    goes_wrong="A rollout moves the pods to other nodes, and the load balancer learns of it only by its health check.",
    cure="Use NEGs, or externalTrafficPolicy Cluster.",
    given={"wiring.container_native": False},
    breaks={"wiring.external_traffic_policy": "Local"},
    keeps={"wiring.external_traffic_policy": "Cluster"},
    fact="Service",
)
def traffic_policy_is_cluster(rollout: Rollout) -> Iterator[Diagnostic]:
    """Behind a NodePort each node leads to a pod."""
    wiring = rollout.wiring
    if wiring is not None and not wiring.container_native and wiring.external_traffic_policy == "Local":
        yield Diagnostic(
            rule="traffic-policy-is-cluster",
            severity=Severity.ERROR,
            input="wiring.external_traffic_policy",
            value="Local",
            seen="only nodes with a ready pod answer",
            why=(
                "a rollout moves the pods to other nodes, of which the load balancer learns only by its health check, "
                f"every {rollout.health_check.check_interval_seconds} s"
            ),
            source=LOCAL_TRAFFIC,
            would_pass="Cluster, or container-native load balancing",
        )


@version_rule(
    severity=Severity.ERROR,
    source=HOOKS,
    goes_wrong="The hook fails, and TERM follows at once.",
    cure="Use the kubelet's own sleep action.",
    breaks={"containers_without_command": ("web",)},
    keeps={"containers_without_command": ()},
    fact="other containers",
)
def pre_stop_command_exists(rollout: Rollout) -> Iterator[Diagnostic]:
    """A preStop that runs a command runs in an image that has one."""
    for container in rollout.containers_without_command:
        yield Diagnostic(
            rule="pre-stop-command-exists",
            severity=Severity.ERROR,
            input="rollout.containers_without_command",
            value=container,
            seen="its image is one without a shell and without sleep",
            why="the hook fails at once (FailedPreStopHook), and TERM comes while requests still arrive",
            source=HOOKS,
            would_pass="preStop.sleep, which the kubelet does itself",
        )


@version_rule(
    severity=Severity.ERROR,
    source=INGRESS_FEATURES,
    goes_wrong="No client reaches the load balancer, or all are sent to HTTPS, where nothing answers.",
    cure="State a certificate, or let HTTP answer.",
    breaks={"wiring.front.schemes": ()},
    keeps={"wiring.front.schemes": ("HTTP",)},
    fact="Ingress",
)
def load_balancer_answers(rollout: Rollout) -> Iterator[Diagnostic]:
    """Clients are served by HTTP or HTTPS, and are sent on only to what is served."""
    front = rollout.wiring.front if rollout.wiring else None
    if front is None:
        return
    if not front.schemes:
        yield Diagnostic(
            rule="load-balancer-answers",
            severity=Severity.ERROR,
            input="wiring.front.schemes",
            value="none",
            seen="HTTP is off, and no certificate is stated",
            why="the load balancer gets no forwarding rule, and no client reaches it",
            source=INGRESS_FEATURES,
            would_pass="HTTP, or a certificate",
        )
    if front.redirects_nowhere:
        yield Diagnostic(
            rule="load-balancer-answers",
            severity=Severity.ERROR,
            input="wiring.front.redirects_nowhere",
            value=True,
            seen="HTTP is sent on to HTTPS, and no certificate is stated",
            why="every client is sent to where nothing answers",
            source=INGRESS_FEATURES,
            would_pass=False,
        )
