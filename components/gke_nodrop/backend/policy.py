"""The two policies that say to a Gateway what a BackendConfig says to an Ingress, with the same numbers.

Not here: GCPGatewayPolicy, which is the Gateway's own.
"""

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.backend import settings as backends
from gke_nodrop.backend.settings import BackendArgs
from nodrop.gke.kinds import api_version
from nodrop.rollout import Rollout
from nodrop.rollout.manifest import backend_policy_fields, health_check_policy_fields


def backend_policy(
    name: str,
    namespace: pulumi.Input[str],
    rollout: Rollout,
    opts: pulumi.ResourceOptions,
    *,
    backend: BackendArgs,
    iap_secret: pulumi.Input[str] | None,
) -> "k8s.apiextensions.CustomResource":
    """The GCPBackendPolicy of the Service of the same name; `iap_secret` names the Secret with the client's secret.

    Source: Google, Configure Gateway resources using Policies.
    """
    spec = backend_policy_fields(rollout, name)["spec"]
    default = {**spec["default"], **backends.policy_fields(backend, iap_secret)}
    return _policy("GCPBackendPolicy", name, namespace, {**spec, "default": default}, opts)


def health_check_policy(
    name: str,
    namespace: pulumi.Input[str],
    rollout: Rollout,
    opts: pulumi.ResourceOptions,
    *,
    health_check_port: int | None,
) -> "k8s.apiextensions.CustomResource":
    """The HealthCheckPolicy of the Service of the same name.

    Source: Google, Configure Gateway resources using Policies.
    """
    fields = health_check_policy_fields(rollout, name, health_check_port=health_check_port)
    return _policy("HealthCheckPolicy", name, namespace, fields["spec"], opts)


def _policy(
    kind: str, name: str, namespace: pulumi.Input[str], spec: dict[str, object], opts: pulumi.ResourceOptions
) -> "k8s.apiextensions.CustomResource":
    return k8s.apiextensions.CustomResource(
        name,
        api_version=api_version(kind),
        kind=kind,
        metadata={"name": name, "namespace": namespace},
        spec=spec,
        opts=opts,
    )
