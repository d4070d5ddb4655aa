import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.preview.values import (
    UNKNOWN,
    Asset,
    ResourceReference,
    SecretValue,
    decode,
    encode,
    encode_outputs,
    masked,
    plain,
)

TEXT = st.text(max_size=8)
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
PLAIN = st.none() | st.booleans() | NUMBERS | TEXT
REFERENCES = st.builds(ResourceReference, urn=TEXT, id=st.none() | TEXT.filter(bool) | st.just(UNKNOWN))
ASSETS = st.builds(
    Asset, kind=st.sampled_from(["asset", "archive"]), origin=st.sampled_from(["path", "text", "uri"]), source=TEXT
)
VALUES = st.recursive(
    PLAIN | st.just(UNKNOWN) | REFERENCES | ASSETS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3) | st.builds(SecretValue, inner)
    ),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(TEXT, VALUES, max_size=4)


@given(PROPERTIES)
def test_what_goes_over_the_wire_comes_back_the_same(properties):
    assert decode(encode(properties))[0] == properties


@given(PROPERTIES, st.sets(TEXT.filter(bool), max_size=3))
def test_output_values_carry_the_same_values_and_their_dependencies(properties, urns):
    dependencies = dict.fromkeys(properties, urns)
    assert decode(encode_outputs(properties, dependencies)) == (properties, dependencies)


@given(PROPERTIES)
def test_what_is_shown_is_json(properties):
    assert json.loads(json.dumps(plain(properties))) == plain(properties)


def leaves(value):
    if isinstance(value, dict | list):
        return [leaf for item in (value.values() if isinstance(value, dict) else value) for leaf in leaves(item)]
    return [value]


@given(VALUES)
def test_masked_shows_no_leaf(value):
    assert set(leaves(masked(value))) <= {"[secret]"}
    assert leaves(plain(SecretValue(value))) == leaves(masked(value))


def test_a_signature_that_nobody_knows_is_refused():
    wire = encode({"a": {"4dabf18193072939515e22adb298388d": "new"}})
    with pytest.raises(ValueError, match="'new'"):
        decode(wire)
