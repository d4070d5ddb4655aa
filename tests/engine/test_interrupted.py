"""The plain CLI is interrupted, or killed, in the middle: the state stays consistent, and a person gets out of it.

An interrupt (SIGINT, ^C) lets what is under way end; a kill (SIGKILL, a lost machine) leaves a lock and what was under
way, which goes on without its client. Signals go to the CLI alone. The stand-in for gcp does not heed the engine's wish
to cancel; the Kubernetes provider gives up waiting.
"""

import signal
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from harness.cli import Checkout, Running
from harness.cloud import CLUSTER, PROJECT, Cloud
from harness.engine import Engine
from harness.own_stacks import documented
from harness.waiting import until
from harness.worlds import GkeWorlds

pytestmark = pytest.mark.engine
CANCELED, CANCELLING = "error: update canceled", "^C received; cancelling."
IMPORT_PENDING = "--import-pending-creates"
HALF_WRITTEN = "error: failed to load checkpoint: EOF"
LOCKED = (
    "error: the stack is currently locked by 1 lock(s). "
    "Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`."
)
PENDING = "warning: Attempting to deploy or update resources with 1 pending operations from previous deployment."
INGRESS, INGRESS_KIND = "kubernetes:networking.k8s.io/v1:Ingress", ("networking.k8s.io/v1", "Ingress")
NAT = "gcp:compute/routerNat:RouterNat"
UP, DESTROY = ("up", "--yes", "--skip-preview"), ("destroy", "--yes", "--skip-preview")
HELD_AT_MOST_SECONDS = 100


@pytest.fixture
def checkout(engine: Engine) -> Iterator[Checkout]:
    config = {"gcp:project": PROJECT, "deletion_protection": "false"}
    checkout = Checkout(engine, "container-native", **config)
    yield checkout
    checkout.stop()


@contextmanager
def held(cloud: Cloud, *which: str) -> Generator[threading.Event]:
    """Operations of one kind on one type of resource, once begun, end with this; the event says that one has begun."""
    begun, released, wait = threading.Event(), threading.Event(), cloud.wait

    def holding(*operation: str) -> None:
        wait(*operation)
        if operation == which:
            begun.set()
            released.wait(HELD_AT_MOST_SECONDS)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cloud, "wait", holding)
        try:
            yield begun
        finally:
            released.set()


def test_the_docs_quote_what_the_cli_says() -> None:
    assert documented(CANCELLING, CANCELED, LOCKED, PENDING.removeprefix("warning: "), IMPORT_PENDING, HALF_WRITTEN)


def succeeds(checkout: Checkout, *argv: str) -> str:
    done = checkout.run(*argv)
    assert done.exit_code == 0, done.output
    return done.output


def fails(checkout: Checkout, *argv: str) -> str:
    done = checkout.run(*argv)
    assert done.exit_code > 0, done.output
    return done.output


def until_only_the_cluster_is_under_way(checkout: Checkout, *, nat: int) -> None:
    """And the CLI has written that down; RouterNat is what goes on beside the cluster."""

    def so_it_is() -> bool:
        state = checkout.checkpoint()
        return len(in_state(state, NAT)) == nat and [one[1] for one in pending(state)] == [CLUSTER]

    until(so_it_is)


def kill(running: Running) -> None:
    running.send(signal.SIGKILL)
    assert running.end().exit_code == -signal.SIGKILL


def clusters(cloud: Cloud) -> list[str]:
    return [f"{one.name} {one.status}" for one in cloud.of_type(CLUSTER)]


def pending(state: dict[str, Any]) -> list[tuple[str, str, str]]:
    """What was under way, of what type, and the name that it has or will have in the cloud."""
    return [
        (one["type"], one["resource"]["type"], one["resource"]["inputs"]["name"])
        for one in state.get("pending_operations") or []
    ]


def in_state(state: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [one for one in state.get("resources", []) if one["type"] == kind]


def interrupt_at_the_cluster(checkout: Checkout, cloud: Cloud) -> str:
    """`up`, interrupted once GKE is making the cluster."""
    with held(cloud, CLUSTER, "create") as begun:
        running = checkout.start(*UP)
        assert begun.wait(60)
        running.send(signal.SIGINT)
        running.says(CANCELLING)
    done = running.end()
    assert done.exit_code > 0
    return done.output


def test_interrupt_waits_for_the_cluster_and_keeps_it_in_the_state(checkout: Checkout, cloud: Cloud) -> None:
    said = interrupt_at_the_cluster(checkout, cloud)
    assert CANCELED in said
    (cluster,) = cloud.of_type(CLUSTER)
    state = checkout.state()
    assert [one["id"] for one in in_state(state, CLUSTER)] == [cluster.id]
    assert pending(state) == []

    succeeds(checkout, *DESTROY)
    assert cloud.is_empty()


def test_second_interrupt_does_not_wait_and_leaves_an_orphan_but_no_lock(checkout: Checkout, cloud: Cloud) -> None:
    with held(cloud, CLUSTER, "create") as begun:
        running = checkout.start(*UP)
        assert begun.wait(60)
        until_only_the_cluster_is_under_way(checkout, nat=1)
        running.send(signal.SIGINT)
        running.says("If you would like to terminate immediately, press ^C again.")
        running.send(signal.SIGINT)
        assert "^C received; terminating" in running.end().output
    (orphan,) = cloud.of_type(CLUSTER)
    assert pending(checkout.state()) == [("creating", CLUSTER, orphan.name)]

    until(lambda: clusters(cloud) == [f"{orphan.name} RUNNING"])
    (creation,) = checkout.state()["pending_operations"]
    importing = [f"{IMPORT_PENDING}={one}" for one in (creation["resource"]["urn"], orphan.id)]
    succeeds(checkout, "refresh", "--yes", "--skip-preview", *importing)
    state = checkout.state()
    assert (pending(state), in_state(state, CLUSTER)) == ([], [])
    cloud.delete(CLUSTER, orphan.id)
    succeeds(checkout, *DESTROY)
    assert cloud.is_empty()


def test_kill_during_the_creation_of_the_cluster_leaves_an_orphan(checkout: Checkout, cloud: Cloud) -> None:
    with held(cloud, CLUSTER, "create") as begun:
        running = checkout.start(*UP)
        assert begun.wait(60)
        until_only_the_cluster_is_under_way(checkout, nat=1)
        kill(running)
        until(lambda: not checkout.processes("_python.py"))  # language host and program end by themselves
        assert LOCKED in fails(checkout, *UP)
        succeeds(checkout, "cancel", "--yes")
        state = checkout.state()
        ((_, _, name),) = pending(state)
        assert pending(state) == [("creating", CLUSTER, name)]
        assert in_state(state, CLUSTER) == []
    until(lambda: clusters(cloud) == [f"{name} RUNNING"])

    said = fails(checkout, *DESTROY)
    assert PENDING in said
    assert f"/clusters/{name}', resourceInUseByAnotherResource" in said
    (orphan,) = cloud.of_type(CLUSTER)
    cloud.delete(CLUSTER, orphan.id)  # gcloud container clusters delete NAME --location REGION
    succeeds(checkout, "refresh", "--yes", "--skip-preview", "--clear-pending-creates")
    assert pending(checkout.state()) == []
    assert PENDING not in succeeds(checkout, *DESTROY)
    assert cloud.is_empty()


def test_interrupt_while_waiting_for_the_address_leaves_an_ingress_that_the_next_up_finishes(
    checkout: Checkout, cloud: Cloud, worlds: GkeWorlds
) -> None:
    worlds.settings.append(lambda world: setattr(world.ingress_controller, "address_seconds", 3600))
    running = checkout.start(*UP)
    until(lambda: [one for world in worlds.all for one in world.client.list(*INGRESS_KIND)])
    running.send(signal.SIGINT)
    assert running.end().exit_code > 0
    (ingress,) = in_state(checkout.state(), INGRESS)
    assert any("context canceled" in error for error in ingress["initErrors"])

    (world,) = worlds.all
    world.ingress_controller.address_seconds = 0.2
    succeeds(checkout, *UP)
    succeeds(checkout, *DESTROY)
    assert cloud.is_empty()


def test_destroy_completes_after_one_that_was_killed(checkout: Checkout, cloud: Cloud) -> None:
    interrupt_at_the_cluster(checkout, cloud)
    (cluster,) = cloud.of_type(CLUSTER)
    with held(cloud, CLUSTER, "delete") as begun:
        running = checkout.start(*DESTROY)
        assert begun.wait(60)
        until_only_the_cluster_is_under_way(checkout, nat=0)
        kill(running)
        assert pending(checkout.state()) == [("deleting", CLUSTER, cluster.name)]
        assert LOCKED in fails(checkout, *DESTROY)
    until(lambda: not clusters(cloud))

    succeeds(checkout, "cancel", "--yes")
    assert PENDING in succeeds(checkout, *DESTROY)
    assert cloud.is_empty()
    assert pending(checkout.state()) == []


def test_state_in_files_survives_a_kill_while_it_is_written(checkout: Checkout) -> None:
    """Beside the state is a file of attributes, which is not replaced at once but written in place."""
    attributes = checkout.state_file.with_name(f"{checkout.state_file.name}.attrs")
    attributes.write_text("")
    assert HALF_WRITTEN in fails(checkout, "stack", "export")
    attributes.unlink()
    checkout.state()
