"""Outputs of other stacks that a program references: given ones are known, and the rest says how to give them."""

import json

import pulumi
import pytest

from nodrop.judge import Verdict
from nodrop.preview import (
    UNKNOWN,
    ProgramError,
    ProjectError,
    SecretValue,
    compare,
    evaluate,
    evaluate_function,
    judge_program,
    read_stack_outputs,
    read_state,
    refuse_unreferenced,
)
from nodrop.preview.program_objects import ProgramObjects

INFRA = "org/infra/dev"
WEB = """
    from gke_nodrop import WebService

    infra = pulumi.StackReference("org/infra/dev")
    namespace = infra.require_output("namespace")
    WebService("web", {"image": "shop/web:1", "existing_namespace": namespace,
        "rollout": {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}})
"""
KUBECONFIG = """
current-context: main
contexts: [{name: main, context: {cluster: main}}]
clusters: [{name: main, cluster: {server: "https://%s"}}]
"""
RESOURCE = {
    "4dabf18193072939515e22adb298388d": "5cf8f73096256a8f31e491e813e4eb8e",
    "urn": "urn:pulumi:dev::infra::a::b",
}


def looked_up(outputs, **values):
    """What the program exports under these names, each a function of the reference."""

    def main():
        infra = pulumi.StackReference(INFRA)
        for name, value in values.items():
            pulumi.export(name, value(infra))

    return evaluate_function(main, stack_outputs=outputs).outputs


def test_an_output_that_is_given_is_known_and_keeps_its_type():
    given = {"text": "a", "number": 3, "flag": True, "list": [1, {"b": []}], "nothing": None}
    found = looked_up({INFRA: given}, **{name: lambda infra, name=name: infra.get_output(name) for name in given})
    assert found == {name: value for name, value in given.items() if value is not None}


def test_a_stack_is_found_by_its_name_and_not_by_that_of_the_reference():
    def main():
        pulumi.export("by name", pulumi.StackReference("infra", stack_name=INFRA).get_output("namespace"))
        pulumi.export("other", pulumi.StackReference(INFRA, stack_name="org/other/dev").get_output("namespace"))

    assert evaluate_function(main, stack_outputs={INFRA: {"namespace": "web"}}).outputs == {
        "by name": "web",
        "other": UNKNOWN,
    }


@pytest.mark.parametrize("more", [{}, {"token": "[secret]"}])
def test_a_key_that_is_not_there_is_none_or_fails_as_with_pulumi(more):
    given = {INFRA: {"namespace": "web", **more}}
    known = {"told": lambda infra: infra.get_output("name space").apply(str)}
    assert looked_up(given, **known) == {"told": "None"}
    with pytest.raises(ProgramError, match="KeyError: 'name space'"):
        looked_up(given, wrong=lambda infra: infra.require_output("name space"))


def test_what_pulumi_masked_is_secret_and_not_known_and_the_rest_is_known():
    given = {"token": "[secret]", "user": {"name": "a", "password": "[secret]"}, "namespace": "web", "own": RESOURCE}
    found = looked_up(
        {INFRA: given},
        token=lambda infra: infra.get_output("token"),
        required=lambda infra: infra.require_output("token"),
        used=lambda infra: infra.get_output("token").apply(json.loads),
        user=lambda infra: infra.get_output("user"),
        own=lambda infra: infra.get_output("own"),
        namespace=lambda infra: infra.get_output("namespace"),
        host=lambda infra: pulumi.Output.format("{}.example.com", infra.require_output("namespace")),
    )
    secret = SecretValue(UNKNOWN)
    assert found == {
        "host": "web.example.com",
        "namespace": "web",
        "own": UNKNOWN,
        "required": secret,
        "token": secret,
        "used": secret,
        "user": secret,
    }


def test_the_details_of_an_output_are_known_beside_a_masked_one():
    async def details(infra):
        known, masked = [await infra.get_output_details(name) for name in ("namespace", "token")]
        return [known.value, known.secret_value, masked.value, masked.secret_value]

    given = {"namespace": "web", "token": "[secret]"}
    found = looked_up({INFRA: given}, told=lambda infra: pulumi.Output.from_input(details(infra)).apply(str))
    assert found == {"told": "['web', None, None, None]"}


def test_a_program_leaves_pulumi_as_it_was():
    before = dict(vars(pulumi.StackReference))
    looked_up({INFRA: {"token": "[secret]"}}, token=lambda infra: infra.get_output("token"))
    assert dict(vars(pulumi.StackReference)) == before


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "infra.json is not JSON, from line 1 on, so not the outputs of org/infra/dev"),
        ("[" * 100_000, "infra.json is not the outputs of org/infra/dev"),
        ('["hush"]', "infra.json is not the outputs of org/infra/dev, one JSON object with each by its name"),
        (
            '{"version": 3, "deployment": {"manifest": {}, "resources": []}}',
            "infra.json is an exported state, not the outputs of org/infra/dev",
        ),
    ],
)
def test_a_text_that_has_no_outputs_is_refused_and_not_shown(text, told):
    with pytest.raises(ProjectError) as raised:
        read_stack_outputs(text, INFRA, "infra.json")
    assert str(raised.value) == f"{told}; `pulumi stack output --json --stack org/infra/dev` prints them"


def test_outputs_may_be_called_as_an_exported_state_s_parts_are():
    assert read_stack_outputs('{"version": "3", "deployment": "web"}', INFRA, "infra.json").keys() == {
        "version",
        "deployment",
    }


def test_outputs_of_stacks_that_no_program_references_are_refused_all_at_once():
    def main():
        pulumi.StackReference(INFRA)

    evaluation = evaluate_function(main)
    refuse_unreferenced([INFRA], [evaluation, evaluate_function(lambda: None)])
    with pytest.raises(ProjectError) as raised:
        refuse_unreferenced(["org/infra/dve", "a", INFRA], [evaluation])
    assert str(raised.value).splitlines() == [
        "outputs are given for stack org/infra/dve, which the program does not reference; did you mean org/infra/dev?",
        "outputs are given for stack a, which the program does not reference; it references org/infra/dev",
    ]
    with pytest.raises(ProjectError, match="stack a, which the program does not reference; it references none"):
        refuse_unreferenced(["a"], [evaluate_function(lambda: None)])


def test_a_stack_whose_name_is_not_known_may_be_any():
    def main():
        outer = pulumi.StackReference(INFRA)
        pulumi.StackReference("second", stack_name=outer.get_output("next"))  # ty: ignore[invalid-argument-type]

    refuse_unreferenced(["org/apps/dev"], [evaluate_function(main)])


def test_a_namespace_of_another_stack_is_judged_once_it_is_given(program):
    project = program(WEB)
    [path] = judge_program(evaluate(project, "dev", stack_outputs={INFRA: {"namespace": "shop"}})).paths
    assert (path.name, path.verdict) == ("shop/web", Verdict.CLEAN)


def test_a_path_that_is_not_judged_says_which_outputs_to_give(program):
    judgement = judge_program(evaluate(program(WEB), "dev"))
    reasons = [reason for path in judgement.paths for reason in path.not_judged]
    told = "give the outputs of org/infra/dev: `--stack-outputs org/infra/dev=FILE`, in tests `stack_outputs`"
    assert reasons
    assert all(each.endswith(f"is not known before `pulumi up`; wanted a string; {told}") for each in reasons)


@pytest.mark.parametrize(("value", "told"), [("[secret]", "is a secret"), (RESOURCE, "is not known")])
def test_no_option_gives_what_the_outputs_of_a_stack_hide(program, value, told):
    given = {INFRA: {"namespace": value}}
    judgement = judge_program(evaluate(program(WEB), "dev", stack_outputs=given))
    reasons = [reason for path in judgement.paths for reason in path.not_judged]
    assert all(told in each and "--stack-outputs" not in each for each in reasons)
    assert reasons


@pytest.mark.parametrize(
    ("namespace", "told"),
    [
        ("infra.get_output('a')", ["org/infra/dev"]),
        ("k8s.core.v1.Namespace('shop', metadata={'name': infra.get_output('a')}).metadata.name", ["org/infra/dev"]),
        ("pulumi.Output.concat(infra.get_output('a'), other.get_output('b'))", ["org/infra/dev", "org/other/dev"]),
        ("k8s.core.v1.Namespace('shop', metadata={'annotations': {'a': infra.get_output('a')}}).id", ["org/infra/dev"]),
        ("unknown.hex", []),
        ("pulumi.Output.secret(infra.get_output('a'))", []),
    ],
)
def test_what_makes_a_place_known_is_told_of_that_place_alone(program, namespace, told):
    evaluation = evaluate(
        program(f"""
        import pulumi_gcp as gcp

        infra, other = pulumi.StackReference("org/infra/dev"), pulumi.StackReference("org/other/dev")
        unknown = gcp.compute.Network("net").self_link.apply(lambda link: link)
        unknown.hex = unknown
        k8s.core.v1.Service("web", metadata={{"name": "web", "namespace": {namespace}}},
            spec={{"type": "ClusterIP", "ports": [{{"port": 80, "name": infra.get_output("c")}}]}})
        """),
        "dev",
    )
    made = ProgramObjects(evaluation)
    [service] = [each for each in made.all if each["kind"] == "Service"]
    options = " ".join(f"--stack-outputs {each}=FILE" for each in told)
    expected = f"give the outputs of {' and '.join(told)}: `{options}`, in tests `stack_outputs`" if told else None
    assert made.known_by(service, "metadata.namespace") == expected
    assert made.known_by(service, "metadata.name") is None
    assert made.known_by(service, "spec.type") is None
    assert "org/infra/dev" in str(made.known_by(service, "spec.ports[0].name"))
    assert made.known_by(service, "spec.ports[1].name") is None


CLUSTERS = """
    from gke_nodrop import WebService

    infra = pulumi.StackReference("org/infra/dev")
    for name in ("east", "west"):
        provider = k8s.Provider(name, INPUT=infra.get_output(name))
        WebService(name, {"image": "shop/web:1", "existing_namespace": "shop",
            "rollout": {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}},
            pulumi.ResourceOptions(provider=provider))
"""


@pytest.mark.parametrize(
    ("told_by", "east", "west", "clusters", "doubted"),
    [
        ("cluster_identifier", "one", "two", {"provider east", "provider west"}, False),
        ("cluster_identifier", "one", "one", {"provider east"}, False),
        ("kubeconfig", KUBECONFIG % "one", KUBECONFIG % "two", {"provider east", "provider west"}, False),
        ("kubeconfig", KUBECONFIG % "one", KUBECONFIG % "one", {"provider east"}, False),
        ("kubeconfig", "[secret]", "[secret]", {"provider east", "provider west"}, True),
    ],
)
def test_clusters_of_another_stack_are_told_apart(program, told_by, east, west, clusters, doubted):
    given = {INFRA: {"east": east, "west": west}}
    made = ProgramObjects(evaluate(program(CLUSTERS.replace("INPUT", told_by)), "dev", stack_outputs=given))
    assert (set(made.by_cluster), not made.doubted.keys().isdisjoint(made.by_cluster)) == (clusters, doubted)


@pytest.mark.parametrize(
    ("before", "after", "not_compared"),
    [
        (KUBECONFIG % "one", KUBECONFIG % "one", 0),
        (KUBECONFIG % "one", KUBECONFIG % "two", 2),
        (KUBECONFIG % "one", "[secret]", 2),
        ("[secret]", KUBECONFIG % "one", 2),
    ],
)
def test_a_kubeconfig_of_another_stack_is_compared_by_its_value(program, export, before, after, not_compared):
    project = program(CLUSTERS.replace("INPUT", "kubeconfig"))
    first, second = (
        evaluate(project, "dev", stack_outputs={INFRA: {"east": each, "west": each}}) for each in (before, after)
    )
    change = compare(second, read_state(export(first), "state.json"))
    assert sum("its kubeconfig may change" in each for each in change.not_compared) == not_compared


def test_another_cluster_of_another_stack_drops_requests(program, export):
    project = program(CLUSTERS.replace("INPUT", "cluster_identifier"))
    first, second = (
        evaluate(project, "dev", stack_outputs={INFRA: {"east": "one", "west": each}}) for each in ("two", "three")
    )
    state = read_state(export(first), "state.json")
    assert compare(first, state).verdict is Verdict.CLEAN
    assert compare(second, state).verdict is Verdict.DROPS
