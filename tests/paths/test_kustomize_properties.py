"""Kustomizations of any shape: none costs the reading of the others, and what is not read of one is told."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.paths.files import foreign
from nodrop.paths.files.reading import Reading, read

OBJECTS = [
    {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}},
    {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"tier": "web"}},
        "spec": {"template": {"metadata": {"labels": {"app": "web"}}}},
    },
]
FIELDS = (
    "apiVersion",
    "bases",
    "commonAnnotations",
    "commonLabels",
    "components",
    "configurations",
    "generators",
    "helmCharts",
    "images",
    "kind",
    "labels",
    "namePrefix",
    "namespace",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "replacements",
    "replicas",
    "resources",
    "transformers",
)
NAMES = st.sampled_from(
    [
        "web.yaml",
        "gone.yaml",
        "..",
        ".",
        "",
        "small",
        "https://example.com/a?ref=b",
        "a\0b",
        "a\nb",
        "x" * 300,
        "~",
        "web",
    ]
)
TEXTS = NAMES | st.text(max_size=8) | st.sampled_from(["(", "a{99999999999}", "[[:alpha:]]", "kind: Deployment\n", "["])
KEYS = st.sampled_from(
    ["path", "patch", "target", "name", "kind", "labelSelector", "pairs", "fields", "select", "targets"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(KEYS | TEXTS, each, max_size=3),
    max_leaves=8,
)
KUSTOMIZATIONS = st.dictionaries(
    st.sampled_from(FIELDS) | TEXTS, VALUES | st.lists(TEXTS | VALUES, max_size=3), max_size=4
)


def told(kustomization: object, component: object = None) -> tuple[Reading, bool]:
    """What is read with it, and whether anything is said of it."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "prod"
        (folder / "small").mkdir(parents=True)
        (folder / "web.yaml").write_text("\n---\n".join(map(json.dumps, OBJECTS)))
        for file, stated in (("kustomization.yaml", kustomization), ("small/kustomization.yaml", component)):
            text = stated if isinstance(stated, str) else json.dumps(stated)
            (folder / file).write_text(text, encoding="utf-8", errors="surrogatepass")
        reading = read([folder])
        changed = [each for each in reading.objects if reading.changed_by(each) is not None]
        parted = reading.parted_by(reading.objects)
        return reading, bool(changed or parted or reading.faults or reading.unread)


@given(KUSTOMIZATIONS, KUSTOMIZATIONS)
def test_any_kustomization_leaves_the_objects_beside_it_readable(kustomization, component):
    reading, _ = told(kustomization, component)
    is_patch = any(each.file.endswith("/web.yaml") and each.reason == foreign.PATCH for each in reading.passed_over)
    assert [each for each in OBJECTS if each in reading.objects] == ([] if is_patch else OBJECTS)


@given(st.text())
def test_any_text_as_a_kustomization_leaves_the_objects_beside_it_readable(text):
    assert len(told(text)[0].objects) >= len(OBJECTS)


@given(st.sampled_from(["resources", "bases", "components", "generators", "transformers", "helmCharts"]), VALUES)
def test_a_part_of_any_shape_is_read_or_told(field, value):
    here = {"resources": ("web.yaml", "small", "."), "bases": ("web.yaml", "small", "."), "components": ("small", ".")}
    is_here = isinstance(value, list) and all(each in here.get(field, ()) for each in value)
    nothing = value is None or value == []
    _, is_told = told({field: value}, {"resources": ["../web.yaml"]})
    assert is_told or is_here or nothing


@given(
    st.sampled_from(["patches", "patchesJson6902", "patchesStrategicMerge", "replicas", "replacements"]), TEXTS, VALUES
)
def test_a_change_that_cannot_be_understood_is_taken_to_change_what_it_can(field, text, target):
    """What it names is unknown here, so that it is told unless it names something else."""
    entries = {"patchesStrategicMerge": text, "replicas": {"name": target}, "replacements": {"path": text}}
    entry = entries.get(field, {"path": text})
    _, is_told = told({"resources": ["web.yaml"], field: [entry]})
    names_another = field == "replicas" and isinstance(target, str) and target not in ("", "web")
    assert is_told or names_another


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_a_folder_in_the_place_of_a_kustomization_is_none(tmp_path, name):
    (tmp_path / "web.yaml").write_text(json.dumps(OBJECTS[0]))
    (tmp_path / name).mkdir()
    reading = read([tmp_path])
    assert (len(reading.objects), reading.faults, reading.unread) == (1, [], [])
