from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab.results import Histogram, PodTimeline
from nodrop.report.phases import MarkKind, PhaseKind, Window, marks, phases, whole, window

WHOLE = Window(start=-10.0, end=100.0)


def pod(last_request=None, **events):
    return PodTimeline(
        name="web-1", node="node1", old=True, events=events, last_request=last_request, last_response=None, requests=1
    )


def bars(found):
    return [(phase.kind, phase.start, phase.end) for phase in found]


def test_a_new_pod_starts_waits_for_its_gate_and_serves():
    new = pod(created=0.0, started=1.0, ready=4.0, attached=11.0, gate=20.0)
    assert bars(phases(new, WHOLE, gated=True)) == [
        (PhaseKind.STARTING, 0.0, 4.0),
        (PhaseKind.WAITING, 4.0, 20.0),
        (PhaseKind.SERVING, 20.0, 100.0),
    ]


def test_without_a_gate_a_ready_pod_serves():
    assert bars(phases(pod(created=0.0, ready=4.0), WHOLE, gated=False)) == [
        (PhaseKind.STARTING, 0.0, 4.0),
        (PhaseKind.SERVING, 4.0, 100.0),
    ]


def test_an_old_pod_served_before_its_deletion_then_sleeps_in_pre_stop_then_stops():
    assert bars(phases(pod(deleted=20.0, term=80.0, gone=83.0), WHOLE, gated=True)) == [
        (PhaseKind.SERVING, -10.0, 20.0),
        (PhaseKind.PRE_STOP, 20.0, 80.0),
        (PhaseKind.STOPPING, 80.0, 83.0),
    ]


def test_a_pod_without_pre_stop_has_no_such_phase():
    kinds = [phase.kind for phase in phases(pod(deleted=20.0, term=20.0, gone=23.0), WHOLE, gated=False)]
    assert kinds == [PhaseKind.SERVING, PhaseKind.STOPPING]


def test_a_pod_deleted_before_its_gate_never_served():
    kinds = [phase.kind for phase in phases(pod(created=0.0, ready=4.0, deleted=9.0, term=9.0), WHOLE, gated=True)]
    assert kinds == [PhaseKind.STARTING, PhaseKind.WAITING, PhaseKind.STOPPING]


def test_a_pod_without_events_serves_all_along():
    assert bars(phases(pod(), WHOLE, gated=True)) == [(PhaseKind.SERVING, -10.0, 100.0)]


def test_a_pod_that_turned_unready_shows_it():
    assert bars(phases(pod(unready=0.0, removed=9.3), WHOLE, gated=False)) == [
        (PhaseKind.SERVING, -10.0, 0.0),
        (PhaseKind.UNREADY, 0.0, 100.0),
    ]


def test_marks_name_what_borders_do_not_and_stay_within_the_window():
    found = marks(pod(last_request=28.0, attached=-50.0, removed=46.0, killed=90.0), WHOLE)
    assert {(mark.kind, mark.at) for mark in found} == {
        (MarkKind.REMOVED, 46.0),
        (MarkKind.KILLED, 90.0),
        (MarkKind.LAST_REQUEST, 28.0),
    }


def test_the_window_holds_all_whole_bins_and_runs_on_to_the_last_event(make_rollout):
    run = replace(make_rollout(), pods=(pod(created=-500.0, gone=900.0),))
    assert window(run) == Window(start=-6.0, end=900.0)


def test_without_bins_the_window_holds_the_events(make_rollout):
    empty = Histogram(start=-3.0, width=3.0, requests=(), by_old=(), failures=())
    assert window(replace(make_rollout(), pods=(pod(created=-5.0),), histogram=empty)) == Window(start=-5.0, end=0.0)
    assert window(replace(make_rollout(), pods=(), histogram=empty)) == Window(start=0.0, end=1.0)


@given(events=st.dictionaries(st.sampled_from(PodTimeline.EVENTS), st.floats(-1e4, 1e4)), gated=st.booleans())
def test_phases_never_overlap_and_stay_within_the_window(events, gated):
    found = phases(pod(**events), WHOLE, gated=gated)
    assert all(WHOLE.start <= phase.start < phase.end <= WHOLE.end for phase in found)
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_a_gate_that_opens_before_the_pod_is_ready_does_not_make_it_serve():
    events = {"created": 0.0, "gate": 0.1, "ready": 6.0}
    pod = PodTimeline(
        name="web-1", node="node-1", old=False, events=events, last_request=None, last_response=None, requests=0
    )
    found = [(phase.kind, phase.start, phase.end) for phase in phases(pod, Window(start=0.0, end=10.0), gated=True)]
    assert found == [(PhaseKind.STARTING, 0.0, 6.0), (PhaseKind.SERVING, 6.0, 10.0)]


@pytest.mark.parametrize(
    ("requests", "failures", "start", "shown"),
    [
        ((3, 24, 24, 8), (0, 0, 0, 0), 7.0, (24, 24)),
        ((3, 24, 24, 8), (1, 0, 0, 2), 4.0, (3, 24, 24, 8)),
        ((3, 24), (0, 0), 4.0, (3, 24)),
        ((), (), 4.0, ()),
    ],
    ids=["cut short", "failed there", "too few", "none"],
)
def test_bins_that_the_run_cuts_short_are_left_out_unless_a_request_failed_there(requests, failures, start, shown):
    found = whole(Histogram(start=4.0, width=3.0, requests=requests, by_old=requests, failures=failures))
    assert (found.start, found.requests, found.by_old) == (start, shown, shown)
    assert sum(found.failures) == sum(failures)
