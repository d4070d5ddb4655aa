"""`WebService`: an HTTP service behind a container-native load balancer whose rollouts drop no request.

It puts the parts together in the order that matters: Namespace, `NegService`, `Ingress` or `Gateway`, and
`RollingDeployment`. Each stands in a module of its own, and can be used alone.
"""

from collections.abc import Iterator
from typing import Any, Unpack, cast, overload

import pulumi

from gke_nodrop.backend import neg_service, neg_service_args
from gke_nodrop.backend.settings import BackendArgs
from gke_nodrop.gateway import gateway
from gke_nodrop.gateway.gateway import GatewayParts
from gke_nodrop.ingress import ingress
from gke_nodrop.ingress.ingress import IngressParts
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.shared import namespace, options
from gke_nodrop.shared.cluster_provider import with_zones
from gke_nodrop.timing import timings
from gke_nodrop.web_service import web_service_args
from gke_nodrop.web_service.web_service_args import WebServiceArgs
from gke_nodrop.workload import rolling_deployment
from gke_nodrop.workload.rolling_deployment import RollingDeploymentArgs


def _ways_around_iap(args: WebServiceArgs) -> Iterator[str]:
    if "iap" in args.get("backend", BackendArgs()) and "network_policy" not in args:
        yield (
            "backend.iap without network_policy: other pods of the cluster reach the application without IAP (Google, "
            "Securing your app with signed headers). Give network_policy, or let the application verify the signed "
            "header x-goog-iap-jwt-assertion of each request"
        )


class WebService(pulumi.ComponentResource):
    """An HTTP service on GKE with a Namespace, an address and a load balancer of its own.

    Runs on any VPC-native cluster with Kubernetes 1.30 or newer: the cluster's `kubernetes_provider`, or any other,
    comes through the options (`provider=…`, or `providers=[…]` together with one for gcp). Give another one a
    `cluster_identifier`: without it, a changed kubeconfig can replace the provider and all that is on the cluster. Give
    the node pools, or the Autopilot cluster, to `depends_on`, so that the Namespace is gone before the nodes.

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
        protocol: What the container speaks with the load balancer.
        mounts: Volumes that the container sees.
        init_containers: Containers that run to completion, one after another, before the pod's other containers start;
            native sidecars have started by then.
        sidecars: Native sidecars: containers that start before the others, in this order, and stop after them.
        containers: Further containers beside the serving one.
        volumes: Volumes that containers mount.
        read_only_root_filesystem: Whether all containers may write into mounted volumes only.
        autoscaling: Lets the load decide the number of pods; `replicas` is not given then.
        workload_identity: Lets the pods act as a Google service account.
        network_policy: Lets only the load balancer, and the peers stated, connect to the pods.
        health_check: The load balancer's health check, from which the probes follow.
        rollout: How the application behaves, and overrides of the timings that follow.
        accept: Rules that may be broken, by name, each with the reason why the service can live with it.
        namespace: Name of the Namespace that the component makes and owns.
        existing_namespace: Name of a Namespace that exists, instead of one of its own.
        hosts: Domain names that are served; the first label may be *.
        backend: How the load balancer treats the service besides timings.
        ingress: The Ingress.
        gateway: A Gateway, instead of an Ingress or beside it: with both given, both serve.

    Attributes: `namespace` (None if one is given), and the parts with the attributes of the components of their kind:
    `backend` (as `NegService`: `service`, `backend_config`…), `ingress` (as `Ingress`; None without one), `gateway` (as
    `Gateway`; None without one), `pods` (as `RollingDeployment`: `deployment`, `disruption_budget`…); and `rollout`,
    the timings.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    address: pulumi.Output[str]
    """IPv4 address of the Ingress, or of the Gateway where it is alone; DNS records of `hosts` point at it."""
    url: pulumi.Output[str]
    """URL of the service, at that address."""
    gateway_address: pulumi.Output[str]
    """IPv4 address of the Gateway; empty without one."""

    @overload
    def __init__(self, name: str, /, args: WebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[WebServiceArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: WebServiceArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(
            WebService,
            name,
            WebServiceArgs,
            args,
            inputs,
            opts,
            known=lambda given: with_zones(given, opts),
            notes=lambda args: timings.waiver_notes(args.get("accept", {})),
        )
        super().__init__("gke-nodrop:index:WebService", name, {}, opts)
        judgement = rolling_deployment.judge(checked)
        for warning in (
            *rolling_deployment.warnings(checked, judgement),
            *neg_service_args.warnings(web_service_args.neg_service_of(checked, name)),
            *_ways_around_iap(checked),
        ):
            pulumi.log.warn(warning, resource=self)
        self.rollout = judgement.possible
        space = checked.get("existing_namespace", checked.get("namespace", name))
        first = options.first_child(self, opts)

        self.namespace = None
        if "existing_namespace" not in checked:
            own = checked.get("namespace", name)
            self.namespace = namespace.namespace(name, own, first, restricted="run_as_user" in checked)
            first = pulumi.ResourceOptions(parent=self, depends_on=[self.namespace])

        self.backend = neg_service.serve(name, web_service_args.neg_service_of(checked, space), self.rollout, first)
        after_backend = options.child_after(first, *self.backend.resources)
        self.ingress = self.gateway = None
        in_front: list[IngressParts | GatewayParts] = []
        load_balancers: list[pulumi.Resource] = []
        if web_service_args.has_ingress(checked):
            self.ingress = ingress.expose(name, web_service_args.ingress_of(checked, space, name), after_backend)
            in_front.append(self.ingress)
            load_balancers.append(self.ingress.ingress)
        if "gateway" in checked:
            routed = web_service_args.gateway_of(checked, space, name)
            self.gateway = gateway.route(f"{name}-gateway", routed, after_backend)
            in_front.append(self.gateway)
            load_balancers += [self.gateway.gateway, *self.gateway.http_routes]
        # Last: the gate of pods that no load balancer serves yet opens unchecked.
        workload = cast("RollingDeploymentArgs", {**checked, "namespace": space})
        ready = options.child_after(first, self.backend.service, *load_balancers)
        self.pods = rolling_deployment.deploy(name, workload, self.rollout, ready)

        self.address, self.url = in_front[0].address, in_front[0].url
        self.gateway_address = self.gateway.address if self.gateway else pulumi.Output.from_input("")
        self.register_outputs({"address": self.address, "url": self.url, "gateway_address": self.gateway_address})
