"""What a cluster says of upgrades, keys, logs and backups, and what it refuses, seen through mocks."""

import json
from typing import Any

import pytest

from gke_nodrop import AutopilotCluster, InputError, StandardCluster

NETWORK: Any = {"network": "vpc", "subnetwork": "subnet", "pods_range": "pods", "services_range": "services"}
ANY_TIME = {
    "days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    "start": "00:00",
    "hours": 24,
}
KEY = "projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/etcd"
BOTH = pytest.mark.parametrize("component", [StandardCluster, AutopilotCluster])


def made(deploy: Any, component: Any = StandardCluster, **more: Any) -> Any:
    return deploy(lambda: component("main", {"location": "us-central1", "network": NETWORK, **more}) and None)


def refused(deploy: Any, component: Any = StandardCluster, **more: Any) -> dict[str, Any]:
    with pytest.raises(InputError) as raised:
        made(deploy, component, **more)
    return {each.input: each for each in raised.value.faults}


@BOTH
def test_google_may_upgrade_at_any_time_unless_a_window_is_given(deploy, component):
    assert "maintenancePolicy" not in made(deploy, component).inputs("Cluster")
    window = {"days": ["thursday", "tuesday"], "start": "22:30", "hours": 6}
    policy = made(deploy, component, upgrades={"window": window}).inputs("Cluster")["maintenancePolicy"]
    assert policy == {
        "recurringWindow": {
            "startTime": "2025-01-02T22:30:00Z",  # a Thursday
            "endTime": "2025-01-03T04:30:00Z",
            "recurrence": "FREQ=WEEKLY;BYDAY=TU,TH",
        }
    }


@pytest.mark.parametrize(
    ("days", "hours", "would_pass"),
    [(["monday"], 12, None), (["monday"], 11, "12"), (["monday", "friday"], 5, "6"), (["monday", "friday"], 6, None)],
)
def test_a_window_leaves_google_48_hours_in_32_days(deploy, days, hours, would_pass):
    upgrades = {"window": {"days": days, "start": "09:00", "hours": hours}}
    if would_pass is None:
        made(deploy, upgrades=upgrades)
    else:
        assert refused(deploy, upgrades=upgrades)["upgrades.window.hours"].would_pass == would_pass


def test_exclusions_keep_upgrades_away(deploy):
    sale = {"start": "2026-11-26T00:00:00Z", "end": "2026-12-02T00:00:00Z"}
    exclusions = {"sale": sale, "freeze": {**sale, "scope": "no-minor-or-node-upgrades"}}
    upgrades = {"window": ANY_TIME, "exclusions": exclusions}
    policy = made(deploy, upgrades=upgrades).inputs("Cluster")["maintenancePolicy"]
    assert [(each["exclusionName"], each["exclusionOptions"]["scope"]) for each in policy["maintenanceExclusions"]] == [
        ("sale", "NO_UPGRADES"),
        ("freeze", "NO_MINOR_OR_NODE_UPGRADES"),
    ]


@BOTH
def test_exclusions_alone_are_refused_as_the_provider_refuses_them(deploy, component):
    sale = {"sale": {"start": "2026-11-26T00:00:00Z", "end": "2026-12-02T00:00:00Z"}}
    found = refused(deploy, component, upgrades={"exclusions": sale})
    assert list(found) == ["upgrades.window"]
    window = json.loads(found["upgrades.window"].would_pass)
    assert window == ANY_TIME
    policy = made(deploy, component, upgrades={"exclusions": sale, "window": window}).inputs("Cluster")[
        "maintenancePolicy"
    ]
    assert policy["recurringWindow"] == {
        "startTime": "2025-01-01T00:00:00Z",
        "endTime": "2025-01-02T00:00:00Z",
        "recurrence": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    }


@pytest.mark.parametrize("scope", [{}, {"scope": "no-upgrades"}])
def test_an_exclusion_of_all_upgrades_lasts_90_days_at_most(deploy, scope):
    year = {"start": "2026-12-01T00:00:00Z", "end": "2027-11-01T00:00:00Z", **scope}
    at = 'upgrades.exclusions["freeze"].end'
    found = refused(deploy, upgrades={"window": ANY_TIME, "exclusions": {"freeze": year}})
    assert {key: fault.would_pass for key, fault in found.items()} == {at: '"2027-03-01T00:00:00Z"'}
    for passes in ({**year, "end": "2027-03-01T00:00:00Z"}, {**year, "scope": "no-minor-upgrades"}):
        policy = made(deploy, upgrades={"window": ANY_TIME, "exclusions": {"freeze": passes}}).inputs("Cluster")
        assert policy["maintenancePolicy"]["maintenanceExclusions"][0]["endTime"] == passes["end"]


def test_an_exclusion_that_ends_before_it_starts_and_the_fourth_of_the_widest_are_refused(deploy):
    sale = {"start": "2026-11-26T00:00:00Z", "end": "2026-12-02T00:00:00Z"}
    backwards = {"sale": {"start": sale["end"], "end": sale["start"]}}
    upgrades = {"window": ANY_TIME, "exclusions": backwards}
    assert list(refused(deploy, upgrades=upgrades)) == ['upgrades.exclusions["sale"].end']
    four = {f"sale {number}": sale for number in range(4)}
    upgrades = {"window": ANY_TIME, "exclusions": four}
    assert list(refused(deploy, upgrades=upgrades)) == ['upgrades.exclusions["sale 3"].scope']


def test_a_topic_hears_of_upgrades(deploy):
    upgrades = {"notifications": "projects/my-project/topics/gke"}
    assert made(deploy, upgrades=upgrades).inputs("Cluster")["notificationConfig"] == {
        "pubsub": {"enabled": True, "topic": "projects/my-project/topics/gke"}
    }


@BOTH
def test_nobody_reaches_the_api_by_default_bindings_or_anonymously(deploy, component):
    cluster = made(deploy, component).inputs("Cluster")
    assert cluster["rbacBindingConfig"] == {
        "enableInsecureBindingSystemAuthenticated": False,
        "enableInsecureBindingSystemUnauthenticated": False,
    }
    assert cluster["anonymousAuthenticationConfig"] == {"mode": "LIMITED"}
    assert cluster["securityPostureConfig"] == {"mode": "BASIC"}


@BOTH
def test_keys_groups_and_the_policy_for_images_are_set_where_they_are_given(deploy, component):
    plain = made(deploy, component).inputs("Cluster")
    assert not {"databaseEncryption", "authenticatorGroupsConfig"} & plain.keys()
    assert plain["binaryAuthorization"] == {"evaluationMode": "DISABLED"}
    cluster = made(
        deploy,
        component,
        security={"secrets_key": KEY, "binary_authorization": True},
        access={"google_groups": "gke-security-groups@example.com"},
    ).inputs("Cluster")
    assert cluster["databaseEncryption"] == {"state": "ENCRYPTED", "keyName": KEY}
    assert cluster["binaryAuthorization"] == {"evaluationMode": "PROJECT_SINGLETON_POLICY_ENFORCE"}
    assert cluster["authenticatorGroupsConfig"] == {"securityGroup": "gke-security-groups@example.com"}


def test_the_boot_disks_that_a_cluster_makes_take_a_key(deploy):
    standard = made(deploy, security={"disks_key": KEY}).inputs("Cluster")
    assert standard["nodeConfig"]["bootDiskKmsKey"] == KEY
    cluster = made(deploy, AutopilotCluster, security={"disks_key": KEY}).inputs("Cluster")
    assert cluster["clusterAutoscaling"]["autoProvisioningDefaults"]["bootDiskKmsKey"] == KEY


def test_nodes_pull_from_the_repositories_that_are_given_and_from_no_other(deploy):
    assert "RepositoryIamMember" not in made(deploy).kinds()
    repositories = ["projects/my-project/locations/europe/repositories/shop"]
    reader = made(deploy, security={"image_repositories": repositories}).inputs("RepositoryIamMember")
    assert reader == {
        "project": "my-project",
        "location": "europe",
        "repository": "shop",
        "role": "roles/artifactregistry.reader",
        "member": "serviceAccount:gke-nodes@the-project.iam.gserviceaccount.com",
    }


@BOTH
def test_logs_metrics_and_costs_are_told(deploy, component):
    cluster = made(deploy, component).inputs("Cluster")
    assert cluster["loggingConfig"] == {"enableComponents": ["SYSTEM_COMPONENTS", "WORKLOADS"]}
    assert cluster["monitoringConfig"] == {"managedPrometheus": {"enabled": True}}
    assert cluster["costManagementConfig"] == {"enabled": True}
    more = {"logs": ["system-components", "controller-manager"], "metrics": ["system-components", "hpa"]}
    cluster = made(deploy, component, operations={**more, "dataplane_observability": True}).inputs("Cluster")
    assert cluster["loggingConfig"] == {"enableComponents": ["SYSTEM_COMPONENTS", "CONTROLLER_MANAGER"]}
    assert cluster["monitoringConfig"]["enableComponents"] == ["SYSTEM_COMPONENTS", "HPA"]
    assert cluster["monitoringConfig"]["advancedDatapathObservabilityConfig"] == {
        "enableMetrics": True,
        "enableRelay": True,
    }


@BOTH
def test_flows_that_are_not_wanted_are_turned_off_and_left_as_they_are_where_nothing_is_said(deploy, component):
    cluster = made(deploy, component, operations={"dataplane_observability": False}).inputs("Cluster")
    off = {"enableMetrics": False, "enableRelay": False}
    assert cluster["monitoringConfig"]["advancedDatapathObservabilityConfig"] == off
    silent = made(deploy, component, operations={}).inputs("Cluster")
    assert "advancedDatapathObservabilityConfig" not in silent["monitoringConfig"]


def test_the_legacy_datapath_has_nothing_to_observe(deploy):
    silent = made(deploy, datapath="legacy", operations={"dataplane_observability": False}).inputs("Cluster")
    assert "advancedDatapathObservabilityConfig" not in silent["monitoringConfig"]
    found = refused(deploy, datapath="legacy", operations={"dataplane_observability": True})
    assert list(found) == ["operations.dataplane_observability"]


def test_lookups_are_cached_on_each_node_and_packets_between_its_pods_are_seen(deploy):
    cluster = made(deploy).inputs("Cluster")
    assert cluster["addonsConfig"]["dnsCacheConfig"] == {"enabled": True}
    assert cluster["enableIntranodeVisibility"] is True


def test_the_kubelets_open_port_is_shut_everywhere(deploy):
    standard = made(deploy).inputs("Cluster")["nodePoolDefaults"]["nodeConfigDefaults"]
    assert standard == {"insecureKubeletReadonlyPortEnabled": "FALSE"}
    autopilot = made(deploy, AutopilotCluster).inputs("Cluster")["nodePoolAutoConfig"]["nodeKubeletConfig"]
    assert autopilot == {"insecureKubeletReadonlyPortEnabled": "FALSE"}


@BOTH
def test_a_backup_plan_and_its_agent_are_there_where_backups_are_asked_for(deploy, component):
    plain = made(deploy, component)
    assert "BackupPlan" not in plain.kinds()
    assert plain.inputs("Cluster")["addonsConfig"]["gkeBackupAgentConfig"] == {"enabled": False}
    backup = {"schedule": "0 3 * * *", "retain_days": 30, "key": KEY}
    deployed = made(deploy, component, operations={"backup": backup}, resource_labels={"team": "shop"})
    assert deployed.inputs("Cluster")["addonsConfig"]["gkeBackupAgentConfig"] == {"enabled": True}
    plan = deployed.inputs("BackupPlan")
    assert (plan["cluster"], plan["location"], plan["labels"]) == ("main-id", "us-central1", {"team": "shop"})
    assert plan["backupSchedule"] == {"cronSchedule": "0 3 * * *"}
    assert plan["retentionPolicy"] == {"backupRetainDays": 30}
    assert plan["backupConfig"] == {
        "allNamespaces": True,
        "includeSecrets": True,
        "includeVolumeData": True,
        "encryptionKey": {"gcpKmsEncryptionKey": KEY},
    }


def test_the_backup_plan_of_a_zonal_cluster_is_in_its_region(deploy):
    zonal: Any = {"location": "us-central1-b", "network": NETWORK}
    zonal["operations"] = {"backup": {"schedule": "0 3 * * *", "retain_days": 30}}
    deployed = deploy(lambda: StandardCluster("main", zonal) and None)
    assert deployed.inputs("BackupPlan")["location"] == "us-central1"


@BOTH
def test_labels_are_the_clusters(deploy, component):
    assert made(deploy, component, resource_labels={"team": "shop"}).inputs("Cluster")["resourceLabels"] == {
        "team": "shop"
    }
