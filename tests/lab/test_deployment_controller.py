"""The Deployment controller together with ReplicaSets, scheduler and EndpointSlices, in simulated time."""

from itertools import pairwise
from math import ceil

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from nodrop.lab.controllers.deployment import surge_and_unavailable

eighths = st.integers(0, 80).map(lambda number: number / 8)
rollouts = st.fixed_dictionaries(
    {
        "replicas": st.integers(1, 20),
        "max_surge": st.integers(0, 5),
        "max_unavailable": st.integers(0, 3),
        "min_ready_seconds": st.integers(0, 8),
        "start_seconds": eighths,
        "stop_seconds": eighths,
        "begin": eighths,
    }
)
few = settings(max_examples=40)


def started(simulation, **inputs):
    """A simulation whose first pods are rolled out."""
    made = simulation(**inputs)
    assert made.run_out()
    return made


def least_wait(inputs):
    """w: the shortest time from a pod's creation until it counts as available, in whole-second timestamps."""
    return inputs["start_seconds"] + inputs["min_ready_seconds"] - (1 if inputs["min_ready_seconds"] else 0)


AT_ONCE = {
    "replicas": 4,
    "max_surge": 4,
    "max_unavailable": 0,
    "min_ready_seconds": 0,
    "start_seconds": 1.0,
    "stop_seconds": 0.0,
    "begin": 0.0,
}


@pytest.mark.slow
@few
@given(inputs=rollouts, uneven=eighths, asked_twice=st.booleans())
@example(inputs=AT_ONCE, uneven=1.0, asked_twice=True)
def test_a_rollout_stays_within_surge_and_unavailable(simulation, inputs, uneven, asked_twice):
    made = started(simulation, **inputs, uneven_seconds=uneven)
    if asked_twice:  # before the ReplicaSets have followed
        made.controllers.insert(0, made.controllers[0])
    surge, unavailable = surge_and_unavailable(made.deployment)
    made.roll()
    made.run_out()
    assert max(moment.active for moment in made.history) <= inputs["replicas"] + surge
    assert min(moment.available for moment in made.history) >= inputs["replicas"] - unavailable
    assert min(moment.ready_endpoints for moment in made.history) >= inputs["replicas"] - unavailable


@pytest.mark.slow
@few
@given(inputs=rollouts, uneven=eighths, pause=eighths)
def test_so_does_a_rollout_that_another_one_overtakes(simulation, inputs, uneven, pause):
    """Without minReadySeconds: victims are ranked by readiness, so a pod that is only just ready may be spared."""
    inputs = inputs | {"min_ready_seconds": 0, "uneven_seconds": uneven}
    made = started(simulation, **inputs)
    surge, unavailable = surge_and_unavailable(made.deployment)
    for version in ("2", "3"):
        made.roll(version)
        made.run(pause)
        assert max(moment.active for moment in made.history) <= inputs["replicas"] + surge
        assert min(moment.available for moment in made.history) >= inputs["replicas"] - unavailable
    assert made.run_out()
    (now, *_) = {pod["metadata"]["annotations"]["version"] for pod in made.pods}
    assert now == "3"


@pytest.mark.slow
@few
@given(inputs=rollouts)
def test_a_rollout_takes_the_time_that_the_model_says(simulation, inputs):
    made = started(simulation, **inputs)
    surge, unavailable = surge_and_unavailable(made.deployment)
    begin, replicas = made.time.now(), inputs["replicas"]
    made.roll()
    assert made.run_out(replicas * (inputs["start_seconds"] + inputs["min_ready_seconds"]))
    rolled_out_after = made.time.now() - begin
    assert rolled_out_after >= ceil(replicas / (surge + unavailable)) * least_wait(inputs)
    assert made.run(inputs["stop_seconds"], made.old_are_gone)
    if not unavailable:
        assert made.time.now() - begin >= ceil(replicas / surge) * least_wait(inputs) + inputs["stop_seconds"]


@few
@given(inputs=rollouts)
def test_terminating_pods_come_on_top(simulation, inputs):
    made = started(simulation, **inputs)
    surge, unavailable = surge_and_unavailable(made.deployment)
    made.roll()
    made.run_out()
    replicas, wait = inputs["replicas"], least_wait(inputs)
    waves = (surge + unavailable) * (ceil(inputs["stop_seconds"] / wait) + 1) if wait else replicas
    assert max(moment.total for moment in made.history) <= replicas + surge + min(replicas, waves)


def test_terminating_pods_exceed_replicas_and_surge(simulation):
    made = started(simulation, replicas=6, max_surge=1, max_unavailable=1, start_seconds=5, stop_seconds=20)
    made.roll()
    made.run_out()
    assert max(moment.active for moment in made.history) == 7
    assert max(moment.total for moment in made.history) > 10


@few
@given(replicas=st.integers(1, 20), stop=eighths, start=eighths)
def test_recreate_never_has_old_and_new_pods_at_a_time(simulation, replicas, stop, start):
    made = started(simulation, replicas=replicas, start_seconds=start, stop_seconds=stop, strategy={"type": "Recreate"})
    begin = made.time.now()
    made.roll()
    assert made.run_out()
    assert made.time.now() - begin == pytest.approx(start + stop)
    assert all(moment.total == 0 or moment.new in (0, moment.total) for moment in made.history)
    assert max(moment.total for moment in made.history) == replicas


@pytest.mark.parametrize(
    ("surge", "unavailable", "steps"),
    [
        (1, 0, [(4, 0), (4, 1), (3, 1), (3, 2), (2, 2), (2, 3), (1, 3), (1, 4), (0, 4)]),
        (1, 1, [(4, 0), (4, 1), (3, 1), (3, 2), (1, 2), (1, 4), (0, 4)]),
        (0, 1, [(4, 0), (3, 0), (3, 1), (2, 1), (2, 2), (1, 2), (1, 3), (0, 3), (0, 4)]),
        ("100%", 0, [(4, 0), (4, 4), (0, 4)]),
    ],
)
def test_new_pods_come_and_old_pods_go_in_the_originals_sequence(simulation, surge, unavailable, steps):
    made = started(simulation, replicas=4, max_surge=surge, max_unavailable=unavailable)
    made.roll()
    made.run_out()
    counts = [(moment.old, moment.new) for moment in made.history]
    assert [counts[0], *(after for before, after in pairwise(counts) if after != before)] == steps


def test_a_pod_counts_as_available_up_to_one_second_early(simulation):
    made = started(simulation, replicas=1, start_seconds=2.75, min_ready_seconds=5)
    assert made.time.now() == 7  # not 7.75


def test_pods_that_never_become_ready_stop_the_rollout_and_are_reported(simulation):
    made = started(simulation, replicas=4, max_surge=1, max_unavailable=1, progressDeadlineSeconds=100)
    made.start_seconds = None
    begin = made.time.now()
    made.roll()
    assert not made.run(99.5, lambda: made.progressing == "ProgressDeadlineExceeded")
    assert made.run(1, lambda: made.progressing == "ProgressDeadlineExceeded")
    assert made.time.now() - begin == 100
    made.run(1000)
    assert made.progressing == "ProgressDeadlineExceeded"
    assert made.history[-1].old == made.history[-1].ready_endpoints == 3
    assert made.history[-1].new == 2


def test_each_step_of_progress_moves_the_deadline(simulation):
    made = started(simulation, replicas=4, start_seconds=60, progressDeadlineSeconds=100)
    made.roll()
    assert not made.run(200, lambda: made.progressing == "ProgressDeadlineExceeded")
    assert made.progressing == "ReplicaSetUpdated"


def test_without_a_stated_deadline_it_is_ten_minutes(simulation):
    made = started(simulation)
    made.start_seconds = None
    begin = made.time.now()
    made.roll()
    assert made.run(1000, lambda: made.progressing == "ProgressDeadlineExceeded")
    assert made.time.now() - begin == 600


def test_a_rollout_that_was_late_can_still_end(simulation):
    made = started(simulation, progressDeadlineSeconds=10)
    made.start_seconds = None
    made.roll()
    made.run(50)
    made.start_seconds = 60
    made.roll("3")
    assert made.run_out()


def test_unready_new_pods_are_replaced_first_when_the_template_changes_again(simulation):
    made = started(simulation, replicas=4, max_surge=1, max_unavailable=0)
    made.start_seconds = None
    made.roll("broken")
    made.run(10)
    healthy = {name for name in made.old if name in made.kubelet.ready_since}
    made.start_seconds = 5
    made.roll("mended")
    made.run(1)
    assert {pod["metadata"]["name"] for pod in made.pods} >= healthy
    assert "broken" not in {pod["metadata"].get("annotations", {}).get("version") for pod in made.pods}


def test_the_old_template_brings_its_own_replica_set_back(simulation):
    made = started(simulation)
    (first,) = made.store.list("ReplicaSet")
    made.roll("2")
    made.run_out()
    made.store.patch("Deployment", "demo", "web", {"spec": {"template": {"metadata": {"annotations": None}}}})
    made.run(60)
    assert len(made.store.list("ReplicaSet")) == 2
    owners = {pod["metadata"]["ownerReferences"][0]["name"] for pod in made.pods}
    assert owners == {first["metadata"]["name"]}


def test_surge_and_unavailable_default_to_a_quarter(simulation):
    made = simulation(replicas=6, strategy={})
    assert surge_and_unavailable(made.deployment) == (2, 1)


def test_pods_carry_the_templates_hash(simulation):
    made = started(simulation)
    made.roll()
    made.run_out()
    for replica_set in made.store.list("ReplicaSet"):
        name = replica_set["metadata"]["name"]
        assert replica_set["spec"]["template"]["metadata"]["labels"] == {
            "app": "web",
            "pod-template-hash": name.removeprefix("web-"),
        }


def test_a_scaled_deployment_keeps_its_replica_set(simulation):
    made = started(simulation, replicas=2)
    made.store.patch("Deployment", "demo", "web", {"spec": {"replicas": 5}})
    made.run(30)
    assert len(made.pods) == 5
    made.store.patch("Deployment", "demo", "web", {"spec": {"replicas": 1}})
    made.run(30)
    assert len(made.pods) == 1
    assert len(made.store.list("ReplicaSet")) == 1


def replicas(made) -> list[int]:
    return [each["spec"]["replicas"] for each in made.store.list("ReplicaSet")]


def test_more_replicas_within_a_rollout_go_to_old_and_new_in_proportion(simulation):
    """As kubernetes.io, Deployments, "Proportional scaling" has it: 8 and 5 of 13 become 11 and 7 of 18."""
    made = started(simulation, replicas=10, max_surge=3, max_unavailable=2, start_seconds=0)
    made.start_seconds = None
    made.roll()
    made.run(10)
    assert replicas(made) == [8, 5]
    made.store.patch("Deployment", "demo", "web", {"spec": {"replicas": 15}})
    made.run(1)
    assert replicas(made) == [11, 7]


def test_fewer_replicas_outside_a_rollout_go_at_once(simulation):
    made = started(simulation, replicas=5)
    made.store.patch("Deployment", "demo", "web", {"spec": {"replicas": 2}})
    made.run(1)
    assert replicas(made) == [2]
    assert made.progressing == "NewReplicaSetAvailable"
