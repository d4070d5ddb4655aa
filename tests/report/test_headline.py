from dataclasses import replace

import pytest

from nodrop.lab.kubernetes.programs import VEGETA
from nodrop.report.headline import headline
from nodrop.report.rehearsal_verdict import WHY_UNDECIDED, RehearsalVerdict
from nodrop.report.summary import summarise


def test_whose_speed_was_bounded_is_told_with_the_reason_and_the_most_is_not(make_rollout, make_unready):
    def paced(run, speed_up, pace, *, bounded):
        made = replace(run.conditions, speed_up=speed_up, pace=pace, speed_up_is_bounded=bounded)
        return replace(run, conditions=made)

    bound = "chosen: the keep-alive timeout, 5 s; this machine resolves 0.5 s of wall clock"
    runs = [
        paced(make_rollout(), 30, "chosen: 30x is the most", bounded=False),
        paced(make_unready("NEG, 1 pod"), 10, bound, bounded=True),
    ]
    told = [each for each in headline(*summarise(runs)).details if each.startswith("At ")]
    assert told == [f"At 10x: NEG, 1 pod (2 pods): {bound}."]


def test_the_headline_counts_clean_rollouts_and_names_the_best_and_the_worst(make_rollout, make_unready):
    rows = summarise(
        [make_rollout(), make_rollout("NEG, neither", failed=134), make_rollout("NEG, gate", failed=13), make_unready()]
    )
    found = headline(*rows)
    assert found.title == "2 of 3 rollouts dropped requests, up to 10 %"
    assert list(found.details) == [
        "Clean: NEG, preStop + gate (2 pods): 0 of 1,340 requests failed.",
        "Worst: NEG, neither (2 pods) lost 10 % of its requests.",
        "Cure: a preStop sleep of 60 s keeps a pod until every proxy has removed it.",
        (
            "Once an unready pod was taken out, it still answered requests in 1 of 1 variants: "
            "47 % of them with NodePort, keep-alive (2 pods)."
        ),
    ]


def test_the_headline_never_calls_a_rollout_clean_that_proves_nothing(make_rollout):
    found = headline(*summarise([make_rollout(finished=False)]))
    assert found.title == "The rollout was not decided: unfinished"
    assert found.details == (
        "Not decided: rollout NEG, preStop + gate (2 pods): it did not end within its time limit.",
    )


def test_an_unready_pod_of_which_nothing_is_decided_is_not_called_one_that_stayed(make_unready):
    run = make_unready(served=0)
    fast = replace(run, conditions=replace(run.conditions, speed_up_is_forced=True, speed_up_is_bounded=True))
    found = headline(*summarise([fast]))
    assert found.title == "Not every unready pod was decided"
    assert found.details[0].startswith("Not decided: unready pod NodePort, keep-alive (2 pods): its speed was forced")


def test_a_name_that_says_how_many_pods_does_not_say_it_twice(make_unready):
    (sentence,) = headline(*summarise([make_unready("NodePort, keep-alive, 1 pod", replicas=1)])).details
    assert sentence.count("1 pod") == 1


def test_the_headline_of_nothing_says_so():
    assert headline((), ()).title == "Nothing was rehearsed"


def test_the_cure_is_that_of_the_most_variants_and_behind_a_node_port_it_is_a_neg(make_rollout):
    results = [
        make_rollout("NEG, neither", failed=40),
        make_rollout("NodePort, neither", backend="NodePort", failed=40),
        make_rollout("NodePort, gate", backend="NodePort", failed=40),
    ]
    rollouts, unready = summarise(results)
    (cure,) = [each for each in headline(rollouts, unready).details if each.startswith("Cure: ")]
    assert cure.startswith("Cure: container-native load balancing (NEG)")
    assert "; a preStop sleep of 60 s" in cure
    assert not [each for each in headline(*summarise([make_rollout()])).details if "Cure" in each]


def test_with_a_variant_that_has_no_result_nothing_is_called_clean(make_rollout):
    found = headline(*summarise([make_rollout()]), ["NEG, gate: 3 runs were void"])
    assert found.title == "Not every variant was decided"
    assert found.details[-1] == "Not decided: NEG, gate: 3 runs were void."
    assert headline((), (), ["NEG, gate: 3 runs were void"]).title == "Nothing was decided"
    assert headline(*summarise([make_rollout(failed=9)]), ["x: y"]).title == "The rollout dropped 0.7 % of its requests"


def test_reconnects_are_told_apart_from_cuts(make_rollout):
    rollouts, unready = summarise([make_rollout("NEG, drains", failed=4, reconnects=56)])
    assert (
        "Reconnected: NEG, drains (2 pods): 56 connections were ended by their pod properly; 4 were cut or not opened."
    ) in headline(rollouts, unready).details
    rollouts, unready = summarise([make_rollout()])
    assert not any("Reconnected" in each for each in headline(rollouts, unready).details)


@pytest.mark.parametrize("verdict", RehearsalVerdict)
def test_every_verdict_that_decides_nothing_has_its_reason(verdict):
    decides = verdict.good or verdict in (RehearsalVerdict.DROPS, RehearsalVerdict.LEAKS)
    assert (verdict in WHY_UNDECIDED) is not decides


def test_what_decides_nothing_has_its_reason_in_the_headline(make_rollout):
    rollouts, _ = summarise([make_rollout(finished=False)])
    details = headline(rollouts, ()).details
    assert "Not decided: rollout NEG, preStop + gate (2 pods): it did not end within its time limit." in details


def test_what_two_runs_counted_unlike_the_timing_model_is_told(make_rollout):
    unlike = make_rollout(unlike_model="30 requests failed where the timing model expects none")
    details = headline(*summarise([unlike])).details
    assert details[-1] == (
        "The timing model differs: NEG, preStop + gate (2 pods): 30 requests failed where the timing model expects "
        "none; another run came out alike."
    )
    assert not any("timing model" in each for each in headline(*summarise([make_rollout()])).details)


@pytest.mark.parametrize("experiment", ["rollout", "unready"])
def test_void_runs_are_counted_with_the_last_reason(make_rollout, make_unready, experiment):
    def told(*void):
        run = make_rollout(void_runs=void) if experiment == "rollout" else make_unready("NEG, gate", void_runs=void)
        return [each for each in headline(*summarise([run])).details if each.startswith("Void")]

    name = {"rollout": "NEG, preStop + gate (2 pods)", "unready": "NEG, gate (2 pods)"}[experiment]
    assert told() == []
    assert told("too busy") == [f"Void and repeated: {name}: 1 run (too busy)."]
    assert told("too busy", "too late") == [f"Void and repeated: {name}: 2 runs (too late)."]


def test_what_the_machine_held_is_told_where_vegeta_sent(make_rollout):
    run = make_rollout(latencies_real_seconds={"proxies": 0.0214, "pods": 0.003})
    assert not any("Held" in each for each in headline(*summarise([run])).details)
    late = replace(run, latencies_real_seconds={"proxies": 0.1}, conditions=replace(run.conditions, seed=2))
    sent = [replace(each, conditions=replace(each.conditions, load_generator=VEGETA)) for each in (run, late)]
    assert (
        "Held: NEG, preStop + gate (2 pods): 240 requests/s of wall clock by vegeta; no part of the lab waited longer "
        "than 100 ms for the machine, once load had begun."
    ) in headline(*summarise(sent)).details


def test_a_run_that_two_others_contradict_is_told_and_is_not_void(make_rollout):
    outvoted = make_rollout(outvoted_runs=("no request failed where the timing model expects 45",))
    assert headline(*summarise([outvoted])).details[-1] == (
        "Repeated: NEG, preStop + gate (2 pods): no request failed where the timing model expects 45 in one run, and "
        "in two others not."
    )


def test_the_cure_for_open_connections_that_were_cut_is_draining(make_rollout):
    cut = make_rollout(failures={"backend_connection_closed_after_partial_response_sent": 9})
    rollouts, unready = summarise([replace(cut, conditions=replace(cut.conditions, requests="websocket"))])
    (cure,) = [each for each in headline(rollouts, unready).details if each.startswith("Cure: ")]
    assert cure.startswith("Cure: draining longer than preStop")
