"""Whatever stands in a quota, a LimitRange, or what pods ask: it is judged, and never clean for want of a reading."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import claim
from tests.judge.on_call_edits import limit_range, quota, selected, workload
from tests.judge.resources import STANDARD, pod_of, written

BOTH = {"resources": {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "1", "memory": "1Gi"}}}
OTHER = workload("StatefulSet", replicas=2)
OTHER["spec"]["template"]["spec"] |= {"priorityClassName": "a"}
OTHER["spec"]["template"]["spec"]["containers"][0] |= BOTH
WRONG = [
    True,
    "text",
    [["a"]],
    [None],
    {None: "0"},
    {1: 2},
    {("a", 1): "1"},
    10**400,
    float("nan"),
    "1e-310",
    "-1e999",
    None,
]
QUOTA = selected("PriorityClass", "In", "a", **{"pods": "200", "requests.cpu": "200"})
QUOTA["spec"]["scopes"] = ["NotTerminating"]
WHOLE = quota(**{"pods": "200", "limits.cpu": "200", "requests.memory": "200Gi", "requests.storage": "9Gi"})
AMOUNTS = {"cpu": "1", "memory": "1Gi"}
OF_CONTAINERS = limit_range(
    default=AMOUNTS, defaultRequest=AMOUNTS, min=AMOUNTS, max=AMOUNTS, maxLimitRequestRatio={"cpu": "1"}
)
OF_PODS = limit_range(type="Pod", min=AMOUNTS, max={"cpu": "9"}, maxLimitRequestRatio={"cpu": "1"})
OF_CLAIMS = limit_range(type="PersistentVolumeClaim", min={"storage": "1Gi"}, max={"storage": "9Gi"})


def places(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every field below, by its keys."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, each in inner:
        yield (*above, key)
        yield from places(each, (*above, key))


def put(holder: Any, place: tuple[str | int, ...], value: Any) -> None:
    *keys, last = place
    for key in keys:
        holder = holder[key]
    holder[last] = value


@cache
def asking() -> list[dict[str, Any]]:
    """The clean objects, whose pods ask something and mount a claim."""
    found = written(OTHER, claim(accessModes=["ReadWriteMany"]), **BOTH)
    pod_of(found)["priorityClassName"] = "a"
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "web"}}
    pod_of(found)["volumes"] = [*pod_of(found).get("volumes", ()), volume]
    return found


def beside(*objects: Any) -> list[dict[str, Any]]:
    """Those objects with others beside them, to be altered."""
    return deepcopy([*asking(), *objects])


LIMITS = [QUOTA, WHOLE, OF_CONTAINERS, OF_PODS, OF_CLAIMS]


@pytest.mark.parametrize("limit", LIMITS, ids=lambda each: str(each["spec"]))
def test_what_is_altered_here_is_clean_before(limit):
    assert judge(beside(limit), surroundings=STANDARD).verdict == Verdict.CLEAN


@pytest.mark.parametrize("limit", LIMITS, ids=lambda each: str(each["spec"]))
def test_any_value_at_any_field_of_a_quota_or_limit_range_is_judged(limit):
    for place in places(limit["spec"], ("spec",)):
        for value in WRONG:
            wrong = deepcopy(limit)
            put(wrong, place, value)
            judge([*asking(), wrong], surroundings=STANDARD)


@pytest.mark.parametrize(
    "whose", ["Deployment", pytest.param("StatefulSet", marks=pytest.mark.slow), "PersistentVolumeClaim"]
)
def test_any_value_at_any_field_of_what_is_asked_is_judged(whose):
    fields = {
        "Deployment": pod_of(beside())["containers"][0]["resources"],
        "StatefulSet": OTHER["spec"],
        "PersistentVolumeClaim": claim(accessModes=["ReadWriteMany"])["spec"],
    }
    above = ("spec", "template", "spec", "containers", 0, "resources") if whose == "Deployment" else ("spec",)
    for place in (above, *places(fields[whose], above)):
        for value in WRONG:
            objects = beside(WHOLE, OF_CONTAINERS, OF_PODS, OF_CLAIMS)
            put(next(each for each in objects if each["kind"] == whose), place, value)
            judge(objects)


SHAPES: list[Any] = ["text", 1, ["a"], {"a": "b"}]


@pytest.mark.parametrize(
    ("limit", "place"),
    [
        *((QUOTA, ("spec", *place)) for place in (["hard"], ["scopes"], ["scopeSelector"])),
        *((QUOTA, ("spec", "scopeSelector", "matchExpressions", *place)) for place in ([], [0], [0, "values"])),
        *((QUOTA, ("spec", "scopeSelector", "matchExpressions", 0, key)) for key in ("scopeName", "operator")),
        *((QUOTA, ("spec", *place)) for place in (["scopes", 0], ["hard", "pods"])),
        *((OF_CONTAINERS, ("spec", *place)) for place in (["limits"], ["limits", 0], ["limits", 0, "type"])),
        *((OF_CONTAINERS, ("spec", "limits", 0, key)) for key in ("default", "min", "max", "maxLimitRequestRatio")),
        *((OF_CONTAINERS, ("spec", "limits", 0, key, "cpu")) for key in ("default", "min", "max")),
    ],
    ids=str,
)
def test_a_value_of_another_type_is_refused_or_not_judged(limit, place):
    right = limit
    for key in place:
        right = right[key]
    for value in SHAPES:
        if type(value) is not type(right) and not (place[-1] in ("pods", "cpu") and value == 1):
            wrong = deepcopy(limit)
            put(wrong, place, value)
            assert judge(beside(wrong), surroundings=STANDARD).verdict in (Verdict.DROPS, Verdict.NOT_JUDGED), (
                place,
                value,
            )
