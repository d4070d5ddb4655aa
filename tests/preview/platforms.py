"""A program with a cluster, a node pool and one service, and what is found of its pods."""

from nodrop.preview import evaluate
from nodrop.preview.judged import judge_program

PLATFORM = """
    import pulumi_gcp as gcp

    cluster = gcp.container.Cluster("main", {CLUSTER})
    pool = gcp.container.NodePool("pool", cluster=cluster.id, {POOL})
    provider = k8s.Provider("main", kubeconfig=cluster.id.apply(lambda _: "{}"))
    on = pulumi.ResourceOptions(provider=provider, depends_on=[pool])
    {MORE}
    meta = {"name": "api", "namespace": "shop"}
    service = k8s.core.v1.Service("api", metadata=meta | {"annotations": {"cloud.google.com/neg": '{"ingress": true}'}},
        spec={"selector": {"app": "api"}, "ports": [{"port": 80, "targetPort": 8080}]}, opts=on)
    k8s.networking.v1.Ingress("api", metadata=meta, spec={
        "defaultBackend": {"service": {"name": "api", "port": {"number": 80}}}}, opts=on)
    k8s.policy.v1.PodDisruptionBudget("api", metadata=meta, spec={
        "maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": {"app": "api"}}},
        opts=on)
    k8s.apps.v1.Deployment("api", metadata=meta, spec={
        "replicas": 3, "minReadySeconds": MIN_READY, "selector": {"matchLabels": {"app": "api"}}, "template": {
            "metadata": {"labels": {"app": "api"}},
            "spec": {
                "terminationGracePeriodSeconds": 90, "nodeSelector": {SELECTS}, {POD}, "containers": [{
                    "name": "api", {CONTAINER}, "ports": [{"containerPort": 8080}],
                    "lifecycle": {"preStop": {"sleep": {"seconds": 60}}}}]}}}, opts=on)
"""
ANOTHER_POOL = 'gcp.container.NodePool("other", cluster=cluster.id, {POOL}, node_config={"labels": {"role": "other"}})'
LATER = 'gcp.compute.Network("net").gateway_ipv4'


def found_on(program):
    """What gives the rules that the platform breaks, each with what was found."""

    def found(
        cluster='location="europe-west1"',
        pool="node_count=1",
        *,
        more="",
        min_ready=0,
        selects="",
        pod='"os": {"name": "linux"}',
        container='"image": "api:1"',
    ):
        text = PLATFORM
        inputs = {"CLUSTER": cluster, "POOL": pool, "MORE": more, "SELECTS": selects, "POD": pod}
        for name, value in {**inputs, "CONTAINER": container}.items():
            text = text.replace("{" + name + "}", "{" + value + "}" if name == "SELECTS" else value)
        judgement = judge_program(evaluate(program(text.replace("MIN_READY", str(min_ready))), "dev"))
        [path] = judgement.paths
        return {each.rule: each for each in path.diagnostics}

    return found
