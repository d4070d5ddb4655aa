"""Objects that an update deletes although the program still has them: by another provider, an option, another URN."""

import json

import pytest

from nodrop.preview import as_deployed, compare, read_state
from nodrop.testing import Program, assert_update_drops_no_requests
from tests.preview.shop import DEPLOY, SHOP

RENAMED = DEPLOY.replace('Deployment(\n        "web"', 'Deployment(\n        "www"')
ALIAS = RENAMED.replace("metadata=WEB", 'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="web")]), metadata=WEB')


def on(*providers: str) -> str:
    """The shop, made by the first of these providers."""
    given = "".join(f"\n    {each}" for each in providers)
    return given + SHOP.replace("metadata=", "opts=ON, metadata=").replace(
        "    config = pulumi.Config()", "    ON = pulumi.ResourceOptions(provider=main)"
    )


@pytest.fixture
def update(evaluated, export):
    """Compares two programs, from the exported state of the first and as `nodrop.testing` does; both say the same."""

    def update(before: str, after: str, edit=lambda state: None):
        state = json.loads(export(evaluated(before)))
        edit({each["urn"].rpartition("::")[2] + " " + each["type"]: each for each in state["deployment"]["resources"]})
        exported = compare(evaluated(after), read_state(json.dumps(state), "state.json"))
        if edit.__name__ == "<lambda>":
            evaluation = compare(evaluated(after), as_deployed(evaluated(before)))
            assert {each.rule for each in evaluation.diagnostics} == {each.rule for each in exported.diagnostics}
            assert evaluation.not_compared == exported.not_compared
        return exported

    return update


def told(comparison) -> list[tuple[str, str, str]]:
    return [(each.rule, str(each.severity), str(each.object)) for each in comparison.diagnostics]


BACKEND_CONFIG = 'CustomResource("web", api_version="cloud.google.com/v1"'


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        (DEPLOY, RENAMED, "Deployment shop/web"),
        (BACKEND_CONFIG, BACKEND_CONFIG.replace('"web"', '"config"'), "BackendConfig shop/web"),
        ('networking.v1.Ingress(\n        "web"', 'networking.v1.Ingress(\n        "front"', "Ingress shop/web"),
    ],
)
def test_a_renamed_resource_without_an_alias_is_an_error_at_its_object(update, old, new, name):
    assert old in SHOP
    assert told(update(SHOP, SHOP.replace(old, new))) == [("objects-keep-their-resource", "error", name)]


def test_a_renamed_namespace_is_an_error_of_every_path_in_it(update, evaluated):
    space = '\n    k8s.core.v1.Namespace("shop", metadata={"name": "shop"})' + SHOP
    renamed = space.replace('Namespace("shop"', 'Namespace("space"')
    assert told(update(space, renamed)) == [("objects-keep-their-resource", "error", "Namespace shop")]
    with pytest.raises(AssertionError, match="objects-keep-their-resource"):
        assert_update_drops_no_requests(Program(evaluated(space)), Program(evaluated(renamed)), "shop/web")


def test_an_alias_keeps_the_object(update):
    assert told(update(SHOP, SHOP.replace(DEPLOY, ALIAS))) == []


def test_a_renamed_resource_that_imports_a_retained_object_keeps_it(update):
    retained = SHOP.replace(
        DEPLOY, DEPLOY.replace("metadata=WEB", "opts=pulumi.ResourceOptions(retain_on_delete=True), metadata=WEB")
    )

    def keep(resources):
        resources["web kubernetes:apps/v1:Deployment"]["retainOnDelete"] = True

    imported = RENAMED.replace("metadata=WEB", 'opts=pulumi.ResourceOptions(import_="shop/web"), metadata=WEB')
    assert told(update(retained, SHOP.replace(DEPLOY, imported), keep)) == []
    assert told(update(retained, SHOP.replace(DEPLOY, RENAMED), keep)) != []


A = 'main = k8s.Provider("a", kubeconfig="a", cluster_identifier="a")'
B = 'main = k8s.Provider("b", kubeconfig="b", cluster_identifier="b")'


def of_server(name: str, host: str = "one", token: str = "") -> str:
    """A provider whose kubeconfig has the cluster at this host."""
    config = {
        "current-context": "main",
        "contexts": [{"name": "main", "context": {"cluster": "main", "user": "main"}}],
        "clusters": [{"name": "main", "cluster": {"server": f"https://{host}"}}],
        "users": [{"name": "main", "user": {"token": token}}],
    }
    return f"main = k8s.Provider({name!r}, kubeconfig={json.dumps(config)!r})"


def test_objects_that_go_to_the_server_of_another_kubeconfig_are_replaced(update):
    comparison = update(on(of_server("a", "one")), on(of_server("b", "two")))
    assert told(comparison) == [("objects-stay", "error", "Service shop/web")]


@pytest.mark.parametrize("renamed", [False, True])
def test_objects_that_go_to_another_cluster_are_replaced(update, renamed):
    after = on(B).replace('Deployment(\n        "web"', 'Deployment(\n        "www"') if renamed else on(B)
    comparison = update(on(A), after)
    assert told(comparison) == [("objects-stay", "error", "Service shop/web")]
    (found,) = comparison.diagnostics
    assert "Deployment shop/web of Kubernetes provider b" in str(found.value)
    assert "Ingress shop/web of Kubernetes provider a" in found.seen
    assert comparison.not_compared == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (on(A), on(B.replace('identifier="b"', 'identifier="a"'))),
        (
            on(A),
            on(B.replace('cluster_identifier="b"', 'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="a")])')),
        ),
        (on('main = k8s.Provider("a", kubeconfig="a")'), on('main = k8s.Provider("b", kubeconfig="a")')),
        (on(A), on('main = k8s.Provider("b", kubeconfig="a")')),
        (on(of_server("a", token="1")), on(of_server("b", token="2"))),
    ],
)
def test_another_provider_of_the_same_cluster_replaces_nothing(update, before, after):
    comparison = update(before, after)
    assert told(comparison) == []
    assert not [each for each in comparison.not_compared if each.startswith("objects go")]


@pytest.mark.parametrize(
    ("before", "after", "called"),
    [
        (SHOP, on(B), "the default Kubernetes provider to Kubernetes provider b"),
        (on(B), SHOP, "Kubernetes provider b to the default Kubernetes provider"),
        (
            on('main = k8s.Provider("a", kubeconfig="a")'),
            on('main = k8s.Provider("b", kubeconfig="b")'),
            "Kubernetes provider a to Kubernetes provider b",
        ),
        (
            on('main = k8s.Provider("a", kubeconfig=pulumi.Output.secret("a"))'),
            on('main = k8s.Provider("b", kubeconfig=pulumi.Output.secret("a"))'),
            "Kubernetes provider a to Kubernetes provider b",
        ),
    ],
)
def test_a_provider_of_a_cluster_that_is_not_known_is_not_compared(update, before, after, called):
    comparison = update(before, after)
    (told,) = comparison.not_compared
    assert told.startswith(f"objects go from {called}: if that is another cluster")
    assert "cluster_identifier" in told or "keep the explicit provider" in told
    assert comparison.verdict == "not judged"


PLATFORM = """
    from gke_nodrop import AutopilotCluster, Network, WebService

    def on(name):
        net = Network(name, {"region": "europe-west1"})
        return AutopilotCluster(name, {"location": "europe-west1", "network": net.cluster_network})

    clusters = [on("a"), on("b")]
    WebService("shop", {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}},
        pulumi.ResourceOptions(provider=clusters[0].kubernetes_provider, depends_on=clusters))
"""


def test_a_service_that_goes_to_the_programs_other_cluster_is_replaced(update):
    comparison = update(PLATFORM, PLATFORM.replace("clusters[0]", "clusters[1]"))
    assert told(comparison) == [("objects-stay", "error", "Service shop/shop")]
    assert comparison.not_compared == ()


def test_a_service_that_goes_to_a_cluster_of_another_name_may_stay_in_it(update):
    """A renamed cluster may be the one that was there; what becomes of that one is told by itself."""
    one = PLATFORM.replace(', on("b")', "")
    not_compared = update(one, one.replace('on("a")', 'on("b")')).not_compared
    assert any(each.startswith("objects go from Kubernetes provider a") for each in not_compared)


def option(text: str, kind: str = "Deployment") -> str:
    old = f'{kind}(\n        "web",'
    assert old in SHOP
    return SHOP.replace(old, f"{old} opts=pulumi.ResourceOptions({text}),")


IMAGE = ("web:1", "web:2")


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        (SHOP, option('replace_on_changes=["spec"]').replace(*IMAGE), "replace_on_changes"),
        (SHOP, option('replace_on_changes=["*"], delete_before_replace=True').replace(*IMAGE), "replace_on_changes"),
        (
            SHOP,
            option('replace_on_changes=["spec.template.spec.containers[*].image"]').replace(*IMAGE),
            "containers[0].image changes",
        ),
        (option('replacement_trigger="1"'), option('replacement_trigger="2"'), "replacement_trigger"),
        (
            option('replacement_trigger={"a": 1}', "Ingress"),
            option('replacement_trigger={"a": 2}', "Ingress"),
            "replacement_trigger",
        ),
    ],
)
def test_an_option_that_replaces_an_object_of_a_path_is_an_error(update, before, after, seen):
    (found,) = update(before, after).diagnostics
    assert (found.rule, found.is_error) == ("objects-stay", True)
    assert seen in found.seen


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (SHOP, option('replace_on_changes=["spec.replicas"]').replace(*IMAGE)),
        (SHOP, option('replace_on_changes=["spec"]')),
        (SHOP, option('replace_on_changes=["spec"], ignore_changes=["spec.template"]').replace(*IMAGE)),
        (SHOP, option("delete_before_replace=True").replace(*IMAGE)),
        (SHOP, option('replacement_trigger="1"')),
        (option('replacement_trigger="1"'), option('replacement_trigger="1"')),
    ],
)
def test_an_option_that_replaces_nothing_is_silent(update, before, after):
    comparison = update(before, after)
    assert (told(comparison), comparison.not_compared) == ([], ())


def test_an_object_goes_with_one_that_an_option_replaces(update):
    """By `replace_with`, as it would with a cloud resource."""
    config = 'metadata=WEB, spec={\n            "connection'
    assert config in SHOP
    with_it = option("replace_with=[backend_config]").replace(config, f"opts=TRIGGER, {config}")
    before, after = (
        with_it.replace(
            "    LABELS", f"    TRIGGER = pulumi.ResourceOptions(replacement_trigger={each})\n    LABELS", 1
        )
        for each in (1, 2)
    )
    assert told(update(before, before)) == []
    assert told(update(before, after)) == [("objects-stay", "error", "Service shop/web")]


def test_a_tainted_object_is_replaced(update):
    def taint(resources):
        resources["web kubernetes:apps/v1:Deployment"]["taint"] = True

    assert told(update(SHOP, SHOP, taint)) == [("objects-stay", "error", "Service shop/web")]


def test_a_trigger_that_is_not_known_is_not_compared(update):
    comparison = update(option('replacement_trigger="1"'), option('replacement_trigger=pulumi.Output.secret("1")'))
    assert comparison.not_compared == (
        "Deployment shop/web: its replacement_trigger may change, which is a secret or known only by `pulumi up`",
    )


def test_an_autonamed_deployment_that_is_replaced_comes_first(update):
    autonamed = DEPLOY.replace("metadata=WEB", 'metadata={"namespace": "shop"}')
    before = SHOP.replace(DEPLOY, autonamed)
    after = before.replace(
        'Deployment(\n        "web",',
        'Deployment(\n        "web", opts=pulumi.ResourceOptions(replace_on_changes=["spec"]),',
    ).replace(*IMAGE)
    assert told(update(before, after)) == []
    at_once = after.replace('["spec"]', '["spec"], delete_before_replace=True')
    assert told(update(before, at_once)) == [("objects-stay", "error", "Service shop/web")]


def test_an_object_beside_the_path_that_is_replaced_is_not_compared(update):
    old = 'kind="BackendConfig",'
    after = SHOP.replace(old, f'{old} opts=pulumi.ResourceOptions(replacement_trigger="2"),')
    before = after.replace('trigger="2"', 'trigger="1"')
    (told,) = update(before, after).not_compared
    assert told.startswith("BackendConfig shop/web: replacement_trigger replaces it")


def test_a_cluster_that_a_trigger_replaces_is_told(update):
    platform = """
    import pulumi_gcp as gcp

    cluster = gcp.container.Cluster("main", location="europe-west1", opts=pulumi.ResourceOptions(TRIGGER))
    main = k8s.Provider("main", kubeconfig=cluster.id, cluster_identifier="main")
    """ + on("")
    before, after = (platform.replace("TRIGGER", f"replacement_trigger={each}") for each in (1, 2))
    assert ("infrastructure-stays", "error", "Service shop/web") in told(update(before, after))
    anything = platform.replace("TRIGGER", 'replace_on_changes=["*"]').replace(
        "location=", 'min_master_version="2", location='
    )
    assert ("infrastructure-stays", "error", "Service shop/web") in told(update(before, anything))


WRAPPED = """
    from gke_nodrop import WebService

    class Shop(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__("shop:index:Shop", name)
            WebService("web", ARGS, pulumi.ResourceOptions(parent=self, aliases=ALIASES))

    ALIASES = []
    ARGS = {"image": "shop/web:1", "namespace": "web", "rollout": {"keep_alive_timeout_seconds": 620}}
"""
ALONE = WRAPPED + '    WebService("web", ARGS)\n'
WITHIN = WRAPPED + '    Shop("shop")\n'


def test_a_component_that_is_wrapped_needs_one_alias(update):
    rules = {rule for rule, _, _ in told(update(ALONE, WITHIN))}
    assert rules >= {"objects-keep-their-resource", "address-stays"}
    aliased = WITHIN.replace("ALIASES = []", "ALIASES = [pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]")
    comparison = update(ALONE, aliased)
    assert (told(comparison), comparison.not_compared) == ([], ())


def test_an_alias_below_a_parent_that_has_an_alias_itself_is_below_that_one_too(update):
    """A component gets another type, and its child is its child no more."""
    crate = CHILD.replace("{name}-space", "space").replace("index:Box", "index:Crate")
    moved = CHILD.replace('    Box("old")\n', MOVED)
    assert told(update(crate, moved)) == []
    assert told(update(crate, moved.replace('[pulumi.Alias(type_="shop:index:Crate")]', "[]"))) != []


def test_a_childs_own_alias_counts_below_its_parents_alias_too(update):
    crate = CHILD.replace("{name}-space", "space").replace("index:Box", "index:Crate")
    renamed = CHILD.replace("{name}-space", "room").replace(
        'Box("old")', 'Box("old", [pulumi.Alias(type_="shop:index:Crate")])'
    )
    assert told(update(crate, renamed)) != []
    assert (
        told(update(crate, renamed.replace("(parent=self)", '(parent=self, aliases=[pulumi.Alias(name="space")])')))
        == []
    )


MOVED = """
    box = Box("old", [pulumi.Alias(type_="shop:index:Crate")], make=False)
    k8s.core.v1.Namespace("space", metadata={"name": "shop"},
        opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(parent=box)]))
"""
CHILD = """
    class Box(pulumi.ComponentResource):
        def __init__(self, name, aliases=(), make=True):
            super().__init__("shop:index:Box", name, opts=pulumi.ResourceOptions(aliases=aliases))
            if not make:
                return
            k8s.core.v1.Namespace(f"{name}-space", metadata={"name": "shop"}, opts=pulumi.ResourceOptions(parent=self))

    Box("old")
"""


def test_a_child_that_is_called_after_its_component_is_found_by_the_components_alias(update):
    assert told(update(CHILD, CHILD.replace('Box("old")', 'Box("new")'))) != []
    assert told(update(CHILD, CHILD.replace('Box("old")', 'Box("new", [pulumi.Alias(name="old")])'))) == []


REMOTE = """
    class Apps(pulumi.ComponentResource):
        def __init__(self, name, aliases=()):
            super().__init__("apps:index:Apps", name, {}, pulumi.ResourceOptions(aliases=aliases), remote=True)

    Apps("old")
"""


def test_objects_of_a_remote_component_that_is_renamed_with_an_alias_are_taken_as_unchanged(evaluated, export):
    state = json.loads(export(evaluated(REMOTE + SHOP)))
    _, parent = (each["urn"] for each in state["deployment"]["resources"][:2])
    for each in state["deployment"]["resources"][2:]:
        each["parent"] = parent
        each["urn"] = each["urn"].replace("::kubernetes", "::apps:index:Apps$kubernetes")
    after = evaluated(REMOTE.replace('Apps("old")', 'Apps("new", [pulumi.Alias(name="old")])'))
    comparison = compare(after, read_state(json.dumps(state), "state.json"))
    assert told(comparison) == []
    assert comparison.not_compared == (
        "urn:pulumi:dev::demo::apps:index:Apps::new: its objects are taken as unchanged, for its provider makes them",
    )


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [("b", (False, False)), ("a", (True, False)), (None, (False, True)), ("both", (False, True))],
)
def test_the_default_provider_of_a_state_is_of_the_cluster_that_it_says(evaluated, export, identifier, expected):
    state = json.loads(export(evaluated(SHOP)))
    inputs = {"clusterIdentifier": identifier} if identifier else {}
    urn = "urn:pulumi:dev::demo::pulumi:providers:kubernetes::default_4_28_0"
    provider = {"urn": urn, "custom": True, "type": "pulumi:providers:kubernetes", "inputs": inputs, "outputs": inputs}
    state["deployment"]["resources"].append(provider)
    if identifier == "both":
        other = {"clusterIdentifier": "b"}
        newer = provider | {"urn": urn.replace("28", "29"), "inputs": other, "outputs": other}
        state["deployment"]["resources"].append(newer)
    comparison = compare(evaluated(on(B)), read_state(json.dumps(state), "state.json"))
    found = any("objects-stay" in each.rule for each in comparison.diagnostics)
    unknown = any("deploy kubernetes:clusterIdentifier" in each for each in comparison.not_compared)
    assert (found, unknown) == expected


CHART = """
    from pulumi_kubernetes.helm.v3 import Chart, ChartOpts

    Chart("old", ChartOpts(chart="shop"))
"""


def test_objects_of_a_chart_that_is_not_rendered_offline_are_taken_as_unchanged(evaluated, export):
    state = json.loads(export(evaluated(CHART + SHOP)))
    [parent] = [each["urn"] for each in state["deployment"]["resources"] if each["type"].endswith(":Chart")]
    for each in state["deployment"]["resources"]:
        if each["type"].startswith("kubernetes:") and each["urn"] != parent:
            each["parent"] = parent
            each["urn"] = each["urn"].replace("::kubernetes", "::kubernetes:helm.sh/v3:Chart$kubernetes", 1)
    comparison = compare(evaluated(CHART), read_state(json.dumps(state), "state.json"))
    assert told(comparison) == []
    [unseen] = comparison.not_compared
    assert "kubernetes:helm.sh/v3:Chart::old: its objects are taken as unchanged" in unseen
