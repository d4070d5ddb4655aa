"""A program with the same objects in two clusters: each is compared with what it was in its own."""

import pytest

from nodrop.preview import as_deployed, compare, read_state
from nodrop.testing import Program, assert_update_drops_no_requests
from tests.preview.shop import SHOP

MADE = SHOP.replace("metadata=", "opts=pulumi.ResourceOptions(provider=made), metadata=").replace(
    "\n    ", "\n        "
)
MADE = MADE.replace('CustomResource("web"', 'CustomResource("web-" + key').replace("Service(\n", "Service(  #\n")
for kind, name in (("Service", "name,"), ("Ingress", '"web",'), ("Deployment", '"web",')):
    head = f"{kind}(  #\n" if kind == "Service" else f"{kind}(\n"
    before, found, after = MADE.partition(head)
    assert found
    MADE = before + head + after.replace(name, f"{name.rstrip(',')} + '-' + key,", 1)


def of(*clusters: str, **edits: tuple[str, str]) -> str:
    """The shop in each of these clusters, each as edited."""
    text = "\n    config = pulumi.Config()"
    for key in clusters:
        made = MADE.replace(*edits.get(key, ("", "")))
        provider = "k8s.Provider(key, kubeconfig=key, cluster_identifier=key)"
        text += f'\n    key = "{key}"\n    made = {provider}\n    if key:{made}'
    return text


PATHS = ("shop/web by provider a", "shop/web by provider b")
OTHER_PATH = {"a": ('"/ready/"', '"/healthz/"')}


@pytest.fixture
def update(evaluated, export):
    """Compares two programs, from the exported state of the first and as `nodrop.testing` does; both say the same."""

    def update(before: str, after: str):
        exported = compare(evaluated(after), read_state(export(evaluated(before)), "state.json"))
        told = compare(evaluated(after), as_deployed(evaluated(before)))
        assert (told.paths, told.not_compared) == (exported.paths, exported.not_compared)
        assert [each.rule for each in told.diagnostics] == [each.rule for each in exported.diagnostics]
        return exported

    return update


def test_the_same_objects_of_two_clusters_are_two_paths(update):
    comparison = update(of("a", "b"), of("a", "b"))
    assert (comparison.paths, comparison.diagnostics, comparison.not_compared) == (PATHS, (), ())


def test_objects_whose_resources_are_renamed_are_found_again_in_their_own_cluster(evaluated, export):
    before = evaluated(of("a", "b"))
    renaming = ("Deployment(\n            \"web\" + '-'", "Deployment(\n            \"other\" + '-'")
    renamed = evaluated(of("a", "b", a=renaming, b=renaming))
    assert {"other-a", "other-b"} <= {each.name for each in renamed.resources}
    for state in (as_deployed(before), read_state(export(before), "state.json")):
        change = compare(renamed, state)
        assert (change.paths, change.not_compared) == (PATHS, ())
        assert [each.rule for each in change.diagnostics] == ["objects-keep-their-resource"] * 2
        assert {each.seen.partition("(object made")[2] for each in change.diagnostics} == {
            " by provider a)",
            " by provider b)",
        }


def test_what_is_gone_went_to_the_cluster_of_the_other_objects(update):
    before = of("a").replace("cluster_identifier=key", "")
    after = before[: before.index("k8s.apps")].replace(
        "k8s.Provider(key, kubeconfig=key", "k8s.Provider('c', kubeconfig='c'"
    )
    change = update(before, after)
    assert change.paths == ("shop/web",)
    assert change.not_compared[0].startswith("objects go from Kubernetes provider a to Kubernetes provider c")
    assert "path-stays" in {each.rule for each in change.diagnostics}


def test_a_change_in_one_cluster_is_told_of_that_one(update, evaluated):
    before, after = of("a", "b"), of("a", "b", **OTHER_PATH)
    (found,) = update(before, after).diagnostics
    assert (found.rule, found.seen) == ("health-check-path-stays", "was /ready/ (object made by provider a)")
    programs = Program(evaluated(before)), Program(evaluated(after))
    assert_update_drops_no_requests(*programs, PATHS[1])
    with pytest.raises(AssertionError, match="health-check-path-stays"):
        assert_update_drops_no_requests(*programs, PATHS[0])


def test_a_second_cluster_changes_nothing_in_the_first(update):
    assert update(of("a"), of("a", "b")).diagnostics == ()


def test_a_cluster_that_goes_takes_its_routes(update):
    assert {each.rule for each in update(of("a", "b"), of("b")).diagnostics} == {"routes-keep-their-service"}


def test_what_goes_from_one_cluster_to_the_other_is_replaced(update):
    assert [each.rule for each in update(of("a"), of("b")).diagnostics] == ["objects-stay"]
