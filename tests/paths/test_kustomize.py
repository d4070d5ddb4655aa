"""Patches of a kustomization in a folder are no objects, though they look like some, and what they change is known."""

import pytest

from nodrop.paths.files.reading import read

REAL = (
    "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, labels: {tier: web}}\n"
    "spec: {replicas: 3, template: {metadata: {labels: {app: web}}}}\n"
)
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
@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_a_file_that_a_kustomization_names_as_a_patch_is_passed_over(tmp_path, kustomization, name):
    reading = read_with(tmp_path, kustomization, name)
    assert [each["spec"]["replicas"] for each in reading.objects] == [3]
    [told] = [each for each in reading.passed_over if each.file.endswith("replicas.yaml")]
    assert told.reason == "a patch of a kustomization: pipe `kustomize build` into `-`"
    assert reading.changed_by(reading.objects[0]) == told.file
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


JSON_PATCH = "- {op: replace, path: /spec/replicas, value: 1}"
INLINE = f"patches: [{{target: {{kind: Deployment}}, patch: '{JSON_PATCH}'}}]\n"


@pytest.mark.parametrize(
    "kustomization",
    [
        INLINE,
        f"patches: [{{target: {{name: w.*}}, patch: '{JSON_PATCH}'}}]\n",
        f"patches: [{{target: {{kind: Deploy.*, name: '(?<odd>web)'}}, patch: '{JSON_PATCH}'}}]\n",
        "patches: [{patch: '{kind: Deployment, metadata: {name: web}, spec: {replicas: 1}}'}]\n",
        "patches: [{path: json.yaml, target: {kind: Deployment, name: web}}]\n",
        f"patchesJson6902: [{{target: {{kind: Deployment, name: web}}, patch: '{JSON_PATCH}'}}]\n",
        'patchesStrategicMerge: ["kind: Deployment\\nmetadata: {name: web}\\n"]\n',
        'patchesStrategicMerge: ["kind: Service\\n---\\nkind: Deployment\\nmetadata: {name: web}\\n"]\n',
        "replicas: [{name: web, count: 1}]\n",
        "Replicas: [{name: web, count: 1}]\n",
        "patches: [{patch: '{kind: List, items: [{kind: Deployment, metadata: {name: web}}]}'}]\n",
        "patches: [{patch: '['}]\n",
        "patches: [{patch: 'kind: Deployment'}]\n",
        "patches: [{patch: '{kind: Deployment, metadata: {name: web}, spec: {replicas: 1, replicas: 1}}'}]\n",
        "patches: [{path: 'https://example.com/patch.yaml'}]\n",
        "patches: [{path: gone.yaml, target: {kind: Deployment}}]\n",
        "patchesStrategicMerge: ['{kind: Deployment, metadata: {name: web}}']\n",
        "patches: [{target: {name: '[[:alpha:]]+'}, patch: '[]'}]\n",
        "patches: [{target: {name: 'web{99999999999}'}, patch: '[]'}]\n",
        "components: [5]\n",
        "replacements: [{source: {kind: ConfigMap}, targets: [{select: {name: web}, fieldPaths: [spec.replicas]}]}]\n",
        "replacements: [{path: replacement.yaml}]\n",
        "transformers: [surge.yaml]\n",
        "commonAnnotations: {cloud.google.com/neg: '{}'}\n",
        "commonLabels: {app: shop}\n",
        "labels: [{pairs: {app: shop}, includeTemplates: true}]\n",
        "labels: [{pairs: {app: shop}, fields: [{path: spec/template/metadata/labels}]}]\n",
        "commonAnnotations: {networking.gke.io/managed-certificates: shop}\n",
        "commonAnnotations: {gke-nodrop/waive: all}\n",
        "commonAnnotations: {helm.sh/hook: post-upgrade}\n",
        "commonAnnotations: {argocd.argoproj.io/sync-options: 'Force=true,Replace=true'}\n",
        "labels: [{pairs: {sidecar.istio.io/inject: 'true'}, includeTemplates: true}]\n",
        "components: [https://github.com/org/parts?ref=v1]\n",
        "patches: [{target: {labelSelector: 'team in (shop)'}, patch: '[]'}]\n",
        "patches: [{target: {group: apps, version: v1, namespace: default, labelSelector: 'tier=web'}, patch: '[]'}]\n",
        "namePrefix: eu-\nreplicas: [{name: eu-web, count: 1}]\n",
        "namePrefix: eu-\nnamespace: shop\npatchesJson6902: [{target: {name: eu-web, namespace: shop}, patch: '[]'}]\n",
        "labels: [{pairs: {a: b}}]\nreplacements: [{targets: [{select: {labelSelector: a=b}}]}]\n",
    ],
)
@pytest.mark.parametrize(
    "resources", ["resources: [../../base]", "bases: [../../base]", "resources: [../../base/web.yaml]"]
)
def test_an_object_that_a_kustomization_changes_is_known_with_the_file_that_does(tmp_path, kustomization, resources):
    (tmp_path / "overlays/prod").mkdir(parents=True)
    (tmp_path / "overlays/prod/json.yaml").write_text(f"[{JSON_PATCH[2:]}]")
    (tmp_path / "overlays/prod/kustomization.yaml").write_text(f"{resources}\n{kustomization}")
    (tmp_path / "base").mkdir()
    (tmp_path / "base/web.yaml").write_text(REAL)
    (tmp_path / "base/kustomization.yml").write_text("resources: [web.yaml]\n")
    reading = read([tmp_path])
    by = "json.yaml" if "json.yaml" in kustomization else "kustomization.yaml"
    assert reading.changed_by(reading.objects[0]) == str(tmp_path / "overlays/prod" / by)


@pytest.mark.parametrize(
    "kustomization",
    [
        "patches: [{target: {kind: Service}, patch: '[]'}]\n",
        "commonLabels: {app: web, team: shop}\n",
        "labels: [{pairs: {app: shop}}]\n",
        "# the first document counts\n---\nreplicas: [{name: web, count: 1}]\n",
        "patches: [{target: {kind: Deploy}, patch: '[]'}]\n",
        "patches: [{target: {kind: Deployment, name: api}, patch: '[]'}]\n",
        "patches: [{patch: 'kind: Service'}]\n",
        "replicas: [{name: api, count: 1}]\n",
        "namespace: prod\nnamePrefix: eu-\nimages: [{name: web, newTag: '2'}]\nlabels: [{pairs: {a: b}}]\n",
        "transformers: []\n",
        "patches: [{target: {kind: Deployment, namespace: elsewhere}, patch: '[]'}]\n",
        "patches: [{target: {kind: Deployment, group: extensions}, patch: '[]'}]\n",
        "patches: [{target: {kind: Deployment, version: v1beta1}, patch: '[]'}]\n",
        "patches: [{target: {labelSelector: tier=api}, patch: '[]'}]\n",
        "patches: [{patch: '{apiVersion: serving.dev/v1, kind: Deployment, metadata: {name: web}}'}]\n",
        "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: other}}'}]\n",
        "commonAnnotations: {note: hello, example.com/team: shop, app.kubernetes.io/part-of: shop}\n",
        "commonAnnotations: {argocd.argoproj.io/sync-wave: '1', helm.sh/chart: web-1}\n",
        "resources: [web.yaml, 'github.com/org/base?ref=v1']\n",
    ],
)
def test_any_other_object_is_applied_as_it_is(tmp_path, kustomization):
    (tmp_path / "web.yaml").write_text(REAL)
    (tmp_path / "kustomization.yaml").write_text(f"resources: [web.yaml]\n{kustomization}")
    reading = read([tmp_path])
    assert reading.changed_by(reading.objects[0]) is None


def test_a_kustomization_changes_only_what_it_is_made_of(tmp_path):
    for team in ("a", "b"):
        (tmp_path / team).mkdir()
        (tmp_path / team / "web.yaml").write_text(REAL)
        (tmp_path / team / "kustomization.yaml").write_text(f"resources: [web.yaml]\n{INLINE if team == 'a' else ''}")
    reading = read([tmp_path])
    assert [reading.changed_by(each) for each in reading.objects] == [str(tmp_path / "a/kustomization.yaml"), None]


def test_a_component_changes_whatever_includes_it(tmp_path):
    (tmp_path / "web.yaml").write_text(REAL)
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\ncomponents: [small]\n")
    (tmp_path / "small").mkdir()
    (tmp_path / "small/kustomization.yaml").write_text(f"kind: Component\n{INLINE}")
    reading = read([tmp_path])
    assert reading.changed_by(reading.objects[0]) == str(tmp_path / "small/kustomization.yaml")


def test_a_component_with_objects_of_its_own_changes_whatever_includes_it(tmp_path):
    (tmp_path / "web.yaml").write_text(REAL)
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\ncomponents: [small]\n")
    (tmp_path / "small").mkdir()
    (tmp_path / "small/map.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n")
    (tmp_path / "small/kustomization.yaml").write_text(f"kind: Component\nresources: [map.yaml]\n{INLINE}")
    reading = read([tmp_path])
    assert [reading.changed_by(each) is None for each in reading.objects] == [True, False]


def test_a_component_may_name_an_object_as_the_base_of_what_includes_it_has_made_it(tmp_path):
    for place in ("base", "prod", "small"):
        (tmp_path / place).mkdir()
    (tmp_path / "base/web.yaml").write_text(REAL)
    (tmp_path / "base/kustomization.yaml").write_text("resources: [web.yaml]\nnamePrefix: eu-\n")
    (tmp_path / "prod/kustomization.yaml").write_text("resources: [../base]\ncomponents: [../small]\n")
    (tmp_path / "small/kustomization.yaml").write_text(
        f"kind: Component\npatches: [{{target: {{name: eu-web}}, patch: '{JSON_PATCH}'}}]\n"
    )
    reading = read([tmp_path])
    assert reading.changed_by(reading.objects[0]) == str(tmp_path / "small/kustomization.yaml")


@pytest.mark.parametrize("kustomization", ["- patches\n", "kind: Component\npatches: [\n", "{}\n"])
def test_a_component_that_cannot_be_read_may_change_anything(tmp_path, kustomization):
    for place in ("prod", "small"):
        (tmp_path / place).mkdir()
    (tmp_path / "prod/web.yaml").write_text(REAL)
    (tmp_path / "prod/kustomization.yaml").write_text("resources: [web.yaml]\ncomponents: [../small]\n")
    (tmp_path / "small/kustomization.yaml").write_text(kustomization)
    reading = read([tmp_path / "prod"])
    assert reading.changed_by(reading.objects[0]) == str(tmp_path / "prod/kustomization.yaml")


@pytest.mark.parametrize(
    ("image", "entry", "changes"),
    [
        ("example/web:1.4", "{name: example/web, newName: gcr.io/distroless/static}", True),
        ("example/web:1.4@sha256:0a", "{name: example/w.b, newName: example/api, newTag: '2'}", True),
        ("localhost:5000/web", "{name: 'localhost:5000/web', newName: nginx}", True),
        ("example/web:1.4", "{name: example/web, newTag: '2'}", False),
        ("example/web:1.4", "{name: example/web, newName: europe-docker.pkg.dev/shop/web}", False),
        ("example/web:1.4", "{name: web, newName: nginx}", False),
        ("example/webs:1.4", "{name: example/web, newName: nginx}", False),
    ],
)
@pytest.mark.parametrize("containers", ["containers", "initContainers"])
def test_another_image_is_a_change_and_another_registry_or_tag_is_none(tmp_path, containers, image, entry, changes):
    container = f"{{name: web, image: '{image}'}}"
    (tmp_path / "web.yaml").write_text(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n"
        f"spec: {{template: {{spec: {{{containers}: [{container}]}}}}}}\n"
    )
    (tmp_path / "kustomization.yaml").write_text(f"resources: [web.yaml]\nimages: [{entry}]\n")
    reading = read([tmp_path])
    assert bool(reading.changed_by(reading.objects[0])) == changes


def test_what_an_overlay_includes_by_a_link_is_changed_as_well(tmp_path):
    for place in ("base", "prod"):
        (tmp_path / place).mkdir()
    (tmp_path / "base/web.yaml").write_text(REAL)
    (tmp_path / "base/kustomization.yaml").write_text("resources: [web.yaml]\n")
    (tmp_path / "prod/base").symlink_to("../base")
    (tmp_path / "prod/kustomization.yaml").write_text(f"resources: [base]\n{INLINE}")
    reading = read([tmp_path])
    assert reading.changed_by(reading.objects[0]) == str(tmp_path / "prod/kustomization.yaml")


@pytest.mark.parametrize("kind", ["HTTPRoute", "HealthCheckPolicy", "GCPBackendPolicy", "BackendConfig"])
@pytest.mark.parametrize("field", ["namePrefix: eu-", "nameSuffix: -eu"])
def test_references_that_kustomize_does_not_follow_are_not_as_they_were_read(tmp_path, kind, field):
    (tmp_path / "web.yaml").write_text(f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: web}}\n---\n{REAL}")
    (tmp_path / "kustomization.yaml").write_text(f"resources: [web.yaml]\n{field}\n")
    reading = read([tmp_path])
    changed_by = [reading.changed_by(each) for each in reading.objects]
    assert changed_by == [str(tmp_path / "kustomization.yaml"), None]


def test_a_kustomization_alone_in_its_folder_is_found_whatever_its_name(tmp_path):
    for place in ("base", "prod"):
        (tmp_path / place).mkdir()
    (tmp_path / "base/web.yaml").write_text(REAL)
    (tmp_path / "prod/Kustomization").write_text(f"resources: [../base/web.yaml]\n{INLINE}")
    reading = read([tmp_path])
    assert reading.changed_by(reading.objects[0]) == str(tmp_path / "prod/Kustomization")


def test_kustomizations_that_include_each_other_are_read_once(tmp_path):
    (tmp_path / "web.yaml").write_text(REAL)
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "kustomization.yaml").write_text(f"resources: [../{other}]\n{INLINE}")
    reading = read([tmp_path])
    assert reading.changed_by(reading.objects[0]) is None


@pytest.mark.parametrize(
    ("base", "target"),
    [
        ("namePrefix: eu-", "{kind: Deployment, name: eu-web}"),
        ("nameSuffix: -eu", "{kind: Deployment, name: web-eu}"),
        ("namespace: shop", "{kind: Deployment, namespace: shop}"),
        ("commonLabels: {team: shop}", "{labelSelector: team=shop}"),
    ],
)
def test_a_patch_may_name_an_object_as_the_base_has_made_it(tmp_path, base, target):
    for place in ("base", "prod"):
        (tmp_path / place).mkdir()
    (tmp_path / "base/web.yaml").write_text(REAL)
    (tmp_path / "base/kustomization.yaml").write_text(f"resources: [web.yaml]\n{base}\n")
    (tmp_path / "prod/kustomization.yaml").write_text(
        f"resources: [../base]\npatches: [{{target: {target}, patch: '{JSON_PATCH}'}}]\n"
    )
    reading = read([tmp_path])
    assert reading.changed_by(reading.objects[0]) == str(tmp_path / "prod/kustomization.yaml")


def test_a_component_beside_the_folder_is_read_as_well(tmp_path):
    for place in ("prod", "parts"):
        (tmp_path / place).mkdir()
    (tmp_path / "parts/kustomization.yaml").write_text(f"kind: Component\n{INLINE}")
    (tmp_path / "prod/web.yaml").write_text(REAL)
    (tmp_path / "prod/kustomization.yaml").write_text("resources: [web.yaml]\ncomponents: [../parts]\n")
    reading = read([tmp_path / "prod"])
    assert reading.changed_by(reading.objects[0]) == str(tmp_path / "parts/kustomization.yaml")


@pytest.mark.parametrize(
    ("kustomization", "parts"),
    [
        ("resources: [web.yaml, 'github.com/org/base?ref=v1']", ["resources github.com/org/base?ref=v1"]),
        ("resources: [web.yaml]\nbases: [../gone]", ["bases ../gone"]),
        ("helmCharts: [{name: redis, repo: 'https://x'}, {}]", ["helmCharts redis", "helmCharts"]),
        ("helmChartInflationGenerator: [{chartName: redis}]", ["helmChartInflationGenerator redis"]),
        ("generators: [make.yaml, 'kind: Make\\n']", ["generators make.yaml", "generators kind: Make\\n"]),
        ("resources: [web.yaml]\nconfigMapGenerator: [{name: c, literals: [A=b]}]\ngenerators: []", []),
    ],
)
def test_parts_that_make_objects_elsewhere_are_known(tmp_path, kustomization, parts):
    (tmp_path / "web.yaml").write_text(REAL)
    (tmp_path / "kustomization.yaml").write_text(f"{kustomization}\n")
    assert [(each.file, each.part) for each in read([tmp_path]).unread] == [
        (str(tmp_path / "kustomization.yaml"), part) for part in parts
    ]


def parts_of(reading):
    return [(each.part, each.line) for each in reading.unread]


@pytest.mark.parametrize("given", [["base", "prod"], ["."], ["base/web.yaml", "base/kustomization.yaml", "prod"]])
def test_a_part_that_is_read_with_it_is_not_told(tmp_path, given):
    for place in ("base", "prod"):
        (tmp_path / place).mkdir()
    (tmp_path / "base/web.yaml").write_text(REAL)
    (tmp_path / "base/kustomization.yaml").write_text("resources: [web.yaml]\n")
    (tmp_path / "prod/kustomization.yaml").write_text("resources: [../base, ../base/web.yaml]\n")
    assert parts_of(read([tmp_path / each for each in given])) == []


def test_parts_outside_the_folders_are_told_with_their_lines(tmp_path):
    for place in ("base", "prod", "small", "shared/deep"):
        (tmp_path / place).mkdir(parents=True)
    for place in ("base", "prod", "small", "shared"):
        (tmp_path / place / "web.yaml").write_text(REAL)
    (tmp_path / "base/kustomization.yaml").write_text("resources: [web.yaml]\n")
    (tmp_path / "small/kustomization.yaml").write_text("kind: Component\nresources:\n- web.yaml\n")
    (tmp_path / "prod/kustomization.yaml").write_text(
        "# of production\nresources:\n- web.yaml\n- ../base\n- ../shared/web.yaml\n- ../shared\n"
        "components: [../small]\nhelmCharts:\n- name: a\n- name: redis\nfuture: 1\n"
    )
    reading = read([tmp_path / "prod"])
    assert parts_of(reading) == [
        ("resources ../base", 4),
        ("resources ../shared/web.yaml", 5),
        ("resources ../shared", 6),
        ("helmCharts a", 9),
        ("helmCharts redis", 10),
        ("future", 11),
        ("resources web.yaml", 3),
    ]
    assert [str(each) for each in reading.unread][-1] == f"{tmp_path}/small/kustomization.yaml:3, resources web.yaml"


@pytest.mark.parametrize("name", [".hidden/web.yaml", "web.txt"])
def test_a_part_that_no_folder_is_searched_for_is_told(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text(REAL)
    (tmp_path / "kustomization.yaml").write_text(f"resources: [{name}]\n")
    assert parts_of(read([tmp_path])) == [(f"resources {name}", 1)]


def test_a_part_is_read_where_a_link_leads_to_it(tmp_path):
    for place in ("base", "prod"):
        (tmp_path / place).mkdir()
    (tmp_path / "base/web.yaml").write_text(REAL)
    (tmp_path / "prod/web.yaml").symlink_to(tmp_path / "base/web.yaml")
    (tmp_path / "prod/kustomization.yaml").write_text("resources: [web.yaml]\n")
    assert parts_of(read([tmp_path])) == []


@pytest.mark.parametrize(
    ("kustomization", "reason", "line"),
    [
        ("resources:\n  web.yaml\n", "kustomize refuses it: resources is not a list of texts", 1),
        ("resources:\n- web.yaml\n- [a]\n", "kustomize refuses it: resources[1] is not one of a list of texts", 3),
        ("patches: [null]\n", "kustomize refuses it: patches[0] is not one of a list of mappings", 1),
        ("labels: [{pairs: a}]\n", "kustomize refuses it: labels[0].pairs is not a mapping", 1),
        ("labels:\n- fields: a\n", "kustomize refuses it: labels[0].fields is not a list of mappings", 2),
        ("labels:\n- fields: [a]\n", "kustomize refuses it: labels[0].fields is not a list of mappings", 2),
        ("namePrefix: 5\n", "kustomize refuses it: namePrefix is not a text", 1),
        ("- patches\n", "kustomize refuses it: it is not a mapping", 1),
    ],
)
def test_a_kustomization_that_kustomize_refuses_is_a_fault(tmp_path, kustomization, reason, line):
    (tmp_path / "web.yaml").write_text(REAL)
    (tmp_path / "kustomization.yaml").write_text(kustomization)
    [fault] = read([tmp_path]).faults
    assert (fault.reason, fault.line) == (reason, line)


def test_a_kustomization_that_is_no_yaml_is_a_fault_and_an_unrendered_one_is_passed_over(tmp_path):
    (tmp_path / "web.yaml").write_text(REAL)
    (tmp_path / "kustomization.yaml").write_text("resources: [\n")
    assert len(read([tmp_path]).faults) == 1
    (tmp_path / "kustomization.yaml").write_text("resources: [{{ .Values.a }}\n")
    assert read([tmp_path]).faults == []


def test_a_kustomization_of_flux_is_an_object_of_the_cluster(tmp_path):
    (tmp_path / "kustomization.yaml").write_text(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: shop}\nspec: {patches: []}\n"
    )
    reading = read([tmp_path / "kustomization.yaml", tmp_path])
    assert (len(reading.objects), reading.faults, reading.unread) == (2, [], [])


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}}\n"
INGRESS = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n"
CHECK = "apiVersion: networking.gke.io/v1\nkind: HealthCheckPolicy\nmetadata: {name: web}\n"
BUDGET = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: web}\n"


def parted(folder, inner, outer, base="", prod=""):
    """The file that parts what a base takes, and what an overlay adds to it."""
    for place in ("base", "prod"):
        (folder / place).mkdir()
    (folder / "base/in.yaml").write_text("---\n".join(inner))
    (folder / "prod/out.yaml").write_text("---\n".join(outer))
    (folder / "base/kustomization.yaml").write_text(f"resources: [in.yaml]\n{base}\n")
    (folder / "prod/kustomization.yaml").write_text(f"resources: [../base, out.yaml]\n{prod}\n")
    reading = read([folder])
    file = reading.parted_by(reading.objects)
    return file and file.removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("inner", "outer", "base", "prod"),
    [
        ([SERVICE, REAL], [INGRESS], "namespace: shop", ""),
        ([SERVICE], [REAL], "commonLabels: {team: shop}", ""),
        ([SERVICE], [REAL], "labels: [{pairs: {team: shop}, includeSelectors: true}]", ""),
        ([BUDGET], [REAL], "commonLabels: {team: shop}", ""),
        ([SERVICE], [CHECK], "namePrefix: eu-", ""),
        ([SERVICE], [CHECK], "", "nameSuffix: -eu"),
    ],
)
def test_what_some_objects_of_a_path_get_alone_parts_them(tmp_path, inner, outer, base, prod):
    assert parted(tmp_path, inner, outer, base, prod) == (
        "base/kustomization.yaml" if base else "prod/kustomization.yaml"
    )


@pytest.mark.parametrize(
    ("inner", "outer", "base", "prod"),
    [
        ([SERVICE, REAL], [INGRESS], "namespace: default", ""),
        ([SERVICE, REAL], [INGRESS], "", "namespace: shop\nnamePrefix: eu-\ncommonLabels: {team: shop}"),
        ([SERVICE, REAL], [INGRESS], "namePrefix: eu-", ""),
        ([REAL], [SERVICE], "commonLabels: {team: shop}", ""),
        ([SERVICE], [REAL], "commonLabels: {app: web}", ""),
        ([SERVICE, REAL], ["apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"], "namespace: shop", ""),
        ([SERVICE, REAL], [INGRESS], "labels: [{pairs: {team: shop}}]", ""),
    ],
)
def test_what_fits_together_after_kustomize_is_not_parted(tmp_path, inner, outer, base, prod):
    assert parted(tmp_path, inner, outer, base, prod) is None


def test_a_component_gives_the_same_to_all_that_its_includer_has(tmp_path):
    (tmp_path / "small").mkdir()
    (tmp_path / "small/kustomization.yaml").write_text("kind: Component\nnamespace: shop\n")
    assert parted(tmp_path, [SERVICE, REAL], [INGRESS], "components: [../small]") == "small/kustomization.yaml"


def test_another_overlay_that_has_a_part_of_a_path_alone_does_not_part_it(tmp_path):
    (tmp_path / "staging").mkdir()
    (tmp_path / "staging/kustomization.yaml").write_text("resources: [../base]\nnamespace: staging\n")
    assert parted(tmp_path, [SERVICE, REAL], [INGRESS], "", "namespace: prod") is None


def test_kustomizations_apart_from_each_other_part_a_path_unless_they_give_the_same(tmp_path):
    for place, text in (("a", SERVICE), ("b", REAL)):
        (tmp_path / place).mkdir()
        (tmp_path / place / "web.yaml").write_text(text)
        (tmp_path / place / "kustomization.yaml").write_text("resources: [web.yaml]\nnamespace: shop\n")
    reading = read([tmp_path])
    assert reading.parted_by(reading.objects) is None
    (tmp_path / "b/kustomization.yaml").write_text("resources: [web.yaml]\nnamespace: shop\nnamePrefix: eu-\n")
    reading = read([tmp_path])
    assert reading.parted_by(reading.objects) == str(tmp_path / "a/kustomization.yaml")


@pytest.mark.parametrize(
    ("kustomization", "changes"),
    [
        (
            "labels: [{pairs: {a: b}, fields: [{path: spec/template/metadata/labels, kind: Deployment}]}]",
            True,
        ),
        ("labels: [{pairs: {a: b}, fields: [{path: spec/selector, kind: Service, create: true}]}]", False),
        ("configurations: [more.yaml]\nnamePrefix: eu-", True),
        ("configurations: [more.yaml]\nimages: [{name: a, newTag: b}]", False),
    ],
)
def test_labels_and_configurations_reach_further_fields(tmp_path, kustomization, changes):
    (tmp_path / "web.yaml").write_text(REAL)
    (tmp_path / "kustomization.yaml").write_text(f"resources: [web.yaml]\n{kustomization}\n")
    reading = read([tmp_path])
    assert (reading.changed_by(reading.objects[0]) is not None) == changes
