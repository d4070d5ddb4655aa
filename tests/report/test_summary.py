from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab.results import MethodCount, Slack
from nodrop.report.rehearsal_verdict import WHY_UNDECIDED, RehearsalVerdict
from nodrop.report.summary import Range, span, summarise


def test_seeds_of_one_variant_become_one_row_with_the_smallest_and_the_largest_figure(make_rollout):
    runs = [make_rollout(failed=failed, seed=seed) for seed, failed in enumerate((12, 40, 20), 1)]
    (row,), unready = summarise(runs)
    assert unready == ()
    assert row.runs == tuple(runs)
    assert row.failed == Range(low=12, high=40, absent=0)
    assert row.failed_share == Range(low=12 / 1_340, high=40 / 1_340, absent=0)
    assert row.worst is runs[1]


def test_runs_that_differ_in_more_than_seed_and_lags_stay_apart(make_rollout):
    run = make_rollout()
    more = replace(run, conditions=replace(run.conditions, requests_per_second=10.0))
    other_lags = replace(run, conditions=replace(run.conditions, seed=2, detach_lag_seconds=(1.0,)))
    rows, _ = summarise([run, more, make_rollout(replicas=6), other_lags])
    assert [row.runs for row in rows] == [(run, other_lags), (more,), (make_rollout(replicas=6),)]


def test_a_run_that_the_machine_made_slower_stays_with_the_others(make_rollout):
    run = make_rollout()
    made = replace(
        run.conditions,
        speed_up=7.0,
        pace="chosen: preStop of 7 s",
        speed_up_is_bounded=True,
        allowance_real_seconds=1.0,
    )
    (row,), _ = summarise([run, replace(run, conditions=made)])
    assert len(row.runs) == 2


def test_that_nothing_failed_of_kept_connections_behind_a_node_port_decides_nothing(make_rollout):
    run = make_rollout(backend="NodePort")
    closing = replace(run, subject=replace(run.subject, keep_alive=False))
    verdicts = {each.subject.keep_alive: each.verdict for each in summarise([run, closing])[0]}
    assert verdicts == {True: RehearsalVerdict.UNDECIDED, False: RehearsalVerdict.CLEAN}


def at_speed(run, *, forced, bounded):
    return replace(run, conditions=replace(run.conditions, speed_up_is_forced=forced, speed_up_is_bounded=bounded))


@pytest.mark.parametrize(
    ("forced", "bounded", "verdicts"),
    [
        (True, True, (RehearsalVerdict.TOO_FAST, RehearsalVerdict.TOO_FAST)),
        (True, False, (RehearsalVerdict.CLEAN, RehearsalVerdict.NO_LEAK)),
        (False, True, (RehearsalVerdict.CLEAN, RehearsalVerdict.NO_LEAK)),
    ],
)
def test_a_speed_that_is_forced_beyond_its_bound_makes_nothing_clean(
    make_rollout, make_unready, forced, bounded, verdicts
):
    runs = (make_rollout(), make_unready(served=0))
    (of_rollout,), (of_unready,) = summarise([at_speed(run, forced=forced, bounded=bounded) for run in runs])
    assert (of_rollout.verdict, of_unready.verdict) == verdicts
    reasons = tuple(WHY_UNDECIDED[each] for each in verdicts if not each.good)
    assert of_rollout.undecided + of_unready.undecided == reasons


def test_what_fails_at_a_speed_that_was_forced_too_far_may_be_the_labs_and_is_no_drop(make_rollout, make_unready):
    def fast(*runs):
        return [at_speed(run, forced=True, bounded=True) for run in runs]

    (row,), (pod,) = summarise(fast(make_rollout(failed=1), make_unready(served=1)))
    assert row.verdict == pod.verdict == RehearsalVerdict.TOO_FAST
    assert row.undecided == pod.undecided == (WHY_UNDECIDED[RehearsalVerdict.TOO_FAST],)


def test_rollouts_and_unready_pods_of_one_variant_stay_apart(make_rollout, make_unready):
    pod = make_unready()
    run = replace(make_rollout(), subject=pod.subject)
    rollouts, unready = summarise([pod, run])
    assert ([row.runs for row in rollouts], [row.runs for row in unready]) == ([(run,)], [(pod,)])


def test_one_failure_in_one_seed_makes_a_variant_drop_and_takes_its_bound(make_rollout):
    (row,), _ = summarise([make_rollout(seed=1), make_rollout(seed=2, failed=1)])
    assert row.verdict is RehearsalVerdict.DROPS
    assert row.loss_bound == pytest.approx(4.74 / (2 * 1_340), rel=0.01)


def test_the_bound_of_several_runs_is_that_of_all_their_requests(make_rollout):
    (row,), _ = summarise([make_rollout(seed=1, requests=3_000), make_rollout(seed=2, requests=1_000)])
    assert row.verdict is RehearsalVerdict.CLEAN
    assert row.loss_bound == pytest.approx(3 / 4_000, rel=0.01)


def test_a_rollout_that_did_not_end_or_saw_no_request_is_not_clean(make_rollout):
    (unfinished,), _ = summarise([make_rollout(seed=1), make_rollout(seed=2, finished=False)])
    (silent,), _ = summarise([make_rollout(seed=1, requests=0)])
    assert (unfinished.verdict, silent.verdict) == (RehearsalVerdict.UNFINISHED, RehearsalVerdict.NO_TRAFFIC)
    assert silent.loss_bound is None


def methods(failed, saved):
    return {
        "GET": MethodCount(requests=700, failed=0, saved=saved),
        "POST": MethodCount(requests=640, failed=failed, saved=0),
    }


def test_requests_of_each_method_are_summed_up_apart(make_rollout):
    runs = [
        make_rollout(seed=1, failed=4, methods=methods(4, 3)),
        make_rollout(seed=2, failed=9, methods=methods(9, 5)),
    ]
    (row,), _ = summarise(runs)
    gets, posts = row.methods
    assert (gets.name, gets.failed, gets.saved) == (
        "GET",
        Range(low=0, high=0, absent=0),
        Range(low=3, high=5, absent=0),
    )
    assert (posts.name, posts.failed) == ("POST", Range(low=4, high=9, absent=0))


def test_a_rollout_without_a_failure_is_not_clean_where_retries_saved_requests(make_rollout):
    (saved,), _ = summarise([make_rollout(methods=methods(0, 1))])
    (clean,), _ = summarise([make_rollout(methods=methods(0, 0))])
    assert (saved.verdict, saved.verdict.good) == (RehearsalVerdict.SAVED, False)
    assert clean.verdict is RehearsalVerdict.CLEAN


def test_causes_come_most_frequent_first_and_count_the_seeds_without_them(make_rollout):
    runs = [
        make_rollout(seed=1, failures={"backend_timeout": 3, "failed_to_pick_backend": 5}),
        make_rollout(seed=2, failures={"backend_timeout": 4}),
        make_rollout(seed=3, failures={"backend_timeout": 2, "failed_to_pick_backend": 0}),
    ]
    (row,), _ = summarise(runs)
    assert [(cause.name, cause.count.low, cause.count.high) for cause in row.causes] == [
        ("backend_timeout", 2, 4),
        ("failed_to_pick_backend", 0, 5),
    ]


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({}, RehearsalVerdict.NO_LEAK),
        ({"served_after_removal": 1}, RehearsalVerdict.LEAKS),
        ({"removed_seconds": None, "requests_after_removal": 0}, RehearsalVerdict.NOT_REMOVED),
        ({"requests_after_removal": 0}, RehearsalVerdict.NO_TRAFFIC),
    ],
)
def test_the_worst_seed_decides_what_an_unready_pod_comes_to(make_unready, change, verdict):
    _, (row,) = summarise([make_unready(served=0, seed=1), make_unready(served=0, seed=2, **change)])
    assert row.verdict is verdict


def test_a_pod_that_was_never_removed_does_not_hide_behind_the_seeds_that_were(make_unready):
    _, (row,) = summarise([make_unready(seed=1), make_unready(seed=2, removed_seconds=None)])
    assert row.removed == Range(low=9.3, high=9.3, absent=1)


def test_of_runs_that_failed_alike_the_one_with_the_least_slack_is_the_worst(make_rollout):
    tight = Slack(term_after_last_request=0.5, kill_after_last_response=None, deletion_after_new_routable=9.0)
    runs = [make_rollout(seed=1), make_rollout(seed=2, slack=tight), make_rollout(seed=3)]
    (row,), _ = summarise(runs)
    assert row.worst is runs[1]


@given(values=st.lists(st.none() | st.floats(-1e6, 1e6)))
def test_a_span_holds_every_value_and_counts_the_missing_ones(values):
    found = span(values)
    present = [value for value in values if value is not None]
    if found is None:
        assert not present
    else:
        assert all(found.low <= value <= found.high for value in present)
        assert {found.low, found.high} <= set(present)
        assert found.absent == values.count(None)


def test_failures_hide_no_run_that_says_nothing(make_rollout):
    (row,), _ = summarise([make_rollout(seed=1, failed=3), make_rollout(seed=2, finished=False)])
    assert row.verdict is RehearsalVerdict.DROPS
    assert row.undecided == ("it did not end within its time limit",)
