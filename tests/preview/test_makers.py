"""What makes objects that no evaluation has is named wherever the program is judged, and clean paths rest on it."""

import json

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from nodrop.judge import Verdict
from nodrop.policy import NOT_JUDGED, pack
from nodrop.preview import as_deployed, compare, evaluate, read_state
from nodrop.preview.judged import judge_program
from nodrop.project_file import ProjectFile
from nodrop.report.judged.document import document
from nodrop.report.judged.model import report_of
from nodrop.testing import Program, assert_no_dropped_requests
from tests.preview.clean_shop import SHOP

MAKERS = {
    "Release shop/r": "k8s.helm.v3.Release('r', chart='nginx', namespace='shop')",
    "Chart shop/r": "k8s.helm.v4.Chart('r', chart='nginx', namespace='shop')",
    "Chart r": "k8s.helm.v3.Chart('r', k8s.helm.v3.ChartOpts(chart='nginx'))",
    "ConfigGroup r": "k8s.yaml.v2.ConfigGroup('r', yaml='{}')",
    "ConfigFile r": "k8s.yaml.v2.ConfigFile('r', file='a.yaml')",
    "Directory r": "k8s.kustomize.v2.Directory('r', directory='.')",
}
TOLD = "its provider makes its objects, which are not read"
IMPORTS = "import pulumi_kubernetes.helm, pulumi_kubernetes.kustomize, pulumi_kubernetes.yaml\n"


@pytest.fixture
def made(program):
    return lambda *lines: evaluate(program("\n".join([IMPORTS, SHOP, *lines])), "dev")


@pytest.mark.parametrize("name", MAKERS)
def test_a_clean_path_rests_on_what_is_not_read(made, name):
    evaluation = made("shop()", MAKERS[name])
    judgement = judge_program(evaluation)
    [path] = judgement.paths
    assert path.verdict is Verdict.CLEAN
    assert f"objects of {name} leave this path alone (default)" in map(str, path.assumptions)
    assert [str(each.object) for each in judgement.passed_over] == [name]
    assert TOLD in document(report_of(judgement))
    with pytest.warns(UserWarning, match=f"not judged: {name}: {TOLD}"):
        assert_no_dropped_requests(Program(evaluation))


@pytest.mark.parametrize("name", MAKERS)
def test_a_program_of_nothing_else_is_not_judged(made, name):
    evaluation = made(MAKERS[name])
    assert judge_program(evaluation).verdict is Verdict.NOT_JUDGED
    with pytest.raises(AssertionError, match=f"no serving path\nnot judged: {name}: {TOLD}"):
        assert_no_dropped_requests(Program(evaluation))


def test_the_policy_pack_names_it_at_its_resource(made):
    evaluation = made("shop()", MAKERS["Release shop/r"])
    stack = pack(ProjectFile()).judge(evaluation)
    [violation] = stack.violations
    assert violation.policy == NOT_JUDGED
    assert violation.message.startswith(f"Release shop/r: {TOLD}")
    assert (violation.urn or "").endswith("Release::r")
    assert "objects of Release shop/r leave this path alone" in stack.told


def test_one_under_another_provider_makes_objects_of_another_cluster(made):
    chart = MAKERS["Chart shop/r"].removesuffix(")") + ", opts=pulumi.ResourceOptions(provider=cluster('other')))"
    judgement = judge_program(made("shop()", chart))
    assert not any(each.name.startswith("objects of") for each in judgement.paths[0].assumptions)
    assert [str(each.object) for each in judgement.passed_over] == ["Chart shop/r"]


def test_a_component_whose_objects_are_evaluated_is_read(made):
    text = "'{apiVersion: v1, kind: ConfigMap, metadata: {name: x}}'"
    assert not judge_program(made("shop()", f"k8s.yaml.ConfigGroup('r', yaml=[{text}])")).passed_over


def test_a_preview_names_it_on_stdout(program):
    folder = program("\n".join([IMPORTS, MAKERS["Release shop/r"]]))
    result = CliRunner().invoke(main, ["preview", "--project", str(folder), "--stack", "dev"])
    assert f"Release shop/r: {TOLD}" in result.stdout


RELEASE = 'k8s.helm.v3.Release("r", chart="nginx", version="1.0.0", values={"replicas": 2})'


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (RELEASE, RELEASE, None),
        (RELEASE, RELEASE.replace("1.0.0", "2.0.0"), "Release r changes (version)"),
        (RELEASE, RELEASE.replace('"replicas": 2', '"replicas": 3'), "Release r changes (values.replicas)"),
        (RELEASE.replace("values", "atomic=True, values"), RELEASE, "Release r changes (atomic)"),
        (RELEASE, "", "Release r is deleted"),
        ("", RELEASE, "Release r is new"),
    ],
)
def test_an_update_of_a_helm_release_is_not_compared(evaluated, export, before, after, told):
    texts = ["\n".join([IMPORTS, SHOP, "shop()", each]) for each in (before, after)]
    for state in (as_deployed(evaluated(texts[0])), read_state(export(evaluated(texts[0])), "state.json")):
        change = compare(evaluated(texts[1]), state)
        ending = ": what becomes of its chart's objects is not compared"
        assert list(change.not_compared) == ([f"{told}{ending}"] if told else [])


def test_what_the_provider_fills_into_a_release_is_no_change_of_it(evaluated, export):
    program = evaluated("\n".join([IMPORTS, SHOP, "shop()", RELEASE]))
    state = json.loads(export(program))
    [release] = [each for each in state["deployment"]["resources"] if each["type"].endswith(":Release")]
    release["inputs"] |= {"name": "r-1", "namespace": "default", "timeout": 300, "checksum": "2a"}
    assert compare(program, read_state(json.dumps(state), "state.json")).not_compared == ()


def test_a_release_that_is_only_read_is_not_new(evaluated):
    read = IMPORTS + SHOP + "shop()\nk8s.helm.v3.Release.get('r', 'default/r')"
    assert compare(evaluated(read), as_deployed(evaluated(IMPORTS + SHOP + "shop()"))).not_compared == ()


@pytest.mark.parametrize(
    ("after", "is_pinned"),
    [
        (RELEASE, True),
        (RELEASE.replace('"1.0.0"', '"v1.0.0-rc.1+a"'), True),
        (RELEASE.replace(' version="1.0.0",', ""), False),
        (RELEASE.replace('"1.0.0"', '"^1"'), False),
        (RELEASE.replace('"1.0.0"', '"1.0"'), False),
        (RELEASE.replace('"nginx"', '"./nginx"'), False),
        (RELEASE.replace('"nginx", version="1.0.0"', '"https://example.com/nginx-1.0.0.tgz"'), True),
    ],
)
def test_a_release_whose_chart_may_be_another_at_each_update_is_not_compared(evaluated, export, after, is_pinned):
    program = evaluated("\n".join([IMPORTS, SHOP, "shop()", after]))
    state = json.loads(export(program))
    [release] = [each for each in state["deployment"]["resources"] if each["type"].endswith(":Release")]
    release["inputs"].setdefault("version", "1.0.7")
    change = compare(program, read_state(json.dumps(state), "state.json"))
    assert [each.startswith("Release r takes the version that its chart has") for each in change.not_compared] == (
        [] if is_pinned else [True]
    )
    if 'version="' not in after and not is_pinned:
        assert "deployed is 1.0.7" in change.not_compared[0]


@pytest.mark.parametrize("name", ["ConfigGroup r", "Chart r"])
def test_a_component_that_only_its_provider_expands_is_not_compared_where_it_is_new(evaluated, export, name):
    before, after = ("\n".join([IMPORTS, SHOP, "shop()", each]) for each in ("", MAKERS[name]))
    for state in (as_deployed(evaluated(before)), read_state(export(evaluated(before)), "state.json")):
        [told] = compare(evaluated(after), state).not_compared
        assert told.endswith("::r is new: what its provider makes is not compared")
    assert compare(evaluated(after), as_deployed(evaluated(after))).not_compared == ()


@pytest.mark.parametrize(("package", "told"), [("terraform-vpc", True), ("awsx", False), ("gcp", False)])
def test_a_component_of_another_package_may_make_objects_unless_it_is_of_a_cloud(made, package, told):
    component = f"pulumi.ComponentResource('{package}:index:Vpc', 'net', {{}}, remote=True)"
    judgement = judge_program(made("shop()", component))
    reason = "Vpc net: its provider may make Kubernetes objects, which are not read"
    assert [str(each) for each in judgement.passed_over] == ([reason] if told else [])
    assert any("Vpc net" in str(each) for each in judgement.paths[0].assumptions) is told


def test_a_program_of_nothing_else_says_that_nothing_is_judged(program):
    folder = program("\n".join([IMPORTS, MAKERS["Release shop/r"]]))
    result = CliRunner().invoke(main, ["check", "--project", str(folder), "--stack", "dev"])
    assert "Found: nothing that is read, so nothing is judged." in " ".join(result.stdout.split())
    assert result.exit_code == 0
