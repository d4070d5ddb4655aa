import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.paths import ReadingError
from nodrop.paths.waivers import accepted


def deployment(annotation: object) -> dict:
    metadata = {"name": "web", "namespace": "demo", "annotations": {"gke-nodrop/accept": annotation}}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}


def test_the_annotation_states_the_waived_rules_with_their_reasons():
    stated = '{"survives-a-lost-pod": "a batch", "draining-covers-longest-request": "clients reconnect"}'
    assert accepted(deployment(stated)) == {
        "survives-a-lost-pod": "a batch",
        "draining-covers-longest-request": "clients reconnect",
    }


@pytest.mark.parametrize("annotation", [None, "", "{}"])
def test_nothing_is_waived_where_nothing_is_stated(annotation):
    assert accepted(deployment(annotation)) == {}
    assert accepted({}) == {}


def test_a_rule_that_does_not_exist_is_read_as_it_stands():
    assert accepted(deployment('{"of-tomorrow": "why not"}')) == {"of-tomorrow": "why not"}


def test_names_and_reasons_are_one_line_each():
    assert accepted(deployment('{"a\\nrule": "two\\n lines"}')) == {"a rule": "two lines"}


@pytest.mark.parametrize(
    ("annotation", "message"),
    [
        ("websockets", "is 'websockets'; wanted JSON such as {"),
        ("null", "is 'null'; wanted a JSON object such as {"),
        ('["survives-a-lost-pod"]', "; wanted a JSON object such as {"),
        ('{"survives-a-lost-pod": 1}', "; wanted a reason for each rule, such as {"),
        ('{"survives-a-lost-pod": null}', "; wanted a reason for each rule, such as {"),
        ('{"survives-a-lost-pod": " "}', "; wanted a reason for each rule, such as {"),
        ('{"survives-a-lost-pod": "\\ud800"}', "; wanted a reason for each rule, such as {"),
        ({"survives-a-lost-pod": "x"}, "; wanted a string"),
        (5, "is 5; wanted a string"),
        ("[unknown]", "is not known before `pulumi up`; wanted a string"),
    ],
)
def test_a_malformed_annotation_is_named_with_its_value(annotation, message):
    with pytest.raises(ReadingError) as caught:
        accepted(deployment(annotation))
    assert str(caught.value).startswith("Deployment demo/web: metadata.annotations[gke-nodrop/accept] is ")
    assert message in str(caught.value).replace(r"\\", "\\")


@given(st.text() | st.integers() | st.lists(st.text()))
def test_any_annotation_is_read_or_refused(annotation):
    try:
        said = "".join(accepted(deployment(annotation)).values())
    except ReadingError as error:
        said = error.problem.message
    assert said.isprintable() or "gke-nodrop/accept" in said
