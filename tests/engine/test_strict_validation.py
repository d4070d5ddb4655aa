"""What the stacks, the examples and the other pages' programs render is what the API server knows, to the last field.

Server-side apply as a dry run, with strict field validation; apply refuses unknown fields even without it. GKE's own
kinds are checked against the definitions in harness/crds. Not checked: values that previews hide or do not know, which
read [secret] and [unknown]. Namespaces are not the rendered ones: each test has its own.
"""

import copy
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.examples import ELSEWHERE, EXAMPLES, STACKS, evaluate_program, evaluate_stack
from nodrop.lab.kubernetes.rest import ApiError, Client, Object
from nodrop.preview import Evaluation, kubernetes_objects

pytestmark = pytest.mark.engine
Tell = Callable[[str], None]
ARGS = """
"hosts": ["www.example.com"], "env": {"LEVEL": "info"}, "secret_env": {"TOKEN": "hunter2"},
"files": {"/etc/web/a.conf": "a", "/etc/web/b.conf": "b"}, "run_as_user": 1000,
"""


def programs() -> dict[str, str]:
    """The README's, the first of them with more inputs too, and the migration's steps."""
    first = ELSEWHERE["README 0"]
    full = first.replace('"hosts": ["www.example.com"],', ARGS.strip().replace("\n", " "))
    assert full != first
    return {**ELSEWHERE, "README 0, all inputs": full}


PROGRAMS = programs()


def accepted(client: Client, namespace: str, evaluation: Evaluation) -> list[str]:
    """Kinds of the program's objects, of which none is refused."""
    kinds, refused = [], []
    for manifest in kubernetes_objects(evaluation):
        try:
            kinds.append(applied(client, namespace, manifest)["kind"])
        except ApiError as error:
            refused.append(f"{manifest['kind']} {manifest['metadata']['name']}: {error}")
    assert refused == []
    of_kubernetes = [each for each in evaluation.resources if each.type.startswith("kubernetes:")]
    assert len(kinds) == len(of_kubernetes)
    assert {"Service", "Deployment"} < set(kinds)
    assert {"Ingress", "Gateway"} & set(kinds)
    return kinds


def told(what: str, kinds: list[str]) -> str:
    counted = ", ".join(f"{count} {kind}" for kind, count in sorted(Counter(kinds).items()))
    return f"{what}: {len(kinds)} objects accepted: {counted}"


def applied(client: Client, namespace: str, manifest: Object) -> Object:
    own = copy.deepcopy(manifest)
    if "namespace" in own["metadata"]:
        own["metadata"]["namespace"] = namespace
    return client.apply(own, field_manager="strict", dry_run=True)


@pytest.mark.parametrize("stack", STACKS)
def test_every_object_of_a_stack_is_accepted(client: Client, namespace: str, stack: str, tell: Tell) -> None:
    tell(told(stack, accepted(client, namespace, evaluate_stack(stack))))


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_object_of_the_readme_and_of_the_migration_is_accepted(
    client: Client, namespace: str, program: str, tmp_path: Path, tell: Tell
) -> None:
    tell(told(program, accepted(client, namespace, evaluate_program(PROGRAMS[program], tmp_path))))


def test_every_object_of_the_examples_is_accepted(
    client: Client, namespace: str, tmp_path_factory: pytest.TempPathFactory, tell: Tell
) -> None:
    kinds = []
    for example in EXAMPLES:
        kinds += accepted(client, namespace, example.evaluate(tmp_path_factory.mktemp(example.slug)))
    tell(told(f"{len(EXAMPLES)} examples", kinds))
    of_google = {"SecurityPolicy", "SSLPolicy", "Account", "IAMMember", "GlobalAddress", "Address"}
    of_google |= {
        "Cluster",
        "Firewall",
        "Network",
        "NodePool",
        "RepositoryIamMember",
        "Router",
        "RouterNat",
        "Subnetwork",
    }
    stated = sum((Counter(example.inventory) for example in EXAMPLES), Counter())
    assert Counter(kinds) == Counter({kind: count for kind, count in stated.items() if kind not in of_google})


def test_a_misspelt_field_in_any_object_is_refused(client: Client, namespace: str, tmp_path: Path) -> None:
    objects = kubernetes_objects(evaluate_program(PROGRAMS["README 0, all inputs"], tmp_path))
    assert objects
    for manifest in objects:
        part = "spec" if "spec" in manifest else "metadata"
        with pytest.raises(ApiError, match="replicsa"):
            applied(client, namespace, {**manifest, part: {**manifest[part], "replicsa": 2}})
