"""From a port of a Service onward: the kind of backend, its BackendConfig, the Deployments, the container and its port.

Each answers as GKE's Ingress controller and the EndpointSlice controller do, and raises `ReadingError` where they find
no answer. Ingresses are not known here.
"""

from collections.abc import Iterator

from nodrop.gke import backend_configs
from nodrop.gke.services import (
    BACKEND_CONFIG,
    BETA_BACKEND_CONFIG,
    NEG,
    BackendConfigs,
    read_backend_configs,
    read_neg,
)
from nodrop.paths.containers import containers_of
from nodrop.paths.decoded import annotation_of, decoded, refused
from nodrop.paths.fields import SECRET, UNKNOWN, Field
from nodrop.paths.index import Index, namespace_of
from nodrop.paths.ports import asks, target_port_of
from nodrop.paths.problems import ProblemKind, ReadingError
from nodrop.paths.serving_path import Backend

_API = "Kubernetes API, PodSpec v1 core"
_NO_PORT = "kubernetes/ingress-gce pkg/neg/utils.go, negServicePorts"
_BAD_TYPE = "kubernetes/ingress-gce pkg/controller/translator/translator.go, maybeEnableNEG"


def backend_of(service: Field, *, always_neg: bool) -> Backend:
    """What the controller makes of a Service's annotation and type, as its maybeEnableNEG does.

    Without the annotation it counts as a NEG, whatever its type, because current GKE clusters add the annotation
    themselves (Google, GKE Ingress for Application Load Balancers); `ServingPath.neg_is_assumed` tells where.
    """
    annotation = annotation_of(service, NEG)
    service_type = service["spec"]["type"].text() or "ClusterIP"
    with_node_ports = service_type in ("NodePort", "LoadBalancer")
    stated = decoded(annotation, read_neg)
    ports = {port["port"].number() for port in service["spec"]["ports"].entries()}
    for port in stated.exposed_ports if stated else ():
        if port not in ports:
            wanted = f"exposed_ports that the Service has; it has no port {port}"
            raise annotation.error(wanted, ProblemKind.REFUSED, _NO_PORT)
    neg = stated is None or stated.ingress
    if not neg and not with_node_ports:
        wanted = f'{{"ingress":true}}, or a Service of type NodePort instead of {service_type}'
        raise annotation.error(wanted, ProblemKind.REFUSED, _BAD_TYPE)
    return Backend.NEG if neg or always_neg else Backend.INSTANCE_GROUP


def backend_config_of(service: Field, port: Field, index: Index) -> Field | None:
    """The BackendConfig of one Service port: by the port's name, by its number, or the default one.

    One that the annotation gives to a port which the Service lacks governs nothing, and the controller says nothing
    (ErrNoBackendConfigForPort in kubernetes/ingress-gce pkg/controller/translator/translator.go).
    """
    annotation = annotation_of(service, BACKEND_CONFIG, BETA_BACKEND_CONFIG)
    stated = decoded(annotation, read_backend_configs) or BackendConfigs()
    name = stated.of(port["name"].text() or "", port["port"].port())
    if name is None:
        return None
    config = index.get(("BackendConfig", namespace_of(service), name))
    if config is None:
        message = f"names BackendConfig {namespace_of(service)}/{name}, which is not among the objects"
        raise annotation.problem(ProblemKind.ABSENT, message)
    return config


def refusals_of(config: Field, index: Index, *, regional: bool) -> Iterator[ReadingError]:
    """An error for each field of a BackendConfig that the controller refuses, and for each Secret without its keys.

    A Secret that is not among the objects, or whose content is masked as a whole, counts as right. `regional`: the
    Ingress's class is gce-regional-external.
    """
    for path, error in backend_configs.refusals(config["spec"].mapping(), regional=regional):
        yield refused(config["spec"].at(path), error)
    for path, name, keys in backend_configs.needed_secrets(config["spec"].mapping()):
        secret = index.get(("Secret", namespace_of(config), name))
        contents = [secret[part] for part in ("data", "stringData")] if secret else []
        if not contents or any(each.value in (SECRET, UNKNOWN) for each in contents):
            continue
        held = {key for each in contents for key in each.mapping()}
        if missing := [key for key in keys if key not in held]:
            wanted = f"a Secret that holds {' and '.join(missing)}"
            yield refused(config["spec"].at(path), backend_configs.missing_key(wanted))


def deployments_of(service: Field, index: Index) -> list[Field]:
    """The Deployments of the Service's namespace whose pods it selects."""
    selector = service["spec"]["selector"].mapping()
    for key, value in selector.items():
        Field(value, service.object, f"spec.selector[{key}]").text()
    if not selector:
        message = "has no selector, so it selects no Deployment"
        raise service["spec"]["selector"].problem(ProblemKind.ABSENT, message)
    selected = [
        deployment
        for deployment in index.deployments_with(namespace_of(service), selector)
        if selector.items() <= deployment["spec"]["template"]["metadata"]["labels"].mapping().items()
    ]
    if not selected:
        shown = ",".join(f"{key}={value}" for key, value in selector.items())
        message = f"selects no Deployment among the objects with its selector {shown}"
        raise service["spec"]["selector"].problem(ProblemKind.ABSENT, message)
    return selected


def target_of(port: Field, deployment: Field) -> tuple[str, int]:
    """The container that owns a Service port's target, and the target's number.

    A name is looked up in the containers and native sidecars (kubernetes/kubernetes pkg/api/v1/pod FindPort). A number
    that no container declares is taken as it is, and counts as that of the first container whose probe asks it, else as
    the first container's.
    """
    pod = deployment["spec"]["template"]["spec"]
    together = containers_of(pod)
    if not pod["containers"].entries():
        raise pod["containers"].problem(ProblemKind.REFUSED, "has no containers", _API)
    target = target_port_of(port)
    number = target.number()
    name = target.text() if number is None else None
    for container in together:
        for declared in container["ports"].entries():
            declared_number = declared["containerPort"].port()
            if (name is not None and declared["name"].text() == name) or (
                number is not None and declared_number == number
            ):
                return _container_name(container), declared_number
    if number is None:
        quoted = f'the text "{name}", a name and no number' if (name or "").isdigit() else name
        message = f"{target.path} is {quoted}: {deployment.object} names no such port"
        raise target.problem(ProblemKind.LEADS_NOWHERE, message)
    asked = next((each for each in together if asks(each, number)), together[0])
    return _container_name(asked), target.port()


def _container_name(container: Field) -> str:
    name = container["name"].text()
    if name is None:
        raise container["name"].problem(ProblemKind.REFUSED, f"{container.path} has no name", _API)
    return name
