"""Objects of a corpus' row -> the same behind a load balancer, so that there is a serving path to judge.

Only what the row does not ask about is added or altered: API versions that are served, a Deployment around the pods of
a bare Pod or a StatefulSet, what the API requires, a Service and an Ingress where there is none.
"""

from collections.abc import Collection, Iterator
from copy import deepcopy
from typing import Any

from nodrop.gke.services import NEG
from nodrop.paths import Manifest

_VERSIONS = {
    "Deployment": "apps/v1",
    "HorizontalPodAutoscaler": "autoscaling/v2",
    "PodDisruptionBudget": "policy/v1",
}
_SPARE_PODS = 6
"""More than any count of pods that the rows without a workload state."""
_LABELS = {"app": "corpus"}


def served(objects: list[Manifest], leave: Collection[str] = ()) -> list[Manifest]:
    """The objects with a path to their pods.

    Args:
        objects: of one row; not altered.
        leave: what the row asks about, so that nothing of it is added: `selector`, `target`, `service`, `ingress`,
            `port`. A Service is left only where the row has one.
    """
    given: list[Any] = [_today(deepcopy(each)) for each in objects if each.get("kind") != "DeploymentConfig"]
    if "target" not in leave:
        given += [*_missing_targets(given)]
    if not _of(given, "Deployment") and not _of(given, "Service") and not _of(given, "Ingress"):
        given.append(_spare(given))
    for number, each in enumerate(_of(given, "Deployment")):
        _complete(each, number, leave)
    for each in _of(given, "PodDisruptionBudget"):
        workload = next(iter(_of(given, "Deployment")), None)
        if workload and not each["spec"].get("selector"):
            each["spec"]["selector"] = {"matchLabels": _labels(workload)}
            each["metadata"]["namespace"] = workload["metadata"].get("namespace", "default")
    if "service" not in leave or not _of(given, "Service"):
        given += [_service(each) for each in _of(given, "Deployment") if not _selected(each, given)]
    if "ingress" not in leave:
        reached = str(_of(given, "Ingress"))
        given += [_ingress(each) for each in _of(given, "Service") if repr(each["metadata"]["name"]) not in reached]
    return given


def _spare(given: list[Any]) -> Manifest:
    """A workload of its own for the budget of a row that has none."""
    budget = next(iter(_of(given, "PodDisruptionBudget")), {})
    labels = (budget.get("spec", {}).get("selector") or {}).get("matchLabels") or dict(_LABELS)
    place = {key: value for key, value in budget.get("metadata", {}).items() if key == "namespace"}
    spec = {"replicas": _SPARE_PODS, "template": {"metadata": {"labels": labels}}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": place, "spec": spec}


def _of(objects: list[Any], kind: str) -> list[Any]:
    return [each for each in objects if each.get("kind") == kind]


def _today(each: Any) -> Manifest:
    each.setdefault("metadata", {})
    each["metadata"] = each["metadata"] or {}
    each["spec"] = each.get("spec") or {}
    each.pop("status", None)
    if each["kind"] == "Pod":
        labels = each["metadata"].get("labels") or {}
        each["spec"] = {"template": {"metadata": {"labels": labels}, "spec": each["spec"]}}
    if each["kind"] in ("Pod", "StatefulSet"):
        each["kind"] = "Deployment"
        for field in ("serviceName", "volumeClaimTemplates", "updateStrategy"):
            each["spec"].pop(field, None)
    if each["kind"] in _VERSIONS:
        each["apiVersion"] = _VERSIONS[each["kind"]]
    if each["kind"] == "HorizontalPodAutoscaler":
        for field in ("metrics", "targetCPUUtilizationPercentage"):
            each["spec"].pop(field, None)
    return each


def _missing_targets(given: list[Any]) -> Iterator[Manifest]:
    known = {each["metadata"].get("name") for each in _of(given, "Deployment")}
    for each in _of(given, "HorizontalPodAutoscaler"):
        name = each["spec"].get("scaleTargetRef", {}).get("name")
        if name and name not in known:
            place = {key: each["metadata"][key] for key in ("namespace",) if key in each["metadata"]}
            yield {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, **place}, "spec": {}}


def _labels(workload: Any) -> dict[str, str]:
    return workload["spec"]["template"]["metadata"].get("labels") or {}


def _complete(workload: Any, number: int, leave: Collection[str]) -> None:
    workload.setdefault("metadata", {}).setdefault("name", f"corpus-{number}")
    spec = workload["spec"]
    spec["template"] = spec.get("template") or {}
    template = spec["template"]
    template["metadata"] = template.get("metadata") or {}
    matched = (spec.get("selector") or {}).get("matchLabels")
    if "selector" not in leave:
        template["metadata"]["labels"] = _labels(workload) or matched or dict(_LABELS)
        spec["selector"] = {"matchLabels": dict(_labels(workload))}
    template["spec"] = template.get("spec") or {}
    pod = template["spec"]
    pod["containers"] = pod.get("containers") or [{"name": "corpus"}]
    for container in pod["containers"]:
        container.setdefault("image", "example/web:1")
    first = pod["containers"][0]
    if "port" not in leave and not any(each.get("ports") for each in pod["containers"]):
        first["ports"] = [{"containerPort": 8080}]


def _selected(workload: Any, given: list[Any]) -> bool:
    place = workload["metadata"].get("namespace", "default")
    labels = _labels(workload).items()
    return any(
        (each["spec"].get("selector") or {}).items() <= labels and each["spec"].get("selector")
        for each in _of(given, "Service")
        if each["metadata"].get("namespace", "default") == place
    )


def _service(workload: Any) -> Manifest:
    ports = [port for each in workload["spec"]["template"]["spec"]["containers"] for port in each.get("ports") or ()]
    target = next((each["containerPort"] for each in ports if "containerPort" in each), 8080)
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            **{key: value for key, value in workload["metadata"].items() if key in ("name", "namespace")},
            "annotations": {NEG: '{"ingress": true}'},
        },
        "spec": {
            "selector": _labels(workload) or workload["spec"]["selector"]["matchLabels"],
            "ports": [{"port": 80, "targetPort": target}],
        },
    }


def _ingress(service: Any) -> Manifest:
    service["metadata"].setdefault("annotations", {}).setdefault(NEG, '{"ingress": true}')
    port = next((each["port"] for each in service["spec"].get("ports") or () if "port" in each), 80)
    place = {key: value for key, value in service["metadata"].items() if key in ("name", "namespace")}
    backend = {"service": {"name": place.get("name"), "port": {"number": port}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": place,
        "spec": {"defaultBackend": backend},
    }


__all__ = ["served"]
