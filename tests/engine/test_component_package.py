"""The component package as programs in other languages use it, through the real engine and generated SDKs.

The language host that runs the package is a stand-in (languages/language_python.py); the programs run through the
Automation API, which needs none.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import tools
from harness.cloud import PROJECT
from harness.engine import engine_in
from harness.worlds import GkeWorlds
from languages import nodejs

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[2]
COMPONENTS = ROOT / "components"
SCHEMA = COMPONENTS / "schema.json"
LANGUAGES = Path(__file__).parent / "languages"
VERSION = version("gke-nodrop")
NO_LOADER = "127.0.0.1:1"
"""Nobody asks it: the package takes no other package's types."""
WEB_SERVICE = "gke-nodrop:index:WebService"
TYPESCRIPT = {
    "target": "es2022",
    "module": "commonjs",
    "moduleResolution": "node",
    "strict": True,
    "skipLibCheck": True,
}
AROUND_THE_PAGE = """
import * as pulumi from "@pulumi/pulumi";
import * as nodrop from "./sdk";

declare namespace k8s {
    class Provider extends pulumi.ProviderResource {
        constructor(name: string, args: { kubeconfig: pulumi.Input<string>; clusterIdentifier: pulumi.Input<string> });
    }
}
"""
"""What the program of docs/web-service.md stands in; of the Kubernetes SDK, which is not installed, the provider."""


@dataclass(frozen=True)
class Installation:
    """An engine with its stand-ins, and a language host that runs plugins."""

    folder: Path
    environment: dict[str, str]

    def run(self, *argv: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv,
            cwd=cwd,
            env={**os.environ, **self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=280,
        )


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory, worlds: GkeWorlds) -> Iterator[Installation]:
    with engine_in(tmp_path_factory.mktemp("package"), worlds) as engine:
        (engine.programs / "pulumi-generate-sdk").symlink_to(tools.path("pulumi-generate-sdk"))
        host = engine.programs / "pulumi-language-python"
        host.write_text(f'#!/bin/sh\nexec {sys.executable} {LANGUAGES / "language_python.py"} "$@"\n')
        host.chmod(0o755)
        yield Installation(engine.folder, engine.environment())


@pytest.fixture(scope="module", params=["nodejs", "python"])
def program(request: pytest.FixtureRequest, installation: Installation) -> "Program":
    """A project in a language, with the SDK generated for it."""
    folder = installation.folder / request.param
    folder.mkdir()
    project = {
        "name": request.param,
        "runtime": request.param,
        "packages": {"gke-nodrop": str(COMPONENTS)},
        "config": {"gcp:project": {"value": PROJECT}, "gcp:region": {"value": "us-central1"}},
    }
    (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project))
    return {"nodejs": in_nodejs, "python": in_python}[request.param](installation, folder)


@dataclass(frozen=True)
class Program:
    """A program in some language: `up` deploys twice, `refused` only previews, with inputs that are not right."""

    installation: Installation
    folder: Path
    argv: tuple[str | Path, ...]

    def run(self, what: str) -> dict[str, Any]:
        done = self.installation.run(*self.argv, what, cwd=self.folder, PYTHONPATH=str(self.folder / "sdk"))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout or "{}")


def complaints(folder: Path, program: str) -> str:
    """What TypeScript's compiler has against a program beside the generated SDK."""
    node, modules = nodejs.node(), nodejs.modules()
    (folder / "page.ts").write_text(AROUND_THE_PAGE + program)
    (folder / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": {**TYPESCRIPT, "noEmit": True}, "files": ["page.ts"]})
    )
    compiler = [node, modules / "typescript" / "bin" / "tsc"]
    return subprocess.run(compiler, cwd=folder, capture_output=True, text=True, timeout=280).stdout


def test_the_program_in_typescript_of_the_docs_has_the_types_that_are_generated(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "web-service.md").read_text()
    (program,) = re.findall(r"^```typescript\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    modules = nodejs.modules()
    generate_sdk("nodejs", tmp_path / "sdk")
    (tmp_path / "node_modules").symlink_to(modules)
    assert complaints(tmp_path, program) == ""
    assert "longestRequest" in complaints(tmp_path, program.replace("longestRequestSeconds", "longestRequest"))


def in_nodejs(installation: Installation, folder: Path) -> Program:
    node, modules = nodejs.node(), nodejs.modules()
    generate_sdk("nodejs", folder / "sdk")
    shutil.copy(LANGUAGES / "program.ts", folder)
    (folder / "node_modules").symlink_to(modules)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": TYPESCRIPT, "files": ["program.ts"]}))
    compiled = installation.run(node, modules / "typescript" / "bin" / "tsc", cwd=folder)
    assert compiled.returncode == 0, compiled.stdout
    return Program(installation, folder, (node, "program.js"))


def in_python(installation: Installation, folder: Path) -> Program:
    generate_sdk("python", folder / "sdk")
    about = folder / "sdk" / f"pulumi_gke_nodrop-{VERSION}.dist-info"  # as if installed
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: pulumi_gke_nodrop\nVersion: {VERSION}\n")
    shutil.copy(LANGUAGES / "program.py", folder)
    return Program(installation, folder, (sys.executable, "program.py"))


def generate_sdk(language: str, folder: Path) -> None:
    argv = [tools.path("pulumi-generate-sdk"), language, folder, NO_LOADER]
    done = subprocess.run(argv, input=SCHEMA.read_text(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def deployed(program: Program) -> dict[str, Any]:
    said = program.run("up")
    assert "error" not in said, said["error"]
    return said


@pytest.fixture(scope="module")
def refused(program: Program) -> str:
    return program.run("refused")["error"]


def the_one(deployed: dict[str, Any], kind: str, *, of_parts: bool = False) -> dict[str, Any]:
    """Its entry in the state: the one among the service's parts that the program puts together itself, or the other."""
    names = ("api", "parts")
    all_of_kind = [one for one in deployed["resources"] if one["type"].endswith(kind)]
    (found,) = [one for one in all_of_kind if (one["urn"].rpartition("::")[2] in names) is of_parts]
    return found


def without_empty(schema: dict[str, Any]) -> dict[str, Any]:
    """As the engine passes it on: what a resource has none of is absent."""
    lists = ("properties", "required", "requiredInputs")
    return {
        **schema,
        "resources": {
            token: {key: value for key, value in resource.items() if value or key not in lists}
            for token, resource in schema["resources"].items()
        },
    }


def inputs(deployed: dict[str, Any], kind: str) -> dict[str, Any]:
    return the_one(deployed, kind)["inputs"]


def test_the_engine_gets_the_committed_schema_from_the_folder(installation):
    got = installation.run("pulumi", "package", "get-schema", "./components", cwd=ROOT)
    assert got.returncode == 0, got.stderr
    assert json.loads(got.stdout) == without_empty(json.loads(SCHEMA.read_text()))


def test_adding_the_folder_to_a_project_brings_its_sdk_and_a_line_in_the_project(installation):
    folder = installation.folder / "added"
    folder.mkdir()
    (folder / "Pulumi.yaml").write_text("name: added\nruntime: python\n")
    added = installation.run("pulumi", "package", "add", COMPONENTS, cwd=folder)
    assert added.returncode == 0, added.stderr
    assert yaml.safe_load((folder / "Pulumi.yaml").read_text())["packages"] == {"gke-nodrop": str(COMPONENTS)}
    assert list((folder / "sdks").rglob("web_service.py"))


def test_a_second_up_changes_nothing(deployed):
    assert set(deployed["changes"]) == {"same"}


def test_outputs_of_the_component_reach_the_program(deployed):
    address = the_one(deployed, ":GlobalAddress")["outputs"]["address"]
    assert (deployed["outputs"]["url"], deployed["outputs"]["address"]) == ("https://www.example.com/", address)


def test_parts_are_put_together_over_their_outputs(deployed):
    ingress, pods = (
        the_one(deployed, kind, of_parts=True) for kind in ("networking.k8s.io/v1:Ingress", "apps/v1:Deployment")
    )
    assert ingress["inputs"]["spec"]["defaultBackend"]["service"]["name"] == "api"
    assert {one["inputs"]["metadata"]["namespace"] for one in (ingress, pods)} == {"parts"}
    assert any("gke-nodrop:index:Ingress" in dependency for dependency in pods["dependencies"])


def test_an_output_of_one_component_is_an_input_of_another(deployed):
    assert inputs(deployed, ":Cluster")["network"] == the_one(deployed, "gcp:compute/network:Network")["id"]


def test_numbers_choices_and_nested_objects_arrive(deployed):
    spec = inputs(deployed, ":Deployment")["spec"]
    assert (spec["replicas"], spec["template"]["spec"]["containers"][0]["image"]) == (3, "shop/web:1.4")
    assert inputs(deployed, ":BackendConfig")["spec"]["healthCheck"]["requestPath"] == "/healthz"
    assert inputs(deployed, ":Cluster")["datapathProvider"] == "LEGACY_DATAPATH"


def test_children_stand_below_the_component_with_the_programs_provider(deployed):
    deployment = the_one(deployed, ":Deployment")
    assert f"::{WEB_SERVICE}$kubernetes:apps/v1:Deployment::web" in deployment["urn"]
    assert "::pulumi:providers:kubernetes::main::" in deployment["provider"]


def test_the_namespace_waits_for_what_the_component_depends_on(deployed):
    namespace = the_one(deployed, ":Namespace")
    assert any("gke-nodrop:index:NodePool" in dependency for dependency in namespace["dependencies"])


def test_warnings_of_the_component_are_printed(deployed):
    assert "more than 25% of 3 pods" in deployed["printed"]


def test_a_secret_is_nowhere_in_clear(deployed, installation):
    files = [path for path in (installation.folder / "backend").rglob("*") if path.is_file()]
    assert files
    assert [path.name for path in files if b"hunter2" in path.read_bytes()] == []


def test_all_faults_are_reported_at_once(refused):
    for fault in (
        "image = 5.0 (float): must be text",
        'port = "8080" (str): must be a whole number',
        'hosts = "www.example.com" (str): must be a list',
        'rollout.onTerm = "explode" (str): must be one of exit, drain, serve',
        "rollout.preStopSeconds = 20.5 (float): must be a whole number",
        'files["/app/key"] = [secret]: must be text',
        'files["no/path"] = "no/path": must be an absolute path',
        'secretEnv["…"] = [secret]: must be named with letters',
    ):
        assert fault in refused


def test_an_output_where_a_number_is_needed_is_refused(refused):
    assert "replicas = an Output: must be a plain value, known before anything is created" in refused


def test_an_object_that_is_an_output_is_refused(refused):
    assert "healthCheck = an Output: must be a plain value, known before anything is created" in refused


def test_a_key_that_does_not_exist_is_refused_by_name(refused):
    assert "keepAliveTimeoutSecond = …: does not exist; did you mean rollout.keepAliveTimeoutSeconds?" in refused


def test_a_refusal_shows_no_secret(refused):
    assert "hunter2" not in refused


def test_a_refusal_has_no_traceback_of_the_component(refused):
    assert "gke_nodrop" not in refused.replace("pulumi_gke_nodrop", "")
