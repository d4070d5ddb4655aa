"""What the host does with inputs as they come over the wire; the engine and other languages are in tests/engine."""

import asyncio
from enum import StrEnum
from typing import Any, NotRequired, TypedDict

import pulumi
import pytest
from google.protobuf import json_format
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2

from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.provider.host import Host

SECRET = {"secret": True}
DEPENDENT = {"dependencies": ["urn:pulumi:test::shop::a:b:C::net"]}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class PartArgs(TypedDict):
    part_size: NotRequired[int]
    colours: NotRequired[list[Colour]]


class ProbeArgs(TypedDict):
    parts: NotRequired[list[PartArgs]]
    named_parts: NotRequired[dict[str, PartArgs]]
    plain_text: NotRequired[str]
    text: NotRequired[pulumi.Input[str]]


class Probe(pulumi.ComponentResource):
    seen: ProbeArgs

    def __init__(self, name: str, args: ProbeArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        Probe.seen = checked_inputs(Probe, name, ProbeArgs, args, {}, opts)
        super().__init__("gke-nodrop:index:Probe", name, {}, opts)


del Probe.__annotations__["seen"]  # it is no output


@pytest.fixture(scope="module")
def host() -> Host:
    return Host()


def output(value: Any, **said: Any) -> dict[str, Any]:
    """An Output as SDKs put it on the wire."""
    return {rpc._special_sig_key: rpc._special_output_value_sig, "value": value, **said}


def received(inputs: dict[str, Any]) -> dict[str, Any]:
    """The inputs as the SDK's server gives them to the host. Needs a running loop."""
    wire = json_format.ParseDict({"inputs": inputs}, provider_pb2.ConstructRequest()).inputs
    return rpc.deserialize_properties(wire, keep_unknowns=True)


def refusal(host: Host, inputs: dict[str, Any], kind: str = "WebService") -> pulumi.InputPropertiesError:
    async def attempt() -> None:
        host.construct("web", f"gke-nodrop:index:{kind}", received(inputs))

    with pytest.raises(pulumi.InputPropertiesError) as refused:
        asyncio.run(attempt())
    return refused.value


def paths(refused: pulumi.InputPropertiesError) -> list[str]:
    return [error["property_path"] for error in refused.errors or []]


def reason(refused: pulumi.InputPropertiesError, path: str) -> str:
    (found,) = [error["reason"] for error in refused.errors or [] if error["property_path"] == path]
    return found


@pytest.fixture
def seen(deploy):
    """What a component gets of inputs."""

    def construct(inputs: dict[str, Any]) -> Any:
        deploy(lambda: Host([Probe]).construct("probe", "gke-nodrop:index:Probe", received(inputs)) and None)
        return Probe.seen

    return construct


def test_a_whole_number_that_comes_as_a_float_is_whole_again(seen):
    assert isinstance(seen({"parts": [{"partSize": 5.0}]})["parts"][0]["part_size"], int)


def test_nested_objects_and_choices_keep_what_they_hold(deploy, host):
    inputs = {"image": "web:1", "healthCheck": {"path": "/up"}, "rollout": {"onTerm": "serve"}}
    deployed = deploy(lambda: host.construct("web", "gke-nodrop:index:WebService", received(inputs)) and None)
    assert deployed.inputs("BackendConfig")["spec"]["healthCheck"]["requestPath"] == "/up"
    assert "serve" in deployed.inputs("Deployment")["metadata"]["annotations"].values()


def test_outputs_of_the_component_go_back_in_the_schemas_words(deploy, host):
    states = []

    def program() -> None:
        inputs = received({"region": "us-central1"})
        states.append(host.construct("net", "gke-nodrop:index:Network", inputs).state)

    deploy(program)
    assert set(states[0]) == {"networkId", "rangesExplained", "subnetworkId"}


def test_lists_of_choices_and_of_objects_arrive(seen):
    parts = [{"partSize": 5.0, "colours": ["red", "blue"]}]
    assert seen({"parts": parts}) == {"parts": [{"part_size": 5, "colours": [Colour.RED, Colour.BLUE]}]}


def test_the_users_own_keys_stay_as_they_are(seen):
    assert seen({"namedParts": {"myPart": {"partSize": 1.0}}}) == {"named_parts": {"myPart": {"part_size": 1}}}


def test_a_mapping_has_the_same_order_every_time_since_the_wire_has_none(seen):
    parts = {name: {} for name in ("c", "a", "d", "b")}
    assert list(seen({"namedParts": parts})["named_parts"]) == ["a", "b", "c", "d"]


def test_an_output_that_is_settled_counts_as_its_value(seen):
    assert seen({"plainText": output("a"), "parts": output([{"partSize": 2.0}])}) == {
        "plain_text": "a",
        "parts": [{"part_size": 2}],
    }


@pytest.mark.parametrize("said", [SECRET, DEPENDENT], ids=["secret", "dependent"])
def test_other_outputs_stay_outputs_where_the_input_takes_them(seen, said):
    assert isinstance(seen({"text": output("a", **said)})["text"], pulumi.Output)


def test_an_unknown_value_is_an_output(seen):
    unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
    assert isinstance(seen({"text": unknown})["text"], pulumi.Output)


@pytest.mark.parametrize("said", [SECRET, DEPENDENT], ids=["secret", "dependent"])
@pytest.mark.parametrize(
    ("key", "value"), [("replicas", 3), ("healthCheck", {"path": "/up"}), ("hosts", ["www.example.com"])]
)
def test_an_output_where_a_plain_value_is_needed_is_refused(host, key, value, said):
    refused = refusal(host, {"image": "web:1", key: output(value, **said)})
    assert f"{key} = an Output: must be a plain value, known before anything is created" in refused.message


def test_an_output_as_a_choice_is_refused(host):
    refused = refusal(host, {"image": "web:1", "rollout": {"onTerm": output("serve", **DEPENDENT)}})
    assert "rollout.onTerm = an Output: must be a plain value" in refused.message


def test_all_faults_are_reported_at_once_in_the_schemas_words(host):
    refused = refusal(
        host,
        {
            "replicas": 0,
            "runAsUser": 0,
            "hosts": ["no host", "www.example.com"],
            "env": {"1": "one"},
            "healthCheck": {"checkIntervalSeconds": 301},
            "rollout": {"onTerm": "explode"},
        },
    )
    shown = [
        "healthCheck.checkIntervalSeconds",
        "hosts[0]",
        "replicas",
        "rollout.onTerm",
        "runAsUser",
        "image",
    ]
    assert paths(refused) == shown
    first, *lines = refused.message.splitlines()
    assert first == 'WebService "web": 7 inputs are not right'
    assert [line.split(" = ")[0].strip() for line in lines] == ['env["1"]', *shown]


def test_a_reason_says_rule_source_and_a_value_that_passes(host):
    refused = refusal(host, {"image": "web:1", "rollout": {"preStopSeconds": 20.5}})
    assert reason(refused, "rollout.preStopSeconds") == "must be a whole number (RolloutArgs). Would pass: 60"


def test_the_name_of_another_input_is_in_the_schemas_words(host):
    refused = refusal(host, {"image": "web:1", "rollout": {"minReadySeconds": 600, "progressDeadlineSeconds": 300}})
    said = refused.message + " ".join(error["reason"] for error in refused.errors or [])
    assert "minReadySeconds" in said
    assert "min_ready_seconds" not in said


def test_an_example_that_passes_is_in_the_schemas_words(host):
    refused = refusal(host, {"image": "web:1", "healthCheck": "/up"})
    assert '"checkIntervalSeconds": 5' in reason(refused, "healthCheck")


@pytest.mark.parametrize(
    ("given", "meant"),
    [("keepAliveTimeoutSecond", "keepAliveTimeoutSeconds"), ("max_surge", "maxSurge"), ("MaxSurge", "maxSurge")],
)
def test_a_key_that_does_not_exist_is_refused_by_name(host, given, meant):
    refused = refusal(host, {"image": "web:1", "rollout": {given: 5}})
    assert f"rollout.{given} = …: does not exist; did you mean rollout.{meant}?" in refused.message


def test_each_of_two_keys_that_look_alike_is_refused(host):
    refused = refusal(host, {"image": "web:1", "colour": 1, "fooBar": 1, "foo_bar": 1, "with blank": 1})
    for key in ("colour", "fooBar", "foo_bar", '["with blank"]'):
        assert f"{key} = …: does not exist" in refused.message


def test_wrong_types_are_refused(host):
    refused = refusal(host, {"image": 5, "port": "8080", "files": {"/a": 7}, "secretEnv": "hunter2"})
    assert sorted(paths(refused)) == ["image", "port"]
    assert 'files["/a"] = [secret]: must be text' in refused.message
    assert "secretEnv = [secret]: must be a mapping" in refused.message


def test_what_may_be_secret_is_no_property_error_since_the_engine_prints_the_value(host):
    refused = refusal(
        host,
        {
            "image": "web:1",
            "secretEnvs": {"TOKEN": "hunter2"},
            "secretEnv": {"1": "hunter2"},
            "files": {"no path": output("hunter2", **SECRET)},
            "env": ["hunter2"],
            "sidecars": [{"name": "a", "image": "a", "env": {"1": "hunter2"}, "files": {"no path": "hunter2"}}],
        },
    )
    assert paths(refused) == []
    assert "hunter2" not in refused.message
    assert refused.message.count("\n") == 6


def test_the_components_own_name_is_no_property(host):
    async def attempt() -> None:
        host.construct("No_Name", "gke-nodrop:index:Network", {"region": "us-central1"})

    with pytest.raises(pulumi.InputPropertiesError) as refused:
        asyncio.run(attempt())
    assert paths(refused.value) == []
    assert 'name = "No_Name": must be' in refused.value.message


def test_what_is_accepted_is_said_below_the_faults(host):
    accept = {"draining-covers-longest-request": "websockets reconnect"}
    refused = refusal(host, {"image": "web:1", "replicas": 0, "accept": accept})
    assert refused.message.endswith("  accepted: draining-covers-longest-request: websockets reconnect")


@pytest.mark.parametrize("token", ["gke-nodrop:index:Nothing", "gcp:index:Network"])
def test_a_component_that_does_not_exist_is_refused(host, token):
    with pytest.raises(pulumi.RunError, match=f"{token} does not exist; there are gke-nodrop:index:AutopilotCluster"):
        host.construct("net", token, {})
