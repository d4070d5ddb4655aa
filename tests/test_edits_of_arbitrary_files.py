"""An edit of whatever YAML file sets one field or is refused."""

import difflib
from collections.abc import Iterator
from copy import deepcopy

import yaml
from hypothesis import event, given
from hypothesis import strategies as st

from nodrop.edits import Edit, EditError, edited, set_field
from nodrop.rollout import ObjectRef

KEYS = st.text("abc", min_size=1, max_size=2)
VALUES = st.one_of(st.integers(-5, 5000), st.text("ab:#'\"- é\n{[", max_size=6), st.booleans(), st.none())
TREES = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    ),
    max_leaves=12,
)


def fields_of(tree: object, path: str) -> Iterator[str]:
    """The path of every place in it, and one that is missing in every mapping."""
    if isinstance(tree, dict):
        yield f"{path}.missing"
        for key, value in tree.items():
            yield f"{path}.{key}"
            yield from fields_of(value, f"{path}.{key}")
    elif isinstance(tree, list):
        for place, value in enumerate(tree):
            yield f"{path}[{place}]"
            yield from fields_of(value, f"{path}[{place}]")


@given(
    spec=st.dictionaries(KEYS, TREES, min_size=1, max_size=3),
    flow=st.sampled_from([True, False, None]),
    value=st.one_of(st.integers(0, 5000), st.sampled_from(["/healthz", "a: b", "true"])),
    data=st.data(),
)
def test_an_edit_sets_one_field_or_is_refused_whatever_the_file_looks_like(spec, flow, value, data):
    manifest = {"kind": "A", "metadata": {"name": "web"}, "spec": spec}
    text = "# first\n---\nkind: B\n---\n" + yaml.safe_dump(manifest, default_flow_style=flow) + "# last\n"
    field = data.draw(st.sampled_from(list(fields_of(spec, "spec"))))
    try:
        after = edited(text, Edit(object=ObjectRef(kind="A", namespace=None, name="web"), field=field, value=value))
    except EditError:
        event("refused")
        return
    event("edited")
    wanted = deepcopy(manifest)
    set_field(wanted, field, value)
    assert list(yaml.safe_load_all(after)) == [{"kind": "B"}, wanted]
    gone = [line for line in difflib.ndiff(text.splitlines(), after.splitlines()) if line.startswith("- ")]
    assert len(gone) <= 1
    assert after.startswith("# first\n---\nkind: B\n---\n")
    assert after.endswith("# last\n")
