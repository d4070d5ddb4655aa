"""The EndpointSlice controller: which pods stand behind a Service, on which port, and in what condition.

Follows kubernetes/kubernetes staging/src/k8s.io/endpointslice (utils.go podToEndpoint, reconciler.go): pods
that are not ready, or terminating, stay in the slice and are marked. Not here: splitting into slices of 100 endpoints,
topology hints, publishNotReadyAddresses.
"""

from dataclasses import dataclass

from nodrop.gke.kinds import api_version
from nodrop.lab.store import Manifest, NotFoundError, Store, is_true

SERVICE_NAME_LABEL = "kubernetes.io/service-name"


@dataclass
class EndpointSliceController:
    """Keeps one EndpointSlice for each Service and set of resolved target ports."""

    store: Store

    def sync(self) -> None:
        """One step for each Service with a selector."""
        for service in self.store.list("Service"):
            if service["spec"].get("selector"):
                self._sync(service)

    def _sync(self, service: Manifest) -> None:
        namespace, name = service["metadata"]["namespace"], service["metadata"]["name"]
        slices: dict[tuple[int | None, ...], list[Manifest]] = {}
        for pod in self.store.list("Pod"):
            if selects(service, pod) and pod["status"].get("podIP") and pod["status"]["phase"] == "Running":
                ports = tuple(find_port(pod, port) for port in service["spec"]["ports"])
                slices.setdefault(ports, []).append(_endpoint(pod))
        wanted = {f"{name}-{'-'.join(str(port) for port in ports)}": ports for ports in slices}
        for existing in self.store.list("EndpointSlice"):
            metadata = existing["metadata"]
            ours = metadata["namespace"] == namespace and metadata["labels"][SERVICE_NAME_LABEL] == name
            if ours and metadata["name"] not in wanted:
                self.store.delete("EndpointSlice", namespace, metadata["name"])
        for slice_name, numbers in wanted.items():
            ports = [
                {"name": port.get("name"), "port": number}
                for port, number in zip(service["spec"]["ports"], numbers, strict=True)
                if number is not None
            ]
            content = {"endpoints": slices[numbers], "ports": ports}
            try:
                self.store.patch("EndpointSlice", namespace, slice_name, content)
            except NotFoundError:
                metadata = {"name": slice_name, "namespace": namespace, "labels": {SERVICE_NAME_LABEL: name}}
                self.store.create(
                    {
                        "apiVersion": api_version("EndpointSlice"),
                        "kind": "EndpointSlice",
                        "metadata": metadata,
                        **content,
                    }
                )


def _endpoint(pod: Manifest) -> Manifest:
    serving, terminating = is_true(pod, "Ready"), "deletionTimestamp" in pod["metadata"]
    return {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": serving and not terminating, "serving": serving, "terminating": terminating},
        "nodeName": pod["spec"]["nodeName"],
        "targetRef": {"kind": "Pod", "namespace": pod["metadata"]["namespace"], "name": pod["metadata"]["name"]},
    }


def selects(service: Manifest, pod: Manifest) -> bool:
    """Whether the Service's selector matches the pod's labels."""
    selector, labels = service["spec"].get("selector"), pod["metadata"].get("labels", {})
    same_namespace = service["metadata"]["namespace"] == pod["metadata"]["namespace"]
    return bool(selector) and same_namespace and selector.items() <= labels.items()


def find_port(pod: Manifest, service_port: Manifest) -> int | None:
    """FindPort: an integer targetPort as it is, a name by the containers' declared ports; None if none has it."""
    target = service_port.get("targetPort", service_port["port"])
    if isinstance(target, int):
        return target
    declared = (port for container in pod["spec"]["containers"] for port in container.get("ports", []))
    return next((port["containerPort"] for port in declared if port.get("name") == target), None)
