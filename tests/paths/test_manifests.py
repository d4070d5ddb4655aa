"""Files, folders and standard input as Kubernetes objects: what is read, passed over or refused, with which line."""

import io
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import pytest
import yaml

from nodrop.paths import ManifestError, read_manifests
from nodrop.paths.files import json_document, sources, yaml_document
from nodrop.paths.files.faults import DocumentError
from nodrop.paths.files.reading import read

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\n"
BOMB = f"a: &a {{{', '.join(f'k{number}: 1' for number in range(9))}}}\n" + "".join(
    f"{new}: &{new} {{<<: [{', '.join([f'*{old}'] * 9)}]}}\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def _names(objects):
    return [each["metadata"]["name"] for each in objects]


def _written(folder, **files):
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_every_document_of_a_file_is_an_object(tmp_path):
    _written(tmp_path, all__yaml="---\n" + POD % "a" + "---\n# nothing\n---\n" + POD % "b")
    assert _names(read_manifests([tmp_path / "all.yaml"])) == ["a", "b"]


def test_a_folder_is_read_by_name_and_to_its_depths(tmp_path):
    (tmp_path / "b").mkdir()
    _written(tmp_path / "b", two__yml=POD % "two")
    three = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "three"}})
    _written(tmp_path, a__yaml=POD % "one", c__json=three, README__md="no manifest")
    assert _names(read_manifests([tmp_path])) == ["one", "two", "three"]


def test_lists_are_flattened_and_their_items_have_lines(tmp_path):
    pods = [{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}} for name in ("a", "b", "c")]
    inner = {"apiVersion": "v1", "kind": "PodList", "items": pods[1:]}
    whole = {"apiVersion": "v1", "kind": "List", "items": [pods[0], inner]}
    _written(tmp_path, list__json=json.dumps(whole, indent=1), list__yaml=yaml.safe_dump(whole))
    for file in ("list.json", "list.yaml"):
        reading = read([tmp_path / file])
        lines = (tmp_path / file).read_text().splitlines()
        assert _names(reading.objects) == ["a", "b", "c"]
        for each in reading.objects:
            position = reading.position(each, "metadata.name")
            assert position is not None
            assert each["metadata"]["name"] in lines[position.line - 1].replace('"', "").split()[-1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-01", "2026-11-01"),
        ("0777", 511),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", 3),
        ("1_000", 1000),
        ("099", 99),
        ("1e3", 1000),
        ("1:30", "1:30"),
        ("yes", True),
        ("Off", False),
        ("y", True),
        ("tRUE", "tRUE"),
        ("~", None),
        ("'yes'", "yes"),
        ("!!str 12", "12"),
        ("!foo 12", "12"),
        ("!!binary aGk=", "hi"),
        ("18446744073709551615", 18446744073709551615),
        ("18446744073709551616", 18446744073709551616.0),
        ("1" + "0" * 400, "1" + "0" * 400),
        ("<<", "<<"),
    ],
)
def test_scalars_are_read_as_kubectl_reads_them(text, value):
    """The right column is what apimachinery 0.34.2's decoder gave."""
    read = yaml_document.load(f"a: {text}").value
    assert read == {"a": value}
    assert type(read["a"]) is type(value)


def test_keys_are_text_and_merged_keys_override_those_before_them():
    assert yaml_document.load("on: 1\n80: b\n").value == {"true": 1, "80": "b"}
    text = "b: &x {p: 1, q: 2}\nc: {p: 5, <<: *x}\nd: {<<: *x, p: 7}\ne: {<<: [{p: 3}, *x]}\n"
    assert yaml_document.load(text).value == {
        "b": {"p": 1, "q": 2},
        "c": {"p": 1, "q": 2},
        "d": {"p": 7, "q": 2},
        "e": {"p": 3, "q": 2},
    }


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (POD % "a" + "---\nkind: [", "bad.yaml, line 5 (document 2): not YAML: "),
        (POD % "a" + "---\n- 1\n", "bad.yaml, line 5 (document 2): not a Kubernetes object"),
        ("replicas: 3\n", "bad.yaml, line 1 (document 1): not a Kubernetes object"),
        ("!!python/object:os.system {}\n", "bad.yaml, line 1 (document 1): not a Kubernetes object"),
        ("[" * 300 + "]" * 300, "bad.yaml, line 1 (document 1): nested more than 200 deep"),
        ("[" * 5000, "bad.yaml, line 1 (document 1): "),
        ('{"a":' * 50_000, "bad.yaml, line 1 (document 1): nested too deeply"),
        (POD % "a" + "a: 1\na: 2\n", 'line 5 (document 1): duplicate key "a"; remove one of the two'),
        ('{"a": 1,\n "a": 2}', 'line 1 (document 1): not JSON: duplicate key "a"; remove one of the two'),
        ("a: 1\nb: .inf\n", "line 2 (document 1): .inf: is not a number that JSON has"),
        ('{"a": 1e400}', "not JSON: 1e400 is not a number"),
        ("a: &a\n- *a\n", "line 2 (document 1): &a contains itself"),
        (BOMB, "aliases repeat too much"),
        ("a: 1\nb: \x00\n", "line 2 (document 1): not YAML: holds the character U+0000"),
        ("a:\n\t- b\n", "line 2 (document 1): not YAML: "),
        ("--- {a: 1}\n", "line 1 (document 1): kubectl takes only a comment after ---"),
        (POD % "a" + "...\n" + POD % "b", "line 5 (document 1): not YAML: did not find expected <document start>"),
        (POD % "{{ .Release.Name }}", "looks like an unrendered Helm template"),
    ],
)
def test_what_is_no_object_is_named_with_file_and_line(tmp_path, text, fault):
    _written(tmp_path, bad__yaml=text)
    began = time.monotonic()
    with pytest.raises(ManifestError) as caught:
        read_manifests([tmp_path / "bad.yaml"])
    assert fault in str(caught.value)
    assert len(caught.value.faults) == 1
    assert time.monotonic() - began < 5


def test_one_broken_document_costs_the_others_nothing(tmp_path):
    _written(tmp_path, some__yaml=POD % "a" + "---\nkind: [\n---\n" + POD % "b")
    reading = read([tmp_path / "some.yaml"])
    assert _names(reading.objects) == ["a", "b"]
    assert [each.line for each in reading.faults] == [5]


def test_all_faults_are_named_at_once(tmp_path):
    (tmp_path / "empty").mkdir()
    _written(tmp_path, a__yaml="a: [")
    (tmp_path / "b.yaml").write_bytes("é\n".encode("utf-16"))
    (tmp_path / "c.yaml").write_bytes(b"a: 1\nb: \xe9\n")
    (tmp_path / "loop.yaml").symlink_to("loop.yaml")
    os.mkfifo(tmp_path / "pipe.yaml")
    named = ["a.yaml", "b.yaml", "c.yaml", "loop.yaml", "pipe.yaml", "missing.yaml", "empty"]
    faults = [str(each).removeprefix(f"{tmp_path}/") for each in read([tmp_path / each for each in named]).faults]
    assert faults == [
        "a.yaml, line 1 (document 1): not YAML: did not find expected node content",
        "b.yaml, line 1: is UTF-16 or UTF-32 text; save it as UTF-8, which kubectl reads",
        "c.yaml, line 2: not UTF-8 text: byte 0xe9",
        "loop.yaml: Too many levels of symbolic links",
        "pipe.yaml: is a FIFO; pipe into `-` instead; only regular files are read",
        "missing.yaml: No such file or directory",
        "empty: a folder without any file that ends in .yaml, .yml, .json",
    ]


def test_a_folders_foreign_files_are_named_and_passed_over(tmp_path):
    (tmp_path / ".git").mkdir()
    _written(
        tmp_path,
        app__yaml=POD % "a",
        chart__yaml="kind: Service\nmetadata:\n  name: {{ include `x` . }}\n",
        kustomization__yaml="apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n",
        package__json='{"name": "x"}',
        quoted__yaml="apiVersion: v1\nkind: Service\nmetadata:\n  name: '{{ .Values.name }}'\n",
        values__yaml="replicas: 1\n",
    )
    os.mkfifo(tmp_path / "pipe.yaml")
    reading = read([tmp_path])
    assert _names(reading.objects) == ["a"]
    assert reading.faults == []
    assert [str(each).removeprefix(f"{tmp_path}/").partition(": ")[0] for each in reading.passed_over] == [
        ".git",
        "chart.yaml, line 3 (document 1)",
        "kustomization.yaml, line 1 (document 1)",
        "package.json, line 1 (document 1)",
        "pipe.yaml",
        "quoted.yaml, line 1 (document 1)",
        "values.yaml, line 1 (document 1)",
    ]
    assert "unrendered Helm template" in reading.passed_over[1].reason
    assert "unrendered Helm template" in reading.passed_over[5].reason


def test_an_object_that_cannot_be_read_in_a_folder_is_a_fault(tmp_path):
    _written(tmp_path, app__yaml=POD % "a" + "spec: [\n")
    assert [each.line for each in read([tmp_path]).faults] == [4]


@pytest.mark.parametrize(
    ("text", "is_fault"),
    [
        ("a: [1\n", False),
        ("kind: Service\napiVersion: [v1\n", True),
        ('{"kind": "Service","apiVersion": "v1",', True),
        ("- apiVersion: v1\n  kind: [\n", True),
    ],
)
def test_broken_syntax_in_a_folder_is_a_fault_where_it_may_be_an_object(text, is_fault, tmp_path):
    _written(tmp_path, app__yaml=POD % "a", broken__yaml=text)
    reading = read([tmp_path])
    assert (len(reading.faults), len(reading.passed_over)) == ((1, 0) if is_fault else (0, 1))


@pytest.mark.parametrize("text", ["foo: bar\n", "name: {{ .Values.name }}\n", "a: [1\n"])
def test_a_folder_without_any_object_is_a_fault_and_costs_the_others_nothing(text, tmp_path):
    _written(tmp_path, app__yaml=POD % "a")
    (other := tmp_path / "other").mkdir()
    _written(other, values__yaml=text)
    reading = read([tmp_path / "app.yaml", other])
    assert _names(reading.objects) == ["a"]
    assert list(map(str, reading.faults)) == [f"{other}: a folder without any Kubernetes object"]
    assert len(reading.passed_over) == 1
    assert read([tmp_path]).faults == []


def _closed(folder: Path) -> None:
    """Exits with 77 where another user than root does not find exactly what it may not read."""
    os.setgroups([])
    os.setuid(65534)
    faults = [str(each).removeprefix(f"{folder}/") for each in read([folder, folder / "listed" / "below"]).faults]
    wanted = ["closed: Permission denied", "closed.yaml: Permission denied", "gone.yaml: No such file or directory"]
    os._exit(0 if faults == [*wanted, "listed: Permission denied", "listed/below: Permission denied"] else 77)


@pytest.mark.skipif(os.geteuid() != 0, reason="changes its user")
def test_what_may_not_be_read_in_a_folder_is_a_fault_whatever_it_holds():
    with tempfile.TemporaryDirectory() as name:  # a folder that other users can enter, unlike tmp_path
        folder = Path(name)
        folder.chmod(0o755)
        _written(folder, app__yaml=POD % "a", closed__yaml=POD % "b")
        (folder / "gone.yaml").symlink_to("nowhere")
        (folder / "gone").symlink_to("nowhere")
        (folder / "closed.yaml").chmod(0)
        (folder / "closed").mkdir(mode=0)
        (folder / "listed").mkdir()
        _written(folder / "listed", below=POD % "c")
        (folder / "listed").chmod(0o744)
        read([folder])  # brings every module, which the other user may not be able to read
        child = os.fork()
        if child == 0:
            try:
                _closed(folder)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_file_that_is_too_large_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MAX_BYTES", 1024 * 1024)
    _written(tmp_path, large__yaml="#" * 1024 * 1024 + "\n")
    assert [each.reason for each in read([tmp_path / "large.yaml"]).faults] == ["is larger than 1 MiB; split it"]


def test_values_are_bounded(monkeypatch):
    monkeypatch.setattr(yaml_document, "MAX_VALUES", 1000)
    monkeypatch.setattr(json_document, "MAX_SIGNS", 1000)
    with pytest.raises(DocumentError, match="more than 1,000 values"):
        yaml_document.load("[" + "{}," * 1001 + "]")
    with pytest.raises(DocumentError, match="more than 1,000 values"):
        list(json_document.load_all("[" + "{}," * 1001 + "{}]"))


def test_json_texts_follow_each_other_with_tabs(tmp_path):
    pods = "".join(json.dumps(yaml.safe_load(POD % name), indent="\t") + "\n" for name in ("a", "b"))
    _written(tmp_path, pods__json=pods)
    reading = read([tmp_path / "pods.json"])
    assert _names(reading.objects) == ["a", "b"]
    position = reading.position(reading.objects[1], "metadata.name")
    assert position is not None
    assert pods.splitlines()[position.line - 1] == '\t\t"name": "b"'


def test_standard_input_has_lines_documents_and_templates(monkeypatch):
    text = "---\n# Source: shop/templates/a.yaml\n" + POD % "a" + "---\n# Source: shop/templates/b.yaml\n" + POD % "b"
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    reading = read([sources.Path("-")])
    position = reading.position(reading.objects[1], "metadata.name")
    assert position is not None
    assert (position.file, position.line, position.document) == ("<stdin>", 10, 2)
    assert position.template == "shop/templates/b.yaml"


@pytest.mark.parametrize(
    ("field", "line"),
    [
        ("", 1),
        ("metadata.annotations[a.b/c]", 5),
        ("metadata.annotations[a.b]", 6),
        ("spec.containers[1].image", 11),
        ("spec.containers[web].image", 11),
        ("spec.containers[web].lifecycle.preStop", 10),
        ("spec.containers[7].image", 8),
        ("status.x", 1),
    ],
)
def test_a_field_is_told_by_its_line_or_the_nearest_above_it(tmp_path, field, line):
    text = (
        "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    a.b/c: x\n    a.b: y\n"
        "spec:\n  containers:\n  - name: first\n  - name: web\n    image: x\n"
    )
    _written(tmp_path, pod__yaml="# é 🙂\n---\n# of its own\n" + text)
    reading = read([tmp_path / "pod.yaml"])
    for manifest in (reading.objects[0], dict(reading.objects[0])):
        position = reading.position(manifest, field)
        assert position is not None
        assert position.line == line + 3
