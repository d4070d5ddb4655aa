"""Puts GKE's readiness gate into pods at admission, by a MutatingAdmissionPolicy in the place of GKE's webhook.

As on GKE, only pods created after their Service is load balanced get it: after the Service selects them and the ingress
controller has noted the Service's NEGs in `cloud.google.com/neg-status`, which takes an Ingress that refers to it.
"""

from nodrop.gke.services import NEG_STATUS, READINESS_GATE
from nodrop.lab.kubernetes.rest import Client, Object

GATE = READINESS_GATE
POLICY = "pod-ready.config.common-webhooks.networking.gke.io"
VERSION = "admissionregistration.k8s.io/v1beta1"
PROBE = "gate-probe"
"""A Namespace for the time of the start only."""

# The list itself has to be there before something can be appended; an Object literal in it makes 1.34.4 panic.
MUTATION = f"""
(has(object.spec.readinessGates) ? [] : [JSONPatch{{op: "add", path: "/spec/readinessGates", value: []}}]) +
[JSONPatch{{op: "add", path: "/spec/readinessGates/-", value: {{"conditionType": "{GATE}"}}}}]
"""
CONDITIONS = {
    "balanced": f"has(params.metadata.annotations) && '{NEG_STATUS}' in params.metadata.annotations",
    "selected": "has(params.spec.selector) && size(params.spec.selector) > 0 && has(object.metadata.labels) && "
    "params.spec.selector.all(k, k in object.metadata.labels && object.metadata.labels[k] == params.spec.selector[k])",
    "new": f"!has(object.spec.readinessGates) || !object.spec.readinessGates.exists(g, g.conditionType == '{GATE}')",
}


def install(client: Client) -> None:
    """Creates the policy, its binding, and the probe that `works` uses. A new policy takes about a second to act."""
    client.create(
        {
            "apiVersion": VERSION,
            "kind": "MutatingAdmissionPolicy",
            "metadata": {"name": POLICY},
            "spec": {
                "failurePolicy": "Fail",
                "reinvocationPolicy": "Never",
                "paramKind": {"apiVersion": "v1", "kind": "Service"},
                "matchConstraints": {
                    "resourceRules": [
                        {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}
                    ]
                },
                "matchConditions": [{"name": name, "expression": text} for name, text in CONDITIONS.items()],
                "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": MUTATION}}],
            },
        }
    )
    client.create(
        {
            "apiVersion": VERSION,
            "kind": "MutatingAdmissionPolicyBinding",
            "metadata": {"name": POLICY},
            "spec": {"policyName": POLICY, "paramRef": {"selector": {}, "parameterNotFoundAction": "Allow"}},
        }
    )
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": PROBE}})
    client.create(
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": PROBE, "namespace": PROBE, "annotations": {NEG_STATUS: "{}"}},
            "spec": {"selector": {"app": PROBE}, "ports": [{"port": 80}]},
        }
    )


def works(client: Client) -> bool:
    """Whether a pod would get the gate now."""
    pod: Object = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": PROBE, "namespace": PROBE, "labels": {"app": PROBE}},
        "spec": {"containers": [{"name": "probe", "image": "probe"}]},
    }
    return bool(client.create(pod, dry_run=True)["spec"].get("readinessGates"))


def clean_up(client: Client) -> None:
    """Removes the probe."""
    client.delete("v1", "Service", PROBE, PROBE)
    client.delete("v1", "Namespace", PROBE)
