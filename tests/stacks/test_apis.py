"""The page about deploying names the API of everything that the stacks and the preset PRODUCTION make."""

import re
from pathlib import Path

import pytest

from harness.examples import CLUSTERS, STACKS, evaluate_program, evaluate_stack
from nodrop.preview import Evaluation

PAGE = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text()
BY_PACKAGE = {
    "artifactregistry": "artifactregistry",
    "compute": "compute",
    "container": "container",
    "gkebackup": "gkebackup",
    "projects": "cloudresourcemanager",  # whose API holds the roles of a project
    "serviceaccount": "iam",
}
"""Name of the API, by the package of pulumi-gcp that has the type. Source: endpoints in the provider's source."""
BY_INPUT = {
    r"'evaluationMode': 'PROJECT_": "binaryauthorization",
    r"'gcfsConfig': \{'enabled': True": "containerfilesystem",
    r"[kK]ey\w*': 'projects/": "cloudkms",
    r"'topic': 'projects/": "pubsub",
}
"""APIs that an input of a resource needs. Source: Google's pages of the features."""


def needed(evaluation: Evaluation) -> set[str]:
    found = set()
    for each in evaluation.resources:
        if each.type.startswith("gcp:"):
            found.add(BY_PACKAGE[each.type.split(":")[1].partition("/")[0]])
            found |= {api for pattern, api in BY_INPUT.items() if re.search(pattern, str(each.inputs))}
    return found


def named(text: str) -> set[str]:
    return set(re.findall(r"(\w+)\.googleapis\.com", text))


@pytest.mark.parametrize("stack", STACKS)
def test_the_command_enables_each_api_that_a_stack_needs(stack: str) -> None:
    (command,) = re.findall(r"^gcloud services enable (.*)$", PAGE, re.MULTILINE)
    assert named(command) == needed(evaluate_stack(stack))


def test_the_page_names_each_api_that_production_needs(tmp_path: Path) -> None:
    (production,) = [each.program for each in CLUSTERS if each.title == "Production"]
    wanted = needed(evaluate_program(production, tmp_path))
    assert {*BY_INPUT.values(), "gkebackup", "artifactregistry"} < wanted
    assert wanted == named(PAGE)
