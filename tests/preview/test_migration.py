"""The steps of docs/migration.md: none drops what the one before served, and each shortcut does."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from nodrop.judge import ChangeJudgement
from nodrop.paths import resolve
from nodrop.preview import compare, kubernetes_objects, read_state

TEXT = (Path(__file__).parents[2] / "docs" / "migration.md").read_text()
WAYS = {
    heading: re.findall(r"^```python\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    for heading, text in re.findall(r"^## (.*?)\n(.*?)(?=^## |\Z)", TEXT, flags=re.DOTALL | re.MULTILINE)
}
"""By heading: what all steps share, then each step."""
DNS, ONE_INGRESS = WAYS["By DNS"], WAYS["On one Ingress"]
ANOTHER_COMPONENT = 'dns(WebService("shop", {"image": "example/shop:2"}))'
SWITCH_WITHOUT_A_PROBE = "pods(ingress(new(), legacy=old()))"
SWITCH_WITHOUT_A_REST = "old(); pods(ingress(new()))"


def flipped(program: str) -> str:
    """The Service itself becomes one with NEGs."""
    assert '{"ingress": false}' in program
    return program.replace('{"ingress": false}', '{"ingress": true}')


@pytest.fixture
def step(evaluated):
    """The evaluation of a step."""

    def step(way: list[str], text: str, flip: bool = False) -> Any:
        whole = "\n".join([way[0], text])
        return evaluated(flipped(whole) if flip else whole)

    return step


@pytest.fixture
def update(step, export):
    """What `nodrop preview --against` tells of an update from one step to another."""

    def told(way: list[str], before: str, after: str, flip: bool = False) -> ChangeJudgement:
        state = read_state(export(step(way, before)), "state.json")
        return compare(step(way, after, flip), state)

    return told


def served(evaluation: Any) -> dict[str, set[str]]:
    """Routes of each serving path."""
    resolution = resolve(kubernetes_objects(evaluation))
    assert not resolution.problems
    return {path.name: set(path.routes) for path in resolution.paths}


def test_each_way_has_a_step_of_today_one_of_both_the_switch_and_the_end():
    assert WAYS.keys() == {"By DNS", "On one Ingress"}
    assert [len(way) for way in WAYS.values()] == [5, 5]


def test_by_dns_both_serve_at_addresses_of_their_own_before_and_after_the_record_moves(step):
    both = {"shop/shop": {"*/", "default"}, "shop-neg/shop-neg": {"default"}}
    records = []
    for text, expected in zip(DNS[1:], [{"shop/shop"}, both, both, {"shop-neg/shop-neg"}], strict=True):
        evaluation = step(DNS, text)
        assert served(evaluation).keys() == set(expected)
        (record,) = [each for each in evaluation.resources if each.type.endswith(":RecordSet")]
        (address,) = record.property_dependencies["rrdatas"]
        records.append(address.rpartition("::")[2])
    assert records == ["shop", "shop", "shop-neg", "shop-neg"]


def test_on_one_ingress_the_new_service_has_a_route_before_the_switch_and_the_old_one_after_it(step):
    assert [served(step(ONE_INGRESS, text)) for text in ONE_INGRESS[1:]] == [
        {"shop/shop": {"default"}},
        {"shop/shop": {"default"}, "shop/shop-neg": {"probe.shop.example.com/"}},
        {"shop/shop": {"legacy.shop.example.com/"}, "shop/shop-neg": {"default"}},
        {"shop/shop-neg": {"default"}},
    ]


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_no_step_up_to_the_switch_drops_anything(update, way, number):
    comparison = update(way, way[number], way[number + 1])
    assert comparison.not_compared == ()
    assert comparison.paths
    assert comparison.diagnostics == ()


def test_the_end_by_dns_is_warned_of_as_the_route_that_is_dropped_on_purpose(update):
    told = update(DNS, DNS[3], DNS[4]).diagnostics
    assert {(str(each.object), each.rule, each.is_error) for each in told} == {
        ("Ingress shop/shop", "routes-keep-their-service", False)
    }


def test_the_end_on_one_ingress_drops_the_spare_host_alone_as_its_waiver_says(update):
    (told,) = update(ONE_INGRESS, ONE_INGRESS[3], ONE_INGRESS[4]).diagnostics
    assert (told.rule, told.is_error) == ("routes-keep-their-service", False)
    assert str(told.value).startswith("legacy.shop.example.com/ ")
    assert told.waiver == "legacy.shop.example.com has had no request for a day"


@pytest.mark.parametrize(
    ("way", "before", "shortcut", "flip", "rule"),
    [
        (DNS, DNS[1], ANOTHER_COMPONENT, False, "entry-stays"),
        (ONE_INGRESS, ONE_INGRESS[1], ONE_INGRESS[1], True, "entry-stays"),
        (ONE_INGRESS, ONE_INGRESS[1], SWITCH_WITHOUT_A_PROBE, False, "routes-keep-their-service"),
        (ONE_INGRESS, ONE_INGRESS[2], SWITCH_WITHOUT_A_REST, False, "routes-keep-their-service"),
    ],
    ids=["another component", "flipped annotation", "no probe", "no rest"],
)
def test_each_shortcut_is_refused(update, way, before, shortcut, flip, rule):
    errors = {told.rule for told in update(way, before, shortcut, flip).diagnostics if told.is_error}
    assert rule in errors


def test_what_follows_a_step_is_the_next_one():
    assert all(before != after for way in WAYS.values() for before, after in pairwise(way[1:]))
