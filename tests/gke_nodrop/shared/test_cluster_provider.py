"""A service on a cluster of its program knows the cluster's zones: each new pod waits where they could get empty."""

from typing import Any

import pulumi
import pytest

from gke_nodrop import AutopilotCluster, RollingDeployment, StandardCluster, WebService
from gke_nodrop.inputs.faults import InputError

NETWORK: Any = {"network": "vpc", "subnetwork": "subnet", "pods_range": "pods", "services_range": "services"}
WEB: Any = {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}}


def min_ready_seconds(
    deploy: Any,
    *,
    location: Any = "us-central1",
    kind: Any = StandardCluster,
    by: str = "provider",
    rollout: Any = None,
    **more: Any,
) -> int:
    def program():
        cluster = kind("main", {"location": location, "network": NETWORK, **more})
        provider = cluster.kubernetes_provider
        opts = {
            "provider": lambda: pulumi.ResourceOptions(provider=provider),
            "providers": lambda: pulumi.ResourceOptions(providers=[provider]),
            "named": lambda: pulumi.ResourceOptions(providers={"kubernetes": provider}),
            "parent": lambda: pulumi.ResourceOptions(
                parent=pulumi.ComponentResource("a:b:C", "c", {}, pulumi.ResourceOptions(providers=[provider]))
            ),
            "none": lambda: None,
        }[by]()
        WebService("web", {**WEB, "replicas": 3, "rollout": {**WEB["rollout"], **(rollout or {})}}, opts)

    return deploy(program).inputs("Deployment")["spec"]["minReadySeconds"]


@pytest.mark.parametrize(
    ("kind", "location", "more", "waits"),
    [
        (StandardCluster, "us-central1", {}, 60),
        (AutopilotCluster, "us-central1", {}, 60),
        (StandardCluster, "us-central1", {"zones": ["us-central1-a", "us-central1-b"]}, 60),
        (StandardCluster, "us-central1-a", {"zones": ["us-central1-a", "us-central1-b"]}, 60),
        (StandardCluster, "us-central1-a", {}, 0),
    ],
)
def test_each_pod_waits_where_the_clusters_zones_could_get_empty(deploy, kind, location, more, waits):
    assert min_ready_seconds(deploy, kind=kind, location=location, **more) == waits


@pytest.mark.parametrize("by", ["provider", "providers", "named", "parent"])
def test_the_provider_is_found_however_the_options_have_it(deploy, by):
    assert min_ready_seconds(deploy, by=by) == 60


def test_without_a_cluster_of_the_program_the_zones_are_unknown(deploy):
    assert min_ready_seconds(deploy, by="none") == 0


def test_zones_that_are_stated_count(deploy):
    assert min_ready_seconds(deploy, rollout={"zones": 1}) == 0
    assert min_ready_seconds(deploy, by="none", rollout={"zones": 3}) == 60


def test_zones_of_a_location_that_is_not_known_yet_are_unknown_unless_stated(deploy):
    assert min_ready_seconds(deploy, location=pulumi.Output.from_input("us-central1")) == 0
    zones = ["us-central1-a", "us-central1-b"]
    assert min_ready_seconds(deploy, location=pulumi.Output.from_input("us-central1"), zones=zones) == 60


def test_enough_pods_for_the_zones_do_not_wait(deploy):
    def program():
        cluster = StandardCluster("main", {"location": "us-central1", "network": NETWORK})
        opts = pulumi.ResourceOptions(provider=cluster.kubernetes_provider)
        RollingDeployment("web", {**WEB, "namespace": "shop", "replicas": 9}, opts)

    assert deploy(program).inputs("Deployment")["spec"]["minReadySeconds"] == 0


def test_what_the_zones_make_impossible_is_refused_like_zones_that_are_stated(deploy):
    rollout = {"rolled_out_within_seconds": 150}
    for by, stated in (("provider", {}), ("none", {"zones": 3})):
        with pytest.raises(InputError, match="rolled_out_within_seconds"):
            min_ready_seconds(deploy, by=by, rollout={**rollout, **stated})
    assert min_ready_seconds(deploy, by="none", rollout=rollout) == 0
