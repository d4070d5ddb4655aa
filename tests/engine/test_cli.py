"""The project by the plain CLI, as its user runs it: `pulumi` in a copy of the folder, config in the stack's file."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from harness.cli import Checkout, Done
from harness.cloud import PROJECT, Cloud
from harness.engine import Engine, engine_in
from harness.worlds import GkeWorlds

pytestmark = pytest.mark.engine
STACK = "container-native"
FILE = f"stacks/Pulumi.{STACK}.yaml"
DEPLOYMENT = "kubernetes:apps/v1:Deployment::web"


@dataclass
class Session:
    """What a user typed, one after the other, and what came of it."""

    runs: dict[str, Done]
    in_cloud: dict[str, int]
    """How many resources there were after each run."""
    file: str
    """The stack's, at the end."""


@pytest.fixture(scope="module")
def session(worlds: GkeWorlds, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with engine_in(tmp_path_factory.mktemp("cli"), worlds) as engine:
        checkout = Checkout(engine, STACK)
        session = Session({}, {}, "")
        for command in (
            f"config set gcp:project {PROJECT}",
            "preview --json -c deletion_protection=false",
            "up --yes --skip-preview",
            "stack output --json",
            "up --yes --skip-preview --expect-no-changes",
            "preview --json --expect-no-changes -c replicas=3",
            "refresh --yes --expect-no-changes",
            "stack export",
            "destroy --yes",
        ):
            session.runs[command] = checkout.run(*command.split())
            session.in_cloud[command] = len(engine.cloud.resources)
        session.file = (checkout.folder / FILE).read_text()
        yield session
        checkout.stop()


def succeeded(session: Session, command: str) -> Done:
    done = session.runs[command]
    assert done.exit_code == 0, done.output
    return done


def test_preview_as_json_plans_creations_only_and_makes_nothing(session: Session) -> None:
    command = "preview --json -c deletion_protection=false"
    planned = json.loads(succeeded(session, command).stdout)
    assert planned["changeSummary"] == {"create": len(planned["steps"])}
    assert session.in_cloud[command] == 0


def test_up_makes_what_was_planned_and_shows_no_secret(session: Session) -> None:
    planned = json.loads(session.runs["preview --json -c deletion_protection=false"].stdout)["changeSummary"]["create"]
    done = succeeded(session, "up --yes --skip-preview")
    assert f"Resources:\n    + {planned} created" in done.stdout
    assert "kubeconfig: [secret]" in done.stdout


def test_outputs_are_there_for_scripts(session: Session) -> None:
    outputs = json.loads(succeeded(session, "stack output --json").stdout)
    assert outputs["url"] == f"http://{outputs['address']}/"
    assert outputs["kubeconfig"] == "[secret]"


@pytest.mark.parametrize(
    "command", ["up --yes --skip-preview --expect-no-changes", "refresh --yes --expect-no-changes"]
)
def test_nothing_changes_by_itself(session: Session, command: str) -> None:
    succeeded(session, command)


def test_config_given_with_the_command_overrides_and_is_kept(session: Session) -> None:
    planned = json.loads(session.runs["preview --json --expect-no-changes -c replicas=3"].stdout)
    changed = [step["urn"].partition("$")[2] for step in planned["steps"] if step["op"] != "same"]
    assert changed == [DEPLOYMENT]
    assert 'gke-nodrop:replicas: "3"' in session.file


def test_expect_no_changes_fails_on_a_change(session: Session) -> None:
    done = session.runs["preview --json --expect-no-changes -c replicas=3"]
    assert done.exit_code != 0
    assert "error: no changes were expected for preview but changes were proposed" in done.output


def test_export_holds_what_was_made_and_nothing_pending(session: Session) -> None:
    deployment = json.loads(succeeded(session, "stack export").stdout)["deployment"]
    kept = [one["type"] for one in deployment["resources"] if one["type"].startswith("gcp:")]
    assert len(kept) == session.in_cloud["stack export"]
    assert not deployment.get("pending_operations")


def test_destroy_leaves_nothing(session: Session) -> None:
    succeeded(session, "destroy --yes")
    assert session.in_cloud["destroy --yes"] == 0


@pytest.fixture
def new(engine: Engine) -> Iterator[Checkout]:
    checkout = Checkout(engine, STACK)
    yield checkout
    checkout.stop()


def test_wrong_config_is_told_in_one_message_and_nothing_is_made(new: Checkout, cloud: Cloud) -> None:
    done = new.run("up", "--yes", "--skip-preview", "-c", "replicas=0", "-c", "hostss=[]")
    told = done.stdout.partition("Diagnostics:")[2].partition("Resources:")[0]
    assert done.exit_code != 0
    assert told.count("error:") == 1
    assert f'error: stack "{STACK}": 3 inputs are not right\n' in told
    for fault in (
        "gke-nodrop:replicas = 0: must be a number of pods",
        "gke-nodrop:hostss = …: does not exist; did you mean gke-nodrop:hosts?",
        'gcp:project = "replace-with-your-project": must be the id of your project',
    ):
        assert fault in told
    assert "Traceback" not in done.output
    assert cloud.is_empty()


def test_stack_of_an_unknown_name_is_told_what_to_do(new: Checkout) -> None:
    new.run("stack", "init", "prod")
    done = new.run("preview")
    assert done.exit_code != 0
    assert 'error: there is no program "prod": name the stack container-native' in done.stdout
    assert "Traceback" not in done.output
