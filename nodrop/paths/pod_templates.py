"""Whether two versions of a Deployment have the same pods, as the API server holds them: with its defaults filled in.

A Deployment whose template changes replaces every pod. Source: kubernetes.io, Deployments, Updating a Deployment;
the defaults: kubernetes/kubernetes pkg/apis/core/v1/defaults.go.
"""

from typing import Any

from nodrop.gke import defaults
from nodrop.paths.fields import Manifest, whole
from nodrop.paths.quantities import amount

_OF_PODS: dict[str, object] = {
    "dnsPolicy": "ClusterFirst",
    "enableServiceLinks": True,
    "restartPolicy": "Always",
    "schedulerName": "default-scheduler",
    "terminationGracePeriodSeconds": defaults.GRACE_PERIOD_SECONDS,
}
_OF_PROBES: dict[str, object] = {
    "failureThreshold": defaults.PROBE_FAILURE_THRESHOLD,
    "periodSeconds": defaults.PROBE_PERIOD_SECONDS,
    "successThreshold": defaults.PROBE_SUCCESS_THRESHOLD,
    "timeoutSeconds": defaults.PROBE_TIMEOUT_SECONDS,
}
_ANYWHERE: dict[str, object] = {
    **_OF_PROBES,
    "apiVersion": "v1",
    "defaultMode": 0o644,
    "protocol": "TCP",
    "scheme": "HTTP",
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_QUANTITIES = ("limits", "requests")


def same_pods(before: Manifest, after: Manifest) -> bool:
    """Whether the pod templates are the same. Raises ReadingError where one is no object."""
    return _template(before) == _template(after)


def _template(deployment: Manifest) -> Any:
    template = whole(deployment)["spec"]["template"]
    pod = {key: value for key, value in template["spec"].mapping().items() if _OF_PODS.get(key, _NONE) != value}
    if pod.get("serviceAccount") == pod.get("serviceAccountName"):
        pod.pop("serviceAccount", None)
    metadata = template["metadata"]
    return _stated([pod, metadata["labels"].value, metadata["annotations"].value])


_NONE = object()


def _stated(value: Any) -> Any:
    """The value without what the API server would fill in, and without what says nothing."""
    if isinstance(value, list):
        return [_stated(each) for each in value]
    if not isinstance(value, dict):
        return value
    stated = {}
    for key, given in value.items():
        held = {name: amount(each) for name, each in given.items()} if _is_amounts(key, given) else _stated(given)
        if held not in (None, {}, []) and _ANYWHERE.get(key, _NONE) != held:
            stated[key] = held
    if isinstance(image := stated.get("image"), str) and stated.get("imagePullPolicy") == _pull_policy(image):
        del stated["imagePullPolicy"]
    return stated


def _is_amounts(key: object, given: object) -> bool:
    return key in _QUANTITIES and isinstance(given, dict)


def _pull_policy(image: str) -> str:
    """What the API server fills in."""
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    return "Always" if "@" not in image and tag in ("", "latest") else "IfNotPresent"
