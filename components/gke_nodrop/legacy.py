"""`LegacyNodePortService`: the way of serving that lets unready pods have traffic, to be compared with `WebService`.

NodePort, instance groups and kube-proxy, a plain Deployment with the readiness probe of the field report that found the
fault (GKE, 2019). Nothing is solved or judged here; do not serve users with it.
"""

from collections.abc import Iterator
from typing import Annotated, Any, NotRequired, Unpack, overload

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.backend import service
from gke_nodrop.ingress import ingress
from gke_nodrop.ingress import routes as ingress_routes
from gke_nodrop.ingress.routes import IngressRuleArgs, RoutedPath
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.declared import Example
from gke_nodrop.inputs.faults import Fault
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import UrlPath
from gke_nodrop.shared import namespace, options
from gke_nodrop.shared.names import PORT_NAME, labels
from gke_nodrop.shared.namespace import OwnNamespaceArgs
from gke_nodrop.timing import rollout_args, timings
from gke_nodrop.timing.rollout_args import BehaviourArgs
from gke_nodrop.workload import deployment, sources, volumes
from gke_nodrop.workload import serving_container as workload
from gke_nodrop.workload.serving_container import WorkloadArgs
from nodrop.gke import defaults


class LegacyNodePortServiceArgs(WorkloadArgs, OwnNamespaceArgs):
    """Inputs of `LegacyNodePortService`."""

    paths: NotRequired[
        Annotated[
            list[Annotated[RoutedPath, Example("/")]], limits.not_empty("paths", "Kubernetes API, HTTPIngressRuleValue")
        ]
    ]
    """Path prefixes that the Ingress routes; all else goes to the default backend, the same Service. Default /."""
    readiness_path: NotRequired[UrlPath]
    """Path of the readiness probe. Default /ready/."""
    rollout: NotRequired[BehaviourArgs]
    """How the application behaves, for the tools that rehearse it; decides nothing here."""


@rule(LegacyNodePortServiceArgs, needs_name=True)
def _default_namespace_is_free(args: LegacyNodePortServiceArgs, name: str) -> Iterator[Fault]:
    yield from namespace.default_name_is_free(args, name)


@rule(LegacyNodePortServiceArgs)
def _files_fit_into_their_objects(args: LegacyNodePortServiceArgs) -> Iterator[Fault]:
    yield from workload.files_fit({"": ("", args)})


@rule(LegacyNodePortServiceArgs)
def _paths_differ(args: LegacyNodePortServiceArgs) -> Iterator[Fault]:
    yield from ingress_routes.each_path_counts(_rule("", args)["paths"], "paths[{}]")


class LegacyNodePortService(pulumi.ComponentResource):
    """An HTTP service behind instance groups, on a Standard cluster with the legacy datapath.

    Dataplane V2, and so Autopilot, has no kube-proxy, whose NAT is at issue. Kubernetes provider and `depends_on` as in
    `WebService`, to which docs/migration.md leads from here without downtime.

    The field report's variants are one pod or more (`replicas`), and an application that drops the keep-alive header
    and closes each connection, so that none stays with an unready pod; `rollout` tells it as a
    `keep_alive_timeout_seconds` of 0.

    Args:
        image: Container image, by tag or digest.
        command: Entry point.
        args: Arguments.
        env: Environment variables, in clear in the Deployment.
        secret_env: Environment variables that a Kubernetes Secret holds; a changed value replaces the pods.
        files: Absolute path to text of files mounted read-only, in clear in a ConfigMap.
        secret_files: Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text
            replaces the pods.
        resources: CPU and memory.
        port: Port on which the container serves.
        replicas: Pods.
        run_as_user: Numeric user, not root; the pods then meet the Pod Security Standard "restricted".
        namespace: Name of the Namespace that the component makes and owns.
        paths: Path prefixes that the Ingress routes; all else goes to the default backend, the same Service.
        readiness_path: Path of the readiness probe.
        rollout: How the application behaves, for the tools that rehearse it; decides nothing here.

    Attributes: `namespace`, `config_map`, `secret` and `secret_files` (None if not needed), `service`, `ingress`,
    `deployment`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    address: pulumi.Output[str]
    """IPv4 address, the Ingress's own: it goes with the Ingress."""
    url: pulumi.Output[str]
    """URL of the service."""

    @overload
    def __init__(
        self, name: str, /, args: LegacyNodePortServiceArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[LegacyNodePortServiceArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: LegacyNodePortServiceArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(LegacyNodePortService, name, LegacyNodePortServiceArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:LegacyNodePortService", name, {}, opts)
        space = checked.get("namespace", name)

        self.namespace = namespace.namespace(name, space, options.first_child(self, opts))
        first = pulumi.ResourceOptions(parent=self, depends_on=[self.namespace])
        read = sources.sources(name, space, {"": checked}, first)
        self.config_map, self.secret, self.secret_files = read.files, read.secret, read.secret_files
        self.service = service.node_port_service(name, space, first)
        self.ingress = ingress.load_balancer(
            name,
            space,
            annotations={},
            default_service=name,
            rules=[_rule(name, checked)],
            opts=options.child_after(first, self.service),
        )
        self.deployment = _deployment(
            name, space, checked, read, options.child_after(first, self.service, self.ingress, *read.resources)
        )

        self.address = self.ingress.status.apply(ingress.address_of)
        self.url = pulumi.Output.concat("http://", self.address, "/")
        self.register_outputs({"address": self.address, "url": self.url})


def _rule(name: str, args: LegacyNodePortServiceArgs) -> IngressRuleArgs:
    return {"paths": [{"path": path, "service": name} for path in args.get("paths", ["/"])]}


def _deployment(
    name: str,
    space: str,
    args: LegacyNodePortServiceArgs,
    read: sources.Sources,
    opts: pulumi.ResourceOptions,
) -> "k8s.apps.v1.Deployment":
    """Default strategy, default deadline and grace period, no hook and no gate.

    The readiness probe is that of a field report of unready pods that still got traffic (GKE, 2019).
    """
    container = workload.container(name, args, read) | {
        "readinessProbe": {
            "httpGet": {"path": args.get("readiness_path", "/ready/"), "port": PORT_NAME},
            "periodSeconds": 10,
            "timeoutSeconds": 5,
            "successThreshold": 1,
            "failureThreshold": 2,
        }
    }
    mounted = volumes.volumes({}, read)
    pod = {
        "automountServiceAccountToken": False,
        "securityContext": workload.pod_security(args),
        "containers": [container],
        **({"volumes": mounted} if mounted else {}),
    }
    spec: Any = {
        "replicas": args.get("replicas", rollout_args.DEFAULT_REPLICAS),
        "selector": {"matchLabels": labels(name)},
        "template": {"metadata": {"labels": labels(name)}, "spec": pod},
    }
    annotations = timings.behaviour_annotations(args.get("rollout", BehaviourArgs()))
    awaited = deployment.timeouts(
        defaults.PROGRESS_DEADLINE_SECONDS + deployment.TIMEOUT_MARGIN_SECONDS, defaults.GRACE_PERIOD_SECONDS
    )
    return k8s.apps.v1.Deployment(
        name,
        metadata={"name": name, "namespace": space, "annotations": annotations},
        spec=spec,
        opts=options.child_after(opts, custom_timeouts=awaited),
    )
