"""A Service that gets no request by its weight drops none; what it would drop is told."""

import pytest

from nodrop.judge import Verdict, judge
from nodrop.rollout import Severity
from tests.judge.edits import clean


def canary(weight, *, in_another_rule=None):
    """Verdict and rules of a Deployment without preStop, behind a Service with that weight beside another one."""
    objects = clean("gateway")
    [route] = [each for each in objects if each["kind"] == "HTTPRoute"]
    [deployment] = [each for each in objects if each["kind"] == "Deployment"]
    for container in deployment["spec"]["template"]["spec"]["containers"]:
        container.pop("lifecycle", None)
    stable = {"name": "stable", "port": 80, "weight": 100}
    backends = [stable, {"name": "web", "port": 80, "weight": weight}]
    route["spec"]["rules"] = [{"backendRefs": backends}]
    if in_another_rule is not None:
        other = {"name": "web", "port": 80, "weight": in_another_rule}
        matches = [{"path": {"type": "PathPrefix", "value": "/other"}}]
        route["spec"]["rules"].append({"matches": matches, "backendRefs": [stable, other]})
    [path] = [each for each in judge(objects).paths if each.name.startswith("shop/web")]
    [found] = [each for each in path.diagnostics if each.rule == "pre-stop-outlasts-deprogramming"]
    return path.verdict, found


@pytest.mark.parametrize("other", [None, 0])
def test_a_weight_of_0_makes_errors_warnings(other):
    verdict, found = canary(0, in_another_rule=other)
    assert verdict is not Verdict.DROPS
    assert found.severity is Severity.WARNING
    assert found.seen.endswith("; a weight of 0 keeps requests from it for now")


@pytest.mark.parametrize(("weight", "other"), [(1, None), (0, 5), (5, 0)])
def test_a_service_that_gets_any_request_drops_some(weight, other):
    verdict, found = canary(weight, in_another_rule=other)
    assert verdict is Verdict.DROPS
    assert found.severity is Severity.ERROR
    assert "weight" not in found.seen
