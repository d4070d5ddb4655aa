"""What this machine cannot hold is told as its limit, and never as requests that a rollout dropped."""

from dataclasses import replace

import pytest

from nodrop.lab import sandbox
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError, LabStalledError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.runner import run_each
from nodrop.lab.variants import with_replicas
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm

SHORT = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)


@pytest.fixture
def asked(neg_path) -> Job:
    return Job(
        experiment=Experiment.ROLLOUT,
        variant="preset",
        path=neg_path,
        application=Application(SHORT, None),
        settings=Settings(speed_up=30, speed_up_is_forced=False),
        steady_first=False,
    )


def ignore(*_: object) -> None:
    pass


def test_a_rate_that_no_speed_makes_bearable_is_refused_with_the_bound(asked, monkeypatch):
    monkeypatch.setattr(sandbox, "run", lambda *_: pytest.fail("it was run"))
    (refused,) = run_each([replace(asked, settings=replace(asked.settings, requests_per_second=5000))], ignore)
    assert isinstance(refused, LabFailedError)
    assert "5,000 requests/s; the load generator holds 1,000 in a second of wall clock" in str(refused)


@pytest.mark.lab
def test_a_forced_rate_beyond_the_load_generator_is_the_load_generators(asked):
    forced = Settings(speed_up=30, requests_per_second=1000, allowance_real_seconds=6)
    with pytest.raises(LabStalledError, match=r"load generator could not keep up at 1,000 requests/s on this machine"):
        sandbox.run(replace(asked, settings=forced), ignore)


@pytest.mark.lab
def test_pods_that_this_machine_starts_too_slowly_are_not_told_as_the_path_s(asked):
    hurried = Settings(speed_up=100, allowance_real_seconds=0.001)
    many = replace(asked, path=with_replicas(asked.path, 60), settings=hurried)
    with pytest.raises(LabStalledError, match="machine too busy"):
        sandbox.run(many, ignore)
