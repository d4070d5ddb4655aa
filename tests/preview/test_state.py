import contextlib
import json

import pytest

from nodrop.preview import StateError, evaluate, kubernetes_objects, read_state

MAP = """
    secret = pulumi.Output.secret("hush")
    k8s.core.v1.ConfigMap("map", metadata={"name": "map"}, data={"plain": "yes", "password": secret})
"""
SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {}}
SIGNATURE = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270"}


def exported(**fields):
    resource = {
        "urn": "urn:pulumi:dev::demo::kubernetes:core/v1:Service::web",
        "type": "kubernetes:core/v1:Service",
        "inputs": SERVICE,
    }
    return json.dumps({"version": 3, "deployment": {"resources": [resource | fields]}})


def objects(text):
    return [each.manifest for each in read_state(text, "state.json").objects]


def test_a_deployed_program_has_the_objects_of_its_evaluation(program, export):
    evaluation = evaluate(program(MAP), "dev")
    state = read_state(export(evaluation), "state.json")
    assert [each.manifest for each in state.objects] == kubernetes_objects(evaluation)
    assert state.stacks == {("demo", "dev")}


@pytest.mark.parametrize("stored", [{"ciphertext": "v1:abc"}, {"plaintext": '"hush"'}])
def test_a_secret_stays_masked_encrypted_or_not(stored):
    (manifest,) = objects(exported(inputs=SERVICE | {"spec": {"externalName": SIGNATURE | stored}}))
    assert manifest["spec"] == {"externalName": "[secret]"}


def test_the_content_of_a_kubernetes_secret_stays_masked_though_the_program_marked_none():
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"password": "hush"}}
    (manifest,) = objects(exported(type="kubernetes:core/v1:Secret", inputs=secret))
    assert manifest["stringData"] == {"password": "[secret]"}


def test_what_the_provider_adds_for_itself_is_no_part_of_the_object():
    assert objects(exported(inputs=SERVICE | {"__initialApiVersion": "v1", "__inputs": {}})) == [SERVICE]


@pytest.mark.parametrize("fields", [{"delete": True}, {"external": True}, {"type": "kubernetes:core/v1:ServicePatch"}])
def test_what_is_to_be_deleted_or_not_managed_is_left_out(fields):
    assert objects(exported(**fields)) == []


@pytest.mark.parametrize("deployment", [None, {}, {"manifest": {}}, {"resources": None}])
def test_a_stack_without_resources_has_no_objects(deployment):
    state = read_state(json.dumps({"version": 3, "deployment": deployment}), "state.json")
    assert (state.objects, state.stacks) == ((), frozenset())


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "is not JSON, from line 1 on"),
        ('{\n"version": 3,', "is not JSON, from line 2 on"),
        ("[" * 100_000, "is not an exported state"),
        ("[]", 'which has "version" and "deployment"'),
        ('{"resources": []}', 'which has "version" and "deployment"'),
        ('{"version": 3, "checkpoint": {"latest": {}}}', "is a backend's checkpoint"),
        ('{"version": 2, "deployment": {}}', "has a state of version 2, not 3"),
        ('{"version": 3, "deployment": []}', "deployment.resources is not a list"),
        ('{"version": 3, "deployment": {"resources": {}}}', "deployment.resources is not a list"),
        ('{"version": 3, "deployment": {"resources": [{"urn": 1}]}}', "deployment.resources[0] is not a resource"),
        (exported(urn="web"), "resource 0 has no URN"),
    ],
)
def test_what_is_no_export_is_one_message_with_the_file_and_how_to_get_one(text, wrong):
    with pytest.raises(StateError) as raised:
        read_state(text, "state.json")
    message = str(raised.value)
    assert message.startswith("state.json")
    assert wrong in message
    assert "pulumi stack export --file state.json" in message or "present Pulumi CLI" in message
    assert "\n" not in message


@pytest.mark.parametrize("field", ["inputs", "type", "urn", "parent", "outputs"])
@pytest.mark.parametrize("value", [None, 1, "text", [], {}, [{}], {"metadata": 5}])
def test_a_resource_of_any_shape_is_read_or_refused(field, value):
    with contextlib.suppress(StateError):
        read_state(exported(**{field: value}), "state.json")
