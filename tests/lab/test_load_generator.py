"""Who sends a job's requests: Python, or vegeta where more is asked and it is there; and the bound of either."""

from dataclasses import replace

import pytest

from nodrop.lab import load_generator, pace
from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.kubernetes import programs
from nodrop.lab.protocols import Requests
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_all
from nodrop.lab.variants import with_replicas, without_gate, without_pre_stop
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm

SHORT = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)
HERE = "/cache/vegeta"


@pytest.fixture
def asked(neg_path):
    def job(rate, speed_up=10.0, *, vegeta=HERE, requests=Requests.HTTP, forced=True):
        return Job(
            experiment=Experiment.ROLLOUT,
            variant="preset",
            path=neg_path,
            application=Application(SHORT, None, requests=requests),
            settings=Settings(speed_up=speed_up, speed_up_is_forced=forced, requests_per_second=rate, vegeta=vegeta),
            steady_first=False,
        )

    return job


def test_vegeta_sends_where_many_requests_a_second_of_wall_clock_are_asked_for(asked):
    assert load_generator.vegeta_of(asked(50)) == HERE
    assert load_generator.vegeta_of(asked(49)) is None
    assert load_generator.vegeta_of(asked(12, 30)) is None
    assert [load_generator.name_of(asked(rate)) for rate in (49, 50)] == ["python", "vegeta"]
    many = [replace(asked(rate), path=with_replicas(asked(rate).path, 90)) for rate in (23, 24)]
    assert [load_generator.name_of(job) for job in many] == ["python", "vegeta"]


def test_python_sends_what_vegeta_cannot_and_where_there_is_none(asked):
    assert load_generator.vegeta_of(asked(5000, vegeta=None)) is None
    for requests in (Requests.GRPC, Requests.WEBSOCKET, Requests.STREAM):
        assert load_generator.vegeta_of(asked(5000, requests=requests)) is None


def chosen(job):
    return pace.paced(job, LATENCY_ALLOWANCE_REAL_SECONDS).settings


def test_with_vegeta_a_load_runs_as_much_faster_as_it_holds_more(asked):
    holds = load_generator.VEGETA_HOLDS
    settings = chosen(asked(holds / 5, 30, forced=False))
    assert (settings.speed_up, settings.pace) == (
        5,
        f"chosen: {holds / 5:,g} requests/s; the load generator holds {holds:,} in a second of wall clock (vegeta)",
    )
    assert chosen(asked(holds, 30, forced=False)).speed_up == 1
    with pytest.raises(
        LabFailedError, match=r"15,000 requests/s; the load generator holds [\d,]+ in a second .*vegeta"
    ):
        chosen(asked(15_000, 30, forced=False))


def test_without_it_the_bound_says_how_to_get_it(asked):
    with pytest.raises(LabFailedError) as refused:
        chosen(asked(5000, 30, vegeta=None, forced=False))
    assert str(refused.value) == (
        "refused, this machine cannot rehearse it: 5,000 requests/s; the load generator holds 1,000 in a second of "
        f"wall clock, vegeta {load_generator.VEGETA_HOLDS:,}: `make vegeta` in a checkout of gke-nodrop builds one"
    )


@pytest.mark.parametrize(
    ("pods", "vegeta", "python"),
    [(1, 5000, 1000), (2, 5000, 1000), (46, 3100, 620), (90, 1200, 240), (100, 768, 154)],
)
def test_beside_more_pods_less_is_held(asked, pods, vegeta, python):
    def beside(job):
        return replace(job, path=with_replicas(job.path, pods))

    assert load_generator.holds(beside(asked(400))) == vegeta
    assert load_generator.holds(beside(asked(400, vegeta=None))) == python


def test_the_first_reports_service_runs_at_the_speed_at_which_it_was_measured(asked):
    job = asked(400, 30, forced=False)
    settings = chosen(replace(job, path=with_replicas(job.path, 90)))
    assert (settings.speed_up, settings.pace) == (
        3,
        "chosen: 400 requests/s; the load generator holds 1,200 in a second of wall clock beside 90 pods (vegeta)",
    )


def test_calls_of_grpc_keep_the_bound_and_are_promised_no_other(asked):
    with pytest.raises(LabFailedError, match=r"the load generator holds 1,000 in a second of wall clock$"):
        chosen(asked(5000, 30, requests=Requests.GRPC, forced=False))


def test_a_vegeta_that_others_could_have_put_there_is_not_run(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv(programs.ASSETS, raising=False)
    assert programs.vegeta() is None
    folder = programs.cache() / "vegeta-12.13.0-0123456789ab"
    folder.mkdir(parents=True)
    (folder / "vegeta").write_text("#!/bin/sh\n")
    (folder / "vegeta").chmod(0o755)
    assert programs.vegeta() == folder / "vegeta"
    programs.cache().chmod(0o777)
    assert programs.vegeta() is None


def sent_by_vegeta(job):
    return replace(job, settings=replace(job.settings, vegeta=str(programs.vegeta())))


@pytest.mark.lab
@pytest.mark.vegeta
def test_a_rollout_of_the_preset_under_vegeta_drops_nothing(asked):
    (result,) = run_all([sent_by_vegeta(asked(65, 8, forced=False))], lambda *_: None)
    assert isinstance(result, RolloutResult)
    assert result.conditions.load_generator == "vegeta"
    assert result.finished
    assert result.failures == {}
    assert result.requests > 65 * result.duration_seconds
    assert set(result.methods) == {"GET", "POST"}
    assert sum(pod.requests for pod in result.pods) == result.requests
    assert 0 < sum(result.histogram.by_old) < result.requests


@pytest.mark.lab
@pytest.mark.vegeta
def test_what_a_bad_rollout_drops_under_vegeta_has_its_causes(asked):
    job = sent_by_vegeta(asked(65, 8, forced=False))
    exits = replace(SHORT, on_term=OnTerm.EXIT)
    bad = replace(
        job, path=without_gate(without_pre_stop(job.path)), application=Application(exits, None), inject_gate=False
    )
    (result,) = run_all([bad], lambda *_: None)
    assert isinstance(result, RolloutResult)
    assert result.failed > 50
    assert "failed_to_connect_to_backend" in result.failures
    assert not any(cause.startswith("load generator") for cause in result.failures)
    assert result.methods["POST"].failed > result.methods["GET"].failed
