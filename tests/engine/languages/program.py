"""A program in Python that uses the generated SDK, not the library: `python program.py up|refused`."""

import json
import sys

import pulumi
from pulumi import automation
from pulumi_gke_nodrop import (  # ty: ignore[import-not-found]
    AutoscalingArgs,
    ClusterNetworkArgs,
    Datapath,
    HealthCheckArgs,
    Ingress,
    Namespace,
    NegService,
    Network,
    NodePool,
    OnTerm,
    RollingDeployment,
    RolloutArgs,
    StandardCluster,
    WebService,
)


class Kubernetes(pulumi.ProviderResource):
    def __init__(self, name, kubeconfig, cluster_identifier):
        inputs = {"kubeconfig": kubeconfig, "clusterIdentifier": cluster_identifier}
        super().__init__("kubernetes", name, inputs, pulumi.ResourceOptions(version="4.34.2"))


def up():
    net = Network("net", region="us-central1")
    where = ClusterNetworkArgs(
        network=net.network_id, subnetwork=net.subnetwork_id, pods_range="pods", services_range="services"
    )
    cluster = StandardCluster(
        "main",
        location="us-central1",
        network=where,
        zones=["us-central1-b", "us-central1-c"],
        datapath=Datapath.LEGACY,
    )
    pool = NodePool(
        "pool",
        cluster=cluster.cluster_id,
        service_account=cluster.node_service_account,
        autoscaling=AutoscalingArgs(max_nodes=5),
    )
    kubernetes = Kubernetes("main", cluster.kubeconfig, cluster.cluster_id)
    web = WebService(
        "web",
        image=pulumi.Output.concat("shop/web:", pulumi.Output.from_input("1.4")),
        replicas=pulumi.Output.from_input(3),
        env={"NETWORK": net.network_id, "LEVEL": "info"},
        secret_env={"TOKEN": pulumi.Output.secret("hunter2")},
        hosts=["www.example.com"],
        health_check=HealthCheckArgs(path="/healthz"),
        rollout=RolloutArgs(
            longest_request_seconds=7.5, on_term=OnTerm.DRAIN, max_surge=2, keep_alive_timeout_seconds=620
        ),
        opts=pulumi.ResourceOptions(providers=[kubernetes], depends_on=[pool]),
    )
    space = Namespace("parts", opts=pulumi.ResourceOptions(providers=[kubernetes], depends_on=[pool]))
    there = pulumi.ResourceOptions(providers=[kubernetes])
    service = NegService("api", namespace=space.name, opts=there)
    front = Ingress("api", namespace=space.name, default_service=service.service_name, opts=there)
    after = pulumi.ResourceOptions(providers=[kubernetes], depends_on=[front])
    RollingDeployment("api", namespace=space.name, image="shop/api:1", opts=after)
    outputs = {"url": web.url, "address": web.address, "kubeconfig": cluster.kubeconfig, "pool": pool.node_pool_id}
    for name, value in outputs.items():
        pulumi.export(name, value)


def refused():
    net = Network("net", region="us-central1")
    WebService(
        "web",
        image=5,
        replicas=net.network_id.apply(len),
        port="8080",
        hosts="www.example.com",
        secret_env={"1": "hunter2"},
        files={"/app/key": 7, "no/path": pulumi.Output.secret("hunter2")},
        health_check=net.network_id.apply(lambda it: {"path": it}),
        rollout={"onTerm": "explode", "keepAliveTimeoutSecond": 5, "preStopSeconds": 20.5},
    )


def main():
    program = up if sys.argv[1] == "up" else refused
    here = automation.LocalWorkspaceOptions(work_dir=".")
    stack = automation.create_or_select_stack("test", project_name="shop", program=program, opts=here)
    try:
        if program is refused:
            stack.preview()
            return
        first = stack.up()
        again = stack.up(expect_no_changes=True).summary.resource_changes
        resources = (stack.export_stack().deployment or {})["resources"]
        outputs = {name: output.value for name, output in first.outputs.items()}
        said = {"outputs": outputs, "changes": again, "resources": resources, "printed": first.stdout}
        print(json.dumps(said))
    except automation.CommandError as error:
        print(json.dumps({"error": str(error)}))


main()
