"""The lab's embedded controllers do what the real ones do, step by step; `make controllers` compares all cases."""

import json

import pytest

from differential.__main__ import FILE
from differential.cases import ALL, QUICK
from differential.compare import Comparison, Outcome, compare, outcome
from nodrop.lab.controllers import deployment, replica_set, scaling
from nodrop.lab.controllers.endpoint_slice import EndpointSliceController


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return compare(QUICK)


def outcome_of(comparison: Comparison, name: str) -> Outcome:
    return next(each for each in comparison.outcomes if each.case.name == name)


@pytest.mark.engine
@pytest.mark.lab
@pytest.mark.kubernetes
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [case.name for case in QUICK])
def test_embedded_and_real_controllers_agree_on_every_step(name: str, comparison: Comparison) -> None:
    found = outcome_of(comparison, name)
    assert len(found.steps) > 5
    assert found.all_differences == []


@pytest.mark.engine
@pytest.mark.lab
@pytest.mark.kubernetes
@pytest.mark.timeout(600)
def test_a_controller_that_does_otherwise_is_noticed(comparison: Comparison, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scaling, "is_scaling_event", lambda *_: False)
    scaled = outcome_of(comparison, "4 pods, scaled up in the middle")
    found = outcome(scaled.case, scaled.steps).difference
    assert found is not None
    assert found.what == "asked"
    monkeypatch.undo()
    monkeypatch.setattr(deployment, "surge_and_unavailable", lambda _: (1, 1))
    two = outcome_of(comparison, "2 pods, surge 1")
    assert outcome(two.case, two.steps).difference is not None
    monkeypatch.undo()
    monkeypatch.setattr(replica_set, "is_active", lambda _: True)
    assert outcome(two.case, two.steps).difference is not None
    monkeypatch.undo()
    monkeypatch.setattr(EndpointSliceController, "sync", lambda _: None)
    assert outcome(two.case, two.steps).difference is not None
    monkeypatch.undo()
    late = [{**step, "rested": False} for step in two.steps]
    assert len(outcome(two.case, late).all_differences) == len(late)


def test_the_committed_comparison_has_every_case_and_no_difference() -> None:
    found = json.loads(FILE.read_text())
    assert set(found["cases"]) == {case.name for case in ALL}
    assert len(ALL) >= 40
    assert len(QUICK) >= 8
    assert {name: case["differences"] for name, case in found["cases"].items() if case["differences"]} == {}
