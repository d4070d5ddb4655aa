"""Networks with all that is optional come up by the real engine, stay, are changed in place, and go."""

from typing import Any

import pytest

from gke_nodrop import ExistingNetwork, Network
from harness.cloud import NETWORK, SUBNETWORK, Cloud
from harness.engine import Engine

pytestmark = pytest.mark.engine
REGION = "us-central1"
SHARED: Any = {"host_project": "shop-network", "service_project_number": "123456789012"}
VPC = "projects/shop-network/global/networks/shop"
SUBNET = f"projects/shop-network/regions/{REGION}/subnetworks/shop"
ROLES = ["gcp:compute/subnetworkIAMMember:SubnetworkIAMMember"] * 2 + ["gcp:projects/iAMMember:IAMMember"]


def host(**more: Any) -> Any:
    plan: Any = {"nodes": 20, "services": 100, "proxies": True}
    return lambda: Network("host", {"region": REGION, "plan": plan, "shared_vpc": SHARED, **more}) and None


def test_a_host_projects_network_comes_stays_is_changed_in_place_and_goes(engine: Engine, cloud: Cloud) -> None:
    stack = engine.stack("host", host(), {}, project="shop")
    planned = stack.preview().operations()
    assert stack.up().operations() == planned
    made = sorted(one["type"] for one in stack.export()["resources"] if one["type"].startswith("gcp:"))
    kinds = ("firewall:Firewall", "network:Network", "router:Router", "routerNat:RouterNat")
    assert made == sorted([*(f"gcp:compute/{kind}" for kind in kinds), SUBNETWORK, SUBNETWORK, *ROLES])
    assert {identity.split("/")[1] for identity in cloud.resources if identity.startswith("projects/")} == {
        "shop-network"
    }
    stack.up(expect_no_changes=True)
    stack.refresh(expect_no_changes=True)

    changed = stack.up(host(flow_log_sample_rate=0.5, nat_addresses=["nat-1", "nat-2"], load_balancer_ports=["9090"]))
    assert changed.operations() == {"update": 3}
    stack.destroy()
    assert cloud.is_empty()


def test_a_host_projects_roles_and_firewall_rule_come_and_go_and_the_network_stays(
    engine: Engine, cloud: Cloud
) -> None:
    cloud.create(NETWORK, VPC, {})
    cloud.create(SUBNETWORK, SUBNET, {"network": VPC})
    given = set(cloud.resources)
    args: Any = {"network": VPC, "subnetwork": SUBNET, "pods_range": "pods", "services_range": "services"}
    whole: Any = {**args, "shared_vpc": SHARED, "changes_network": True}

    def program() -> None:
        ExistingNetwork("shared", whole)

    stack = engine.stack("existing", program, {}, project="shop")
    stack.up()
    made = sorted(one["type"] for one in stack.export()["resources"] if one["type"].startswith("gcp:"))
    assert made == sorted(["gcp:compute/firewall:Firewall", *ROLES])
    stack.up(expect_no_changes=True)
    stack.destroy()
    assert set(cloud.resources) == given
