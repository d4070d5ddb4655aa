"""`LegacyNodePortService`: the way of serving that lets unready pods have traffic, to be compared with `WebService`.

NodePort, instance groups and kube-proxy, a plain Deployment with the readiness probe of the field report that found the
fault (GKE, 2019). Nothing is solved or judged here; do not serve users with it.
"""

from typing import NotRequired

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop import deployment, ingress, limits, namespace, options, service, timings, workload
from gke_nodrop.inputs import check
from gke_nodrop.timings import BehaviourArgs
from gke_nodrop.workload import WorkloadArgs
from nodrop.rollout.facts import DEFAULT_GRACE_PERIOD_SECONDS, DEFAULT_PROGRESS_DEADLINE_SECONDS


class LegacyNodePortServiceArgs(WorkloadArgs):
    """Inputs of `LegacyNodePortService`."""

    paths: NotRequired[list[str]]
    """Path prefixes that the Ingress routes; all else goes to the default backend, the same Service. Default /."""
    readiness_path: NotRequired[str]
    """Path of the readiness probe. Default /ready/."""
    rollout: NotRequired[BehaviourArgs]
    """How the application behaves, for the tools that rehearse it; decides nothing here."""


EXAMPLE: LegacyNodePortServiceArgs = {
    **workload.EXAMPLE,
    "paths": ["/"],
    "readiness_path": "/ready/",
    "rollout": timings.BEHAVIOUR_EXAMPLE,
}
_LIMITS = {
    **workload.LIMITS,
    **timings.BEHAVIOUR_LIMITS,
    "paths": limits.not_empty("paths", "Kubernetes API, HTTPIngressRuleValue"),
    "paths[]": limits.URL_PATH,
    "readiness_path": limits.URL_PATH,
}


class LegacyNodePortService(pulumi.ComponentResource):
    """An HTTP service behind instance groups, on a Standard cluster with the legacy datapath.

    Dataplane V2, and so Autopilot, has no kube-proxy, whose NAT is at issue. Kubernetes provider and `depends_on` as in
    `WebService`.

    Attributes: `namespace`, `config_map` and `secret` (None if not needed), `service`, `ingress`, `deployment`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    address: pulumi.Output[str]
    """IPv4 address, the Ingress's own: it goes with the Ingress."""
    url: pulumi.Output[str]
    """URL of the service."""

    def __init__(self, name: str, args: LegacyNodePortServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        checked = check(
            f'LegacyNodePortService "{name}"',
            args,
            LegacyNodePortServiceArgs,
            limits=_LIMITS,
            example=EXAMPLE,
            rules=workload.rules(name),
        )
        super().__init__("gke-nodrop:index:LegacyNodePortService", name, {}, opts)
        space = checked.get("namespace", name)

        def after(*resources: pulumi.Resource) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(parent=self, depends_on=list(resources))

        self.namespace = namespace.namespace(name, space, options.first(self, opts))
        read = workload.sources(name, space, checked, after(self.namespace))
        self.config_map, self.secret = read.files, read.secret
        self.service = service.node_port_service(name, space, after(self.namespace))
        self.ingress = ingress.ingress(
            name,
            space,
            annotations={},
            paths=checked.get("paths", ["/"]),
            opts=after(self.namespace, self.service),
        )
        self.deployment = _deployment(
            name, space, checked, read, after(self.namespace, self.service, self.ingress, *read.resources)
        )

        self.address = self.ingress.status.apply(_address)
        self.url = pulumi.Output.concat("http://", self.address, "/")
        self.register_outputs({"address": self.address, "url": self.url})


def _address(status: "k8s.networking.v1.outputs.IngressStatus | None") -> str:
    addresses = status.load_balancer.ingress if status and status.load_balancer else None
    return (addresses[0].ip if addresses else None) or ""


def _deployment(
    name: str,
    space: str,
    args: LegacyNodePortServiceArgs,
    read: workload.Sources,
    opts: pulumi.ResourceOptions,
) -> "k8s.apps.v1.Deployment":
    """Default strategy, default deadline and grace period, no hook and no gate.

    The readiness probe is that of a field report of unready pods that still got traffic (GKE, 2019).
    """
    container = workload.container(name, args, read)
    container.readiness_probe = k8s.core.v1.ProbeArgs(
        http_get=k8s.core.v1.HTTPGetActionArgs(path=args.get("readiness_path", "/ready/"), port=workload.PORT_NAME),
        period_seconds=10,
        timeout_seconds=5,
        success_threshold=1,
        failure_threshold=2,
    )
    annotations = timings.behaviour_annotations(args.get("rollout", BehaviourArgs()))
    awaited = deployment.timeouts(
        DEFAULT_PROGRESS_DEADLINE_SECONDS + deployment.TIMEOUT_MARGIN_SECONDS, DEFAULT_GRACE_PERIOD_SECONDS
    )
    return k8s.apps.v1.Deployment(
        name,
        metadata={"name": name, "namespace": space, "annotations": annotations},
        spec=k8s.apps.v1.DeploymentSpecArgs(
            replicas=args.get("replicas", workload.DEFAULT_REPLICAS),
            selector=k8s.meta.v1.LabelSelectorArgs(match_labels=service.labels(name)),
            template=k8s.core.v1.PodTemplateSpecArgs(
                metadata=k8s.meta.v1.ObjectMetaArgs(labels=service.labels(name)),
                spec=k8s.core.v1.PodSpecArgs(
                    automount_service_account_token=False,
                    security_context=workload.pod_security(args),
                    containers=[container],
                    volumes=workload.volumes(read),
                ),
            ),
        ),
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(custom_timeouts=awaited)),
    )
