"""Wrong inputs: one error with every fault, and nothing registered."""

import copy
import json
from typing import Any

import pulumi
import pytest

from gke_nodrop import (
    Gateway,
    InputError,
    LegacyNodePortService,
    Namespace,
    Network,
    NodePool,
    OnTerm,
    StandardCluster,
    WebService,
)
from gke_nodrop.provider.host import COMPONENTS
from tests.gke_nodrop.inputs.passing import PASSING
from tests.gke_nodrop.refusals import accepts, faults_of

every = pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)


TEN_FAULTS = {
    "image": 5,
    "prot": 8080,
    "replicas": 0,
    "hosts": ["*.example.com"],
    "env": {"1ST": "x"},
    "namespace": "Shop",
    "health_check": {"path": "ready", "timeout_seconds": 9},
    "rollout": {"pre_stop_seconds": 20, "keep_alive_timeout_seconds": 5, "longest_request_seconds": 30},
}


def test_ten_faults_come_back_as_one_error_that_names_input_value_rule_and_a_value_that_would_pass(deploy):
    found = faults_of(WebService, TEN_FAULTS)
    assert {key: (fault.value, fault.would_pass) for key, fault in found.items()} == {
        "image": ("5 (int)", '"python:3.13-slim"'),
        "prot": ("…", "port"),
        "replicas": ("0", "2"),
        "hosts[0]": ('"*.example.com"', '"www.example.com"'),
        'env["1ST"]': ('"1ST"', '"LOG_LEVEL"'),
        "namespace": ('"Shop"', '"web"'),
        "health_check.path": ('"ready"', '"/ready/"'),
        "health_check.timeout_seconds": ("9", "5"),
        "rollout.pre_stop_seconds": ("20", "60"),
        "rollout.keep_alive_timeout_seconds": ("5", "620"),
    }
    assert all(fault.rule and fault.source for fault in found.values())
    assert "measured on GKE" in found["rollout.pre_stop_seconds"].source


def test_what_the_faults_recommend_passes(deploy):
    repaired: Any = copy.deepcopy(TEN_FAULTS)
    for fault in faults_of(WebService, TEN_FAULTS).values():
        value = fault.would_pass if fault.input == "prot" else json.loads(fault.would_pass)
        match fault.input.split("."):
            case ["prot"]:
                repaired[value] = repaired.pop("prot")
            case ["hosts[0]"]:
                repaired["hosts"] = [value]
            case ['env["1ST"]']:
                repaired["env"] = {value: "x"}
            case [key]:
                repaired[key] = value
            case [group, key]:
                repaired[group][key] = value
    assert "Deployment" in deploy(lambda: WebService("web", repaired) and None).kinds()


@every
def test_the_example_that_faults_quote_passes_itself(deploy, component):
    deployed = deploy(lambda: component("web", PASSING[component.__name__]) and None)
    assert deployed.kinds()[0] == component.__name__


@every
def test_a_refused_component_registers_nothing(deploy, component):
    def program() -> None:
        with pytest.raises(InputError):
            component("web", {**PASSING[component.__name__], "nonsense": 1})

    assert deploy(program).registered == []


@every
def test_a_components_name_must_suit_the_objects_named_after_it(deploy, component):
    found = faults_of(component, PASSING[component.__name__], name="Web_1")
    assert list(found) == ["name"]


@pytest.mark.parametrize("component", [each for each in COMPONENTS if each is not Namespace])
def test_a_required_input_that_is_missing_is_named_with_an_example(deploy, component):
    found = faults_of(component, {})
    assert found
    assert all(fault.value == "absent" and fault.would_pass != "null" for fault in found.values())


def test_a_misspelt_key_is_answered_with_the_nearest_one_and_its_value_kept_quiet(deploy):
    found = faults_of(WebService, {"image": "x", "rollout": {"pre_stop_secs": 60}, "secret_envs": {"A": "pw!"}})
    assert found["rollout.pre_stop_secs"].would_pass == "rollout.pre_stop_seconds"
    assert found["secret_envs"].would_pass == "secret_env"
    assert not [fault for fault in found.values() if "pw!" in str(fault)]


def test_a_secret_of_the_wrong_type_is_not_shown(deploy):
    found = faults_of(WebService, {"image": "x", "secret_env": {"PIN": 4711}})
    assert found['secret_env["PIN"]'].value == "[secret]"


@pytest.mark.parametrize(
    ("args", "at", "said"),
    [
        ({"env": {"A": None}}, 'env["A"]', "null (NoneType)"),
        ({"secret_env": {"A": None}}, 'secret_env["A"]', "null (NoneType)"),
        ({"files": {"/etc/a": None}}, 'files["/etc/a"]', "null (NoneType)"),
        ({"containers": {"name": "pw!"}}, "containers", "{…} (dict)"),
        ({"secret_env": ["pw!"]}, "secret_env", "[…] (list)"),
        ({"gateway": {}, "env": "pw!"}, "env", "[secret]"),
    ],
)
def test_what_is_wrong_with_a_secret_is_told_where_that_is_none(deploy, args, at, said):
    found = faults_of(WebService, {"image": "x", **args})
    assert found[at].value == said
    assert "pw!" not in str(found)


def test_an_empty_list_is_told_where_secrets_could_be_in_it(deploy):
    assert faults_of(Gateway, {"namespace": "shop", "routes": []})["routes"].value == "[]"


def test_outputs_within_a_list_are_told_in_words(deploy):
    late = pulumi.Output.from_input("x")
    given: Any = {"image": "x", "gateway": {"certificates": {"certificate_map": "shop", "secrets": ["tls", late]}}}
    found = faults_of(WebService, given)
    assert found["gateway.certificates.secrets"].value == '["tls", "an Output"]'


def test_an_output_is_taken_where_the_type_says_so(deploy):
    deployed = deploy(lambda: WebService("web", {"image": pulumi.Output.from_input("x:1")}) and None)
    assert deployed.inputs("Deployment")["spec"]["template"]["spec"]["containers"][0]["image"] == "x:1"


def test_whole_floats_and_plain_words_from_other_languages_are_taken(deploy):
    given: Any = {"image": "x", "replicas": 3.0, "rollout": {"on_term": "exit", "keep_alive_timeout_seconds": 0.0}}
    deployed = deploy(lambda: WebService("web", given) and None)
    assert deployed.inputs("Deployment")["spec"]["replicas"] == 3
    assert deployed.inputs("Deployment")["metadata"]["annotations"]["gke-nodrop/on-term"] == OnTerm.EXIT.value


@pytest.mark.parametrize("replicas", [2.5, "2", True, [2]])
def test_what_is_no_whole_number_is_refused_as_one(deploy, replicas):
    found = faults_of(WebService, {"image": "x", "replicas": replicas})
    assert "whole number" in found["replicas"].rule


def test_args_that_are_no_mapping_are_refused(deploy):
    assert list(faults_of(WebService, "python:3.13-slim")) == ["args"]


def test_an_application_without_possible_timings_is_refused(deploy):
    found = faults_of(WebService, {"image": "x", "rollout": {"longest_request_seconds": 5000}})
    assert list(found) == ["rollout.longest_request_seconds"]


def test_an_environment_variable_is_not_set_twice(deploy):
    given = {"image": "x", "env": {"A": "1", "POD_NAME": "me"}, "secret_env": {"A": "2", "POD_NAME": "me"}}
    found = faults_of(WebService, given)
    assert {key: fault.rule.partition(": ")[2] for key, fault in found.items()} == {
        'env["A"]': "in secret_env too",
        'env["POD_NAME"]': "the component sets it",
        'secret_env["POD_NAME"]': "the component sets it",
    }


@pytest.mark.parametrize("component", [WebService, LegacyNodePortService])
@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"namespace": "default"}, "namespace"),
        ({"namespace": "kube-system"}, "namespace"),
        ({"namespace": "kube-mine"}, "namespace"),
    ],
)
def test_a_namespace_of_kubernetes_own_is_not_taken(deploy, component, given, wrong):
    assert list(faults_of(component, {"image": "x", **given})) == [wrong]


@pytest.mark.parametrize("given", [{"cpu": "0.05"}, {"cpu": "10m"}, {"memory": "100Mi"}])
def test_any_resources_above_nothing_are_taken(deploy, given):
    assert accepts(WebService, {"image": "x", "resources": given})


def test_a_component_named_like_a_namespace_of_kubernetes_needs_a_namespace_of_another_name(deploy):
    assert list(faults_of(WebService, {"image": "x"}, name="default")) == ["name"]
    assert accepts(WebService, {"image": "x", "namespace": "web"}, "default")


def test_files_fit_into_one_config_map(deploy):
    half = "é" * (256 * 1024)
    fits: Any = {"image": "x", "files": {"/a": half, "/b": half, "/c": pulumi.Output.from_input("x")}}
    assert accepts(WebService, fits)
    found = faults_of(WebService, {"image": "x", "files": {"/a": half, "/b": f"{half}x"}})
    assert {key: fault.value for key, fault in found.items()} == {"files": "1048577 bytes"}


def test_a_key_unlike_all_others_is_answered_with_all_there_are(deploy):
    fault = faults_of(StandardCluster, {**PASSING["StandardCluster"], "nonsense": 1})["nonsense"]
    assert "did you mean" not in fault.rule
    assert "zones" in fault.would_pass


def test_the_delay_of_the_mode_without_a_gate_cannot_be_emptied(deploy):
    rollout: Any = {"mode": "hard-coded-delay", "keep_alive_timeout_seconds": 620}
    given: Any = {"image": "x", "rollout": {**rollout, "min_ready_seconds": 0}}
    assert list(faults_of(WebService, given)) == ["rollout.min_ready_seconds"]
    short: Any = {"pre_stop_seconds": 35, "longest_request_seconds": 0, "termination_grace_period_seconds": 59}
    given = {"image": "x", "rollout": {**rollout, **short}}
    assert list(faults_of(WebService, given)) == ["rollout.termination_grace_period_seconds"]


def test_two_files_do_not_meet_under_one_key(deploy):
    given = {"image": "x", "files": {"/a/b": "1", "/a_b": "2"}}
    assert list(faults_of(WebService, given)) == ['files["/a_b"]']


def test_ranges_that_overlap_are_answered_with_one_that_is_free(deploy):
    ranges = {"nodes": "10.0.0.0/16", "pods": "10.0.128.0/17"}
    found = faults_of(Network, {"region": "us-central1", "ranges": ranges})
    assert list(found) == ["ranges.pods"]
    repaired: Any = {**ranges, "pods": json.loads(found["ranges.pods"].would_pass)}
    assert accepts(Network, {"region": "us-central1", "ranges": repaired})


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"access": {"endpoint": "ip"}}, "access.authorized_networks"),
        ({"access": {"authorized_networks": {"office": "203.0.113.0/24"}}}, "access.authorized_networks"),
        (
            {"access": {"endpoint": "ip", "authorized_networks": {"all": "0.0.0.0/0", "office": "203.0.113.0/24"}}},
            'access.authorized_networks["all"]',
        ),
        ({"zones": ["us-central1-b", "europe-west1-c"]}, "zones[1]"),
    ],
)
def test_a_cluster_that_would_be_open_or_could_not_be_is_refused(deploy, given, wrong):
    base = {"location": "us-central1", "network": PASSING["StandardCluster"]["network"]}
    assert list(faults_of(StandardCluster, base | given)) == [wrong]


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ({"autoscaling": {"min_nodes": 4}}, "autoscaling.min_nodes"),
        ({"upgrades": {"max_surge": 0}}, "upgrades.max_surge"),
    ],
)
def test_a_node_pool_that_could_not_move_is_refused(deploy, given, wrong):
    assert list(faults_of(NodePool, {"cluster": "c", "service_account": "s", **given})) == [wrong]
