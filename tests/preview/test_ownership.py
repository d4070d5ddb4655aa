import json

import pytest

from nodrop.preview.ownership import refused
from nodrop.preview.state import Deployed, read_state

APPLIER = "pulumi-kubernetes-1a2b3c4d"
CREATOR = ("pulumi-kubernetes", "Update")
HTTP = {"name": "http", "containerPort": 8080}


def owner(manager: str, operation: str, *ports: int, subresource: str = "", protocol: str = "TCP") -> dict:
    """An entry of managedFields whose owner owns these container ports, and the Service ports of the same numbers."""
    key = 'k:{{"{}":{},"protocol":"' + protocol + '"}}'
    fields = {
        "f:spec": {
            "f:ports": {key.format("port", port): {".": {}} for port in ports},
            "f:template": {
                "f:spec": {
                    "f:containers": {
                        'k:{"name":"web"}': {
                            ".": {},
                            "f:ports": {key.format("containerPort", port): {"f:name": {}} for port in ports},
                        }
                    }
                }
            },
        }
    }
    entry = {"manager": manager, "operation": operation, "fieldsType": "FieldsV1", "fieldsV1": fields}
    return {**entry, "subresource": subresource} if subresource else entry


def deployment(*ports: dict, name: str = "web", container: str = "web", selector: str = "web") -> dict:
    spec = {"containers": [{"name": container, "ports": list(ports)}, {"name": "plain"}]}
    template = {"metadata": {"labels": {"app": "web"}}, "spec": spec}
    return {
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"matchLabels": {"app": selector}}, "template": template},
    }


def service(*ports: dict, cluster_ip: str | None = None) -> dict:
    metadata = {"name": "web", "namespace": "shop"}
    return {"kind": "Service", "metadata": metadata, "spec": {"ports": list(ports), "clusterIP": cluster_ip}}


def deployed(manifest: dict, *owners: dict, field_manager: str | None = APPLIER) -> Deployed:
    return Deployed(urn="urn", manifest=manifest, field_manager=field_manager, managed_fields=owners)


def verdicts(old: Deployed, new: dict) -> list[tuple[str, str]]:
    return [(finding.input, str(finding.severity)) for finding in refused(old, new)]


CREATED = deployed(deployment(HTTP), owner(*CREATOR, 8080))
PORTS = "spec.template.spec.containers[web].ports"


def test_a_port_that_is_still_its_creators_stays_in_a_preview_beside_one_of_its_name():
    assert verdicts(CREATED, deployment({**HTTP, "containerPort": 9090})) == [(PORTS, "warning")]


@pytest.mark.parametrize(
    "new",
    [
        deployment(HTTP),
        deployment({**HTTP, "hostPort": 8080}),
        deployment({**HTTP, "protocol": "TCP"}),
        deployment({"name": "other", "containerPort": 9090}),
        deployment({"containerPort": 9090}),
        deployment(),
        deployment(HTTP, {"name": "more", "containerPort": 9090}),
        deployment({**HTTP, "containerPort": 9090}, container="renamed"),
        deployment({**HTTP, "containerPort": 9090}, name="other"),
        deployment({**HTTP, "containerPort": 9090}, selector="other"),
    ],
)
def test_what_leaves_no_two_entries_of_one_name_or_replaces_the_object_can_be_previewed(new):
    assert verdicts(CREATED, new) == []


def test_another_protocol_is_another_entry():
    assert verdicts(CREATED, deployment({**HTTP, "protocol": "UDP"})) == [(PORTS, "warning")]


@pytest.mark.parametrize(
    ("owners", "severity"),
    [
        ([owner(APPLIER, "Apply", 8080)], None),
        ([owner(APPLIER, "Apply", 8080), owner(*CREATOR)], None),
        ([owner(APPLIER, "Apply", 8080), owner("somebody", "Update", 8080, subresource="status")], None),
        ([owner(APPLIER, "Apply"), owner(*CREATOR, 8080)], "warning"),
        ([owner(APPLIER, "Apply", 8080), owner("kubectl", "Apply", 8080)], "warning"),
        ([owner(APPLIER, "Apply", 8080), owner("kubectl-edit", "Update", 8080)], "error"),
        ([owner(APPLIER, "Apply", 8080), owner(APPLIER, "Update", 8080)], "error"),
        ([owner(*CREATOR, 8080), owner("helm", "Apply", 8080)], "error"),
        ([], None),
        ([{"manager": "helm"}, {"manager": "helm", "fieldsV1": {"f:spec": []}}], None),
        (
            [{"manager": "helm", "fieldsV1": {"f:spec": {"f:template": {"f:spec": {"f:containers": {"k:x": {}}}}}}}],
            None,
        ),
    ],
)
def test_only_what_an_update_takes_over_first_is_the_previews_fault_alone(owners, severity):
    old = deployed(deployment(HTTP), *owners)
    found = verdicts(old, deployment({**HTTP, "containerPort": 9090}))
    assert found == ([(PORTS, severity)] if severity else [])


@pytest.mark.parametrize("field_manager", [None, "pulumi-kubernetes"])
def test_where_nothing_is_applied_server_side_nothing_stays(field_manager):
    old = deployed(deployment(HTTP), owner(*CREATOR, 8080), field_manager=field_manager)
    assert verdicts(old, deployment({**HTTP, "containerPort": 9090})) == []


@pytest.mark.parametrize(
    ("old", "new", "refused_too"),
    [
        ([{"name": "http", "port": 80}], [{"name": "http", "port": 81}], True),
        ([{"name": "http", "port": 80}], [{"name": "web", "port": 81}], False),
        ([{"port": 80}], [{"port": 81}], True),
        ([{"port": 80}], [{"name": "web", "port": 81}], True),
        ([{"port": 80}], [{"port": 80, "targetPort": 8080}], False),
        ([{"port": 80}], [], False),
    ],
)
def test_two_ports_of_a_service_need_a_name_each(old, new, refused_too):
    found = verdicts(deployed(service(*old), owner(*CREATOR, 80)), service(*new))
    assert found == ([("spec.ports", "warning")] if refused_too else [])


def test_a_service_that_is_replaced_can_be_previewed():
    old = deployed(service({"port": 80}), owner(*CREATOR, 80))
    assert verdicts(old, service({"port": 81}, cluster_ip="None")) == []


def test_the_warning_says_whose_the_port_is_and_what_to_do():
    (finding,) = refused(CREATED, deployment({**HTTP, "containerPort": 9090}))
    assert (finding.value, finding.seen) == (
        "9090/TCP",
        "was 8080/TCP http, which still belongs to the object's creation",
    )
    assert "pulumi up --skip-preview" in str(finding.would_pass)
    (finding,) = refused(
        deployed(deployment(HTTP), owner("kubectl-edit", "Update", 8080)), deployment({**HTTP, "containerPort": 9090})
    )
    assert "kubectl-edit" in finding.seen
    assert ": 1. take the field away from kubectl-edit" in str(finding.would_pass)


@pytest.mark.parametrize("outputs", [None, [], {"metadata": "x"}, {"metadata": {"managedFields": {}}}, {}])
def test_a_state_that_does_not_say_who_owns_what_is_read_as_that(outputs):
    kind, urn = "kubernetes:core/v1:Service", "urn:pulumi:dev::shop::kubernetes:core/v1:Service::web"
    inputs = {"apiVersion": "v1", **service({"port": 80})}
    resource = {"urn": urn, "type": kind, "custom": True, "inputs": inputs, "outputs": outputs}
    text = json.dumps({"version": 3, "deployment": {"resources": [resource]}})
    (found,) = read_state(text, "state.json").objects
    assert (found.field_manager, found.managed_fields) == (None, ())
    assert verdicts(found, service({"port": 81})) == []


def test_a_state_says_who_owns_what():
    kind, urn = "kubernetes:core/v1:Service", "urn:pulumi:dev::shop::kubernetes:core/v1:Service::web"
    inputs = {"apiVersion": "v1", **service({"port": 80})}
    outputs = {**inputs, "__fieldManager": APPLIER, "metadata": {"managedFields": [owner(*CREATOR, 80)]}}
    resource = {"urn": urn, "type": kind, "custom": True, "inputs": inputs, "outputs": outputs}
    text = json.dumps({"version": 3, "deployment": {"resources": [resource]}})
    (found,) = read_state(text, "state.json").objects
    assert verdicts(found, service({"port": 81})) == [("spec.ports", "warning")]
