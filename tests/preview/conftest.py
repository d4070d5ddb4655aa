import functools
import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nodrop.preview import UNKNOWN, Asset, Evaluation, Resource, ResourceReference, SecretValue, evaluate

PREAMBLE = "import pulumi\nimport pulumi_kubernetes as k8s\n"
PROJECT = "name: demo\nruntime: python\n"


@pytest.fixture
def program(tmp_path: Path) -> Callable[..., Path]:
    """Writes a Pulumi project with this main module; more files by name."""

    def write(main: str, *, folder: str = "project", project: str = PROJECT, **files: str) -> Path:
        return written(tmp_path / folder, main, project, **files)

    return write


def written(directory: Path, main: str, project: str = PROJECT, **files: str) -> Path:
    """The directory, with a project in it."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "Pulumi.yaml").write_text(project)
    (directory / "__main__.py").write_text(PREAMBLE + textwrap.dedent(main))
    for name, text in files.items():
        (directory / name.replace("__", ".")).write_text(textwrap.dedent(text))
    return directory


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Evaluation]:
    """What this main module makes: an edit is compared with the same program again and again."""

    @functools.cache
    def evaluated(main: str) -> Evaluation:
        return evaluate(written(tmp_path_factory.mktemp("project"), main), "dev")

    return evaluated


DEFAULT_PROVIDER = "urn:pulumi:dev::demo::pulumi:providers:{}::default_4_28_0"
PROVIDER_ID = "5c8ff3a7-6d0a-4c39-8f3e-4c4c1b2e3a10"
CIPHERTEXT = "v1:9ZMz3vFLT0sdyLQk:Yw3bIs4mNQ=="


@pytest.fixture(scope="session")
def export() -> Callable[..., str]:
    """An evaluation as `pulumi stack export` would write it once it is deployed, every unknown as a value."""

    def value(given: Any) -> Any:
        match given:
            case SecretValue():
                return {
                    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
                    "ciphertext": CIPHERTEXT,
                }
            case ResourceReference():
                return {"4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e", "urn": given.urn}
            case Asset():
                return {"4dabf18193072939515e22adb298388d": "c44067f5952c0a294b673a41bacd8c17", "hash": "5f70"}
            case dict():
                return {key: value(item) for key, item in given.items()}
            case list():
                return [value(item) for item in given]
        return "known-by-now" if given is UNKNOWN else given

    def resource(each: Resource) -> dict[str, Any]:
        inputs = value(each.inputs)
        written = {"urn": each.urn, "custom": each.custom, "type": each.type, "inputs": inputs, "outputs": inputs}
        written["propertyDependencies"] = {key: list(urns) for key, urns in each.property_dependencies.items()}
        if each.custom and not each.type.startswith("pulumi:"):
            package = each.type.partition(":")[0]
            written["provider"] = f"{each.provider or DEFAULT_PROVIDER.format(package)}::{PROVIDER_ID}"
        if each.options.replacement_trigger is not None:
            written["replacementTrigger"] = each.options.replacement_trigger
        if each.parent:
            written["parent"] = each.parent
        if each.custom and each.type.startswith("kubernetes:"):
            version = {"__fieldManager": "pulumi-kubernetes-8c1b", "__initialApiVersion": inputs.get("apiVersion")}
            written["outputs"] = {"__inputs": inputs, **version, **inputs, "status": {"observedGeneration": 1}}
        return written

    def export(evaluation: Evaluation) -> str:
        resources = [resource(each) for each in evaluation.resources]
        manifest = {"time": "2025-01-01T00:00:00Z", "magic": "", "version": "v3.250.0"}
        return json.dumps({"version": 3, "deployment": {"manifest": manifest, "resources": resources}}, indent=4)

    return export
