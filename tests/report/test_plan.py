"""A planned rollout as table, lines, YAML and picture."""

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from nodrop.report.bars import LEGEND, SIGNS, bars
from nodrop.report.phases import MarkKind
from nodrop.report.plan import Answer, ExpectedDrops, plan_text
from nodrop.report.plan_yaml import Names, annotated_yaml, plan_yaml
from nodrop.report.prediction import prediction_svg
from nodrop.report.rows import MARK_WORDS, rows
from nodrop.report.timeline import draw, matched
from nodrop.rollout import ASSUMED, Cause, Drops, OnTerm, PodTimeline, Rollout, expected_drops, plan, solve, timeline
from nodrop.rollout.reasons import reasons


def usual(**changes: Any) -> Rollout:
    wishes: dict[str, Any] = {"longest_request_seconds": 30, "startup_seconds": 20, "replicas": 3, **changes}
    return solve(**wishes)


MANY = usual(replicas=90, rolled_out_within_seconds=600)


def pod(name, old=False, last_request=None, **events):
    return PodTimeline(
        name=name, node="", old=old, events=events, last_request=last_request, last_response=None, requests=0
    )


def labels(pods):
    return [row.label for row in rows(pods)]


def answer(rollout, **changes):
    said = Answer(
        reasons=reasons(rollout),
        plan=plan(rollout),
        pods=rollout.replicas,
        open=(),
        accepted=(),
        assumed=(),
        behaviour=ASSUMED,
        not_judged=("quota", "Ingress"),
        timeline=timeline(rollout),
        drops=None,
    )
    return replace(said, **changes)


def printed(said, width=120):
    return plan_text(said, width)


def test_pods_that_do_the_same_share_a_row():
    assert labels([pod("a", created=0), pod("b", created=0), pod("c", created=9)]) == ["new 1-2", "new 3"]


def test_old_pods_come_first():
    assert labels([pod("a", created=0), pod("b", old=True, deleted=5)]) == ["old 1", "new 1"]


def test_up_to_five_rows_of_a_kind_are_all_shown():
    assert labels([pod("x", created=at) for at in range(5)]) == ["new 1", "new 2", "new 3", "new 4", "new 5"]


def test_of_more_rows_the_first_three_and_the_last_are_shown_with_the_pods_between_counted():
    assert labels([pod("x", created=at) for at in range(6)]) == ["new 1", "new 2", "new 3", "... 4-5", "new 6"]
    assert labels(timeline(MANY))[:5] == ["old 1-7", "old 8-14", "old 15-21", "... 22-84", "old 85-90"]


def test_a_bar_goes_through_the_phases_of_its_pod():
    line, *_ = bars([pod("o", old=True, deleted=20.0, removed=40.0, term=60.0, killed=90.0, gone=100.0)], 107)
    assert line.startswith("old 1  ")
    bar = line.removeprefix("old 1  ")
    assert [bar[at] for at in (0, 19, 20, 38, 39, 40, 59, 60, 88, 90, 99)] == list("==~~~v~##X#")


def test_a_new_pod_starts_waits_for_its_gate_and_serves():
    line, *_ = bars([pod("n", created=0.0, ready=50.0, attached=70.0, gate=80.0), pod("x", created=100.0)], 107)
    assert line.removeprefix("new 1  ") == "." * 50 + "-" * 20 + "^" + "-" * 9 + "=" * 20


def test_the_axis_stands_below_with_seconds_at_their_columns():
    *_, ticks, seconds = bars([pod("n", created=0.0, ready=100.0)], 107)
    assert [at for at, cell in enumerate(ticks) if cell == "+"][:3] == [7, 17, 27]
    assert seconds[7:].split()[:4] == ["0", "s", "10", "20"]
    assert seconds.index("20") == 27


seconds = st.floats(0, 1e7)
any_pods = st.lists(
    st.builds(
        lambda old, events: pod("x", old, **events),
        st.booleans(),
        st.dictionaries(st.sampled_from(PodTimeline.EVENTS), seconds),
    )
)


@given(any_pods, st.integers(60, 200))
def test_no_line_is_wider_than_asked_whatever_the_pods_do(pods, width):
    assert all(len(line) <= width for line in bars(pods, width))


@given(any_pods)
def test_every_bar_is_text_in_ascii(pods):
    assert all(line.isascii() for line in bars(pods, 100))


def test_the_table_has_each_number_with_its_field_reason_and_rule():
    text = printed(answer(MANY))
    (line,) = (line for line in text.splitlines() if "terminationGracePeriodSeconds" in line)
    assert line.split()[:2] == ["spec.template.spec.terminationGracePeriodSeconds", "95"]
    assert "preStop 60 + longest request 30 + margin 5" in line
    assert "[grace-covers-longest-request]" in text


def test_everything_fits_into_120_columns():
    drops = ExpectedDrops(
        requests_per_second=15_000,
        planned=expected_drops(MANY, 15_000),
        by_default=expected_drops(replace(MANY, pre_stop_seconds=0), 15_000),
    )
    text = printed(answer(MANY, drops=drops))
    assert max(len(line) for line in text.splitlines()) <= 120
    assert "sent to a stopped pod" in text


def test_the_plan_says_durations_and_pods():
    said = answer(MANY)
    text = printed(said)
    assert f"at most {said.plan.peak_pods} pods at once" in text
    assert f"to {said.plan.rolled_out_seconds:.0f} s" in text
    assert f"to {said.plan.old_gone_seconds:.0f} s" in text


def test_what_stays_open_is_said_or_that_nothing_is():
    assert "No rule is broken." in printed(answer(MANY))
    said = printed(answer(MANY, name="shop/web"))
    assert "The solved numbers break no rule. `nodrop check` shows which rules the manifest's numbers break." in said
    text = printed(answer(MANY, open=["warning: [red]x[/]"], accepted=["accepted: y"]))
    assert "warning: [red]x[/]\naccepted: y\n" in text
    assert "No rule is broken." not in text


def test_what_is_not_judged_is_said():
    assert "Not judged, as no option states it: quota, Ingress.\n" in printed(answer(MANY))


def test_bounds_are_rounded_away_from_each_other():
    rounded = replace(plan(MANY), rolled_out_at_least_seconds=12.7, rolled_out_seconds=20.2)
    assert "succeeds after 12 to 21 s" in printed(answer(MANY, plan=rounded))


def test_the_noise_of_a_sum_moves_no_bound():
    noisy = replace(plan(MANY), rolled_out_at_least_seconds=100 * (0.7 - 0.4), rolled_out_seconds=1000 * (0.1 + 0.2))
    assert noisy.rolled_out_at_least_seconds < 30 < 300 < noisy.rolled_out_seconds
    assert "succeeds after 30 to 300 s" in printed(answer(MANY, plan=noisy))


def test_less_than_a_request_does_not_read_as_one_nor_as_none():
    few = Drops(requests=1_000, by_cause={Cause.STOPPED_POD: 0.7, Cause.CUT_IN_FLIGHT: 0.1})
    drops = ExpectedDrops(requests_per_second=1, planned=few, by_default=few)
    line = "  as planned: <1 of 1,000 (<0.1 %): <1 sent to a stopped pod, <1 cut in flight\n"
    assert line in printed(answer(MANY, drops=drops))


def test_without_a_timeline_none_is_announced():
    assert "Predicted" not in printed(answer(MANY, timeline=()))


def test_comments_stand_above_their_keys_and_change_nothing():
    document = {"a": {"b": 1, "c": [{"b": 2, "d": "x: y # no"}]}, "b": 3}
    text = annotated_yaml(document, {"a.b": "one", "a.c[0].d": "two", "b": "three", "absent": "four"})
    assert yaml.safe_load(text) == document
    assert text.splitlines() == [
        "a:",
        "  # one",
        "  b: 1",
        "  c:",
        "  - b: 2",
        "    # two",
        "    d: 'x: y # no'",
        "# three",
        "b: 3",
    ]


def test_the_yaml_has_a_reason_above_every_number_that_has_one():
    found = reasons(MANY)
    text = plan_yaml(MANY, found, names=Names(), by_gateway=False, accept={}, assumed=())
    lines = [line.strip() for line in text.splitlines()]
    for reason in found:
        if reason.field != "keep-alive timeout, seconds":
            key = f"{reason.field.rpartition('.')[2]}: {reason.value}"
            above = [lines[at - 1] for at, line in enumerate(lines) if line == key]
            assert any(line.startswith(f"# {reason.why}") for line in above), reason


def test_the_yaml_of_an_autoscaled_deployment_leaves_its_replicas_out():
    rollout = usual(max_replicas=9)
    text = plan_yaml(rollout, reasons(rollout), names=Names(), by_gateway=False, accept={}, assumed=())
    deployment, *_ = yaml.safe_load_all(text)
    assert "replicas" not in deployment["spec"]
    assert text.startswith(
        "# spec.replicas is left out: keep it if your Deployment states it, and ignore its changes "
        "[autoscaler-takes-over-replicas];\n"
        "# minReplicas 3, maxReplicas 9 belong in the HorizontalPodAutoscaler\n"
        "apiVersion: apps/v1\n"
    )


def test_the_yaml_of_a_deployment_without_autoscaler_begins_with_its_fields():
    text = plan_yaml(MANY, reasons(MANY), names=Names(), by_gateway=False, accept={}, assumed=())
    assert text.startswith("apiVersion: ")
    assert "HorizontalPodAutoscaler" not in text


def test_the_yaml_says_that_the_labels_of_the_zone_spread_are_the_readers_own():
    rollout = usual(zones=3)
    lines = plan_yaml(rollout, reasons(rollout), names=Names(), by_gateway=False, accept={}, assumed=()).splitlines()
    above = [lines[at - 1].strip() for at, line in enumerate(lines) if line.strip() == "labelSelector:"]
    assert above == ["# your pods' labels"]


def test_the_picture_is_one_well_formed_svg_with_every_row_and_no_stand_in_colour():
    text = prediction_svg(timeline(MANY), "90 < 91 pods")
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    texts = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"old 1-7", "... 22-84", "new 85-90", "waiting for gate", "last proxy took it out"} <= texts
    assert root[0].text == "90 < 91 pods"
    assert "#0000" not in text
    assert "prefers-color-scheme: dark" in text


def test_picture_and_terminal_call_a_mark_the_same():
    picture, terminal = prediction_svg(timeline(usual()), "x"), " ".join(LEGEND)
    assert [kind for kind in SIGNS if MARK_WORDS[kind] not in terminal] == []
    assert [kind for kind in SIGNS if MARK_WORDS[kind] not in picture] == [MarkKind.KILLED], "no pod of it is killed"


def test_the_same_prediction_is_the_same_picture():
    assert prediction_svg(timeline(usual()), "x") == prediction_svg(timeline(usual()), "x")


def test_every_colour_of_the_picture_is_defined():
    text = prediction_svg(timeline(usual(on_term=OnTerm.SERVE)), "x")
    used = {part.partition(")")[0] for part in text.split("var(--")[1:]}
    assert used
    assert all(f"--{name}: " in text for name in used)


def test_predicted_pods_are_matched_with_measured_ones_in_the_order_of_their_events():
    measured = [
        pod("web-b", old=True, deleted=50.0),
        pod("web-a", old=True, deleted=20.0),
        pod("web-c", created=30.0),
        pod("web-d", old=True),
    ]
    predicted = [pod("old-1", old=True, deleted=19.0), pod("old-2", old=True, deleted=45.0), pod("new-1", created=0.0)]
    names = [each and each.name for each in matched(measured, predicted)]
    assert names == ["old-2", "old-1", "new-1", None]


@pytest.mark.parametrize("predicted", [(), timeline(usual())])
def test_a_prediction_beside_a_measurement_adds_bars(make_rollout, predicted):
    result = make_rollout()
    alone, both = draw(result, "x"), draw(result, "x", predicted)
    assert (alone != both) == bool(predicted)
    assert both.count("<title>predicted: ") >= 4 or not predicted


def test_what_is_predicted_after_the_measured_window_is_drawn_too(make_rollout):
    slow = timeline(usual(startup_seconds=500))
    ticks = [int(tick) for tick in re.findall(r">(\d+)</text>", draw(make_rollout(), "x", slow))]
    assert max(ticks) > 1000
