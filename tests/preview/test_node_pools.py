"""What a program's cluster and node pools say of its pods: zones, drains, versions."""

import pytest

from gke_nodrop.cluster import sdk
from tests.preview.platforms import ANOTHER_POOL, LATER, found_on


@pytest.fixture
def found(program):
    """The rules that the platform breaks, with each severity."""
    return found_on(program)


EMPTY_ZONE = "every-zone-keeps-an-endpoint"


@pytest.mark.parametrize(
    ("cluster", "pool", "zones"),
    [
        ('location="europe-west1"', "node_count=1", 3),
        ('location="europe-west1", enable_autopilot=True', "node_count=1", 3),
        ('location="us-central1", node_locations=["us-central1-a", "us-central1-f"]', "node_count=1", 2),
        ('location="us-central1-a", node_locations=["us-central1-f"]', "node_count=1", 2),
        ('location="us-central1-a"', "node_count=1", None),
        ('location="us-central1-a"', 'node_locations=["us-central1-a", "us-central1-b"]', 2),
        ('location="us-central1"', 'node_locations=["us-central1-a"]', None),
        ('location=pulumi.Config().get("nowhere") or provided', "node_count=1", None),
    ],
)
def test_a_rollout_that_may_empty_one_of_the_clusters_zones_is_at_risk(found, cluster, pool, zones):
    if "provided" in cluster:
        cluster = 'location=gcp.compute.Network("net").gateway_ipv4'  # known only once it exists
    told = found(cluster, pool).get(EMPTY_ZONE)
    assert (told is None) == (zones is None)
    if told is not None:
        assert f"over {zones} zones" in told.seen
    assert EMPTY_ZONE not in found(cluster, pool, min_ready=60)


def test_zones_are_those_of_the_pools_that_the_pods_select(found):
    one_zone = 'node_locations=["us-central1-a"], node_config={"labels": {"role": "web"}}'
    beside = ANOTHER_POOL.replace("{POOL}", 'node_locations=["us-central1-b"]')
    assert "over 2 zones" in found('location="us-central1"', one_zone, more=beside)[EMPTY_ZONE].seen
    only = found('location="us-central1"', one_zone, more=beside, selects='"role": "web"')
    assert EMPTY_ZONE not in only


def drained(settings):
    if not sdk.NODE_POOL.is_met:
        pytest.skip(sdk.NODE_POOL.rule)
    return f'node_drain_configs=[{{"{settings}": "30s"}}]'


def test_a_grace_period_beyond_what_the_pools_drain_waits_for_is_cut(found):
    assert "grace-within-eviction-limits" not in found()
    told = found(pool=drained("grace_termination_duration"))["grace-within-eviction-limits"]
    assert told.is_error
    assert "graceTerminationDuration is 90s" in str(told.would_pass)
    assert "longer than the 30 s that a node upgrade waits" in told.seen
    assert "grace-within-eviction-limits" not in found(pool=drained("grace_termination_duration").replace("30s", "90s"))


def test_a_drain_that_does_not_wait_until_the_next_pod_is_ready_overruns_the_budget(found):
    assert "drain-waits-for-successors" not in found()
    told = found(pool=drained("pdb_timeout_duration").replace("30s", "5.5s"))["drain-waits-for-successors"]
    assert (str(told.severity), told.value) == ("warning", 5.5)
    assert "drain-waits-for-successors" not in found(pool=drained("pdb_timeout_duration").replace("30s", "120s"))


def test_of_several_pools_the_one_that_waits_least_counts_and_one_that_says_nothing_waits_an_hour(found):
    beside = ANOTHER_POOL.replace("{POOL}", drained("grace_termination_duration"))
    assert "30 s" in found(more=beside)["grace-within-eviction-limits"].seen
    patient = drained("grace_termination_duration").replace("30s", "7200s")
    assert "30 s" in found(pool=patient, more=beside)["grace-within-eviction-limits"].seen


def test_a_pool_of_a_version_without_the_sleep_of_a_pre_stop_is_told(found):
    told = found(pool='version="1.29.14-gke.1018000"')["kubernetes-has-the-features"]
    assert (told.is_error, told.value) == (True, "1.29")
    assert "kubernetes-has-the-features" not in found(pool='version="1.35.8-gke.100"')
    assert "kubernetes-has-the-features" not in found(pool='version="latest"')


def test_pods_that_none_of_the_programs_pools_take_are_judged_by_the_cluster_and_gkes_own_limits(found):
    impatient = drained("grace_termination_duration") + ', node_config={"labels": {"role": "web"}}'
    elsewhere = found(pool=impatient, selects='"role": "batch"')
    assert "grace-within-eviction-limits" not in elsewhere
    assert "over 3 zones" in elsewhere[EMPTY_ZONE].seen
    assert "grace-within-eviction-limits" in found(pool=impatient, selects='"role": "web"')


QUOTA = """k8s.core.v1.ResourceQuota("all", metadata={"namespace": "shop"}, spec={"hard": {"requests.cpu": "50"}},
        opts=on)"""
STANDARD, AUTOPILOT = 'location="europe-west1"', 'location="europe-west1", enable_autopilot=True'


@pytest.mark.parametrize(
    ("cluster", "selects", "refused"),
    [
        (STANDARD, "", True),
        (f"{STANDARD}, enable_autopilot=False", "", True),
        (STANDARD, '"cloud.google.com/compute-class": "autopilot"', False),
        (AUTOPILOT, "", False),
        (f"{STANDARD}, enable_autopilot={LATER}.apply(bool)", "", False),
    ],
)
def test_pods_that_lack_what_a_quota_wants_are_refused_where_no_autopilot_fills_it_in(found, cluster, selects, refused):
    assert ("pods-are-admitted" in found(cluster, more=QUOTA, selects=selects)) == refused


def test_a_cluster_that_a_program_only_reads_may_be_an_autopilot_one(found):
    reads = 'location="europe-west1"); cluster = gcp.container.Cluster.get("read", "main"'
    assert "pods-are-admitted" not in found(reads, more=QUOTA)
