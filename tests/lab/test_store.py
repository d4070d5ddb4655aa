"""The object store: the API's verbs on plain manifests."""

import asyncio
from collections.abc import Mapping
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.lab.clock import SimulatedClock
from nodrop.lab.store import NotFoundError, Store, condition, is_true, owned_by

names = st.sampled_from("abc")
values = st.none() | st.integers(0, 3) | st.lists(st.integers(0, 3), max_size=2)
trees = st.recursive(values, lambda inner: st.dictionaries(names, inner, max_size=3), max_leaves=8)
objects = st.dictionaries(names, trees, max_size=3)


def thing(name="a", **content):
    return {"kind": "Thing", "metadata": {"name": name, "namespace": "demo"}, **content}


def merge_patch(target, patch):
    """RFC 7386, section 2."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


@given(objects, objects)
def test_a_patch_is_a_merge_patch(before, patch):
    store = Store(SimulatedClock())
    store.create(thing(spec=before))
    after = store.patch("Thing", "demo", "a", {"spec": patch})
    assert after["spec"] == merge_patch(before, patch)
    assert store.get("Thing", "demo", "a") == after


@given(objects, objects)
def test_a_patch_changes_nothing_that_was_handed_out(before, patch):
    store = Store(SimulatedClock())
    created = store.create(thing(spec=before))
    as_created = deepcopy(created)
    store.patch("Thing", "demo", "a", {"spec": patch})
    assert created == as_created


@given(objects, objects)
def test_a_patch_that_changes_nothing_is_no_change(before, patch):
    store = Store(SimulatedClock())
    store.create(thing(spec=before))
    first = store.patch("Thing", "demo", "a", {"spec": patch})
    assert store.patch("Thing", "demo", "a", {"spec": patch}) is first


def test_what_is_handed_in_stays_its_owners(store):
    created, patch = thing(spec={"list": [1]}), {"spec": {"other": [1]}}
    store.create(created)
    store.patch("Thing", "demo", "a", patch)
    created["spec"]["list"].append(2)
    patch["spec"]["other"].append(2)
    assert store.get("Thing", "demo", "a")["spec"] == {"list": [1], "other": [1]}


def test_every_change_has_a_version_of_its_own(store):
    versions = [store.create(thing(name))["metadata"]["resourceVersion"] for name in "ab"]
    versions.append(store.patch("Thing", "demo", "a", {"spec": {"x": 1}})["metadata"]["resourceVersion"])
    assert [int(version) for version in versions] == sorted({int(version) for version in versions})


def test_conditions_merge_by_type(store):
    first = [{"type": "Ready", "status": "False"}, {"type": "Gate", "status": "False"}]
    store.create(thing(status={"conditions": first}))
    second = [{"type": "Ready", "status": "True"}, {"type": "New", "status": "True"}]
    patched = store.patch("Thing", "demo", "a", {"status": {"conditions": second}})
    assert [(c["type"], c["status"]) for c in patched["status"]["conditions"]] == [
        ("Ready", "True"),
        ("Gate", "False"),
        ("New", "True"),
    ]
    assert is_true(patched, "Ready")
    assert not is_true(patched, "Gate")
    assert not is_true(patched, "Absent")
    assert condition(patched, "New") == {"type": "New", "status": "True"}
    assert condition(thing(), "New") is None


def test_a_list_has_one_kind_oldest_first(store, time):
    for name in "bca":
        store.create(thing(name))
        time.seconds += 1
    store.create({"kind": "Other", "metadata": {"name": "z"}})
    store.patch("Thing", "demo", "b", {"spec": {"x": 1}})
    assert [each["metadata"]["name"] for each in store.list("Thing")] == ["b", "c", "a"]


def test_creation_gives_time_identity_and_the_default_namespace(store, time):
    time.seconds = 7.5
    created = store.create({"kind": "Thing", "metadata": {"name": "a"}})
    assert created["metadata"]["creationTimestamp"] == 7.5
    assert store.get("Thing", "default", "a") == created
    store.delete("Thing", "default", "a")
    again = store.create({"kind": "Thing", "metadata": {"name": "a"}})
    assert again["metadata"]["uid"] != created["metadata"]["uid"]


def test_a_name_is_taken_once_in_a_namespace(store):
    store.create(thing())
    with pytest.raises(ValueError, match="Thing demo/a exists"):
        store.create(thing())
    store.create({"kind": "Thing", "metadata": {"name": "a", "namespace": "other"}})


def test_admission_may_change_an_object_before_it_exists(time):
    def admit(store, created):
        created["spec"] = {"others": len(store.list("Thing"))}

    store = Store(time, admit)
    handed_in = thing()
    assert store.create(handed_in)["spec"] == {"others": 0}
    assert "spec" not in handed_in


def test_a_graceful_deletion_keeps_its_first_time_and_grace_until_the_last_one(store, time):
    store.create(thing())
    time.seconds = 3
    store.delete("Thing", "demo", "a", grace_seconds=30)
    time.seconds = 9
    store.delete("Thing", "demo", "a", grace_seconds=5)
    metadata = store.get("Thing", "demo", "a")["metadata"]
    assert (metadata["deletionTimestamp"], metadata["deletionGracePeriodSeconds"]) == (3, 30)
    store.delete("Thing", "demo", "a")
    assert store.list("Thing") == []


@pytest.mark.parametrize(
    "verb",
    [
        lambda store: store.get("Thing", "demo", "a"),
        lambda store: store.patch("Thing", "demo", "a", {}),
        lambda store: store.delete("Thing", "demo", "a"),
    ],
)
def test_what_is_not_there_is_not_found_by_name(store, verb):
    with pytest.raises(NotFoundError, match="Thing demo/a"):
        verb(store)


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.create(thing("b")),
        lambda store: store.patch("Thing", "demo", "a", {"spec": {"x": 2}}),
        lambda store: store.delete("Thing", "demo", "a", grace_seconds=30),
        lambda store: store.delete("Thing", "demo", "a"),
    ],
)
def test_a_watch_returns_once_after_a_change_and_waits_where_there_is_none(time, change):
    async def scenario():
        store = Store(time)
        store.create(thing(spec={"x": 1}))
        await asyncio.wait_for(store.watch(0), 1)
        seen = store.resource_version
        store.patch("Thing", "demo", "a", {"spec": {"x": 1}})
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(store.watch(seen), 0.01)
        watchers = [asyncio.create_task(store.watch(seen)) for _ in range(2)]
        await asyncio.sleep(0)
        change(store)
        await asyncio.wait_for(asyncio.gather(*watchers), 1)

    asyncio.run(scenario())


def test_owned_are_those_whose_owner_reference_has_the_uid(store):
    owner, other = store.create(thing("owner")), store.create(thing("other"))
    children = [
        store.create(thing(f"child-{index}") | {"metadata": {"name": f"child-{index}", "ownerReferences": references}})
        for index, references in enumerate([[{"uid": owner["metadata"]["uid"]}], [{"uid": other["metadata"]["uid"]}]])
    ]
    assert list(owned_by([*children, owner], owner)) == children[:1]
