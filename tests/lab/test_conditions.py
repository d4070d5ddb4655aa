"""What the lab would do otherwise than GKE is a reason not to rehearse a path, with object and field."""

import pytest

from nodrop.judge import judge
from nodrop.lab.conditions import unrehearsed
from tests.judge.edits import CHECK, GONE, WEB, Edit, clean, edited

NODE_PORT = {"cloud.google.com/neg": '{"ingress": false}'}


def reasons(objects, *, stand_in=True):
    (path,) = judge(objects).paths
    assert path.path is not None
    assert path.rollout is not None
    return unrehearsed(path.path, path.rollout, stand_in=stand_in)


@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_a_clean_path_can_be_rehearsed(base):
    assert reasons(clean(base)) == ()


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (Edit(f"{CHECK}.port", 9090), "BackendConfig shop/web: health check port 9090"),
        (
            Edit(f"{CHECK}.requestPath", "/other"),
            "BackendConfig shop/web: the health check asks /other, and",
        ),
        (Edit(f"{CHECK}.type", "HTTPS"), "health check type HTTPS"),
        (Edit(f"{WEB}.readinessProbe", {"exec": {"command": ["true"]}}), "readinessProbe.exec"),
        (Edit(f"{WEB}.readinessProbe.httpGet.port", 4445), "readinessProbe: asks port 4445"),
        (Edit("HealthCheckPolicy:", GONE, base="gateway"), "the health check asks /, and the readiness probe"),
    ],
    ids=lambda value: value.place if isinstance(value, Edit) else "",
)
def test_a_condition_that_the_lab_does_not_keep_is_named(edit, words):
    found = reasons(edited(edit))
    assert any(words in each for each in found), found


def test_a_local_traffic_policy_is_not_kept():
    objects = clean("ingress")
    (service,) = (each for each in objects if each["kind"] == "Service")
    service["metadata"]["annotations"] |= NODE_PORT
    service["spec"] |= {"type": "NodePort", "externalTrafficPolicy": "Local"}
    assert any("spec.externalTrafficPolicy: Local" in each for each in reasons(objects))


def test_a_command_answers_for_itself_at_every_path():
    other_path = edited(Edit(f"{CHECK}.requestPath", "/other"))
    assert reasons(other_path, stand_in=False) == ()
