"""What the stacks and the README's programs render is what the API server knows, to the last field.

Server-side apply as a dry run, with strict field validation; apply refuses unknown fields even without it. GKE's own
kinds are checked against the definitions in harness/crds. Not checked: values that previews hide or do not know, which
read [secret] and [unknown]. Namespaces are not the rendered ones: each test has its own.
"""

import copy
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.rest import ApiError, Client, Object
from nodrop.preview import Evaluation, evaluate, kubernetes_objects

pytestmark = pytest.mark.engine
PROJECT = Path(__file__).parents[2]
HOSTS = {"hosts": '["www.example.com"]'}
STACKS: dict[str, tuple[str, Mapping[str, str]]] = {
    "container-native": ("container-native", {}),
    "container-native, hosts": ("container-native", HOSTS),
    "container-native, autopilot": ("container-native", {"cluster": "autopilot"}),
    "container-native, hard-coded delay": ("container-native", {"mode": "hard-coded-delay"}),
    "container-native, serve-hostname": ("container-native", {"app": "serve-hostname"}),
    "legacy-nodeport": ("legacy-nodeport", {}),
    "legacy-nodeport, token": ("legacy-nodeport", {"unready_token": "hunter2"}),
    "comparison": ("comparison", {}),
    "comparison, hosts, token": ("comparison", {**HOSTS, "unready_token": "hunter2"}),
}
ARGS = """
"hosts": ["www.example.com"], "env": {"LEVEL": "info"}, "secret_env": {"TOKEN": "hunter2"},
"files": {"/etc/web/a.conf": "a", "/etc/web/b.conf": "b"}, "run_as_user": 1000,
"""


def programs() -> dict[str, str]:
    """The README's that are right, and the first of them with more inputs."""
    text = (PROJECT / "README.md").read_text()
    blocks = [block.partition("\n```")[0] for block in text.split("```python\n")[1:]]
    right = [block for block in blocks if "WebService(" in block and '"replicas": 0' not in block]
    found = {f"README {number}": f"from gke_nodrop import WebService\n{block}" for number, block in enumerate(right)}
    full = right[0].replace('"hosts": ["www.example.com"],', ARGS.strip().replace("\n", " "))
    assert full != right[0]
    return {**found, "README 0, all inputs": full}


PROGRAMS = programs()


def assert_accepted(client: Client, namespace: str, evaluation: Evaluation, capsys: pytest.CaptureFixture[str]) -> None:
    objects = kubernetes_objects(evaluation)
    of_kubernetes = [each for each in evaluation.resources if each.type.startswith("kubernetes:")]
    accepted, refused = [], []
    for manifest in objects:
        try:
            accepted.append(applied(client, namespace, manifest)["kind"])
        except ApiError as error:
            refused.append(f"{manifest['kind']} {manifest['metadata']['name']}: {error}")
    with capsys.disabled():
        print(f"\n{len(accepted)} of {len(of_kubernetes)} objects accepted: {', '.join(sorted(accepted))}")
    assert refused == []
    assert len(accepted) == len(of_kubernetes)
    assert {"Namespace", "Service", "Ingress", "Deployment"} <= set(accepted)


def applied(client: Client, namespace: str, manifest: Object) -> Object:
    own = copy.deepcopy(manifest)
    if "namespace" in own["metadata"]:
        own["metadata"]["namespace"] = namespace
    return client.apply(own, field_manager="strict", dry_run=True)


@pytest.mark.parametrize("stack", STACKS)
def test_every_object_of_a_stack_is_accepted(
    client: Client, namespace: str, stack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    name, config = STACKS[stack]
    assert_accepted(client, namespace, evaluate(PROJECT, name, config=config), capsys)


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_object_of_the_readme_is_accepted(
    client: Client, namespace: str, program: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_accepted(client, namespace, evaluated(PROGRAMS[program], tmp_path), capsys)


def evaluated(program: str, folder: Path) -> Evaluation:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(program)
    return evaluate(folder, "dev")


def test_a_misspelt_field_in_any_object_is_refused(client: Client, namespace: str, tmp_path: Path) -> None:
    objects = kubernetes_objects(evaluated(PROGRAMS["README 0, all inputs"], tmp_path))
    assert objects
    for manifest in objects:
        part = "spec" if "spec" in manifest else "metadata"
        with pytest.raises(ApiError, match="replicsa"):
            applied(client, namespace, {**manifest, part: {**manifest[part], "replicsa": 2}})
