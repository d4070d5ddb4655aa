"""The load balancer's health check of a Service port, as GKE's controllers make it, and the kubelet's probe.

Behind an Ingress three layers, as in kubernetes/ingress-gce pkg/healthchecks: the controller's defaults for the kind of
backend, over them path and times of a readiness probe that meets every condition, over them each field that a
BackendConfig states. Behind a Gateway what a HealthCheckPolicy states, over the policy's defaults.
"""

from nodrop.gke import defaults
from nodrop.gke.health_checks import (
    GATEWAY_HEALTH_CHECK,
    INSTANCE_GROUP_HEALTH_CHECK,
    INSTANCE_GROUP_PROBE_ADDED_INTERVAL_SECONDS,
    NEG_HEALTH_CHECK,
    HealthCheck,
    Probe,
    asks_path,
)
from nodrop.gke.services import ALPHA_APP_PROTOCOLS, APP_PROTOCOLS, read_app_protocols
from nodrop.paths.decoded import annotation_of, decoded
from nodrop.paths.fields import Field
from nodrop.paths.ports import target_port_of

_PROBE_SCHEMES = {"HTTP": "HTTP", "HTTPS": "HTTPS", "HTTP2": "HTTPS"}
"""Scheme that a probe must have to be taken over, by the backend's protocol."""


def kubelet_probe(probe: Field) -> Probe | None:
    """An httpGet probe with Kubernetes' defaults, which a 0 stands for too; none where there is no such probe.

    Its path begins with a slash, stated or not, and has its query. Source: kubernetes/kubernetes
    pkg/probe/http/request.go formatURL.
    """
    if probe["httpGet"].value is None:
        return None
    return Probe(
        path=f"/{(probe['httpGet']['path'].text() or '').removeprefix('/')}",
        period_seconds=probe["periodSeconds"].integer(default=0) or defaults.PROBE_PERIOD_SECONDS,
        timeout_seconds=probe["timeoutSeconds"].integer(default=0) or defaults.PROBE_TIMEOUT_SECONDS,
        success_threshold=probe["successThreshold"].integer(default=0) or defaults.PROBE_SUCCESS_THRESHOLD,
        failure_threshold=probe["failureThreshold"].integer(default=0) or defaults.PROBE_FAILURE_THRESHOLD,
        initial_delay_seconds=probe["initialDelaySeconds"].integer(default=0),
        termination_grace_period_seconds=None
        if probe["terminationGracePeriodSeconds"].value is None
        else probe["terminationGracePeriodSeconds"].integer(default=0),
    )


def policy_check(policy: Field, protocol: str | None) -> HealthCheck:
    """The health check behind a Gateway, from the `spec.default` of the Service's HealthCheckPolicy or an absent one.

    No readiness probe is taken over. Without a policy the check asks in `protocol`, which the load balancer speaks to
    the pods; HTTP/2 in clear is asked by HTTP. Source: Google, Configure Gateway resources using Policies, Configure
    health check. Of a policy that states no type it is HTTP. Source: GoogleCloudPlatform/gke-gateway-api
    apis/networking/v1/healthcheck_types.go.

    Raises:
        ReadingError: a field that the check depends on cannot be read.
    """
    default, port = GATEWAY_HEALTH_CHECK, _policy_config(policy)["port"]
    by_default = protocol if policy.value is None and protocol in ("HTTPS", "HTTP2") else default.type
    kind = policy["config"]["type"].text() or by_default
    return HealthCheck(
        path=(policy_check_path(policy).text() or default.path) if asks_path(kind) else "",
        check_interval_seconds=policy["checkIntervalSec"].integer(least=1, default=default.check_interval_seconds),
        timeout_seconds=policy["timeoutSec"].integer(least=1, default=default.timeout_seconds),
        healthy_threshold=policy["healthyThreshold"].integer(least=1, default=default.healthy_threshold),
        unhealthy_threshold=policy["unhealthyThreshold"].integer(least=1, default=default.unhealthy_threshold),
        port=None if port.value is None else port.port(),
        type=kind,
        host=_policy_config(policy)["host"].text(),
    )


def policy_check_path(policy: Field) -> Field:
    """Where a HealthCheckPolicy's `spec.default` states the path that is asked."""
    return _policy_config(policy)["requestPath"]


def policy_states_check(policy: Field) -> bool:
    """Whether a HealthCheckPolicy's `spec.default` states what is asked: a path, or a check that asks none."""
    return policy_check_path(policy).text() is not None or not asks_path(policy["config"]["type"].text() or "HTTP")


def _policy_config(policy: Field) -> Field:
    check = policy["config"]
    return check[f"{(check['type'].text() or 'HTTP').lower()}HealthCheck"]


def load_balancer_check(
    *, service: Field, service_port: Field, pod: Field, backend_config: Field, from_nodes: bool
) -> HealthCheck:
    """The health check of one Service port.

    Args:
        service: the whole Service.
        service_port: its entry of `spec.ports`.
        pod: the pod template's `spec`.
        backend_config: the BackendConfig's `spec`, or an absent one.
        from_nodes: the backend is an instance group, not a NEG.

    Raises:
        ReadingError: a field that the check depends on cannot be read.
    """
    check = INSTANCE_GROUP_HEALTH_CHECK if from_nodes else NEG_HEALTH_CHECK
    probe, host = inferred_probe(service, service_port, pod)
    added = INSTANCE_GROUP_PROBE_ADDED_INTERVAL_SECONDS if from_nodes else 0
    path = check.path if probe is None else probe.path
    interval = check.check_interval_seconds if probe is None else probe.period_seconds + added
    timeout = check.timeout_seconds if probe is None else probe.timeout_seconds
    stated = backend_config["healthCheck"]
    port = stated["port"]
    return HealthCheck(
        path=stated["requestPath"].text() or path,
        check_interval_seconds=stated["checkIntervalSec"].integer(least=1, default=interval),
        timeout_seconds=stated["timeoutSec"].integer(least=1, default=timeout),
        healthy_threshold=stated["healthyThreshold"].integer(least=1, default=check.healthy_threshold),
        unhealthy_threshold=stated["unhealthyThreshold"].integer(least=1, default=check.unhealthy_threshold),
        port=None if port.value is None else port.port(),
        type=stated["type"].text() or protocol_of(service, service_port),
        host=host,
    )


def inferred_probe(service: Field, service_port: Field, pod: Field) -> tuple[Probe | None, str | None]:
    """The readiness probe that the controller takes over, if any, and the host that it names.

    Source: kubernetes/ingress-gce pkg/controller/translator/translator.go getHTTPProbe, isSimpleHTTPProbe.
    """
    scheme = _PROBE_SCHEMES[protocol_of(service, service_port)]
    stated = target_port_of(service_port)
    target = stated.value if stated.number() is None else stated.number()
    for container in pod["containers"].entries():
        get = container["readinessProbe"]["httpGet"]
        headers = [header["name"].text() for header in get["httpHeaders"].entries()]
        simple = get.value is not None and get["host"].text() is None and headers in ([], ["Host"])
        if not simple or (get["scheme"].text() or "HTTP") != scheme:
            continue
        for port in container["ports"].entries():
            names = (port["containerPort"].number(), port["name"].text())
            if None not in (target, get["port"].value) and target in names and get["port"].value in names:
                host = next((header["value"].text() for header in get["httpHeaders"].entries()), None)
                return kubelet_probe(container["readinessProbe"]), host
    return None, None


def protocol_of(service: Field, service_port: Field) -> str:
    """What the backend speaks, after the Service's annotation for this port."""
    annotation = annotation_of(service, ALPHA_APP_PROTOCOLS, APP_PROTOCOLS)
    return (decoded(annotation, read_app_protocols) or {}).get(service_port["name"].text() or "", "HTTP")
