"""A real API server refuses each edit that the judgement says it refuses, and takes the clean and the neutral ones."""

import pytest

from nodrop.lab.kubernetes.rest import ApiError, Client
from tests.judge.edits import Edit, clean, edited
from tests.judge.misspelt_edits import MISSPELT
from tests.judge.neutral_edits import NEUTRAL
from tests.judge.refused_edits import BY_KUBERNETES

pytestmark = pytest.mark.engine
BUILT_IN = (
    "Namespace",
    "Deployment",
    "Service",
    "Ingress",
    "HorizontalPodAutoscaler",
    "PodDisruptionBudget",
    "NetworkPolicy",
    "PersistentVolumeClaim",
    "ResourceQuota",
    "LimitRange",
)


@pytest.fixture(scope="session")
def shop(client: Client) -> Client:
    """With the clean objects' namespace."""
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop"}})
    return client


def tried(client: Client, edit: Edit) -> None:
    """Applies what the edit altered, without anything being kept. Raises ApiError."""
    before = clean(edit.base)
    for each in edited(edit):
        if each["kind"] in BUILT_IN and each not in before:
            sent(client, each)


def sent(client: Client, manifest: dict) -> None:
    """Creates it, or changes the namespace that is there already; nothing is kept. Raises ApiError."""
    if manifest["kind"] == "Namespace":
        client.apply(manifest, field_manager="test", dry_run=True)
    else:
        client.create(manifest, dry_run=True)


@pytest.mark.parametrize("edit", BY_KUBERNETES, ids=lambda each: each.name)
def test_what_is_called_refused_is_refused(shop, edit):
    with pytest.raises(ApiError) as refusal:
        tried(shop, edit)
    assert refusal.value.status in (400, 422)


@pytest.mark.parametrize("edit", MISSPELT, ids=lambda each: each.name)
def test_a_misspelt_field_is_refused_by_apply(shop, edit):
    before = clean(edit.base)
    [altered] = [each for each in edited(edit) if each not in before]
    with pytest.raises(ApiError) as refusal:
        shop.apply(altered, field_manager="test", dry_run=True)
    assert "field not declared in schema" in str(refusal.value)


@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_the_clean_objects_are_taken(shop, base):
    for each in clean(base):
        if each["kind"] in BUILT_IN:
            sent(shop, each)


@pytest.mark.parametrize("edit", NEUTRAL, ids=lambda each: each.name)
def test_a_neutral_edit_is_taken(shop, edit):
    tried(shop, edit)
