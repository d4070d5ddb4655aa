"""`nodrop.yaml`: facts, waivers and severities, and what is said of a file that is wrong."""

import json
from pathlib import Path

import pytest
import yaml

from nodrop.gke.applications import ACCEPT as ANNOTATION
from nodrop.judge import Facts, Judgement, Verdict, judge
from nodrop.project_file import (
    ProjectFile,
    ProjectFileError,
    Workload,
    find_project_file,
    misnamed,
    read_project_file,
    weighed,
)
from nodrop.rollout import OnTerm, Origin, Severity

SHOP = Path(__file__).parent / "shop.yaml"
SECONDS = "wanted a number of seconds from 0 to 2147483647, such as 30"

KNOWN = (
    "longest_request_seconds, startup_seconds, keep_alive_timeout_seconds, on_term, accept; did you mean "
    "longest_request_seconds?"
)
ACCEPT = "; to accept what it finds, give a reason under accept"

WHOLE = """\
severities:
  survives-a-lost-pod: error
accept:
  surge-limits-blast-radius: all at once is what we want
workloads:
  shop/*:
    longest_request_seconds: 60
    startup_seconds: 20
  shop/web:
    longest_request_seconds: 90.5
    keep_alive_timeout_seconds: 0
    on_term: serve
    accept:
      draining-covers-longest-request: websocket clients reconnect
"""


@pytest.fixture
def write(tmp_path):
    """Writes a `nodrop.yaml`."""

    def written(text: str | bytes) -> Path:
        file = tmp_path / "nodrop.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return written


def deployment(name: str, namespace: str = "shop") -> dict:
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": namespace}}


def faults(file: Path) -> list[str]:
    with pytest.raises(ProjectFileError) as refused:
        read_project_file(file)
    return [fault.removeprefix(f"{file}") for fault in refused.value.faults]


def test_facts_are_of_the_workloads_that_a_pattern_matches_the_last_one_first(write):
    stated = read_project_file(write(WHOLE))
    assert stated.facts([deployment("web"), deployment("api"), deployment("web", "blog")]) == {
        "shop/web": Facts(
            longest_request_seconds=90.5, startup_seconds=20, keep_alive_timeout_seconds=0, on_term=OnTerm.SERVE
        ),
        "shop/api": Facts(longest_request_seconds=60, startup_seconds=20),
        "blog/web": Facts(),
    }


def test_an_entry_that_nearly_names_a_workload_of_which_nothing_is_stated_is_a_slip(write):
    stated = read_project_file(write("workloads:\n  shp/web: {startup_seconds: 5}\n  shop/checkout: {on_term: exit}\n"))

    def deployment(name: str) -> dict:
        return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "shop"}}

    assert list(stated.slips([deployment("web")])) == [
        f"{stated.file}: workloads.shp/web matches no Deployment here; did you mean shop/web?"
    ]
    assert list(stated.slips([deployment("checkout"), deployment("api")])) == []
    assert list(ProjectFile().slips([deployment("web")])) == []


def test_an_empty_file_states_nothing(write):
    for text in ("", "# nothing yet\n", "workloads:\n", "---\n"):
        assert read_project_file(write(text)) == ProjectFile()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- a", [":1: the file is a list or keys; wanted keys with values"]),
        ("waivers: {}", [":1: waivers is not a key of this file; the keys are severities, accept, workloads"]),
        (
            "workload: {}",
            [
                (
                    ":1: workload is not a key of this file; the keys are severities, accept, workloads; "
                    "did you mean workloads?"
                )
            ],
        ),
        (
            "workloads:\n  web: {}",
            [":2: workloads.web is not NAMESPACE/NAME of a workload, such as shop/web or shop/*"],
        ),
        (
            "workloads:\n  shop/web:\n    longest_request_seconds: 30s\n    startup_seconds: -1\n    on_term: die",
            [
                f":3: workloads.shop/web.longest_request_seconds is '30s'; {SECONDS}",
                f":4: workloads.shop/web.startup_seconds is '-1'; {SECONDS}",
                ":5: workloads.shop/web.on_term is 'die'; wanted one of exit, drain, serve",
            ],
        ),
        (
            "workloads: {shop/web: {longest_request_seconds: .nan, longest_requests: 3}}",
            [
                f":1: workloads.shop/web.longest_request_seconds is '.nan'; {SECONDS}",
                ":1: workloads.shop/web.longest_requests is not known; known are " + KNOWN,
            ],
        ),
        (
            "workloads:\n  shop/web:\n    startup_seconds: 2147483648\n    keep_alive_timeout_seconds: .inf",
            [
                f":3: workloads.shop/web.startup_seconds is '2147483648'; {SECONDS}",
                f":4: workloads.shop/web.keep_alive_timeout_seconds is '.inf'; {SECONDS}",
            ],
        ),
        (
            "severities:\n  survives-a-lost-pods: error\n  survives-a-lost-pod: off",
            [
                ":2: severities.survives-a-lost-pods is not the name of a rule; did you mean survives-a-lost-pod?",
                ":3: severities.survives-a-lost-pod is 'off'; wanted one of error, warning" + ACCEPT,
            ],
        ),
        (
            "accept:\n  survives-a-lost-pod:\n  inputs-in-range: because",
            [
                ":2: accept.survives-a-lost-pod has no reason; wanted one, such as: websocket clients reconnect",
                ":3: accept.inputs-in-range cannot be waived: no timing can be computed from such a number",
            ],
        ),
        (
            "accept:\n  survives-a-lost-pod: a\n  survives-a-lost-pod: b",
            [":3: accept states survives-a-lost-pod twice"],
        ),
        ("a: [", [":1: not YAML: expected the node content, but found '<stream end>'"]),
        (b"\xff\xfe", [": not UTF-8 text"]),
        ("a:\n  b: \x1b", [":2: not YAML: the character 0x1b, which YAML forbids"]),
        ("[" * 5000, [": not YAML: nested too deeply"]),
        ('a:\n  b: "\\UFFFFFFFF"', [":2: not YAML: an escape such as \\U that names no character"]),
        ('a:\n  b: "\\U00110000"', [":2: not YAML: an escape such as \\U that names no character"]),
        (b"#" * 1_000_001, [": more than 1,000,000 bytes"]),
    ],
)
def test_everything_wrong_is_told_at_once_with_its_line(write, text, said):
    assert faults(write(text)) == said


def test_a_bomb_of_aliases_is_answered_at_once(write):
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    assert len(faults(write(bomb))) == 60


def test_a_folder_in_its_place_is_no_file(tmp_path):
    assert faults(tmp_path) == [": not a file"]
    assert faults(tmp_path / "nope.yaml") == [": cannot be read: No such file or directory"]


def test_what_stands_under_a_misspelt_key_is_told_too_in_the_order_of_lines(write):
    text = "workload:\n  shop/web: {longest: 1}\naccepts:\n  survives-a-lost-pod:\naccept:\n  a-rule: why\n"
    told = faults(write(text))
    assert [each.split(":")[1] for each in told] == ["1", "2", "3", "6"]
    assert "did you mean workloads?" in told[0]
    assert "workloads.shop/web.longest is not known" in told[1]


def test_a_file_that_looks_meant_for_it_is_named(tmp_path):
    (tmp_path / ".git").mkdir()
    (inner := tmp_path / "inner").mkdir()
    (inner / "nodrop.yml").touch()
    (tmp_path / "nodrop.yaml").mkdir()
    assert list(misnamed(inner)) == [
        f"{inner}/nodrop.yml is not read; did you mean nodrop.yaml?",
        f"{tmp_path}/nodrop.yaml is a folder, and not read; nodrop.yaml is a file",
    ]
    (inner / "nodrop.yaml").touch()
    (inner / "nodrop.yml").unlink()
    assert list(misnamed(inner)) == []  # nor what is above the file that is read


def test_it_is_found_here_or_above_up_to_the_repositorys_root(tmp_path):
    (tmp_path / "nodrop.yaml").touch()
    repository = tmp_path / "repository"
    below = repository / "deploy" / "prod"
    below.mkdir(parents=True)
    assert find_project_file(below) == tmp_path / "nodrop.yaml"
    (repository / ".git").mkdir()
    assert find_project_file(below) is None
    (repository / "nodrop.yaml").touch()
    assert find_project_file(below) == repository / "nodrop.yaml"
    (below / "nodrop.yaml").touch()
    assert find_project_file(below) == below / "nodrop.yaml"


@pytest.fixture
def judgement() -> Judgement:
    """Of Deployment shop/web: errors of preStop, a warning of the grace period."""
    return judge(yaml.safe_load_all(SHOP.read_text()))


def found(judgement: Judgement) -> dict[str, tuple[Severity, str | None]]:
    (path,) = judgement.paths
    return {each.rule: (each.severity, each.waiver) for each in path.diagnostics}


def test_a_file_that_states_nothing_changes_nothing(judgement):
    assert weighed(judgement, ProjectFile()) == judgement


def test_another_severity_is_another_verdict(judgement):
    assert judgement.verdict is Verdict.DROPS
    severities = dict.fromkeys(found(judgement), Severity.WARNING)
    lenient = weighed(judgement, ProjectFile(severities=severities))
    assert lenient.verdict is Verdict.AT_RISK
    assert set(found(lenient).values()) == {(Severity.WARNING, None)}


def test_what_no_reason_helps_against_stays_an_error(write):
    file = write("severities:\n  object-is-accepted: warning\n  waiver-of-a-broken-rule: error\n")
    assert faults(file) == [
        ":2: severities.object-is-accepted stays an error: whatever the reason, the object is refused"
    ]


def accepted_by(stated: ProjectFile) -> Judgement:
    return judge(yaml.safe_load_all(SHOP.read_text()), waivers=stated.reasons)


def test_a_reason_accepts_what_a_rule_finds_of_the_workloads_that_it_is_for(judgement):
    rules = tuple(found(judgement))
    reasons = dict.fromkeys(rules, "because")
    for stated in (
        ProjectFile(accept=reasons),
        ProjectFile(workloads=(Workload(pattern="shop/*", accept=reasons),)),
    ):
        accepted = accepted_by(stated)
        assert {waiver for _, waiver in found(accepted).values()} == {"because"}
        assert {each.waived_by for each in accepted.paths[0].diagnostics} == {Origin.FILE}
        assert accepted.verdict is Verdict.CLEAN
    other = ProjectFile(workloads=(Workload(pattern="blog/*", accept=reasons),))
    assert accepted_by(other) == judgement


def test_a_reason_for_what_no_rule_finds_is_for_other_workloads_and_no_finding(judgement):
    stated = ProjectFile(accept={"backend-timeout-covers-longest-request": "the batch jobs are slow"})
    assert accepted_by(stated).paths[0].diagnostics == judgement.paths[0].diagnostics


def test_the_workloads_own_reason_goes_before_the_one_for_all():
    rule = "pre-stop-outlasts-deprogramming"
    stated = ProjectFile(accept={rule: "all"}, workloads=(Workload(pattern="shop/web", accept={rule: "own"}),))
    assert found(accepted_by(stated))[rule] == (Severity.ERROR, "own")


def test_an_annotations_reason_goes_before_the_files():
    rule, other = "pre-stop-outlasts-deprogramming", "every-container-has-pre-stop"
    objects = list(yaml.safe_load_all(SHOP.read_text()))
    [deployment] = (each for each in objects if each["kind"] == "Deployment")
    deployment["metadata"].setdefault("annotations", {})[ANNOTATION] = json.dumps({rule: "annotated"})
    stated = ProjectFile(accept={rule: "filed", other: "filed"})
    [path] = judge(objects, waivers=stated.reasons).paths
    said = {each.rule: (each.waiver, each.waived_by) for each in path.diagnostics if each.waiver}
    assert said[rule] == ("annotated", Origin.ANNOTATION)
    assert set(said.values()) <= {("annotated", Origin.ANNOTATION), ("filed", Origin.FILE)}
    assert path.accepted == {rule: ("annotated", Origin.ANNOTATION), other: ("filed", Origin.FILE)}
