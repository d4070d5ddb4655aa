"""Selectors found by labels: every one that takes an object is among the candidates, whatever labels they share."""

from hypothesis import given
from hypothesis import strategies as st

from nodrop.paths.selector_index import SelectorIndex

LABELS = st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz"), max_size=3)


@given(selectors=st.lists(st.tuples(st.sampled_from(["shop", "chat"]), LABELS), max_size=8), labels=LABELS)
def test_whoever_takes_the_object_is_among_the_candidates_once(selectors, labels):
    index = SelectorIndex((place, wanted, number) for number, (place, wanted) in enumerate(selectors))
    found = list(index.candidates("shop", labels))
    taking = [n for n, (place, wanted) in enumerate(selectors) if place == "shop" and wanted.items() <= labels.items()]
    assert set(taking) <= set(found)
    assert len(found) == len(set(found))


def test_a_label_that_all_want_leads_to_none_of_the_others():
    index = SelectorIndex(("shop", {"chart": "all", "app": name}, name) for name in "abc")
    assert list(index.candidates("shop", {"chart": "all", "app": "b"})) == ["b"]
