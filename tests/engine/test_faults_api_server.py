"""An API server that cannot be reached, or that throttles: what the real provider makes of it."""

import ssl
import threading
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from http.client import HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

import pulumi
import pulumi_kubernetes as k8s
import pytest
from pulumi import ResourceOptions

from harness.control_plane import ORDINARY_USER, ControlPlane
from harness.engine import Engine, OperationError, Program
from harness.own_stacks import documented, is_consistent
from harness.waiting import until
from nodrop.lab.kubernetes.rest import ApiError, Client

pytestmark = pytest.mark.engine
CONFIG_MAP = "kubernetes:core/v1:ConfigMap settings"
THROTTLED = "the server has received too many requests and has asked us to try again later"
UNREACHABLE = "configured Kubernetes cluster is unreachable"


def program(kubeconfig: str, namespace: str) -> Program:
    def made() -> None:
        provider = k8s.Provider("cluster", kubeconfig=kubeconfig, cluster_identifier="tests")
        metadata = k8s.meta.v1.ObjectMetaArgs(name="settings", namespace=namespace)
        k8s.core.v1.ConfigMap("settings", metadata=metadata, data={"a": "b"}, opts=ResourceOptions(provider=provider))

    return made


def test_a_server_that_cannot_be_reached_stops_everything_with_the_state_kept(engine: Engine, tmp_path: Path) -> None:
    plane = ControlPlane()
    plane.start(tmp_path / "plane")
    try:
        stack = engine.stack("dev", program(plane.kubeconfig(), "default"))
        stack.up()
    finally:
        plane.stop()
    for operation in (stack.refresh, stack.destroy):
        with pytest.raises(OperationError, match=documented(UNREACHABLE)):
            operation()
        assert CONFIG_MAP in stack.resources()
    stack.environment[documented("PULUMI_K8S_DELETE_UNREACHABLE")] = "true"
    stack.refresh()
    assert CONFIG_MAP not in stack.resources()


FLOW_CONTROL = "flowcontrol.apiserver.k8s.io/v1"


@contextmanager
def throttled(plane: ControlPlane) -> Generator[None]:
    """Every request of the ordinary user is answered 429 while this holds.

    A priority level without shares still takes a request while it has no other: this one is begun and never ended.
    """
    client = plane.client
    level = {"nominalConcurrencyShares": 0, "lendablePercent": 0, "limitResponse": {"type": "Reject"}}
    subject = {"kind": "User", "user": {"name": ORDINARY_USER}}
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"], "clusterScope": True}
    rule = {
        "subjects": [subject],
        "resourceRules": [everything],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    }
    made = (
        ("PriorityLevelConfiguration", {"type": "Limited", "limited": level | {"borrowingLimitPercent": 0}}),
        ("FlowSchema", {"matchingPrecedence": 2, "priorityLevelConfiguration": {"name": "shut"}, "rules": [rule]}),
    )
    with ExitStack() as stack:
        for kind, spec in made:
            client.create({"apiVersion": FLOW_CONTROL, "kind": kind, "metadata": {"name": "shut"}, "spec": spec})
            stack.callback(client.delete, FLOW_CONTROL, kind, "shut")
        for _ in range(200):
            stack.enter_context(never_ended(plane))
            if refuses(plane):
                break
            time.sleep(0.1)
        else:
            pytest.fail("the API server does not throttle")
        yield


@contextmanager
def never_ended(plane: ControlPlane) -> Generator[None]:
    """A request of the ordinary user whose body does not come."""
    at = urlsplit(plane.url)
    tls = ssl.create_default_context(cadata=plane.ca.decode())
    connection = HTTPSConnection(at.hostname or "", at.port, context=tls)
    try:
        connection.putrequest("POST", "/api/v1/namespaces/default/configmaps?dryRun=All")
        connection.putheader("Authorization", f"Bearer {plane.ordinary_token}")
        connection.putheader("Content-Type", "application/json")
        connection.putheader("Content-Length", "100")
        connection.endheaders()
        yield
    finally:
        connection.close()


def refuses(plane: ControlPlane) -> bool:
    """Whether the ordinary user's requests are answered 429."""
    look = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "look", "namespace": "default"}}
    try:
        Client(plane.url, plane.ca, plane.ordinary_token).create(look, dry_run=True)
    except ApiError as error:
        return error.status == 429
    return False


def refused_for_load(client: Client) -> int:
    """How many requests were answered 429 so far."""
    lines = client.request("GET", "/metrics")["text"].splitlines()
    rejected = [each for each in lines if each.startswith("apiserver_flowcontrol_rejected_requests_total")]
    return sum(int(float(each.rpartition(" ")[2])) for each in rejected if 'flow_schema="shut"' in each)


def test_throttling_for_some_seconds_is_waited_out(engine: Engine, control_plane: ControlPlane, namespace: str) -> None:
    client = control_plane.client
    stack = engine.stack("dev", program(control_plane.kubeconfig(control_plane.ordinary_token), namespace))
    with throttled(control_plane):
        up = threading.Thread(target=stack.up)
        seen = refused_for_load(client)
        up.start()
        until(lambda: refused_for_load(client) > seen + 2)
        assert up.is_alive()
    up.join()
    assert refused_for_load(client) > seen + 2
    assert client.get("v1", "ConfigMap", "settings", namespace)["data"] == {"a": "b"}


def test_throttling_that_does_not_end_is_told_with_nothing_created(
    engine: Engine, control_plane: ControlPlane, namespace: str
) -> None:
    stack = engine.stack("dev", program(control_plane.kubeconfig(control_plane.ordinary_token), namespace))
    with throttled(control_plane), pytest.raises(OperationError, match=documented(UNREACHABLE, THROTTLED)):
        stack.up()
    assert CONFIG_MAP not in stack.resources()
    stack.up()
    assert CONFIG_MAP in stack.resources()


def test_throttling_that_begins_within_an_update_ends_it_there_and_the_next_one_goes_on(
    engine: Engine, control_plane: ControlPlane, namespace: str
) -> None:
    begun = ExitStack()

    def two(between: Callable[[], object]) -> Program:
        def made() -> None:
            kubeconfig = control_plane.kubeconfig(control_plane.ordinary_token)
            opts = ResourceOptions(provider=k8s.Provider("cluster", kubeconfig=kubeconfig, cluster_identifier="tests"))

            def config_map(name: str, data: pulumi.Input[str]) -> k8s.core.v1.ConfigMap:
                metadata = k8s.meta.v1.ObjectMetaArgs(name=name, namespace=namespace)
                return k8s.core.v1.ConfigMap(name, metadata=metadata, data={"a": data}, opts=opts)

            def after(_: str) -> str:
                between()
                return "b"

            config_map("second", config_map("first", "b").id.apply(after))

        return made

    stack = engine.stack("dev", two(lambda: begun.enter_context(throttled(control_plane))))
    with begun, pytest.raises(OperationError, match=documented(THROTTLED)):
        stack.up()
    made = [f"{CONFIG_MAP.partition(' ')[0]} {name}" for name in ("first", "second")]
    assert [each for each in made if each in stack.resources()] == made[:1]
    assert is_consistent(stack)
    assert stack.up(two(lambda: None)).of("create") == made[1:]
