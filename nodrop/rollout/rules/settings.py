"""That what is stated takes effect: a BackendConfig governs a port, an autoscaler has the replicas to itself."""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import version_rule
from nodrop.rollout.sources import (
    APP_PROTOCOLS,
    AUTOSCALERS,
    BACKEND_CONFIGS,
    HOOKS,
    INGRESS_FEATURES,
    LOCAL_TRAFFIC,
    MANAGED_CERTIFICATES,
)
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
                "the BackendConfig governs nothing, and nothing reports it: the backend service keeps the defaults, "
                "a draining of 0 s, a timeout of 30 s and an inferred health check"
            ),
            source=BACKEND_CONFIGS,
            would_pass=", ".join(wiring.service_ports) if wiring else "",
        )


@version_rule(
    severity=Severity.WARNING,
    source=AUTOSCALERS,
    goes_wrong="Every apply resets the number of pods, even under load, until the autoscaler acts.",
    cure="Leave spec.replicas to the autoscaler; on a live Deployment, ignore its changes first.",
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
            why="every apply resets the number, and removes pods under load until the autoscaler acts",
            source=AUTOSCALERS,
            would_pass="absent; before taking it out of a live Deployment, ignore its changes",
        )


@version_rule(
    severity=Severity.ERROR,
    source=LOCAL_TRAFFIC,
    goes_wrong="A rollout moves the pods to other nodes, which the load balancer learns only from its health check.",
    cure="Use NEGs, or externalTrafficPolicy Cluster.",
    given={"wiring.container_native": False},
    breaks={"wiring.external_traffic_policy": "Local"},
    keeps={"wiring.external_traffic_policy": "Cluster"},
    fact="Service",
)
def traffic_policy_is_cluster(rollout: Rollout) -> Iterator[Diagnostic]:
    """Behind a NodePort every node leads to a pod."""
    wiring = rollout.wiring
    if wiring is not None and not wiring.container_native and wiring.external_traffic_policy == "Local":
        yield Diagnostic(
            rule="traffic-policy-is-cluster",
            severity=Severity.ERROR,
            input="wiring.external_traffic_policy",
            value="Local",
            seen="only nodes with a pod answer that is ready or, from Kubernetes 1.26 on, still serves as it ends",
            why=(
                "a rollout moves the pods to other nodes, which the load balancer learns only from its health check: "
                f"{rollout.health_check.ejection_seconds} s until it leaves a node, "
                f"{rollout.health_check.admission_seconds} s until it takes one"
            ),
            source=LOCAL_TRAFFIC,
            would_pass="Cluster, or container-native load balancing",
        )


@version_rule(
    severity=Severity.ERROR,
    source=HOOKS,
    goes_wrong="The hook fails, and TERM is sent at once.",
    cure="Use the kubelet's own sleep action.",
    breaks={"containers_without_command": ("web",)},
    keeps={"containers_without_command": (), "failing_pre_stops": ()},
    fact="other containers",
    ends_pods=True,
)
def pre_stop_command_exists(rollout: Rollout) -> Iterator[Diagnostic]:
    """The command that a preStop runs exists in its image."""
    found = [
        *(("containers_without_command", name, _NO_SHELL) for name in rollout.containers_without_command),
        *(("failing_pre_stops", name, why) for name, why in rollout.failing_pre_stops),
    ]
    for field, container, seen in found:
        yield Diagnostic(
            rule="pre-stop-command-exists",
            severity=Severity.ERROR,
            input=f"rollout.{field}",
            value=container,
            seen=seen,
            why="the hook fails at once (FailedPreStopHook), and TERM is sent while requests still arrive",
            source=HOOKS,
            would_pass="preStop.sleep, which the kubelet does itself",
        )


_NO_SHELL = "its image is one without a shell and without sleep"


@version_rule(
    severity=Severity.ERROR,
    source=INGRESS_FEATURES,
    goes_wrong="No client reaches the load balancer, or all are redirected to HTTPS, where nothing answers.",
    cure="Add a certificate, or let HTTP answer.",
    breaks={"wiring.front.schemes": ()},
    keeps={"wiring.front.schemes": ("HTTP",)},
    fact="Ingress",
)
def load_balancer_answers(rollout: Rollout) -> Iterator[Diagnostic]:
    """Clients are served by HTTP or HTTPS, and are redirected only to what is served."""
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


@version_rule(
    severity=Severity.WARNING,
    source=APP_PROTOCOLS,
    goes_wrong="The protocol applies to no port: the load balancer speaks plain HTTP to all of them.",
    cure="Name the port as the Service does; the annotation takes names, not numbers.",
    given={"wiring.service_ports": ("http", "80")},
    breaks={"wiring.app_protocol_ports_unknown": ("https",)},
    keeps={"wiring.app_protocol_ports_unknown": ()},
    fact="Service",
)
def app_protocols_name_a_port(rollout: Rollout) -> Iterator[Diagnostic]:
    """Each protocol in a Service's annotation belongs to one of the Service's ports."""
    wiring = rollout.wiring
    for port in wiring.app_protocol_ports_unknown if wiring else ():
        yield Diagnostic(
            rule="app-protocols-name-a-port",
            severity=Severity.WARNING,
            input="wiring.app_protocols_annotation",
            value=port,
            seen=f"no port of the Service has that name; it has {', '.join(wiring.service_ports) if wiring else ''}",
            why="the protocol silently applies to no port, and the load balancer speaks plain HTTP",
            source=APP_PROTOCOLS,
            would_pass="the name of one of the Service's ports",
        )


@version_rule(
    severity={
        Severity.ERROR: "clients of the host have HTTPS only",
        Severity.WARNING: "HTTP serves the host too",
    },
    source=MANAGED_CERTIFICATES,
    goes_wrong="Clients refuse another host's certificate, so HTTPS fails for this host.",
    cure="Add the host to the domains of a ManagedCertificate.",
    given={"wiring.front.schemes": ("HTTP", "HTTPS"), "wiring.front.redirects": True},
    breaks={
        "wiring.front.managed_hosts": ("shop.example.com",),
        "wiring.front.managed_certificates": (("shop", ("shop.example.com",)),),
    },
    warns={
        "wiring.front.redirects": False,
        "wiring.front.managed_hosts": ("shop.example.com",),
        "wiring.front.managed_certificates": (("shop", ("shop.example.com",)),),
    },
    keeps={
        "wiring.front.managed_hosts": ("www.example.com",),
        "wiring.front.managed_certificates": (("shop", ("www.example.com",)),),
    },
    fact="Ingress",
)
def certificates_cover_the_hosts(rollout: Rollout) -> Iterator[Diagnostic]:
    """Each host of the routes is a domain of a ManagedCertificate, if all certificates are managed ones, and known."""
    wiring, front = rollout.wiring, rollout.wiring.front if rollout.wiring else None
    if wiring is None or front is None or front.certificates or not front.managed_certificates:
        return
    known = {domain for _, domains in front.managed_certificates for domain in domains}
    if not known.issuperset(front.managed_hosts):
        return
    hosts = dict.fromkeys(route.partition("/")[0] for route in wiring.routes if "/" in route)
    only_https = front.redirects or "HTTP" not in front.schemes
    for host in hosts:
        if "*" not in host and host not in known:
            yield Diagnostic(
                rule="certificates-cover-the-hosts",
                severity=Severity.ERROR if only_https else Severity.WARNING,
                input="wiring.front.managed_certificates",
                value=host,
                seen=f"a host that is served but that no certificate covers; they cover {', '.join(sorted(known))}",
                why="clients refuse another host's certificate",
                source=MANAGED_CERTIFICATES,
                would_pass=f"{host} among the domains of a ManagedCertificate",
            )
