"""An HTTPRoute that names a Service of another namespace needs a ReferenceGrant there, or is not judged."""

from typing import Any

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean

FROM = {"group": "gateway.networking.k8s.io", "kind": "HTTPRoute", "namespace": "routes"}


@pytest.fixture
def apart() -> list[dict[str, Any]]:
    """The clean Gateway with its HTTPRoute in a namespace of its own."""
    objects = clean("gateway")
    [gateway] = [each for each in objects if each["kind"] == "Gateway"]
    [route] = [each for each in objects if each["kind"] == "HTTPRoute"]
    [service] = [each for each in objects if each["kind"] == "Service"]
    for listener in gateway["spec"]["listeners"]:
        listener["allowedRoutes"] = {"namespaces": {"from": "All"}}
    for parent in route["spec"]["parentRefs"]:
        parent["namespace"] = gateway["metadata"]["namespace"]
    route["metadata"]["namespace"] = "routes"
    for rule in route["spec"]["rules"]:
        for backend in rule.get("backendRefs", ()):
            backend["namespace"] = service["metadata"]["namespace"]
    return objects


def grant(objects: list[dict[str, Any]], *, to: dict[str, Any], origin: dict[str, Any] = FROM) -> dict[str, Any]:
    [service] = [each for each in objects if each["kind"] == "Service"]
    return {
        "apiVersion": "gateway.networking.k8s.io/v1beta1",
        "kind": "ReferenceGrant",
        "metadata": {"name": "routes", "namespace": service["metadata"]["namespace"]},
        "spec": {"from": [origin], "to": [to]},
    }


def test_without_a_grant_the_path_is_not_judged_and_its_rules_are_asked_all_the_same(apart):
    [path] = judge(apart).paths
    assert path.verdict is Verdict.NOT_JUDGED
    assert path.rollout is not None
    [reason] = path.not_judged
    assert reason.startswith("HTTPRoute routes/")
    assert "no ReferenceGrant there" in reason


@pytest.mark.parametrize("named", [{}, {"name": "web"}])
def test_a_grant_of_the_namespace_or_of_the_service_makes_it_clean(apart, named):
    [path] = judge([*apart, grant(apart, to={"group": "", "kind": "Service"} | named)]).paths
    assert path.verdict is Verdict.CLEAN


@pytest.mark.parametrize(
    ("origin", "to"),
    [
        (FROM | {"namespace": "elsewhere"}, {"group": "", "kind": "Service"}),
        (FROM | {"kind": "TCPRoute"}, {"group": "", "kind": "Service"}),
        (FROM, {"group": "", "kind": "Secret"}),
        (FROM, {"group": "", "kind": "Service", "name": "another"}),
    ],
)
def test_a_grant_for_others_grants_nothing(apart, origin, to):
    [path] = judge([*apart, grant(apart, to=to, origin=origin)]).paths
    assert path.verdict is Verdict.NOT_JUDGED
