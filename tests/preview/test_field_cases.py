"""Pairs of programs from the field, each right by itself, whose change drops requests."""

import re
from pathlib import Path

import pytest

from nodrop.judge import judge_change
from nodrop.preview import compare, kubernetes_objects, read_state
from nodrop.testing import Program, assert_update_drops_no_requests

CASES = Path(__file__).parent / "field_cases"


@pytest.fixture
def changed(evaluated, export):
    """What comes of deploying `after.py` of a case over `before.py`."""

    def changed(case: str, *, back: bool = False):
        names = ("after.py", "before.py") if back else ("before.py", "after.py")
        before, after = (evaluated((CASES / case / name).read_text()) for name in names)
        return compare(after, read_state(export(before), "state.json"))

    return changed


@pytest.mark.parametrize("back", [False, True])
@pytest.mark.parametrize(
    ("case", "rule", "remedy"),
    [
        ("cluster-is-replaced", "infrastructure-stays", "second cluster"),
        ("gateway-service-port-changes", "service-port-stays", "beside"),
        ("managed-certificate-gains-domain", "managed-certificates-stay", "second ManagedCertificate"),
        ("selector-flips", "selector-stays", "widen the Service's selector to app=api"),
    ],
)
def test_a_change_that_drops_everything_is_an_error_with_a_remedy_that_can_be_followed(
    changed, case, rule, remedy, back
):
    judged = changed(case, back=back)
    assert judged.verdict == "drops"
    found = [each for each in judged.diagnostics if each.rule == rule]
    assert found, judged
    assert all(each.is_error for each in found)
    assert any(remedy in str(each.would_pass) for each in found)


@pytest.mark.parametrize("case", [each.name for each in sorted(CASES.iterdir())])
def test_whoever_asks_about_a_change_gets_the_same_answer(case, evaluated, export, monkeypatch, tmp_path):
    """`preview --against` a state, `check --against` the same objects, and a test of two evaluations."""
    monkeypatch.chdir(tmp_path)
    before, after = (evaluated((CASES / case / f"{name}.py").read_text()) for name in ("before", "after"))
    of_state = compare(after, read_state(export(before), "state.json"))
    of_files = judge_change(kubernetes_objects(before), kubernetes_objects(after))
    rules = {each.rule for each in of_state.diagnostics}
    assert {each.rule for each in of_files.diagnostics} | UNSEEN.get(case, set()) == rules
    failures = [of_a_test(before, after, path) for path in of_state.paths]
    assert set(re.findall(r"update of .+?: (\S+) \(error\)", "\n".join(failures))) == {
        each.rule for each in of_state.diagnostics if each.is_error
    }


def of_a_test(before, after, path):
    """What fails a test of the update; empty where it passes."""
    try:
        assert_update_drops_no_requests(Program(before), Program(after), path)
    except AssertionError as error:
        return str(error)
    return ""


UNSEEN = {"cluster-is-replaced": {"infrastructure-stays"}}
"""What files do not say, by case: the rules that ask about it."""


def test_a_route_moves_to_another_port_once_both_have_routes(evaluated, export):
    text = (CASES / "gateway-service-port-changes" / "before.py").read_text()
    both = text.replace('"ports": [{', '"ports": [{"name": "new", "port": 8080, "targetPort": "http"}, {')
    rules = '"rules": [{"backendRefs": [{"name": "shop", "port": PORT}]}]'
    probe = '{"matches": [{"path": {"value": "/probe"}}], "backendRefs": [{"name": "shop", "port": %d}]}'
    step = f'"rules": [{{"backendRefs": [{{"name": "shop", "port": %d}}]}}, {probe}]'
    assert rules in both
    before, after = (evaluated(both.replace(rules, step % ports)) for ports in ((80, 8080), (8080, 80)))
    judged = compare(after, read_state(export(before), "state.json"))
    assert "service-port-stays" not in {each.rule for each in judged.diagnostics}
