"""Configuration: what each key changes, and one clear error for what is wrong."""

import contextvars
import importlib
import json
from pathlib import Path

import pulumi
import pytest
import yaml

from nodrop.preview import ProgramError, engine, evaluate, kubernetes_objects
from nodrop.preview.ledger import Ledger

PROJECT = Path(__file__).parents[2]
STACKS = ["container-native", "legacy-nodeport", "comparison"]


def deployments(evaluation):
    return {
        each["metadata"]["namespace"]: each for each in kubernetes_objects(evaluation) if each["kind"] == "Deployment"
    }


def container(deployment):
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return only


def message_of(stack, **config):
    with pytest.raises(ProgramError) as caught:
        evaluate(PROJECT, stack, config=config)
    message = str(caught.value)
    assert "Traceback" not in message
    return message


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_is_complete_as_it_is_committed(evaluated, stack):
    evaluation = evaluated(stack)
    assert evaluation.diagnostics == ()
    for deployment in deployments(evaluation).values():
        assert deployment["spec"]["replicas"] == 2
        assert container(deployment)["image"] == "python:3.13-slim"


def test_both_ways_of_serving_are_the_same_alone_and_side_by_side(evaluated):
    def by_namespace(stack):
        return {
            (each["metadata"].get("namespace"), each["kind"]): each for each in kubernetes_objects(evaluated(stack))
        }

    together = by_namespace("comparison")
    for stack in ("container-native", "legacy-nodeport"):
        for key, each in by_namespace(stack).items():
            if key[0] == stack:
                assert together[key] == each


def test_replicas_and_times_reach_the_deployment_and_its_application(evaluated):
    config = {"replicas": "6", "request_seconds": "1.5", "startup_seconds": "4", "longest_request_seconds": "3"}
    for deployment in deployments(evaluated("comparison", config)).values():
        assert deployment["spec"]["replicas"] == 6
        assert {"--request-seconds=1.5", "--startup-seconds=4"} <= set(container(deployment)["args"])
        annotations = deployment["metadata"]["annotations"]
        assert annotations["gke-nodrop/startup-seconds"] == "4"
        assert annotations["gke-nodrop/longest-request-seconds"] == "3"


def test_ready_test_says_what_its_annotations_say(evaluated):
    for namespace, expected in {
        "container-native": ("620", "drain", False),
        "legacy-nodeport": ("30", "exit", True),
    }.items():
        deployment = deployments(evaluated("comparison"))[namespace]
        keep_alive, on_term, header = expected
        args = container(deployment)["args"]
        assert f"--keep-alive-timeout-seconds={keep_alive}" in args
        assert f"--on-term={on_term}" in args
        assert ("--keep-alive-header" in args) is header
        annotations = deployment["metadata"]["annotations"]
        assert annotations["gke-nodrop/keep-alive-timeout-seconds"] == keep_alive
        assert annotations["gke-nodrop/on-term"] == on_term


def test_ready_tests_flags_are_those_of_the_mounted_file(evaluated):
    objects = kubernetes_objects(evaluated("comparison"))
    for namespace, deployment in deployments(evaluated("comparison")).items():
        (config_map,) = [
            each for each in objects if each["kind"] == "ConfigMap" and each["metadata"]["namespace"] == namespace
        ]
        (text,) = config_map["data"].values()
        for argument in container(deployment)["args"]:
            assert f'"{argument.partition("=")[0]}"' in text
        assert text == (PROJECT / "nodrop/lab/ready_test.py").read_text(encoding="utf-8")


def test_the_field_reports_paths_are_routed_in_the_legacy_stack_only(evaluated):
    def paths(stack):
        (ingress,) = [each for each in kubernetes_objects(evaluated(stack)) if each["kind"] == "Ingress"]
        return [path["path"] for rule in ingress["spec"].get("rules", []) for path in rule["http"]["paths"]]

    assert paths("legacy-nodeport") == ["/", "/ready/", "/unready/"]
    assert paths("container-native") == []


def test_serve_hostname_can_be_served_instead(evaluated):
    for deployment in deployments(evaluated("comparison", {"app": "serve-hostname"})).values():
        assert container(deployment)["image"] == "registry.k8s.io/serve_hostname:v1.4"
        assert container(deployment)["ports"][0]["containerPort"] == 9376
        assert container(deployment)["readinessProbe"]["httpGet"]["path"] == "/"


def test_the_mode_of_the_guide_can_be_chosen(evaluated):
    (deployment,) = deployments(evaluated("container-native", {"mode": "hard-coded-delay"})).values()
    assert deployment["spec"]["minReadySeconds"] == 60
    assert "readinessGates" not in deployment["spec"]["template"]["spec"]


@pytest.mark.parametrize(
    ("stack", "ports"),
    [
        ("container-native", ["8080"]),
        ("legacy-nodeport", ["30000-32767"]),
        ("comparison", ["8080", "30000-32767"]),
    ],
)
def test_the_firewall_admits_load_balancers_on_the_ports_that_are_served(evaluated, find, stack, ports):
    firewall = find(evaluated(stack), "gcp:compute/firewall:Firewall::nodrop-load-balancers")
    assert firewall.inputs["allows"] == [{"protocol": "tcp", "ports": ports}]


def test_both_first_stacks_have_the_same_cluster_with_kube_proxy(evaluated, find):
    tail = "gcp:container/cluster:Cluster::nodrop"
    native, legacy = (find(evaluated(stack), tail).inputs for stack in STACKS[:2])
    assert native["datapathProvider"] == legacy["datapathProvider"] == "LEGACY_DATAPATH"
    assert native["nodeLocations"] == legacy["nodeLocations"] == ["us-central1-b", "us-central1-c"]


def test_zones_and_protection_can_be_chosen(evaluated, find):
    config = {
        "gcp:region": "europe-west1",
        "zones": '["europe-west1-c", "europe-west1-d"]',
        "deletion_protection": "false",
    }
    cluster = find(evaluated("container-native", config), "gcp:container/cluster:Cluster::nodrop").inputs
    assert cluster["nodeLocations"] == ["europe-west1-c", "europe-west1-d"]
    assert cluster["deletionProtection"] is False


def test_every_wrong_key_is_named_at_once():
    message = message_of("comparison", replica="3", app="redy", zones="b", startup_seconds="-1", hosts='["*.x.com"]')
    for key in ("replica", "app", "zones", "startup_seconds", "hosts[0]"):
        assert f"gke-nodrop:{key} = " in message
    assert "did you mean gke-nodrop:replicas?" in message


@pytest.mark.parametrize("stack", ["container-native", "comparison"])
@pytest.mark.parametrize(
    ("key", "value", "named"),
    [
        ("zones", '["us-central1-b"]', "zones"),
        ("zones", '["us-central1-b", "us-central1-b"]', "zones"),
        ("zones", '["us-central1-b", "europe-west1-b"]', "zones[1]"),
        ("hosts", '["a.example.com", "a.example.com"]', "hosts"),
        ("hosts", "[]", "hosts"),
        ("longest_request_seconds", "4000", "longest_request_seconds"),
        ("startup_seconds", "900", "startup_seconds"),
        ("replicas", "0", "replicas"),
        ("longest_request_seconds", "1e300", "longest_request_seconds"),
    ],
)
def test_what_a_component_would_refuse_is_refused_by_its_key_before_anything_is_registered(
    monkeypatch, stack, key, value, named
):
    ledgers = []
    monkeypatch.setattr(engine, "Ledger", lambda *args: ledgers.append(Ledger(*args)) or ledgers[-1])
    message = message_of(stack, **{key: value})
    assert f"  gke-nodrop:{named} = " in message
    assert "rollout." not in message
    (ledger,) = ledgers
    assert [resource.type for resource in ledger.evaluation().resources] == ["pulumi:pulumi:Stack"]


def test_the_zones_that_would_pass_are_of_the_stacks_region():
    message = message_of("container-native", zones='["europe-west1-b"]', **{"gcp:region": "europe-west1"})
    assert 'Would pass: ["europe-west1-b", "europe-west1-c"]' in message


def test_a_key_of_another_stack_is_named():
    assert "gke-nodrop:unready_token" in message_of("container-native", unready_token="x")
    assert "gke-nodrop:cluster" in message_of("legacy-nodeport", cluster="autopilot")


def test_the_value_of_a_misspelt_key_is_not_shown():
    message = message_of("legacy-nodeport", unready_tokn="hunter2")
    assert "did you mean gke-nodrop:unready_token?" in message
    assert "hunter2" not in message


def test_a_request_may_not_outlast_the_longest():
    message = message_of("container-native", request_seconds="31")
    assert "gke-nodrop:request_seconds = 31" in message
    assert "Would pass: 30" in message


def test_what_only_ready_test_reads_is_refused_with_another_application():
    assert "gke-nodrop:startup_seconds" in message_of("comparison", app="serve-hostname", startup_seconds="2")


def test_zones_have_no_effect_on_autopilot_and_that_is_said():
    message = message_of("container-native", cluster="autopilot", zones='["us-central1-b", "us-central1-c"]')
    assert "gke-nodrop:zones = …: has no effect on gke-nodrop:cluster = autopilot" in message


@pytest.mark.parametrize("key", ["gcp:region", "gcp:project"])
def test_what_the_provider_needs_is_named(key, monkeypatch):
    projects = ("GOOGLE_PROJECT", "GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT")
    regions = ("GOOGLE_REGION", "GCLOUD_REGION", "CLOUDSDK_COMPUTE_REGION")
    for variable in (*projects, *regions):
        monkeypatch.delenv(variable, raising=False)
    message = message_of("container-native", **{key: ""})
    assert f"{key} = absent" in message
    assert f"pulumi config set {key}" in message


@pytest.mark.parametrize("preview", [True, False])
def test_the_placeholder_of_the_project_is_good_for_a_preview_only(monkeypatch, preview):
    monkeypatch.syspath_prepend(str(PROJECT))
    settings = importlib.import_module("stacks.settings")

    def read():
        sdk = pulumi.runtime.settings
        sdk.configure(sdk.Settings(project="gke-nodrop", stack="it", dry_run=preview))
        pulumi.runtime.set_all_config({"gcp:project": settings.PLACEHOLDER_PROJECT, "gcp:region": "us-central1"})
        return settings.read(settings.StackSettings)

    in_a_context_of_its_own = contextvars.copy_context().run  # the SDK keeps its settings in context variables
    if preview:
        assert in_a_context_of_its_own(read) == {}
    else:
        with pytest.raises(pulumi.RunError, match="gcp:project"):
            in_a_context_of_its_own(read)


def test_an_unknown_program_is_answered_with_those_there_are():
    message = message_of("staging")
    for known in STACKS:
        assert known in message
    assert "staging" in message_of("container-native", program="staging")


def test_a_stack_of_any_name_runs_the_program_it_names(evaluated):
    config = {"program": "legacy-nodeport", "gcp:project": "p", "gcp:region": "us-central1"}
    assert list(deployments(evaluated("staging", config))) == ["legacy-nodeport"]


@pytest.mark.parametrize("stack", STACKS)
def test_every_key_in_a_stacks_file_exists_and_passes(evaluated, stack):
    file = PROJECT / "stacks" / f"Pulumi.{stack}.yaml"
    offered = [line[4:] for line in file.read_text().splitlines() if line.startswith("  # gke-nodrop:")]
    config = {}
    for line in offered:
        ((key, value),) = yaml.safe_load(line).items()
        if not isinstance(value, dict) and value != "PROGRAM":
            config[key] = value if isinstance(value, str) else json.dumps(value)
    assert len(config) >= 8
    assert deployments(evaluated(stack, config))
