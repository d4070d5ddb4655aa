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


def test_an_overlay_that_holds_patches_alone_is_no_input_by_itself_and_read_with_its_base(shop, tmp_path):
    for place in ("base", "prod"):
        (tmp_path / place).mkdir()
    (tmp_path / "base/web.yaml").write_text(shop(*CLEAN).read_text())
    overlay = "resources: [../base]\nreplicas: [{name: web, count: 4}]\n"
    (tmp_path / "prod/kustomization.yaml").write_text(
        f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{overlay}"
    )
    alone = check(tmp_path / "prod")
    assert alone.exit_code == 2
    assert alone.stderr.startswith(f"error: {tmp_path}/prod: not one Kubernetes object\npassed over: {tmp_path}/prod/")
    both = check(tmp_path / "base", tmp_path / "prod", "--format", "json")
    assert (both.exit_code, json.loads(both.stdout)["unread"]) == (0, [])


def test_a_path_rests_on_parts_that_are_not_read(shop, tmp_path):
    (tmp_path / "web.yaml").write_text(shop(*CLEAN).read_text())
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\nhelmCharts: [{name: redis}]\n")
    document = json.loads(check(tmp_path, "--format", "json").stdout)
    made = f"Kustomization {tmp_path}/kustomization.yaml:2, helmCharts redis"
    assert f"{made}: not read: pipe `kustomize build` into `-`" in document["passed_over"]
    assert f"objects of {made}" in str(document["paths"][0])


@pytest.mark.parametrize("root", ["", "resources: [base, ingress.yaml]\nnamePrefix: eu-\n"])
def test_a_path_of_which_some_objects_alone_get_another_namespace_is_not_clean(root, shop, tmp_path):
    documents = (
        shop(*CLEAN).read_text().replace(", namespace: shop", "").replace("  namespace: shop\n", "").split("---\n")
    )
    (tmp_path / "base").mkdir()
    inside = [each for each in documents if "kind: Ingress" not in each]
    (tmp_path / "base/web.yaml").write_text("---\n".join(inside))
    (tmp_path / "ingress.yaml").write_text("---\n".join(each for each in documents if each not in inside))
    (tmp_path / "base/kustomization.yaml").write_text("resources: [web.yaml]\nnamespace: shop\n")
    for folder, given in (("a-blog", "namespace: blog"), ("a-label", "commonLabels: {a: b}")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "config.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: words}\n")
        (tmp_path / folder / "kustomization.yaml").write_text(f"resources: [config.yaml]\n{given}\n")
    if root:
        (tmp_path / "kustomization.yaml").write_text(root)
    document = json.loads(check(tmp_path, "--format", "json").stdout)
    [reason] = [each for each in document["paths"][0]["not_judged"] if "apart" in each]
    assert f"{tmp_path}/base/kustomization.yaml changes objects of the path apart from others: pipe" in reason


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("", "namePrefix: eu-", "(namePrefix eu-)"),
        ("namespace: shop", "", "(namespace shop)"),
        ("commonLabels: {team: a}", "commonLabels: {team: b}", "(label team=a, label team=b)"),
        ("namespace: shop\nnameSuffix: -eu", "nameSuffix: -eu\nnamespace: shop", None),
    ],
)
def test_versions_whose_objects_get_other_names_are_not_compared(shop, tmp_path, old, new, told):
    for each, fields in (("old", old), ("new", new)):
        (tmp_path / each).mkdir()
        (tmp_path / each / "web.yaml").write_text(shop(*CLEAN).read_text())
        (tmp_path / each / "kustomization.yaml").write_text(f"resources: [web.yaml]\n{fields}\n")
    document = json.loads(check(tmp_path / "new", "--against", tmp_path / "old", "--format", "json").stdout)
    reasons = [each for each in document["against"]["not_compared"] if "a kustomization gives objects" in each]
    assert [told in each for each in reasons] == ([True] if told else [])
