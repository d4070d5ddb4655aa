"""ListenerSets are not read: what leads over one is told by its name."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean

GROUPS = {"ListenerSet": "gateway.networking.k8s.io", "XListenerSet": "gateway.networking.x-k8s.io"}


def listener_set(kind):
    return {
        "apiVersion": f"{GROUPS[kind]}/v1",
        "kind": kind,
        "metadata": {"name": "extra", "namespace": "shop"},
        "spec": {"parentRef": {"name": "shop"}, "listeners": [{"name": "http", "protocol": "HTTP", "port": 8080}]},
    }


def attached(kind, name):
    route = next(each for each in clean("gateway") if each["kind"] == "HTTPRoute")
    route["metadata"]["name"] = name
    route["spec"]["parentRefs"] = [{"group": GROUPS[kind], "kind": kind, "name": "extra"}]
    return route


@pytest.mark.parametrize("kind", GROUPS)
def test_where_all_routes_are_attached_to_one_it_is_named(kind):
    objects = [each for each in clean("gateway") if each["kind"] != "HTTPRoute"]
    judgement = judge([*objects, attached(kind, "web"), listener_set(kind)])
    reasons = " ".join(reason for path in judgement.paths for reason in path.reasons)
    assert judgement.verdict == Verdict.NOT_JUDGED
    assert f"no HTTPRoute leads from it to a Service but for those of {kind} shop/extra, which are not read" in reasons
    assert f"HTTPRoute shop/web: is attached to {kind} shop/extra, which is not read" in reasons
    assert [each.object.kind for each in judgement.passed_over] == [kind]


@pytest.mark.parametrize("kind", GROUPS)
def test_a_route_attached_to_one_beside_a_path_is_not_judged(kind):
    judgement = judge([*clean("gateway"), attached(kind, "more"), listener_set(kind)])
    assert {each.name: each.verdict for each in judgement.paths} == {
        "HTTPRoute shop/more": Verdict.NOT_JUDGED,
        "shop/web via Gateway shop": Verdict.CLEAN,
    }


def test_a_gateway_without_any_route_is_told_as_before():
    objects = [each for each in clean("gateway") if each["kind"] != "HTTPRoute"]
    [path] = judge(objects).paths
    assert path.reasons[0].endswith("no HTTPRoute leads from it to a Service")
