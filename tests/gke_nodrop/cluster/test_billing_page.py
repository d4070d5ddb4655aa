"""docs/billing.md says of each preset what it makes that Google bills, and how much of it."""

import re
from pathlib import Path
from typing import Any

import pulumi
import pytest

from gke_nodrop import DEV, PRODUCTION, Network, NodePool, StandardCluster, WebService
from nodrop.gke.nodes import ZONES_OF_A_REGION

PAGE = (Path(__file__).parents[3] / "docs" / "billing.md").read_text()
SECTION = PAGE.partition("## The presets")[2]
ROWS = {
    resource: {"DEV": dev, "PRODUCTION": production}
    for resource, dev, production, _ in (
        [cell.strip() for cell in line.strip("|").split("|")] for line in SECTION.splitlines() if line.startswith("| `")
    )
}
FREE = set(re.findall(r"`(\w+)`", SECTION.partition("Not billed: ")[2].partition("\n\n")[0]))
EACH = pytest.mark.parametrize("name", ["DEV", "PRODUCTION"])
PRESETS: Any = {"DEV": DEV, "PRODUCTION": PRODUCTION}


@pytest.fixture
def made(deploy):
    def made(name: str) -> Any:
        preset = PRESETS[name]

        def program() -> None:
            network = Network("shop", {"region": "europe-west1"})
            args: Any = {**preset["cluster"], "location": "europe-west1", "network": network.cluster_network}
            cluster = StandardCluster("shop", args)
            nodes: Any = {**preset["node_pool"], "cluster": cluster.cluster_id, "service_account": "nodes@example.com"}
            pool = NodePool("shop", nodes)
            on = pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=[pool])
            WebService("web", {"image": "web:1", "rollout": {"keep_alive_timeout_seconds": 620}}, on)

        return deploy(program)

    return made


@EACH
def test_each_kind_that_a_preset_makes_is_billed_or_said_not_to_be(made, name):
    resources = [each for each in made(name).registered if each.custom and not each.typ.startswith("pulumi:")]
    kinds = {each.typ.rpartition(":")[2] for each in resources}
    billed = {re.sub(r"[`]|,.*", "", resource) for resource, said in ROWS.items() if said[name] != "none"}
    assert kinds == billed | FREE
    assert not billed & (FREE - {"Deployment"})


@EACH
def test_the_amounts_are_those_of_the_preset(made, name):
    preset, deployed = PRESETS[name], made(name)
    pool, cluster = deployed.inputs("NodePool"), deployed.inputs("Cluster")
    nodes = [pool["autoscaling"][bound] * ZONES_OF_A_REGION for bound in ("minNodeCount", "maxNodeCount")]
    surge = pool["upgradeSettings"]["maxSurge"]
    machines = f"{nodes[0]:g} to {nodes[1]:g} of {pool['nodeConfig']['machineType']}, and {surge:g} more in an upgrade"
    backup = preset["cluster"]["operations"].get("backup")
    sampled = deployed.inputs("Subnetwork")["logConfig"]["flowSampling"]
    logs = [each.lower().replace("_", "-") for each in cluster["loggingConfig"]["enableComponents"]]
    monitoring = cluster["monitoringConfig"]
    assert monitoring["managedPrometheus"] == {"enabled": True}
    observed = monitoring.get("advancedDatapathObservabilityConfig", {}).get("enableMetrics")
    assert {resource: said[name] for resource, said in ROWS.items()} == {
        "`Cluster`": "1",
        "`Cluster`, its logs": ", ".join(logs),
        "`Cluster`, its metrics": "chosen" if "enableComponents" in monitoring else "GKE's default",
        "`Cluster`, flows of Dataplane V2": "on" if observed else "none",
        "`NodePool`": machines,
        "`NodePool`, boot disks": f"{pool['nodeConfig']['diskSizeGb']:g} GB each",
        "`BackupPlan`": f"1, kept for {backup['retain_days']} days" if backup else "none",
        "`Subnetwork`": f"flow logs of {sampled:g} of the connections",
        "`RouterNat`": "1",
        "`Ingress`": "1",
        "`GlobalAddress`": "1",
    }
