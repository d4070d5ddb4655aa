"""A deployer: a command that makes the objects in the lab's place, and changes them when it is asked."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.lab import deployer, limits
from nodrop.lab.containers import Application
from nodrop.lab.deployer import Deployer
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.paths import Behaviour
from nodrop.rollout import OnTerm

STATED = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)


def go_on(script: str, folder: Path) -> None:
    """A shell script as the deployer, asked for the update as soon as everything is deployed."""

    async def run() -> None:
        command = await Deployer.start(["sh", "-c", script], folder / "kubeconfig", folder / "errors")
        await command.deployed()
        (folder / "asked").touch()
        command.update()
        await command.until((folder / "updated").exists, "the file was there")
        await command.ended()

    asyncio.run(run())


def test_it_deploys_and_updates_when_it_is_asked(tmp_path: Path) -> None:
    updates = f"cd {tmp_path}; echo deployed; read line; test -e asked && echo $KUBECONFIG $line > updated; sleep 0.1"
    go_on(updates, tmp_path)
    assert (tmp_path / "updated").read_text() == f"{tmp_path}/kubeconfig update\n"


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo no cluster >&2; exit 3", "ended with 3 before everything was deployed:\nno cluster"),
        ("exit 0", "ended with 0 before everything was deployed:\n"),
        ("echo deployed; read line; echo refused >&2; exit 1", "ended with 1 before the file was there:\nrefused"),
        ("echo deployed; read line; touch updated; exit 7", "ended with 7 before the update was done:\n"),
    ],
)
def test_its_end_before_its_work_is_done_says_why(script: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(LabFailedError) as failed:
        go_on(f"cd {tmp_path}; {script}", tmp_path)
    assert str(failed.value) == f"the deployer {told}"


def test_it_is_not_waited_for_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deployer, "LIMIT_REAL_SECONDS", 0.2)
    with pytest.raises(LabFailedError, match=r"late, 0\.2 s have passed before everything was deployed"):
        go_on("sleep 3 & wait", tmp_path)


def test_what_it_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(LabFailedError, match="ended with 3 before everything was deployed"):
        go_on("sleep 5 & exit 3", tmp_path)
    assert time.monotonic() - begin < 3


def test_however_much_it_says_it_goes_on(tmp_path: Path) -> None:
    talk = "head -c 200000 /dev/zero | tr '\\0' x; echo; read line; head -c 200000 /dev/zero; touch updated"
    go_on(f"cd {tmp_path}; {talk}", tmp_path)
    assert (tmp_path / "updated").exists()


def test_one_that_cannot_be_run_is_told_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(
        LabFailedError, match=r"^the deployer no-such-program cannot be run: No such file or directory$"
    ):
        asyncio.run(Deployer.start(["no-such-program"], tmp_path / "kubeconfig", tmp_path / "errors"))


def test_it_needs_an_api_server(neg_path) -> None:
    embedded, real = Settings(), Settings(control_plane="kubernetes")
    job = Job(
        experiment=Experiment.ROLLOUT,
        variant="",
        path=neg_path,
        application=Application(STATED, None),
        settings=embedded,
        deployer=("kubectl",),
    )
    with pytest.raises(LabFailedError, match=r"demo/web: a deployer needs an API server.*what would pass: kubernetes$"):
        limits.check(job)
    limits.check(replace(job, settings=real))
