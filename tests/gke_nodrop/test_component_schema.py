"""The components as a package for every Pulumi language."""

import json
import subprocess
import sys

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider

import gke_nodrop

COMPONENTS: list[type[pulumi.ComponentResource]] = [
    gke_nodrop.AutopilotCluster,
    gke_nodrop.LegacyNodePortService,
    gke_nodrop.Network,
    gke_nodrop.NodePool,
    gke_nodrop.StandardCluster,
    gke_nodrop.WebService,
]


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(ComponentProvider(COMPONENTS, name="gke-nodrop").schema or "")


def test_every_component_has_a_schema_with_documented_outputs(schema):
    resources = schema["resources"]
    assert set(resources) == {f"gke-nodrop:index:{component.__name__}" for component in COMPONENTS}
    for resource in resources.values():
        assert resource["inputProperties"]
        assert all(output["description"] for output in resource["properties"].values())


def test_only_what_cannot_be_guessed_is_required(schema):
    required = {token.rpartition(":")[2]: resource["requiredInputs"] for token, resource in schema["resources"].items()}
    assert required == {
        "AutopilotCluster": ["location", "network"],
        "LegacyNodePortService": ["image"],
        "Network": ["region"],
        "NodePool": ["cluster", "serviceAccount"],
        "StandardCluster": ["location", "network"],
        "WebService": ["image"],
    }


def test_timings_are_plain_numbers_and_names_may_be_outputs(schema):
    timings = schema["types"]["gke-nodrop:index:RolloutArgs"]["properties"]
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
