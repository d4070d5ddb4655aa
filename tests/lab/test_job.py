"""The lab's inputs: how lags are spread over proxies and nodes, and which preStops are slept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab.job import Experiment, Settings
from tests.lab.jobs import job, with_pod

hundredths = st.integers(0, 5_000).map(lambda number: number / 100)
ranges = st.tuples(hundredths, hundredths).map(sorted).map(tuple)


@given(ranges, st.integers(2, 12), st.integers(0, 99))
def test_lags_lie_evenly_over_their_range_with_both_ends(lags, count, seed):
    spread = sorted(Settings(seed=seed).spread(lags, count, "attach"))
    step = (lags[1] - lags[0]) / (count - 1)
    assert (spread[0], spread[-1]) == lags
    assert spread == pytest.approx([lags[0] + step * index for index in range(count)], abs=0.006)


@given(ranges, st.integers(1, 12), st.integers(0, 99))
def test_the_same_seed_spreads_the_same_way(lags, count, seed):
    assert Settings(seed=seed).spread(lags, count, "x") == Settings(seed=seed).spread(lags, count, "x")


def test_seed_and_salt_decide_who_has_which_lag():
    def orders(*settings_and_salts):
        return {settings.spread((0, 7), 8, salt) for settings, salt in settings_and_salts}

    assert len(orders(*((Settings(seed=seed), "attach") for seed in range(5)))) > 1
    assert len(orders(*((Settings(), salt) for salt in ("attach", "detach", "kube-proxy")))) > 1


def test_the_default_lags_reach_the_last_request_that_was_measured():
    settings = Settings()
    assert max(settings.spread(settings.detach_lag_seconds, settings.proxies, "detach")) == 28.6
    assert settings.proxies > 1


@pytest.mark.parametrize(
    ("hook", "stand_in", "command"),
    [
        ({"sleep": {"seconds": 60}}, 60, 60),
        ({"exec": {"command": ["sh", "-c", "set -e; sleep 60; echo done"]}}, 60, 60),
        ({"exec": {"command": ["sh", "-c", "sleep 60; ./drain"]}}, 60, None),
        ({"exec": {"command": ["sh", "-c", "sleep 5; nginx -s quit; sleep 60"]}}, 5, None),
        ({"exec": {"command": ["sleep 60"]}}, 0, 0),
        ({"exec": {"command": ["./drain"]}}, None, None),
        ({"httpGet": {"path": "/drain", "port": 8080}}, None, None),
    ],
    ids=str,
)
def test_only_a_command_runs_what_its_pre_stop_does_besides_sleeping(neg_path, hook, stand_in, command):
    def stopped_by(pod):
        pod["containers"][0]["lifecycle"] = {"preStop": hook}
        pod["containers"].append({"name": "beside", "lifecycle": {"preStop": hook}})

    path = with_pod(neg_path, stopped_by)
    stands_in = job("any", Experiment.ROLLOUT, path)
    runs = job("any", Experiment.ROLLOUT, path, command="./serve")
    assert [each.slept_pre_stop_seconds("app") for each in (stands_in, runs)] == [stand_in, command]
    assert [each.slept_pre_stop_seconds("beside") for each in (stands_in, runs)] == [stand_in, stand_in]
    assert [each.runs_its_pre_stop for each in (stands_in, runs)] == [stand_in is None, command is None]


def test_only_the_labs_own_controllers_and_a_stand_in_end_a_rollout_as_predicted(neg_path):
    own = job("any", Experiment.ROLLOUT, neg_path)
    real = replace(own, settings=replace(own.settings, control_plane="kubernetes"))
    command = job("any", Experiment.ROLLOUT, neg_path, command="./serve")
    assert [each.ends_as_predicted for each in (own, real, command)] == [True, False, False]


@pytest.mark.parametrize(("hooks", "is_open"), [({}, False), ({"preStop": {"exec": {"command": ["./drain"]}}}, True)])
def test_the_pre_stop_of_a_native_sidecar_that_serves_is_its_own(neg_path, hooks, is_open):
    def serves_beside(pod):
        (app,) = pod["containers"]
        pod["initContainers"] = [{**app, "restartPolicy": "Always", "lifecycle": hooks}]
        pod["containers"] = [{"name": "beside"}]

    path = with_pod(neg_path, serves_beside)
    assert path.container == "app"
    assert job("any", Experiment.ROLLOUT, path).runs_its_pre_stop is is_open
