"""Probes and preStop by exec: the declared command runs in the container of a --command, on real namespaces."""

import sys
from copy import deepcopy
from dataclasses import replace
from importlib import resources

import pytest

from nodrop.lab.conditions import unrehearsed
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_each
from nodrop.paths import Behaviour, read_rollout
from nodrop.rollout import OnTerm

STATED = Behaviour(longest_request_seconds=0, startup_seconds=1, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)
SCRIPT = resources.files("nodrop.lab") / "ready_test.py"
APPLICATION = f"sh -c 'touch /tmp/healthy; exec {sys.executable} -I -S {SCRIPT} --port {{port}}'"
SEES_THE_CONTAINER = "test -f /tmp/healthy && test -d /proc/1 && grep -q ready_test /proc/1/cmdline"
"""Its files and its processes."""
IS_NOBODY = "test $(id -u) = 65534 && grep -q 'CapEff:.0000000000000000' /proc/self/status && ! unshare -U true"


def probed(path, command):
    deployment = deepcopy(path.deployment)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container["readinessProbe"] = {"exec": {"command": command}, "periodSeconds": 5, "timeoutSeconds": 5}
    deployment["spec"]["progressDeadlineSeconds"] = 40
    return replace(path, deployment=deployment)


def stopped_by(path, command):
    deployment = deepcopy(path.deployment)
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    container["lifecycle"] = {"preStop": {"exec": {"command": command}}}
    return replace(path, deployment=deployment)


def outcome(path):
    job = Job(
        experiment=Experiment.ROLLOUT,
        variant=path.name,
        path=path,
        application=Application(STATED, APPLICATION),
        settings=Settings(speed_up=10),
        steady_first=False,
    )
    (result,) = run_each([job], lambda _job, _phase: None, parallel=1)
    return result


def test_only_the_container_of_a_command_has_the_commands_of_probes(neg_path):
    path = probed(neg_path, ["true"])
    rollout = read_rollout(path, STATED)
    check, probe = unrehearsed(path, rollout, stand_in=True)
    assert "the health check asks GET /ready/, as no probe does" in check
    assert "readinessProbe.exec: a stand-in has no such command" in probe
    assert unrehearsed(path, rollout, stand_in=False) == ()


@pytest.mark.lab
def test_a_command_of_a_probe_sees_the_container_and_has_none_of_the_labs_privileges(neg_path):
    result = outcome(probed(neg_path, ["sh", "-c", f"{SEES_THE_CONTAINER} && {IS_NOBODY}"]))
    assert isinstance(result, RolloutResult), result
    assert result.finished
    assert result.failures == {}


@pytest.mark.lab
@pytest.mark.parametrize(
    ("command", "told"),
    [
        (["sh", "-c", "exit 3"], "kubelet: exec sh -c 'exit 3' ended with 3"),
        (["no-such-command"], "kubelet: exec no-such-command cannot be run"),
        (["sleep", "100"], "kubelet: exec sleep 100 did not end in time"),
    ],
    ids=["fails", "is not there", "is too slow"],
)
def test_a_probe_that_fails_says_how(neg_path, command, told):
    failed = outcome(probed(neg_path, command))
    assert isinstance(failed, LabFailedError)
    assert told in str(failed)


@pytest.mark.lab
def test_a_pre_stop_runs_its_command_in_the_container_before_term(neg_path):
    waits = f"{SEES_THE_CONTAINER} && {IS_NOBODY} && {sys.executable} -c 'import select; select.select([], [], [], 2)'"
    result = outcome(stopped_by(neg_path, ["sh", "-c", waits]))
    assert isinstance(result, RolloutResult), result
    lasted = [pod.events["term"] - pod.events["deleted"] for pod in result.pods if pod.old]
    assert len(lasted) == 2
    assert all(20 <= seconds <= 40 for seconds in lasted), lasted
    assert result.expected_failed is None


@pytest.mark.lab
def test_a_pre_stop_runs_what_follows_its_sleeps(neg_path):
    path = stopped_by(neg_path, ["sh", "-c", "sleep 1; rm /tmp/healthy; sleep 2; test -f /tmp/healthy || sleep 1"])
    result = outcome(path)
    assert isinstance(result, RolloutResult), result
    lasted = [pod.events["term"] - pod.events["deleted"] for pod in result.pods if pod.old]
    assert len(lasted) == 2
    assert all(40 <= seconds <= 60 for seconds in lasted), lasted
    assert result.expected_failed is None


@pytest.mark.lab
def test_a_pre_stop_whose_command_the_container_does_not_have_is_told(neg_path):
    failed = outcome(stopped_by(neg_path, ["no-such-command"]))
    assert isinstance(failed, LabFailedError)
    assert "container app: preStop: exec no-such-command cannot be run in its sandbox" in str(failed)
