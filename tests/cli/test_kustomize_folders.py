"""`nodrop check` of a folder with a kustomization's patches: what they change is not judged as it was read."""

import json

import pytest

from tests.cli.conftest import CLEAN, check


def test_a_path_of_which_a_patch_changes_an_object_is_not_clean(shop, tmp_path):
    folder = tmp_path / "k8s"
    for place in ("base", "overlays/prod"):
        (folder / place).mkdir(parents=True)
    (folder / "base/web.yaml").write_text(shop(*CLEAN).read_text())
    assert json.loads(check(folder, "--format", "json").stdout)["verdict"] == "clean"
    (folder / "overlays/prod/kustomization.yaml").write_text(
        "resources: [../../base/web.yaml]\npatches: [{path: surge.yaml}]\n"
    )
    patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {strategy: {type: Recreate}}\n"
    (folder / "overlays/prod/surge.yaml").write_text(patch)
    document = json.loads(check(folder, "--format", "json").stdout)
    assert document["verdict"] == "not judged"
    [reason] = document["paths"][0]["not_judged"]
    assert "surge.yaml changes it: pipe `kustomize build` into `-`" in reason


@pytest.mark.parametrize("version", ["old", "new"])
def test_a_version_of_which_a_kustomization_changes_an_object_is_not_compared(shop, tmp_path, version):
    for each in ("old", "new"):
        (tmp_path / each).mkdir()
        (tmp_path / each / "web.yaml").write_text(shop(*CLEAN).read_text())
    (tmp_path / version / "kustomization.yaml").write_text("resources: [web.yaml]\nreplicas: [{name: web, count: 1}]\n")
    document = json.loads(check(tmp_path / "new", "--against", tmp_path / "old", "--format", "json").stdout)
    assert document["against"]["verdict"] == "not judged"
    [reason] = document["against"]["not_compared"]
    assert f"{version}/kustomization.yaml changes it: pipe `kustomize build` into `-`" in reason
