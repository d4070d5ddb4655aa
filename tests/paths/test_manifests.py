import json

import pytest

from nodrop.paths import ManifestError, read_manifests

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"


def _names(objects):
    return [each["metadata"]["name"] for each in objects]


def test_every_document_of_a_file_is_an_object(tmp_path):
    file = tmp_path / "all.yaml"
    file.write_text("---\n" + POD % "a" + "---\n# nothing\n---\n" + POD % "b")
    assert _names(read_manifests([file])) == ["a", "b"]


def test_a_folder_is_read_by_name_and_to_its_depths(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.yml").write_text(POD % "two")
    (tmp_path / "a.yaml").write_text(POD % "one")
    (tmp_path / "c.json").write_text(json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "three"}}))
    (tmp_path / "README.md").write_text("no manifest")
    assert _names(read_manifests([tmp_path])) == ["one", "two", "three"]


def test_lists_are_flattened(tmp_path):
    pods = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}} for name in ("a", "b")]
    inner = {"apiVersion": "v1", "kind": "PodList", "items": pods[1:]}
    (tmp_path / "list.json").write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": [pods[0], inner]}))
    assert _names(read_manifests([tmp_path / "list.json"])) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (POD % "a" + "---\nkind: [", "bad.yaml, document 2: not YAML: "),
        (POD % "a" + "---\n- 1\n", "bad.yaml, document 2: not a Kubernetes object"),
        ("replicas: 3\n", "bad.yaml, document 1: not a Kubernetes object"),
        ("when: 2026-99-99\n", "bad.yaml, document 1: not YAML: "),
        ("!!python/object:os.system {}\n", "bad.yaml, document 1: not YAML: "),
        ("[" * 5000, "bad.yaml, document 1: nested too deeply"),
    ],
)
def test_what_is_no_object_is_named_with_file_and_document(tmp_path, text, fault):
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(ManifestError) as caught:
        read_manifests([file])
    assert fault in str(caught.value)


def test_all_faults_are_named_at_once(tmp_path):
    (tmp_path / "a.yaml").write_text("a: [")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ManifestError) as caught:
        read_manifests([tmp_path, tmp_path / "missing.yaml", tmp_path / "empty"])
    assert [fault.partition(": ")[0].rpartition("/")[2] for fault in caught.value.faults] == [
        "a.yaml, document 1",
        "b.yaml",
        "missing.yaml",
        "empty",
    ]
