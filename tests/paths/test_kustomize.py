"""Patches of a kustomization in a folder are no objects, though they look like some."""

import pytest

from nodrop.paths.files.reading import read

REAL = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n"
PATCH = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 5}\n"


def read_with(folder, kustomization, name="kustomization.yaml"):
    """A base, and an overlay with that kustomization and a patch."""
    for place in ("base", "overlays/prod"):
        (folder / place).mkdir(parents=True)
    (folder / "base/web.yaml").write_text(REAL)
    (folder / "base/kustomization.yaml").write_text("resources: [web.yaml]\n")
    (folder / "overlays/prod/replicas.yaml").write_text(PATCH)
    (folder / "overlays/prod" / name).write_text(kustomization)
    return read([folder])


@pytest.mark.parametrize(
    "kustomization",
    [
        "patches: [{path: replicas.yaml}]\n",
        "patches: [{path: ../prod/replicas.yaml, target: {kind: Deployment}}]\n",
        "patchesStrategicMerge: [replicas.yaml]\n",
        "patchesJson6902: [{path: replicas.yaml, target: {kind: Deployment, name: web}}]\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\npatches: [{path: replicas.yaml}]\n",
    ],
)
@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml"])
def test_a_file_that_a_kustomization_names_as_a_patch_is_passed_over(tmp_path, kustomization, name):
    reading = read_with(tmp_path, kustomization, name)
    assert [each["spec"]["replicas"] for each in reading.objects] == [3]
    [told] = [each for each in reading.passed_over if each.file.endswith("replicas.yaml")]
    assert told.reason == "a patch of a kustomization: pipe `kustomize build` into `-`"
    assert reading.patched == {("Deployment", "web"): told.file}
    assert reading.faults == []


@pytest.mark.parametrize(
    "kustomization",
    [
        "resources: [replicas.yaml]\n",
        "patches: [{path: other.yaml}]\n",
        "patches: replicas.yaml\n",
        "patches: [{path: 5}, {patch: 'kind: Deployment'}, null]\n",
        'patchesStrategicMerge: ["kind: Deployment\\n", "a\\0b"]\n',
        "- patches\n",
        "patches: [\n",
    ],
)
def test_any_other_file_is_read(tmp_path, kustomization):
    assert [each["spec"]["replicas"] for each in read_with(tmp_path, kustomization).objects] == [3, 5]


def test_a_patch_that_is_named_itself_is_read(tmp_path):
    read_with(tmp_path, "patches: [{path: replicas.yaml}]\n")
    assert len(read([tmp_path / "overlays/prod/replicas.yaml"]).objects) == 1
