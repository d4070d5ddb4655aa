"""The speed of a job: nothing compressed falls below what the machine resolves, or it is refused, and says so."""

from copy import deepcopy
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab import load_generator, machine, pace
from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Ipvs, Job, Settings
from nodrop.lab.pace import allowance_of, paced, timeouts
from nodrop.lab.protocols import Requests
from nodrop.lab.variants import with_replicas, without_pre_stop
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm
from tests.lab.jobs import with_pod

QUIET = LATENCY_ALLOWANCE_REAL_SECONDS
ROUNDED_SECONDS = 0.02
"""What the rounding of a speed below 2x may add to an allowance of 3 s."""
CHOSEN = Settings(speed_up=30, speed_up_is_forced=False)


@pytest.fixture(scope="session")
def make(neg_path):
    def job(settings=CHOSEN, path=neg_path, *, kept=620, longest=30, on_term=OnTerm.DRAIN, startup=2):
        stated = Behaviour(
            longest_request_seconds=longest,
            startup_seconds=startup,
            keep_alive_timeout_seconds=kept,
            on_term=on_term,
        )
        return Job(
            experiment=Experiment.ROLLOUT,
            variant="any",
            path=path,
            application=Application(stated, None),
            settings=settings,
        )

    return job


def speed(job, allowance=QUIET):
    return paced(job, allowance).settings.speed_up


def test_what_has_long_timeouts_only_runs_at_the_most(make):
    settings = paced(make(), QUIET).settings
    assert (settings.speed_up, settings.allowance_real_seconds) == (30, QUIET)
    assert settings.pace == "chosen: 30x is the most"
    assert not settings.speed_up_is_bounded


@pytest.mark.parametrize(("kept", "most"), [(0, 30), (2, 4), (5, 10), (15, 30), (620, 30), (86400, 30)])
def test_a_keep_alive_timeout_lasts_at_least_what_the_machine_resolves(make, kept, most):
    job = paced(make(kept=kept), QUIET)
    assert job.settings.speed_up == most
    if 0 < kept <= 600:
        assert kept / job.settings.speed_up >= QUIET


def test_a_machine_that_is_late_gets_more_and_runs_slower_and_says_why(make):
    settings = paced(make(kept=15), 1.5).settings
    assert (settings.speed_up, settings.allowance_real_seconds) == (10, 1.5)
    assert settings.pace == "chosen: the keep-alive timeout, 15 s; this machine resolves 1.5 s of wall clock"
    assert settings.speed_up_is_bounded


def test_what_would_be_slower_than_the_system_itself_is_refused_with_the_reason(make):
    with pytest.raises(LabFailedError) as refused:
        paced(make(kept=1), 1.5)
    assert str(refused.value) == (
        "refused, this machine cannot rehearse it: the keep-alive timeout, 1 s; "
        "this machine resolves 1.5 s of wall clock"
    )


def test_a_load_beyond_the_load_generator_runs_slower_and_in_the_end_is_refused(make):
    loaded = replace(CHOSEN, requests_per_second=load_generator.PYTHON_HOLDS / 4)
    assert speed(make(loaded)) == 4
    with pytest.raises(LabFailedError, match=r"5,000 requests/s; the load generator holds 1,000 in a second of wall"):
        paced(make(replace(CHOSEN, requests_per_second=5000)), QUIET)


def test_many_pods_run_slower_as_each_is_probed(make, neg_path):
    few, many = (speed(make(path=with_replicas(neg_path, replicas))) for replicas in (2, 90))
    assert few == 30
    period = neg_path.readiness_probe.period_seconds
    assert many == int(pace.MOST_PROBES_PER_REAL_SECOND * period / 90) < 30


PROBE = {"tcpSocket": {"port": 8080}, "periodSeconds": 4}


@pytest.mark.parametrize(
    ("beside", "probes", "a_second"),
    [
        ((), {"readinessProbe": PROBE}, 80 / 4),
        ((), {"readinessProbe": {"tcpSocket": {"port": 8080}}}, 80 / 10),
        (({"name": "beside", "readinessProbe": PROBE},), {"readinessProbe": PROBE}, 2 * 80 / 4),
        (({"name": "beside"},), {"readinessProbe": PROBE, "startupProbe": {**PROBE, "periodSeconds": 1}}, 80 / 4 + 2),
    ],
)
def test_probes_of_every_kind_and_container_count(make, neg_path, beside, probes, a_second):
    """Start-up probes are those of the two pods that are new at a time."""
    deployment = deepcopy(neg_path.deployment)
    deployment["spec"]["strategy"] = {"rollingUpdate": {"maxSurge": 2, "maxUnavailable": 0}}
    path = with_replicas(with_probes(replace(neg_path, deployment=deployment), beside, **probes), 80)
    assert speed(make(path=path)) == int(pace.MOST_PROBES_PER_REAL_SECOND / a_second)


def test_all_pods_of_a_recreated_deployment_start_at_once(make, neg_path):
    deployment = deepcopy(neg_path.deployment)
    deployment["spec"]["strategy"] = {"type": "Recreate"}
    recreated = with_probes(replace(neg_path, deployment=deployment), readinessProbe=PROBE, startupProbe=PROBE)
    assert speed(make(path=with_replicas(recreated, 80))) == int(pace.MOST_PROBES_PER_REAL_SECOND / (2 * 80 / 4))


@pytest.mark.parametrize("kind", ["readinessProbe", "startupProbe"])
def test_a_probe_that_a_command_runs_is_not_sped_up(make, neg_path, kind):
    settings = paced(make(path=with_probes(neg_path, **{kind: {"exec": {"command": ["true"]}}})), QUIET).settings
    assert settings.speed_up == 1
    assert settings.pace == "chosen: a probe is run by --command, which takes wall-clock time"


@pytest.mark.parametrize(
    ("hook", "most"),
    [
        ({"exec": {"command": ["sh", "-c", "nginx -s quit; tail --pid 1"]}}, 1),
        ({"httpGet": {"path": "/drain", "port": 8080}}, 1),
        ({"exec": {"command": ["sleep", "60"]}}, 30),
    ],
)
def test_a_pre_stop_that_a_command_runs_is_not_sped_up(make, neg_path, hook, most):
    deployment = deepcopy(neg_path.deployment)
    deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"] = {"preStop": hook}
    job = running(make(path=replace(neg_path, deployment=deployment)))
    assert speed(job) == most
    forced = paced(replace(job, settings=Settings(speed_up=30)), QUIET).settings.pace
    assert ("beyond 1x: preStop is run by --command" in forced) is (most == 1)


def test_a_stand_in_sleeps_where_a_command_runs_its_script(make, neg_path):
    deployment = deepcopy(neg_path.deployment)
    hook = {"exec": {"command": ["sh", "-c", "sleep 60; ./drain"]}}
    deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"] = {"preStop": hook}
    job = make(path=replace(neg_path, deployment=deployment))
    assert (speed(job), speed(running(job))) == (30, 1)


def running(job):
    """With a command in the application's place."""
    return replace(job, application=replace(job.application, command="./serve"))


def test_a_forced_speed_stays_and_is_told_where_the_machine_does_not_resolve_it(make):
    forced = Settings(speed_up=60)
    settings = paced(make(forced, kept=15), QUIET).settings
    assert (settings.speed_up, settings.allowance_real_seconds) == (60, QUIET)
    assert settings.pace == (
        "forced, beyond 30x: the keep-alive timeout, 15 s; this machine resolves 0.5 s of wall clock"
    )
    assert settings.speed_up_is_bounded
    held = paced(make(replace(forced, speed_up=30), kept=15), QUIET).settings
    assert (held.pace, held.speed_up_is_bounded) == ("forced", False)


@pytest.mark.parametrize(
    ("forced", "allowed", "beyond"), [(60, QUIET, True), (30, QUIET, False), (10, 1.5, False), (5, 2.0, False)]
)
def test_at_a_forced_speed_the_machine_is_allowed_what_the_shortest_timeout_bears(make, forced, allowed, beyond):
    settings = paced(make(Settings(speed_up=forced), kept=15), 2.0).settings
    assert (settings.allowance_real_seconds, settings.speed_up_is_bounded) == (allowed, beyond)


@given(st.floats(1, 30), st.integers(15, 900), st.floats(QUIET, 16))
def test_no_void_run_makes_a_forced_speed_too_fast_that_was_not(make, forced, kept, allowance):
    settings = paced(make(Settings(speed_up=forced), kept=kept), allowance).settings
    assert (settings.pace, settings.speed_up_is_bounded) == ("forced", False)


@pytest.mark.parametrize(("longest", "most"), [(900, 11), (1, 30)])
def test_a_backend_timeout_that_ends_requests_lasts_for_syns_that_are_sent_again(make, node_port_path, longest, most):
    ipvs = replace(CHOSEN, ipvs=Ipvs(packages="/ipvs"))
    assert speed(make(ipvs, node_port_path, longest=longest)) == most


def drained(path, seconds):
    backend_config = deepcopy(path.backend_config)
    backend_config["spec"]["connectionDraining"] = {"drainingTimeoutSec": seconds}
    return replace(path, backend_config=backend_config)


def with_probes(path, beside=(), **probes):
    """The probes of the serving container, and containers beside it."""

    def change(pod):
        pod["containers"][0] |= probes
        pod["containers"] += beside

    return with_pod(path, change)


@pytest.mark.parametrize(("draining", "longest", "allowed"), [(3, 5, QUIET), (3, 11, 2), (5, 5, 9), (4, 4.5, QUIET)])
def test_at_a_forced_speed_half_of_what_draining_cuts_off_is_left(make, neg_path, draining, longest, allowed):
    job = make(Settings(speed_up=2), path=drained(neg_path, draining), longest=longest)
    assert paced(job, allowance_real_seconds=9.0).settings.allowance_real_seconds == allowed


@given(draining=st.integers(0, 20), longest=st.integers(0, 30), allowance=st.floats(QUIET, 3))
def test_at_a_chosen_speed_draining_cuts_at_least_half_of_what_it_would_or_the_job_is_refused(
    make, neg_path, draining, longest, allowance
):
    left = longest - draining
    job = make(path=drained(neg_path, draining), longest=longest)
    if 0 < left / 2 < allowance * pace.LEAST_SPEED_UP:
        with pytest.raises(LabFailedError, match="have left when draining ends"):
            paced(job, allowance)
        return
    settings = paced(job, allowance).settings
    waited = settings.allowance_real_seconds * settings.speed_up
    assert left <= 0 or left - waited >= left / 2 - ROUNDED_SECONDS


def test_a_margin_of_draining_below_what_the_slowest_speed_resolves_is_told_and_not_rehearsed(make, neg_path):
    with pytest.raises(LabFailedError) as refused:
        paced(make(path=drained(neg_path, 4), longest=4.5), QUIET)
    assert str(refused.value) == (
        "refused, this machine cannot rehearse it: half of what the longest requests have left when draining ends, "
        "0.25 s; this machine resolves 0.5 s of wall clock"
    )


@pytest.mark.parametrize(
    ("on_term", "pre_stop", "bounded"),
    [
        (OnTerm.DRAIN, 60, True),
        (OnTerm.DRAIN, 5, False),  # the last request of a proxy that forgets the pod after 11.6 s ends before that
        (OnTerm.SERVE, 5, True),
        (OnTerm.EXIT, 60, True),
        (OnTerm.EXIT, 11, False),  # it has ended by then
    ],
)
def test_draining_bounds_the_speed_where_a_pod_still_answers_when_it_ends(make, neg_path, on_term, pre_stop, bounded):
    path = with_pod(
        drained(neg_path, 0),
        lambda pod: pod["containers"][0].update({"lifecycle": {"preStop": {"sleep": {"seconds": pre_stop}}}}),
    )
    job = make(path=path, longest=5, on_term=on_term)
    assert ("half of what the longest requests have left when draining ends" in dict(timeouts(job))) is bounded
    unready = replace(job, experiment=Experiment.UNREADY)
    assert "half of what the longest requests have left when draining ends" not in dict(timeouts(unready))


def test_the_timeouts_are_those_that_end_something_without_an_allowance(make, neg_path):
    assert dict(timeouts(make())) == {"preStop": 60, "what preStop leaves of the grace period": 35}
    bare = without_pre_stop(neg_path)
    assert dict(timeouts(make(path=bare, kept=30, on_term=OnTerm.EXIT))) == {"the keep-alive timeout": 30}
    assert dict(timeouts(make(path=drained(neg_path, 40), longest=40))) == {
        "preStop": 60,
        "the backend timeout": neg_path.backend_timeout_seconds,
    }


def test_a_quiet_machine_is_allowed_half_a_second_and_a_busy_one_six_times_its_latency():
    assert allowance_of(0.05) == LATENCY_ALLOWANCE_REAL_SECONDS
    assert allowance_of(0.2) == pytest.approx(1.2)


def test_the_latency_is_at_least_the_work_that_was_asked_for(monkeypatch):
    monkeypatch.setattr(machine, "_WATCH_REAL_SECONDS", 0.1)
    assert machine.latency_real_seconds() >= machine.WORK_SECONDS


def test_labs_run_side_by_side_on_a_quiet_machine_only():
    assert machine.labs_side_by_side(1.0) == 1
    assert machine.labs_side_by_side(0.05) >= 1


def test_min_ready_seconds_under_the_real_controllers_bound_the_speed_that_is_chosen_alone(make, neg_path):
    """A forced one that they do not bear is refused (`limits`)."""
    waiting = replace(neg_path, deployment={**neg_path.deployment, "spec": {**neg_path.deployment["spec"]}})
    waiting.deployment["spec"]["minReadySeconds"] = 75
    real = replace(CHOSEN, control_plane="kubernetes")
    assert speed(make(real, waiting)) == 1
    forced = replace(real, speed_up=5, speed_up_is_forced=True)
    assert not paced(make(forced, waiting), QUIET).settings.speed_up_is_bounded


def test_kube_proxy_itself_looks_after_servers_by_the_wall_clock(make, node_port_path):
    ipvs = replace(CHOSEN, ipvs=Ipvs(packages="/ipvs"))
    assert speed(make(ipvs, node_port_path)) > 1
    paced_ = paced(make(replace(ipvs, control_plane="kubernetes"), node_port_path), QUIET).settings
    assert paced_.speed_up == 1
    assert "each 60 s of wall clock" in paced_.pace


@pytest.mark.parametrize(("draining", "left"), [(40, 60 - 17.33 - 40), (50, 0), (10, 60 - 28 - 10)])
def test_draining_bounds_the_speed_where_it_ends_connections_before_their_pod_does(make, neg_path, draining, left):
    job = make(Settings(detach_lag_seconds=(12, 28)), path=drained(neg_path, draining))
    kept = replace(job, application=replace(job.application, requests=Requests.STREAM))
    found = dict(timeouts(kept)).get("half of what open connections have left when draining ends", 0)
    assert found == pytest.approx(left / 2, abs=0.01)
