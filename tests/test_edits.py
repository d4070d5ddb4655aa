"""Edits of YAML text: what changes, and that nothing else does."""

import difflib
import json
import time
from pathlib import Path

import pytest
import yaml

from nodrop.edits import Edit, EditError, edited, edited_all, field_of
from nodrop.rollout import ObjectRef

SHOP = (Path(__file__).parent / "shop.yaml").read_text()
WEB = ObjectRef(kind="Deployment", namespace="shop", name="web")
POD = "spec.template.spec"


def changes(before: str, field: str, value: str | int, wanted: ObjectRef = WEB) -> list[str]:
    """The lines that go and come, `-` and `+` before them."""
    after = edited(before, Edit(object=wanted, field=field, value=value))
    lines = difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), n=0)
    return [line for line in list(lines)[2:] if not line.startswith("@@")]


def test_a_value_is_replaced_where_it_stands_and_its_comment_stays():
    assert changes(SHOP, "spec.replicas", 4) == [
        "-  replicas: 3  # one a zone\n",
        "+  replicas: 4  # one a zone\n",
    ]


def test_a_value_within_braces_is_replaced():
    assert changes(SHOP, f"{POD}.containers[0].lifecycle.preStop.sleep.seconds", 60) == [
        "-              sleep: {seconds: 5}\n",
        "+              sleep: {seconds: 60}\n",
    ]


def test_a_missing_field_becomes_lines_of_the_mappings_own_indentation():
    assert changes(SHOP, "spec.minReadySeconds", 60) == ["+  minReadySeconds: 60\n"]
    assert changes(SHOP, f"{POD}.containers[0].livenessProbe.httpGet.path", "/") == [
        "+          livenessProbe:\n",
        "+            httpGet:\n",
        "+              path: /\n",
    ]


def test_a_list_entry_of_blocks_only_gets_the_field_at_its_head():
    text = "kind: A\nmetadata: {name: web}\nspec:\n- one:\n    two: 3\n"
    wanted = ObjectRef(kind="A", namespace="default", name="web")
    assert changes(text, "spec[0].new", 1, wanted) == ["-- one:\n", "+- new: 1\n", "+  one:\n"]


def test_a_field_at_the_head_of_blocks_stands_above_their_comment():
    text = "kind: A\nmetadata: {name: web}\nspec:\n  # of one\n  one:\n    two: 3\n"
    wanted = ObjectRef(kind="A", namespace=None, name="web")
    after = edited(text, Edit(object=wanted, field="spec.new", value=1))
    assert after.splitlines()[3:5] == ["  new: 1", "  # of one"]


@pytest.mark.parametrize("ending", ["", "\n"])
def test_a_field_is_added_at_the_end_of_the_file(ending):
    text = f"kind: A\nmetadata: {{name: web}}\nspec:\n  one: 1{ending}"
    wanted = ObjectRef(kind="A", namespace=None, name="web")
    assert edited(text, Edit(object=wanted, field="spec.new", value=1)).splitlines()[-2:] == ["  one: 1", "  new: 1"]


def test_windows_line_ends_stay():
    after = edited(SHOP.replace("\n", "\r\n"), Edit(object=WEB, field="spec.minReadySeconds", value=60))
    assert after.count("\r\n") == after.count("\n") == SHOP.count("\n") + 1


def test_items_of_a_list_and_a_json_file_are_edited():
    listed = "kind: List\nitems:\n" + "".join(
        f"- kind: Deployment\n  metadata: {{name: {name}, namespace: shop}}\n  spec: {{replicas: 1}}\n"
        for name in ("web", "api")
    )
    assert changes(listed, "spec.replicas", 2) == ["-  spec: {replicas: 1}\n", "+  spec: {replicas: 2}\n"]
    json = '{"kind": "Deployment",\n "metadata": {"name": "web", "namespace": "shop"},\n "spec": {"replicas": 1}\n}\n'
    assert changes(json, "spec.replicas", 2) == ['- "spec": {"replicas": 1}\n', '+ "spec": {"replicas": 2}\n']


@pytest.mark.parametrize(
    "value", ["/healthz", "true", "12", "", "a: b", "# c", "null", "it's", "é\x1b", "RollingUpdate"]
)
def test_a_text_reads_back_as_the_text_that_it_is(value):
    text = "kind: A\nmetadata: {name: web}\nspec:\n  one: old\n"
    wanted = ObjectRef(kind="A", namespace=None, name="web")
    after = edited(text, Edit(object=wanted, field="spec.one", value=value))
    assert yaml.safe_load(after)["spec"]["one"] == value


@pytest.mark.parametrize(
    ("text", "field", "said"),
    [
        ("kind: Service\n", "spec.replicas", "is not in the file as it stands"),
        (f"{SHOP}---\n{SHOP}", "spec.replicas", "is in the file more than once"),
        (SHOP, f"{POD}.containers[1].image", "has nothing at spec.template.spec.containers[1]"),
        (SHOP, "spec.template", "spec.template is not a value on a single line"),
        (SHOP, "spec.replicas.more", "where no line can be inserted"),
        (SHOP, "", "is not a field"),
        ("kind: [", "spec.replicas", "cannot be read as YAML"),
    ],
)
def test_what_cannot_be_edited_is_refused_with_the_reason(text, field, said):
    with pytest.raises(EditError) as refused:
        edited(text, Edit(object=WEB, field=field, value=1))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "field", "expected"),
    [
        ("strategy: {rolling", "strategy: {rolling", "spec.strategy.type", "strategy: {type: 7, rolling"),
        (
            "          lifecycle:\n            preStop:\n              sleep: {seconds: 5}",
            "          lifecycle: {}",
            f"{POD}.containers[0].lifecycle.preStop.sleep.seconds",
            "lifecycle: {preStop: {sleep: {seconds: 7}}}",
        ),
        (
            "sleep: {seconds: 5}",
            "# none yet",
            f"{POD}.containers[0].lifecycle.preStop.sleep.seconds",
            "preStop: {sleep: {seconds: 7}}\n              # none yet",
        ),
        ("Seconds: 20", "Seconds:  # unset", f"{POD}.terminationGracePeriodSeconds", "Seconds: 7  # unset"),
        ("Seconds: 20", "Seconds: ~  # unset", f"{POD}.terminationGracePeriodSeconds", "Seconds: 7  # unset"),
        (
            "strategy: {rolling",
            "strategy: {\n    # slowly\n    rolling",
            "spec.strategy.type",
            "strategy: {\n    # slowly\n    type: 7,\n    rolling",
        ),
    ],
)
def test_what_is_missing_or_null_is_put_in_where_it_belongs(old, new, field, expected):
    assert old in SHOP
    text = SHOP.replace(old, new)
    after = edited(text, Edit(object=WEB, field=field, value=7))
    assert expected in after
    assert len(after.splitlines()) - len(text.splitlines()) == expected.count("\n    type")


@pytest.mark.parametrize("between", ["\n", "", "\n\n", "\n---\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_json_texts_that_follow_each_other_are_edited_where_they_stand(between, mark):
    def shown(name, replicas):
        return json.dumps({"kind": "Deployment", "metadata": {"name": name}, "spec": {"replicas": replicas}}, indent=1)

    def file(*replicas):
        return mark + between.join(shown(f"web-{number}", each) for number, each in enumerate(replicas)) + "\n"

    refs = [ObjectRef(kind="Deployment", namespace="default", name=f"web-{number}") for number in (0, 2)]
    edits = [Edit(object=each, field="spec.replicas", value=3) for each in refs]
    assert edited_all(file(1, 1, 1), edits) == (file(3, 1, 3), [])


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_a_missing_field_of_a_json_file_is_put_in_with_its_quotes(indent):
    objects = list(yaml.safe_load_all(SHOP))
    container = objects[-1]["spec"]["template"]["spec"]["containers"][0]
    del container["lifecycle"]
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=indent)
    after = edited(text, Edit(object=WEB, field=f"{POD}.containers[0].lifecycle.preStop.sleep.seconds", value=60))
    container["lifecycle"] = {"preStop": {"sleep": {"seconds": 60}}}
    assert json.loads(after)["items"] == objects
    assert len(after.splitlines()) == len(text.splitlines()) + (1 if indent else 0)


def test_a_field_beside_a_merge_key_stands_behind_it_where_kubectl_lets_it_win():
    anchor = "kind: Deployment\nx: &common\n  terminationGracePeriodSeconds: 20\n"
    text = SHOP.replace("kind: Deployment\n", anchor).replace(
        "      terminationGracePeriodSeconds: 20", "      <<: *common"
    )
    after = edited(text, Edit(object=WEB, field=f"{POD}.terminationGracePeriodSeconds", value=95))
    assert "      <<: *common\n      terminationGracePeriodSeconds: 95\n" in after
    before_it = text.replace("      <<: *common", "      terminationGracePeriodSeconds: 30\n      <<: *common")
    with pytest.raises(EditError, match="without changing something else"):
        edited(before_it, Edit(object=WEB, field=f"{POD}.terminationGracePeriodSeconds", value=95))


def test_a_value_that_an_anchor_shares_is_not_edited():
    text = SHOP.replace("replicas: 3", "replicas: &three 3").replace(
        "progressDeadlineSeconds: 599", "revisionHistoryLimit: *three"
    )
    with pytest.raises(EditError):
        edited(text, Edit(object=WEB, field="spec.replicas", value=4))
    shared = "kind: A\nmetadata: {name: web}\nspec:\n  one: &x\n    two: 3\n  other: *x\n"
    with pytest.raises(EditError, match="without changing something else"):
        edited(shared, Edit(object=ObjectRef(kind="A", namespace=None, name="web"), field="spec.one.two", value=4))


def test_a_second_action_beside_pre_stops_first_is_refused():
    text = SHOP.replace("sleep: {seconds: 5}", "exec: {command: [drain]}")
    with pytest.raises(EditError, match="another action"):
        edited(text, Edit(object=WEB, field=f"{POD}.containers[0].lifecycle.preStop.sleep.seconds", value=60))


def test_a_fields_path_is_keys_places_in_lists_and_keys_with_dots():
    assert field_of("spec.a[0].b") == ["spec", "a", 0, "b"]
    assert field_of("metadata.annotations[example.com/x]") == ["metadata", "annotations", "example.com/x"]


def test_letters_of_any_script_move_no_place():
    text = "\ufeff# é 漢字 🙂\n" + SHOP.replace("# one a zone", "# eine je Zone 🙂")
    assert changes(text, f"{POD}.terminationGracePeriodSeconds", 95) == [
        "-      terminationGracePeriodSeconds: 20\n",
        "+      terminationGracePeriodSeconds: 95\n",
    ]


def test_all_edits_of_a_file_are_made_or_refused_one_by_one():
    edits = [
        Edit(object=WEB, field=f"{POD}.terminationGracePeriodSeconds", value=95),
        Edit(object=WEB, field="spec.strategy.type", value="RollingUpdate"),
        Edit(object=WEB, field="spec.template", value=1),
        Edit(object=WEB, field="spec.minReadySeconds", value=7),
        Edit(object=ObjectRef(kind="BackendConfig", namespace="shop", name="web"), field="spec.timeoutSec", value=40),
        Edit(object=ObjectRef(kind="BackendConfig", namespace="shop", name="api"), field="spec.timeoutSec", value=40),
    ]
    text, refused = edited_all(SHOP, edits)
    assert [(edits.index(edit), said) for edit, said in refused] == [
        (2, "spec.template is not a value on a single line"),
        (5, "is not in the file as it stands"),
    ]
    gone = [line for line in difflib.ndiff(SHOP.splitlines(), text.splitlines()) if line[0] in "+-"]
    assert gone == [
        "+   timeoutSec: 40",
        "-   strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}",
        "+   strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}",
        "+   minReadySeconds: 7",
        "-       terminationGracePeriodSeconds: 20",
        "+       terminationGracePeriodSeconds: 95",
    ]


def test_two_missing_fields_of_one_missing_mapping_share_it():
    text = SHOP.replace("  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n", "")
    rolling = "spec.strategy.rollingUpdate"
    edits = [
        Edit(object=WEB, field=f"{rolling}.{name}", value=value)
        for name, value in (("maxSurge", 1), ("maxUnavailable", 0))
    ]
    after, refused = edited_all(text, edits)
    assert refused == []
    deployment = list(yaml.safe_load_all(after))[-1]
    assert deployment["spec"]["strategy"] == {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def test_the_same_object_in_two_documents_is_not_edited():
    edit = Edit(object=WEB, field="spec.replicas", value=4)
    twice = f"{SHOP}---\n{SHOP}"
    assert edited_all(twice, [edit]) == (twice, [(edit, "is in the file more than once")])


def test_many_documents_cost_no_more_than_their_number():
    def seconds(documents: int) -> float:
        deployment = SHOP.split("---\n")[-1]
        names = [f"web{number}" for number in range(documents)]
        text = "---\n".join(deployment.replace("name: web,", f"name: {name},") for name in names)
        refs = [ObjectRef(kind="Deployment", namespace="shop", name=name) for name in names]
        edits = [Edit(object=ref, field="spec.replicas", value=4) for ref in refs]
        started = time.process_time()
        after, refused = edited_all(text, edits)
        assert (after.count("replicas: 4"), refused) == (documents, [])
        return time.process_time() - started

    few, many = seconds(20), seconds(200)
    assert many < 30 * few
