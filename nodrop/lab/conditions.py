"""What on a serving path the lab does otherwise than GKE, so that a rehearsal would say nothing about that path.

Each reason names object and field. Limits that hold for every rehearsal are in `nodrop.report.limits`.
"""

from collections.abc import Iterator

from nodrop.paths import Backend, ServingPath
from nodrop.paths.fields import Field, name_of, whole
from nodrop.rollout import Rollout

_OTHER_PROBES = ("exec", "grpc")


def unrehearsed(path: ServingPath, rollout: Rollout, *, stand_in: bool) -> tuple[str, ...]:
    """Why the path cannot be rehearsed as it is declared; empty if it can.

    Args:
        path: what would be rehearsed.
        rollout: what its objects say.
        stand_in: whether the stand-in runs in the place of the application, so that what it answers at other paths
            than the readiness probe's is not known.
    """
    return tuple(_reasons(path, rollout, stand_in=stand_in))


def _reasons(path: ServingPath, rollout: Rollout, *, stand_in: bool) -> Iterator[str]:
    check, governor = rollout.health_check, _governor(path)
    if check.port not in (None, path.target_port):
        yield f"{governor}: health check port {check.port}: the lab's load balancer asks the port that requests go to"
    if check.type != "HTTP":
        yield f"{governor}: health check type {check.type}: the lab's load balancer asks in HTTP"
    probe = _container(path)["readinessProbe"]
    if stand_in and rollout.readiness_probe and rollout.readiness_probe.path != check.path:
        yield (
            f"{governor}: the health check asks {check.path}, and the readiness probe {rollout.readiness_probe.path}: "
            "what the application answers at each is not known"
        )
    if (action := next((kind for kind in _OTHER_PROBES if probe[kind].value is not None), None)) is not None:
        yield f"{name_of(path.deployment)}: {probe.path}.{action}: the lab's kubelet asks by HTTP or connects"
    if stand_in and (asked := _asked_elsewhere(path, probe)) is not None:
        yield f"{name_of(path.deployment)}: {probe.path}: asks port {asked}; the stand-in listens on {path.target_port}"
    if path.backend is Backend.INSTANCE_GROUP:
        policy = whole(path.service)["spec"]["externalTrafficPolicy"]
        if policy.value == "Local":
            yield f"{policy.object}: {policy.path}: Local: the lab's nodes send requests to pods of every node"
    if rollout.wiring is not None and rollout.wiring.protocol not in (None, "HTTP"):
        yield f"{name_of(path.service)}: protocol {rollout.wiring.protocol}: the lab's load balancer speaks HTTP/1.1"


def _governor(path: ServingPath) -> str:
    """The object that states the health check, or would."""
    stated = path.health_check_policy if path.by_gateway else path.backend_config
    return name_of(stated or path.service)


def _container(path: ServingPath) -> Field:
    pod = whole(path.deployment)["spec"]["template"]["spec"]
    containers = (*pod["containers"].entries(), *pod["initContainers"].entries())
    return next(each for each in containers if each["name"].value == path.container)


def _asked_elsewhere(path: ServingPath, probe: Field) -> object:
    """The port that a probe asks where it is not the serving one; None if it is, or nothing is asked."""
    action = next((probe[kind] for kind in ("httpGet", "tcpSocket") if probe[kind].value is not None), None)
    if action is None:
        return None
    port = action["port"].value
    declared = {each["name"].value: each["containerPort"].value for each in _container(path)["ports"].entries()}
    number = declared.get(port, port)
    return None if number == path.target_port else number
