"""The components as a package for every Pulumi language: its schema, and the committed copy of it."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gke_nodrop.cluster.network import PODS_RANGE, SERVICES_RANGE
from gke_nodrop.provider.host import COMPONENTS, Host

COMMITTED = Path(__file__).parents[3] / "components" / "schema.json"
RENEW = ".venv/bin/python -m gke_nodrop.provider.host > components/schema.json"


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(Host().schema or "")


def descriptions(node: Any) -> Iterator[str]:
    """All that is said in a schema."""
    if isinstance(node, dict) and isinstance(node.get("description"), str):
        yield node["description"]
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from descriptions(inner)


def test_the_committed_schema_is_that_of_the_components(schema):
    assert json.loads(COMMITTED.read_text()) == schema, f"renew it: {RENEW}"


def test_every_component_is_served(schema):
    assert set(schema["resources"]) == {f"gke-nodrop:index:{component.__name__}" for component in COMPONENTS}


@pytest.mark.parametrize("kind", ["inputProperties", "properties"])
def test_every_input_and_output_says_what_it_is(schema, kind):
    described = {**schema["resources"], **schema["types"]}.items()
    properties = [(token, key, it) for token, owner in described for key, it in owner.get(kind, {}).items()]
    assert properties
    assert [f"{token} {key}" for token, key, it in properties if not it.get("description")] == []


def test_every_component_and_type_says_what_it_is(schema):
    described = {**schema["resources"], **schema["types"]}
    assert [token for token, it in described.items() if not it.get("description")] == []


def test_descriptions_name_inputs_as_programs_in_other_languages_do(schema):
    said = "\n".join(descriptions(schema))
    assert "`authorizedNetworks`" in said
    assert "authorized_networks" not in said


def test_descriptions_leave_out_what_only_python_has(schema):
    assert not [said for said in descriptions(schema) if "Attributes:" in said or "Raises:" in said]


def test_types_are_named_such_that_generated_sdks_add_args_once(schema):
    assert [token for token in schema["types"] if token.endswith("Args")] == []


def test_only_what_cannot_be_guessed_is_required(schema):
    resources = schema["resources"].items()
    required = {token.rpartition(":")[2]: sorted(resource.get("requiredInputs", [])) for token, resource in resources}
    assert required == {
        "AutopilotCluster": ["location", "network"],
        "ExistingNetwork": ["network", "podsRange", "servicesRange"],  # and subnetwork, by a rule that names the cure
        "Gateway": ["namespace", "routes"],
        "Ingress": ["defaultService", "namespace"],
        "LegacyNodePortService": ["image"],
        "Namespace": [],
        "NegService": ["namespace"],
        "Network": ["region"],
        "NodePool": ["cluster", "serviceAccount"],
        "RollingDeployment": ["image", "namespace"],
        "StandardCluster": ["location", "network"],
        "WebService": ["image"],
    }


def test_timings_are_plain_numbers_and_names_may_be_outputs(schema):
    timings = schema["types"]["gke-nodrop:index:Rollout"]["properties"]
    assert timings["preStopSeconds"]["type"] == "integer"
    assert timings["longestRequestSeconds"]["type"] == "number"
    assert all(timing["plain"] for timing in timings.values())
    assert "plain" not in schema["resources"]["gke-nodrop:index:WebService"]["inputProperties"]["image"]


def test_choices_are_enums_of_words(schema):
    values = schema["types"]["gke-nodrop:index:OnTerm"]["enum"]
    assert [choice["value"] for choice in values] == ["exit", "drain", "serve"]


def test_importing_the_library_loads_no_cloud_service():
    code = "import gke_nodrop, sys; print([m for m in sys.modules if m.startswith('pulumi_gcp.compute.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_program_of_the_docs_for_other_languages_names_what_the_schema_and_the_network_have():
    page = (COMMITTED.parents[1] / "docs" / "web-service.md").read_text()
    (program,) = re.findall(r"^```typescript\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    schema = json.loads(COMMITTED.read_text())
    known = {name for each in schema["types"].values() for name in each.get("properties", {})}
    known |= {name for each in schema["resources"].values() for name in each["inputProperties"]}
    of_pulumi = {"kubeconfig", "clusterIdentifier", "providers", "dependsOn"}
    assert set(re.findall(r"\b(\w+): ", program)) - of_pulumi <= known
    assert f'podsRange: "{PODS_RANGE}"' in program
    assert f'servicesRange: "{SERVICES_RANGE}"' in program
    assert "zones: 3" in program
