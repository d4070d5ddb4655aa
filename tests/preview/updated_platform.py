"""A platform of the components with one service, and what comes of editing it."""

from nodrop.preview import compare, read_state

PLATFORM = """
    import pulumi_gcp as gcp
    from gke_nodrop import Network, NodePool, StandardCluster, WebService

    net = Network("net", {"region": "europe-west1"})
    cluster = StandardCluster("main", {
        "location": "europe-west1-b", "network": net.cluster_network, "deletion_protection": False})
    pool = NodePool("pool", {"cluster": cluster.cluster_id, "service_account": cluster.node_service_account})
    WebService("shop", {
        "image": "shop/web:1", "replicas": 3,
        "rollout": {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=[pool]))
"""
WEB = """
    from gke_nodrop import WebService

    provider = k8s.Provider("main", kubeconfig=cluster.id.apply(lambda _: "{}"))
    WebService("shop", {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=provider, depends_on=[pool]))
"""
"""A path on whatever cluster stands before it."""


def edits_of(evaluated, export):
    """What compares the platform with these edits to the platform as it is deployed."""

    def edited(*edits, platform=PLATFORM):
        text = platform
        for old, new in edits:
            assert old in text
            text = text.replace(old, new)
        return compare(evaluated(text), read_state(export(evaluated(platform)), "state.json"))

    return edited
