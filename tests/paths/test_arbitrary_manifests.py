"""Whatever a file holds: values come back as they were written, every field has its line, no bytes raise."""

import json

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nodrop.paths import resolve
from nodrop.paths.files import json_document, yaml_document
from nodrop.paths.files.reading import read

KEYS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Zl", "Zp")), max_size=5)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | KEYS | st.sampled_from(["yes", "2026-11-01", "012"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(deadline=None)
@given(TREES)
def test_whatever_is_written_is_read_as_it_was(tree):
    assert yaml_document.load(yaml.safe_dump(tree, default_style='"')).value == tree
    assert yaml_document.load(json.dumps(tree, ensure_ascii=False)).value == tree
    assert next(json_document.load_all(json.dumps(tree)))[0] == tree


def _paths(value, path=()):
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, each in entries for found in _paths(each, (*path, key)))]


NAMES = st.text("abc", min_size=1, max_size=3)
OBJECTS = st.recursive(
    st.integers(0, 99), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3)
)


@settings(deadline=None)
@given(OBJECTS, st.sampled_from(["JSON", "YAML", "YAML with an anchor"]))
def test_every_field_is_found_where_it_stands(tmp_path_factory, spec, form):
    folder = tmp_path_factory.mktemp("object")
    manifest = {"apiVersion": "v1", "kind": "Pod", "spec": spec}
    text = json.dumps(manifest, indent=1) if form == "JSON" else yaml.safe_dump(manifest, sort_keys=False)
    text = text.replace("kind: Pod", "kind: &kind Pod") if form == "YAML with an anchor" else text
    (folder / "a.yaml").write_text(text)
    reading = read([folder / "a.yaml"])
    for path in _paths(spec, ("spec",)):
        position = reading.position(
            reading.objects[0], "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
        )
        assert position is not None
        if isinstance(path[-1], str):
            assert path[-1] in text.splitlines()[position.line - 1]


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text("{}[]:,-&*<!|>'\"\n \t#%ab1.", max_size=60).map(str.encode))
def test_arbitrary_bytes_raise_nothing(tmp_path_factory, content):
    file = tmp_path_factory.mktemp("bytes") / "a.yaml"
    file.write_bytes(content)
    reading = read([file])
    assert all(str(each).isprintable() for each in reading.faults)
    resolve(reading.objects)
