"""Objects of two Kubernetes providers are in two clusters: judged apart, each path under a name of its own."""

from dataclasses import replace

import pytest

from nodrop.cli.check_input import from_stack
from nodrop.judge import Verdict
from nodrop.policy import pack
from nodrop.preview import as_deployed, compare, evaluate, read_state
from nodrop.preview.judged import judge_program
from nodrop.preview.program_objects import ProgramObjects
from nodrop.project_file import ProjectFile
from nodrop.report.judged.model import report_of
from nodrop.report.judged.text import text
from nodrop.testing import Program, assert_no_dropped_requests, assert_update_drops_no_requests
from tests.preview.clean_shop import SHOP

SPLIT = """
    shop(cluster("east"), but=["Deployment"])
    shop(cluster("west"), but=["Ingress", "Service"])
"""
TWICE = """
    shop(cluster("east"))
    shop(cluster("west"))
"""
BESIDE = """
    shop(cluster("east"))
    shop(cluster("west"), but=["Ingress", "Service"], grace=5)
"""
ONE_CLUSTER = """
    shop(cluster("east", cluster_identifier="main"), but=["Deployment"])
    shop(cluster("west", cluster_identifier="main"), but=["Ingress", "Service", "BackendConfig", "Namespace",
        "PodDisruptionBudget"])
"""
SAME_NAMES = """
    class Region(pulumi.ComponentResource):
        def __init__(self, name):
            super().__init__(f"shop:index:{name}", name)
            opts = pulumi.ResourceOptions(parent=self)
            shop(k8s.Provider("main", kubeconfig=name, opts=opts), parent=self)
    Region("East")
    Region("West")
"""


@pytest.fixture
def evaluated(program):
    def evaluated(text):
        return evaluate(program(SHOP + "\n".join(each.removeprefix("    ") for each in text.splitlines())), "dev")

    return evaluated


def verdicts(judgement):
    return {each.name: each.verdict for each in judgement.paths}


@pytest.mark.parametrize("under", ["", 'cluster("east")'])
def test_all_objects_under_one_provider_are_one_cluster(evaluated, under):
    assert verdicts(judge_program(evaluated(f"    shop({under})"))) == {"shop/web": Verdict.CLEAN}


def test_pods_of_another_cluster_are_behind_no_service(evaluated):
    [way] = judge_program(evaluated(SPLIT)).paths
    assert (way.verdict, way.path) == (Verdict.NOT_JUDGED, None)
    assert "selects no Deployment among the objects" in way.not_judged[0]
    assert way.not_judged[1] == (
        "Service shop/web is of provider east, Deployment shop/web of provider west: if these are one cluster, make "
        "both with one provider, or with two that have the same cluster_identifier"
    )


def test_the_default_provider_is_a_cluster_of_its_own(evaluated):
    text = '    shop(but=["Deployment"])\n    shop(cluster("west"), but=["Ingress", "Service"])'
    assert judge_program(evaluated(text)).verdict is Verdict.NOT_JUDGED


def test_the_same_objects_in_two_clusters_are_two_paths_that_say_which(evaluated):
    evaluation = evaluated(TWICE)
    names = ["shop/web by provider east", "shop/web by provider west"]
    assert verdicts(judge_program(evaluation)) == dict.fromkeys(names, Verdict.CLEAN)
    assert [each.name for each in Program(evaluation).paths] == names
    assert_no_dropped_requests(Program(evaluation), names[0])
    with pytest.raises(AssertionError, match="2 paths shop/web; there are"):
        assert_no_dropped_requests(Program(evaluation), "shop/web")


def test_a_deployment_of_another_cluster_is_no_part_of_a_path(evaluated):
    assert verdicts(judge_program(evaluated(BESIDE))) == {"shop/web": Verdict.CLEAN}


def test_providers_with_one_cluster_identifier_are_one_cluster(evaluated):
    [path] = judge_program(evaluated(ONE_CLUSTER)).paths
    assert path.name == "shop/web"
    assert {each.rule for each in path.diagnostics} == {"load-balancer-before-pods"}


KUBECONFIG = """apiVersion: v1
current-context: {0}
contexts: [{{name: {0}, context: {{cluster: {0}, user: {0}}}}}]
clusters: [{{name: {0}, cluster: {{server: "https://{0}"}}}}]
users: [{{name: {0}, user: {{token: {1}}}}}]
"""
OTHER_ENTRY = KUBECONFIG.format("one", 1).replace('//one"', '//one", tls-server-name: one')


def of_two_providers(infra, apps, rest="", but=("Ingress", "Service", "BackendConfig", "Namespace")):
    return f"""
    gke = lambda name: pulumi.CustomResource("gcp:container/cluster:Cluster", name, {{"location": "europe-west1"}})
    one, two = gke("one"), gke("two")
    def unknown(*of):
        return pulumi.Output.all(*(each.id for each in of)).apply(str)
    infra = k8s.Provider("infra", {infra})
    apps = k8s.Provider("apps", namespace="shop", {apps})
    shop(infra, but=["Deployment"])
    shop(apps, but={[*but, "PodDisruptionBudget"]!r})
    {rest}
"""


@pytest.mark.parametrize(
    ("infra", "apps"),
    [
        ('kubeconfig="one"', 'kubeconfig="one"'),
        ('kubeconfig=pulumi.Output.secret("one")', 'kubeconfig=pulumi.Output.secret("one")'),
        ('context="one"', 'context="one"'),
        (f"kubeconfig={KUBECONFIG.format('one', 1)!r}", f"kubeconfig={KUBECONFIG.format('one', 2)!r}"),
        ("cluster_identifier=one.id", "cluster_identifier=one.id"),
        ("kubeconfig=unknown(one)", "kubeconfig=unknown(one)"),
        ('kubeconfig="a", cluster_identifier="one"', 'kubeconfig="b", cluster_identifier="one"'),
    ],
)
def test_two_providers_of_one_cluster_are_one(evaluated, infra, apps):
    patch = (
        'k8s.apps.v1.DeploymentPatch("tuned", metadata={"name": "web"}, spec={"replicas": 1}, '
        "opts=pulumi.ResourceOptions(provider=apps))"
    )
    [path] = judge_program(evaluated(of_two_providers(infra, apps))).paths
    assert (path.name, path.path is not None, path.not_judged) == ("shop/web", True, ())
    [path] = judge_program(evaluated(of_two_providers(infra, apps, patch))).paths
    assert "DeploymentPatch tuned changes it" in path.not_judged[0]


@pytest.mark.parametrize(
    ("infra", "apps"),
    [
        (f"kubeconfig={KUBECONFIG.format('one', 1)!r}", f"kubeconfig={KUBECONFIG.format('two', 1)!r}"),
        ("kubeconfig=unknown(one)", "kubeconfig=unknown(two)"),
        ('kubeconfig="a", cluster_identifier="one"', 'kubeconfig="a", cluster_identifier="two"'),
    ],
)
def test_two_providers_of_two_clusters_are_two(evaluated, infra, apps):
    judgement = judge_program(evaluated(of_two_providers(infra, apps).replace('infra, but=["Deployment"]', "infra")))
    assert judgement.paths[0].path is not None
    assert not [each for each in judgement.paths[0].assumptions if "not of the cluster" in str(each)]


@pytest.mark.parametrize(
    ("infra", "apps"),
    [
        ('kubeconfig="one.yaml"', 'kubeconfig="two.yaml"'),
        ("kubeconfig=unknown(one, two)", "kubeconfig=unknown(one, two)"),
        ("kubeconfig=other.get_output('a')", "kubeconfig=other.get_output('b')"),
        ('kubeconfig="one"', "kubeconfig=unknown(one)"),
        ("kubeconfig=unknown(one), context='a'", "kubeconfig=unknown(one), context='b'"),
        (f"kubeconfig={KUBECONFIG.format('one', 1)!r}", f"kubeconfig={OTHER_ENTRY!r}"),
    ],
)
def test_a_path_rests_on_it_that_a_provider_which_may_be_of_its_cluster_is_not(evaluated, infra, apps):
    text = of_two_providers(infra, apps).replace('infra, but=["Deployment"]', "infra")
    judgement = judge_program(evaluated("    other = pulumi.StackReference('other')" + text))
    told = "provider apps not of the cluster of provider infra (default)"
    assert [str(each) for each in judgement.paths[0].assumptions if "not of the cluster" in str(each)] == [told]


def test_a_provider_without_objects_is_doubted_by_nothing(evaluated):
    [path] = judge_program(evaluated('    shop(cluster("east"))\n    cluster("west")')).paths
    assert not [each for each in path.assumptions if "not of the cluster" in str(each)]


def test_providers_of_one_name_are_told_by_their_parents(evaluated):
    found = verdicts(judge_program(evaluated(SAME_NAMES)))
    assert found == dict.fromkeys(
        [f"shop/web by provider main of shop:index:{name}" for name in ("East", "West")], Verdict.CLEAN
    )


def test_the_default_providers_of_the_engine_are_one_cluster(evaluated):
    """The policy pack is told of one for each version of the package."""
    evaluation = evaluated("    shop()")
    urn = "urn:pulumi:dev::demo::pulumi:providers:kubernetes::default"
    objects = [
        replace(each, provider=f"{urn}_4_{number % 2}_0" if number else urn)
        for number, each in enumerate(evaluation.resources[1:])
    ]
    judgement = judge_program(replace(evaluation, resources=(evaluation.resources[0], *objects)))
    assert verdicts(judgement) == {"shop/web": Verdict.CLEAN}


@pytest.mark.parametrize("names", [("default_eu", "default_us"), ("default", "default_4_28_0")])
@pytest.mark.parametrize("read", ["exported", "as deployed"])
def test_an_explicit_provider_may_be_called_as_the_engines_are(evaluated, export, names, read):
    program = evaluated("\n".join(f"    shop(cluster('{name}'))" for name in names))
    paths = [f"shop/web by provider {name}" for name in names]
    assert verdicts(judge_program(program)) == dict.fromkeys(paths, Verdict.CLEAN)
    state = read_state(export(program), "state.json") if read == "exported" else as_deployed(program)
    change = compare(program, state)
    assert (sorted(change.paths), change.verdict) == (sorted(paths), Verdict.CLEAN)
    [moved] = compare(evaluated("    shop()"), as_deployed(evaluated("    shop(cluster('default'))"))).not_compared
    assert moved.startswith("objects go from Kubernetes provider default to the default Kubernetes provider")


def test_a_finding_of_the_policy_pack_stands_at_the_resource_of_its_cluster(evaluated):
    evaluation = evaluated('    shop(cluster("east"), grace=5)\n    shop(cluster("west"), grace=5)')
    violations = pack(ProjectFile()).judge(evaluation).violations
    found = {(each.message.splitlines()[0], (each.urn or "").rpartition("::")[2]) for each in violations}
    assert found == {
        ("error on the serving path shop/web by provider east", "east-Deployment"),
        ("error on the serving path shop/web by provider west", "west-Deployment"),
    }


def test_what_the_commands_are_given_is_judged_apart_too(evaluated):
    given = from_stack(evaluated(TWICE))
    assert len(given.judged(given.objects, ProjectFile()).paths) == 2


def test_an_update_is_compared_by_cluster(evaluated):
    before = evaluated(TWICE)
    assert_update_drops_no_requests(Program(before), Program(before), "shop/web by provider east")
    change = compare(evaluated(TWICE.replace('"west")', '"west"), but=["Deployment"]')), as_deployed(before))
    assert change.paths == ("shop/web by provider east", "shop/web by provider west")
    assert (change.verdict, change.not_compared) == (Verdict.DROPS, ())


def test_pods_of_another_cluster_are_compared_with_no_service(evaluated):
    evaluation = evaluated(SPLIT)
    change = compare(evaluation, as_deployed(evaluation))
    assert change.paths == ()
    assert any("selects no Deployment among the objects" in each for each in change.not_compared)


def test_what_a_patch_changes_is_not_compared(evaluated):
    patch = (
        '    k8s.apps.v1.DeploymentPatch("tuned", metadata={"name": "web", "namespace": "shop"}, spec={"replicas": 1})'
    )
    evaluation = evaluated(f"    shop()\n{patch}")
    change = compare(evaluation, as_deployed(evaluation))
    assert change.verdict is Verdict.NOT_JUDGED
    assert change.not_compared[0].startswith("Deployment shop/web: DeploymentPatch tuned changes it")


def test_an_empty_name_is_no_path(evaluated):
    with pytest.raises(AssertionError, match="no path ; there are"):
        assert_no_dropped_requests(Program(evaluated("    shop(grace=5)")), "")


LONE = """
    def lone(provider):
        spec = {"maxReplicas": 2, "minReplicas": 3, "scaleTargetRef": {"kind": "Deployment", "name": "lone"}}
        k8s.apiextensions.CustomResource(provider._name + "-lone", api_version="autoscaling/v2",
            kind="HorizontalPodAutoscaler", metadata={"name": "lone", "namespace": "shop"}, spec=spec,
            opts=pulumi.ResourceOptions(provider=provider))
    east, west = cluster("east"), cluster("west")
    shop(east)
    shop(west)
    lone(east)
    lone(west)
"""


def test_a_finding_of_the_policy_pack_on_no_path_stands_at_the_resource_of_its_cluster(evaluated):
    violations = pack(ProjectFile()).judge(evaluated(LONE)).violations
    found = [(each.urn or "").rpartition("::")[2] for each in violations if "on no serving path" in each.message]
    assert set(found) == {"east-lone", "west-lone"}


def test_a_finding_on_no_path_says_its_cluster_where_there_are_several(evaluated):
    shown = text(report_of(judge_program(evaluated(LONE))), 160)
    assert "HorizontalPodAutoscaler shop/lone by provider east  " in shown
    assert "HorizontalPodAutoscaler shop/lone by provider west  " in shown
    one = LONE.replace("    shop(west)\n", "").replace("    lone(west)\n", "")
    assert "HorizontalPodAutoscaler shop/lone  " in text(report_of(judge_program(evaluated(one))), 160)


def test_an_update_that_renames_a_provider_is_asked_by_the_paths_that_it_tells(evaluated):
    before = evaluated(TWICE.replace('"west")', '"west", cluster_identifier="w")'))
    aliases = 'opts=pulumi.ResourceOptions(aliases=[pulumi.Alias(name="west")])'
    renamed = f'cluster("west2", cluster_identifier="w", {aliases}), label="west-"'
    after, other_check = (
        evaluated(TWICE.replace('cluster("west")', f"{renamed}{but}")) for but in ("", ', but=["BackendConfig"]')
    )
    told = compare(after, as_deployed(before))
    assert told.paths == ("shop/web by provider east", "shop/web by provider west2")
    for path in told.paths:
        assert_update_drops_no_requests(Program(before), Program(after), path)
    assert_update_drops_no_requests(Program(before), Program(other_check), told.paths[0])
    with pytest.raises(AssertionError, match="update of shop/web by provider west2"):
        assert_update_drops_no_requests(Program(before), Program(other_check), told.paths[1])


def test_an_update_is_asked_about_the_objects_of_the_paths_own_cluster(evaluated):
    budget = """
    def budget(name):
        k8s.policy.v1.PodDisruptionBudget(name, metadata={"name": "second", "namespace": "shop"},
            spec={"selector": {"matchLabels": {"app": "web"}}, "maxUnavailable": 1},
            opts=pulumi.ResourceOptions(provider=east))
    east = cluster("east")
    shop(east)
    shop(cluster("west"))
    """
    before, after = evaluated(budget + 'budget("a")'), evaluated(budget + 'budget("b")')
    programs = Program(before), Program(after)
    assert_update_drops_no_requests(*programs, "shop/web by provider west")
    with pytest.raises(AssertionError, match="objects-keep-their-resource"):
        assert_update_drops_no_requests(*programs, "shop/web by provider east")


@pytest.mark.parametrize("broken", ["Deployment", "Ingress"])
def test_the_name_of_a_path_does_not_depend_on_the_other_cluster_being_whole(evaluated, broken):
    name = "shop/web by provider east"
    before, after = evaluated(TWICE), evaluated(TWICE.replace('"west")', f'"west"), but=["{broken}"]'))
    assert name in verdicts(judge_program(after))
    assert compare(before, as_deployed(after)).paths[0] == name
    if broken == "Ingress":
        assert [each.name for each in Program(after).paths] == [name]


DEFAULT = """
    shop(but=["Deployment"])
    shop(k8s.Provider("apps", PROVIDER), but=["Ingress", "Service", "BackendConfig", "Namespace",
        "PodDisruptionBudget"])
"""


@pytest.fixture
def configured(program):
    def configured(text, **config):
        text = SHOP + "\n".join(each.removeprefix("    ") for each in text.splitlines())
        return evaluate(program(text), "dev", config={f"kubernetes:{key}": value for key, value in config.items()})

    return configured


@pytest.mark.parametrize(
    ("config", "provider", "is_one"),
    [
        ({"clusterIdentifier": "main"}, 'kubeconfig="x", cluster_identifier="main"', True),
        ({"clusterIdentifier": "main"}, 'kubeconfig="x", cluster_identifier="other"', False),
        ({"context": "main"}, 'context="main"', True),
        ({"kubeconfig": KUBECONFIG.format("one", 1)}, f"kubeconfig={KUBECONFIG.format('one', 2)!r}", True),
        ({}, 'context="main"', False),
    ],
)
def test_the_default_provider_is_of_the_cluster_of_the_stacks_configuration(configured, config, provider, is_one):
    judgement = judge_program(configured(DEFAULT.replace("PROVIDER", provider), **config))
    assert (judgement.paths[0].path is not None) == is_one
    [path] = judge_program(
        configured(DEFAULT.replace("PROVIDER", provider).replace('but=["Dep', 'but=["No'), **config)
    ).paths
    doubted = [str(each) for each in path.assumptions if "not of the cluster" in str(each)]
    assert bool(doubted) == (config == {})


def test_an_object_of_the_default_provider_is_in_the_namespace_of_the_stacks_configuration(configured):
    text = 'k8s.core.v1.Service("web", metadata={"name": "web"})\n'
    text += 'k8s.core.v1.ServicePatch("patch", metadata={"name": "web"})'
    evaluation = configured(text, namespace="shop")
    assert [each["metadata"]["namespace"] for each in ProgramObjects(evaluation).all] == ["shop"]
    told = ProgramObjects(evaluation).changed_by(ProgramObjects(evaluation).all[0])
    assert str(told).startswith("ServicePatch patch changes")


@pytest.mark.parametrize(
    ("before", "after", "verdict", "why"),
    [
        ({"clusterIdentifier": "a"}, {"clusterIdentifier": "a"}, Verdict.CLEAN, None),
        ({"clusterIdentifier": "a"}, {"clusterIdentifier": "b"}, Verdict.DROPS, None),
        ({"clusterIdentifier": "a", "context": "a"}, {"clusterIdentifier": "a", "context": "b"}, Verdict.CLEAN, None),
        ({"context": "a"}, {"context": "b"}, Verdict.NOT_JUDGED, "the default Kubernetes provider may be of another"),
        ({"context": "a"}, {}, Verdict.NOT_JUDGED, "the default Kubernetes provider may be of another cluster"),
        ({"context": "a", "namespace": "x"}, {"context": "a", "namespace": "y"}, Verdict.CLEAN, None),
    ],
)
def test_another_cluster_of_the_default_provider_is_told(configured, before, after, verdict, why):
    change = compare(configured("    shop()", **after), as_deployed(configured("    shop()", **before)))
    assert change.verdict is verdict
    assert [each.startswith(why) for each in change.not_compared] == ([True] if why else [])
    if verdict is Verdict.DROPS:
        [found] = [each for each in change.diagnostics if each.rule == "objects-stay"]
        assert "which is of another cluster now" in str(found.value)


def test_objects_that_go_to_the_default_provider_of_the_same_cluster_stay(configured):
    text = '    shop(k8s.Provider("apps", cluster_identifier="a"), label="x")'
    state = as_deployed(configured(text))
    same, other = (compare(configured('    shop(label="x")', clusterIdentifier=each), state) for each in "ab")
    assert (same.verdict, other.verdict) == (Verdict.CLEAN, Verdict.DROPS)
