"""A serving path as a `Wiring`: how requests find its pods, as the objects state it.

What lets traffic in (firewall, NetworkPolicy) and the order of creation are no part of the objects on the path, and are
left unsaid.
"""

from collections.abc import Iterable

from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.gateways import entry_of
from nodrop.paths.serving_path import Backend, ServingPath
from nodrop.rollout import Wiring

_NEG = "cloud.google.com/neg"


def read_wiring(path: ServingPath, objects: Iterable[Manifest] = ()) -> Wiring:
    """The wiring of the path; `objects` are those that it was found among, for an autoscaler of its Deployment.

    Raises:
        ReadingError: a field has no readable value.
    """
    service, deployment = whole(path.service), whole(path.deployment)
    port = Field(path.service_port, service.object, "spec.ports[]")
    entry = entry_of(path.entry, path.http_routes)
    return Wiring(
        entry=entry.name,
        container_native=path.backend is Backend.NEG,
        routes=entry.services,
        neg_annotation=service["metadata"]["annotations"][_NEG].text(),
        selector=_texts(service["spec"]["selector"]),
        pod_labels=_texts(deployment["spec"]["template"]["metadata"]["labels"]),
        target_port=_stated(port),
        serving_port=path.target_port if path.backend is Backend.NEG else port["nodePort"].number(),
        publishes_not_ready_addresses=service["spec"]["publishNotReadyAddresses"].value is True,
        states_replicas=deployment["spec"]["replicas"].value is not None,
        autoscaled=any(
            _scales(whole(each), deployment)
            for each in objects
            if isinstance(each, dict) and each.get("kind") == "HorizontalPodAutoscaler"
        ),
    )


def _texts(labels: Field) -> dict[str, str]:
    return {key: labels[key].text() or "" for key in labels.mapping()}


def _stated(port: Field) -> int | str:
    """The target as a number or a name; the port's own number where none is stated."""
    target = port["targetPort"] if port["targetPort"].value is not None else port["port"]
    number = target.number()
    return number if number is not None else target.text() or ""


def _scales(autoscaler: Field, deployment: Field) -> bool:
    target, same = autoscaler["spec"]["scaleTargetRef"], deployment["metadata"]
    return (
        target["kind"].value == "Deployment"
        and target["name"].value == same["name"].value
        and (autoscaler["metadata"]["namespace"].value or "default") == (same["namespace"].value or "default")
    )
