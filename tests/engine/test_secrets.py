"""What a deployment leaves behind, and what it prints, holds no secret in clear.

Looked at: all files of the backend (state, history, backups) and of the work folder; the engine's own logs, which it
encrypts; what the operations print with all differences shown; state, history and outputs as the CLI shows them unless
asked for secrets. A secret counts as clear as text, as a JSON string in JSON, and in base64. Not looked at: verbose
logs, which Pulumi says may hold anything; clusters' client keys and passwords, which the fake cloud does not make.
"""

import base64
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pulumi
import pytest

from gke_nodrop import AutopilotCluster, Datapath, Endpoint, Network, NodePool, StandardCluster, WebService
from harness.cloud import CLUSTER
from harness.engine import PASSPHRASE, Engine, engine_in
from harness.worlds import GkeWorld, GkeWorlds

pytestmark = pytest.mark.engine
GIVEN, CONFIGURED, CHANGED = "hunter2-as-given", "hunter2-from-config", "hunter2-changed"
IN_CLEAR = "level-in-clear"


def program(given: str = GIVEN) -> None:
    network = Network("net", {"region": "us-central1"})
    cluster = StandardCluster(
        "main",
        {
            "location": "us-central1",
            "network": network.cluster_network,
            "zones": ["us-central1-b", "us-central1-c"],
            "datapath": Datapath.LEGACY,
            "deletion_protection": False,
            # Its kubeconfig holds the cluster's CA.
            "access": {"endpoint": Endpoint.IP, "authorized_networks": {"office": "203.0.113.0/24"}},
        },
    )
    nodes = NodePool("pool", {"cluster": cluster.cluster_id, "service_account": cluster.node_service_account})
    configured = pulumi.Config().require_secret("password")
    WebService(
        "web",
        {
            "image": "shop/web:1.4",
            "env": {"LEVEL": IN_CLEAR},
            "secret_env": {"TOKEN": given, "PASSWORD": configured},
            "secret_files": {"/etc/web/token": given},
        },
        pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=[nodes]),
    )
    pulumi.export("kubeconfig", cluster.kubeconfig)
    autopilot = AutopilotCluster("auto", {"location": "us-central1", "network": network.cluster_network})
    pulumi.export("kubeconfig of the DNS endpoint", autopilot.kubeconfig)  # made of nothing that the provider hides


@dataclass(frozen=True)
class Traces:
    """Of a deployment."""

    texts: dict[str, str]
    """Whatever somebody may get to see, by where it is."""
    shown: str
    """The state with its secrets."""
    state: dict[str, str]
    """Each resource as the state's file has it, by URN."""
    secrets: dict[str, str]
    """By name; all but the login's are in the state."""
    ca: str
    """In base64."""

    def where(self, value: str) -> list[str]:
        return [place for place, text in self.texts.items() if is_in(text, value)]


LOGIN = {"token of the control plane", "passphrase"}


def is_in(text: str, value: str) -> bool:
    escaped = json.dumps(value)[1:-1]
    forms = {value, escaped, json.dumps(escaped)[1:-1], base64.b64encode(value.encode()).decode()}
    return any(form in text for form in forms)


def cli(engine: Engine, work: Path, *arguments: str) -> str:
    argv = [engine.programs / "pulumi", *arguments, "--stack", "dev", "--non-interactive"]
    environment = {**os.environ, **engine.environment()}
    done = subprocess.run(argv, cwd=work, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory, worlds: GkeWorlds) -> Iterator[Traces]:
    with engine_in(tmp_path_factory.mktemp("secrets"), worlds) as engine:
        yield deployed(engine)


def deployed(engine: Engine) -> Traces:
    folder, stack = engine.folder, engine.stack("dev", program)
    work = folder / "gke-nodrop-dev"
    stack.set_config("gke-nodrop:password", CONFIGURED, secret=True)
    texts = {"preview": stack.preview(diff=True).output}
    up = stack.up(diff=True)
    texts["up"] = up.output
    texts["preview of a change"] = stack.preview(lambda: program(CHANGED), diff=True).output
    texts["refresh"] = stack.refresh(diff=True).output
    for command in ("export", "history", "output"):
        texts[f"pulumi stack {command}"] = cli(engine, work, "stack", command)
    for seen in (folder / "backend", work, engine.home / "logs"):
        for file in sorted(one for one in seen.rglob("*") if one.is_file()):
            texts[str(file.relative_to(folder))] = file.read_text(errors="replace")
    checkpoint = json.loads(texts["backend/.pulumi/stacks/gke-nodrop/dev.json"])["checkpoint"]["latest"]
    (world,) = [one.world for one in engine.cloud.of_type(CLUSTER) if one.name.startswith("main")]
    assert isinstance(world, GkeWorld)
    secrets = {
        "variable given in clear": GIVEN,
        "variable from the config": CONFIGURED,
        **up.outputs,
        "users of the kubeconfig": "gke-gcloud-auth-plugin",
        "token of the control plane": world.plane.token,
        "passphrase": PASSPHRASE,
    }
    return Traces(
        texts=texts,
        shown=json.dumps(stack.export()),
        state={one["urn"]: json.dumps(one) for one in checkpoint["resources"]},
        secrets=secrets,
        ca=base64.b64encode(world.ca).decode(),
    )


def test_no_secret_is_anywhere_in_clear(traces: Traces) -> None:
    found = {name: traces.where(value) for name, value in traces.secrets.items()}
    assert {name: places for name, places in found.items() if places} == {}


def test_a_changed_secret_is_not_shown(traces: Traces) -> None:
    assert "kubernetes:core/v1:Secret: (replace)" in traces.texts["preview of a change"]
    assert traces.where(CHANGED) == []


def test_the_search_finds_what_is_in_clear(traces: Traces) -> None:
    found = traces.where(IN_CLEAR)
    assert {"preview", "up", "pulumi stack export"} <= set(found)
    for kind in ("stacks", "backups", "history"):
        assert [place for place in found if place.startswith(f"backend/.pulumi/{kind}/")]


def test_the_search_finds_the_secrets_where_they_are_shown(traces: Traces) -> None:
    assert {name for name, value in traces.secrets.items() if not is_in(traces.shown, value)} == LOGIN


def test_config_and_its_history_are_looked_at(traces: Traces) -> None:
    assert "secure:" in traces.texts["gke-nodrop-dev/Pulumi.dev.yaml"]
    assert "gke-nodrop:password" in "".join(text for place, text in traces.texts.items() if "/history/" in place)


def test_the_clusters_ca_is_in_the_clusters_own_properties_only(traces: Traces) -> None:
    """A certificate, which the provider does not hide there; in the kubeconfig it is hidden like the rest."""
    assert [urn.split("::")[2].rpartition("$")[2] for urn, text in traces.state.items() if traces.ca in text] == [
        CLUSTER
    ]
    assert is_in(traces.secrets["kubeconfig"], traces.ca)
    assert {place.partition("/")[0] for place in traces.where(traces.ca)} == {"pulumi stack export", "backend"}
