"""`nodrop check`: what it says of YAML, in which format, and with which exit code."""

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import yaml
from click.testing import CliRunner, Result

from nodrop.cli import main

SHOP = Path(__file__).parent / "shop.yaml"


def nodrop(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=stdin)


@pytest.fixture
def dropping(tmp_path) -> Path:
    file = tmp_path / "web.yaml"
    file.write_text(SHOP.read_text())
    return file


def test_requests_that_drop_end_with_1_and_say_where_what_why_and_what_would_pass(dropping):
    done = nodrop(dropping)
    assert done.exit_code == 1
    assert "drops  shop/web: Ingress web > Service web:80 > NEG > Deployment web" in done.stdout
    assert "error  pre-stop-outlasts-deprogramming" in done.stdout
    line = SHOP.read_text().splitlines().index("            preStop:") + 1
    assert f"{dropping}:{line} Deployment shop/web" in " ".join(done.stdout.split())
    assert "seen        5: " in done.stdout
    assert "instead     60" in done.stdout
    assert done.stdout.endswith("\n1 serving path: 1 drops. 1 error, 1 warning.\n")


def test_json_holds_the_same_findings(dropping):
    document = json.loads(nodrop(dropping, "--format", "json").stdout)
    (path,) = document["paths"]
    assert (document["verdict"], path["name"], path["verdict"]) == ("drops", "shop/web", "drops")
    assert "pre-stop-outlasts-deprogramming" in {each["rule"] for each in path["findings"]}


CLEAN = (("{seconds: 5}", "{seconds: 60}"), ("GracePeriodSeconds: 20", "GracePeriodSeconds: 95"))
AT_RISK = (("{seconds: 5}", "{seconds: 60}"), ("GracePeriodSeconds: 20", "GracePeriodSeconds: 90"))
NODE_PORT = (
    ("cloud.google.com/neg: '{\"ingress\": true}'", "cloud.google.com/neg: '{}'"),
    ("spec:\n  selector", "spec:\n  type: NodePort\n  selector"),
)


@pytest.fixture
def shop(tmp_path):
    """Writes the service, changed."""

    def written(*changes: tuple[str, str]) -> Path:
        text = SHOP.read_text()
        for old, new in changes:
            assert old in text
            text = text.replace(old, new, 1)
        file = tmp_path / "changed.yaml"
        file.write_text(text)
        return file

    return written


@pytest.mark.parametrize(
    ("changes", "verdict", "codes"),
    [
        ((), "drops", {"error": 1, "not-judged": 1, "warning": 1, "never": 0}),
        (AT_RISK, "at risk", {"error": 0, "not-judged": 0, "warning": 1, "never": 0}),
        (CLEAN, "clean", {"error": 0, "not-judged": 0, "warning": 0, "never": 0}),
    ],
)
def test_fail_on_decides_which_verdicts_end_with_1(shop, changes, verdict, codes):
    file = shop(*changes)
    for level, code in codes.items():
        done = nodrop(file, "--fail-on", level)
        assert (done.exit_code, done.stdout.startswith(f"{verdict}  shop/web")) == (code, True), done.stdout


def test_a_path_that_cannot_be_judged_fails_where_that_is_asked_for(shop):
    file = shop(*NODE_PORT, *CLEAN)
    document = json.loads(nodrop(file, "--format", "json").stdout)
    assert document["verdict"] == "not judged"
    assert "NodePort" in document["paths"][0]["not_judged"][0]
    assert nodrop(file, "--fail-on", "not-judged").exit_code == nodrop(file, "--fail-on", "warning").exit_code == 1
    assert nodrop(file).exit_code == 0


def test_where_no_path_is_found_nothing_was_judged_and_that_is_said(tmp_path):
    file = tmp_path / "namespace.yaml"
    file.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    done = nodrop(file)
    assert (done.exit_code, done.stdout) == (0, "No serving path.\n")
    assert nodrop(file, "--fail-on", "not-judged").exit_code == 1


def test_rules_are_selected_and_ignored_and_the_verdict_stays(dropping):
    for options in (
        ["--select", "grace-covers-longest-request"],
        ["--ignore", "pre-stop-outlasts-deprogramming"],
    ):
        document = json.loads(nodrop(dropping, "--format", "json", *options).stdout)
        (path,) = document["paths"]
        assert [each["rule"] for each in path["findings"]] == ["grace-covers-longest-request"]
        assert document["hidden"] == {"pre-stop-outlasts-deprogramming": 1}
        assert document["verdict"] == "drops"
        assert nodrop(dropping, *options).exit_code == 0
    both = ["--ignore", "pre-stop-outlasts-deprogramming,grace-covers-longest-request"]
    assert "hidden: grace-covers-longest-request, 1 found" in nodrop(dropping, *both).stdout


def test_a_rule_that_does_not_exist_is_wrong_usage(dropping):
    done = nodrop(dropping, "--ignore", "grace-cover-longest-request")
    assert done.exit_code == 2
    assert "'grace-cover-longest-request' is not the name of a rule; did you mean grace-covers-longest-request?" in (
        done.stderr
    )


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["a.yaml", "--stack", "dev"],
        ["-", "--fix"],
        ["--stack", "dev", "--fix"],
        ["a.yaml", "--fix", "--patch"],
        ["--stack", "dev", "--against", "a"],
        ["-", "--against", "-"],
        ["a", "--fix", "--against", "b"],
    ],
)
def test_what_contradicts_itself_is_wrong_usage(arguments):
    assert nodrop(*arguments).exit_code == 2


def test_findings_of_the_baseline_do_not_count_and_new_ones_do(dropping, shop, tmp_path):
    baseline = tmp_path / "baseline.json"
    written = nodrop(dropping, "--write-baseline", baseline)
    assert (written.exit_code, written.stdout) == (0, "")
    assert written.stderr == f"{baseline}: 2 findings that do not count with --baseline {baseline}\n"
    adopted = nodrop(dropping, "--baseline", baseline, "--fail-on", "warning")
    assert adopted.exit_code == 0
    assert "2 known from the baseline" in adopted.stdout
    before = baseline.read_text()
    nodrop(dropping, "--baseline", baseline, "--write-baseline", baseline)
    assert baseline.read_text() == before
    more = nodrop(shop(("maxUnavailable: 0", "maxUnavailable: 1")), "--baseline", baseline)
    assert more.exit_code == 1
    assert "rolls-without-unavailable" in more.stdout


def test_a_baseline_that_is_none_is_an_unreadable_input(dropping, tmp_path):
    for file, said in ((tmp_path / "absent.json", "cannot be read: No such file"), (dropping, "is no baseline")):
        done = nodrop(dropping, "--baseline", file)
        assert done.exit_code == 2
        assert said in done.stderr


def test_facts_and_waivers_are_taken_from_nodrop_yaml(dropping, tmp_path, monkeypatch):
    stated = tmp_path / "nodrop.yaml"
    stated.write_text(
        "workloads:\n  shop/web:\n    longest_request_seconds: 7\n    accept:\n"
        "      pre-stop-outlasts-deprogramming: on the way out\n"
    )
    monkeypatch.chdir(tmp_path)
    done = nodrop(dropping)
    assert done.exit_code == 0
    assert "accepted    error pre-stop-outlasts-deprogramming" in done.stdout
    assert "Reason: on the way out" in " ".join(done.stdout.split())
    assert "longest request 7 s (nodrop.yaml)" in done.stdout
    monkeypatch.chdir("/")
    assert nodrop(dropping).exit_code == 1
    assert nodrop(dropping, "--settings", stated).exit_code == 0


def test_a_wrong_nodrop_yaml_is_an_unreadable_input(dropping, tmp_path):
    stated = tmp_path / "nodrop.yaml"
    stated.write_text("workloads:\n  shop/web: {longest_request_seconds: soon}\n")
    done = nodrop(dropping, "--settings", stated)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {stated}:2: workloads.shop/web.longest_request_seconds is 'soon'; wanted")


def test_the_expected_loss_is_told_at_a_given_rate(dropping):
    assert "requests fail" not in nodrop(dropping).stdout
    told = " ".join(nodrop(dropping, "--requests-per-second", 100).stdout.split())
    assert "in one rollout at 100 requests/s, 10% of them as long as the longest" in told
    (path,) = json.loads(nodrop(dropping, "--requests-per-second", 100, "--format", "json").stdout)["paths"]
    assert 0 < path["expected_loss"]["failed"] < path["expected_loss"]["requests"]


@pytest.mark.parametrize(
    ("form", "begins"),
    [("json", '{\n  "format"'), ("sarif", '{\n  "$schema"'), ("junit", "<?xml"), ("github", "::error ")],
)
def test_a_format_is_printed_or_written_beside_the_text(dropping, tmp_path, form, begins):
    printed = nodrop(dropping, "--format", form)
    assert printed.stdout.startswith(begins)
    assert printed.exit_code == 1
    output = tmp_path / "output"
    written = nodrop(dropping, "--format", form, "--output", output)
    assert written.stdout == nodrop(dropping).stdout
    assert output.read_text() == printed.stdout
    assert written.exit_code == 1


def test_the_text_goes_into_a_file_too(dropping, tmp_path):
    output = tmp_path / "output"
    assert nodrop(dropping, "--output", output).stdout == output.read_text()


def test_an_output_that_cannot_be_written_is_one_message(dropping, tmp_path):
    done = nodrop(dropping, "--output", tmp_path / "absent" / "output")
    assert done.exit_code == 2
    assert "cannot be written: No such file" in done.stderr


def test_a_patch_for_kustomize_is_printed_instead_of_a_report(dropping):
    done = nodrop(dropping, "--patch")
    (patch,) = yaml.safe_load_all(done.stdout)
    assert done.exit_code == 0
    assert patch["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == 95


def test_no_patch_where_nothing_can_be_cured_so(shop):
    done = nodrop(shop(*CLEAN), "--patch")
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "nothing that an edit of one field cures\n"


def test_the_change_from_another_version_is_judged_too(shop, tmp_path):
    before = tmp_path / "before"
    before.mkdir()
    (before / "web.yaml").write_text(shop(*CLEAN).read_text())
    after = shop(
        *CLEAN, ("{port: 80, targetPort: 8080}", "{port: 80, targetPort: 9090}"), ("Port: 8080}]", "Port: 9090}]")
    )
    alone, compared = nodrop(after), nodrop(after, "--against", before)
    assert "target-port-stays" not in alone.stdout
    assert compared.exit_code == 1
    assert f"drops  the change from {before}" in compared.stdout
    line = after.read_text().splitlines().index("kind: Service")
    assert f"{after}:{line} Service shop/web" in " ".join(compared.stdout.split())
    document = json.loads(nodrop(after, "--against", before, "--format", "json").stdout)
    assert [each["rule"] for each in document["against"]["findings"]] == ["target-port-stays"]
    assert document["verdict"] == document["against"]["verdict"] == "drops"


def test_no_change_is_harmless_and_says_what_was_compared(shop):
    file = shop(*CLEAN)
    done = nodrop(file, "--against", file, "--fail-on", "warning")
    assert done.exit_code == 0
    assert "No change that is known to drop requests. Compared: serving path shop/web; " in done.stdout
    assert done.stdout.endswith("The change: clean. 1 serving path: 1 clean.\n")


def test_a_change_that_could_not_be_compared_fails_where_that_is_asked_for(shop, tmp_path):
    nothing = tmp_path / "nothing.yaml"
    nothing.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    file = shop(*CLEAN)
    assert nodrop(file, "--against", nothing).exit_code == 0
    assert nodrop(file, "--against", nothing, "--fail-on", "not-judged").exit_code == 1
    assert f"there is no serving path in {nothing}" in " ".join(nodrop(file, "--against", nothing).stdout.split())


HELM = """\
---
# Source: shop/templates/empty.yaml
---
# Source: shop/templates/web.yaml

"""


def test_what_helm_pipes_has_the_lines_of_the_pipe():
    text = HELM + SHOP.read_text().replace("---\n", "---\n# Source: shop/templates/more.yaml\n\n")
    done = nodrop("-", "--format", "sarif", stdin=text)
    (run,) = json.loads(done.stdout)["runs"]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    lines = [text.splitlines()[each["region"]["startLine"] - 1].split(":")[0].strip() for each in places]
    assert lines == ["preStop", "terminationGracePeriodSeconds"]
    assert {each["artifactLocation"]["uri"] for each in places} == {"stdin"}


def test_a_folders_foreign_files_are_named_and_its_nodrop_yaml_is_not(tmp_path, monkeypatch):
    (tmp_path / "web.yaml").write_text(SHOP.read_text())
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    (tmp_path / "nodrop.yaml").write_text("accept: {}\n")
    monkeypatch.chdir(tmp_path)
    document = json.loads(nodrop(".", "--format", "json").stdout)
    assert [path["name"] for path in document["paths"]] == ["shop/web"]
    (over,) = document["passed_over"]
    assert over.startswith("values.yaml")
    assert nodrop("values.yaml").exit_code == 2


def test_a_file_that_is_not_there_is_an_unreadable_input(tmp_path):
    done = nodrop(tmp_path / "absent.yaml", tmp_path / "gone.yaml")
    assert done.exit_code == 2
    assert done.stderr.count("No such file") == 2


def loads(*arguments: str) -> set[str]:
    """The modules that a command has loaded when it ends."""
    script = (
        "import sys; from nodrop.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script, *arguments], capture_output=True, text=True, check=False)
    return set(done.stderr.split())


def test_help_loads_no_package_of_ours_but_the_command_line():
    loaded = loads("--help")
    assert "nodrop.cli.check" in loaded
    assert not loaded & {"nodrop.rollout", "nodrop.paths", "nodrop.judge", "nodrop.report", "yaml", "rich", "pulumi"}


def test_judging_files_loads_neither_pulumi_nor_the_lab_nor_rich(dropping):
    loaded = loads("check", str(dropping))
    assert "nodrop.judge" in loaded
    assert not loaded & {"nodrop.preview", "nodrop.lab", "rich", "pulumi", "grpc", "matplotlib", "jinja2", "aiohttp"}


CASES = sorted((Path(__file__).parent / "judge" / "field_cases").glob("*.yaml"))


def test_what_is_printed_keeps_the_schema_and_no_line_is_wider_than_asked_for_in_every_field_case(monkeypatch):
    schema = json.loads((files("nodrop.report.judged") / "schema.json").read_text())
    assert len(CASES) > 10
    for case in CASES:
        printed = nodrop(case, "--format", "json", "--requests-per-second", 50)
        jsonschema.validate(json.loads(printed.stdout), schema)
        for width in (80, 120, 200):
            monkeypatch.setenv("COLUMNS", str(width))
            lines = [line for line in nodrop(case).stdout.splitlines() if str(case) not in line]
            assert max(map(len, lines)) <= width


def test_a_terminal_gets_colour_and_a_file_none(dropping):
    here, there = pty.openpty()
    command = [sys.executable, "-c", "from nodrop.cli import main; main()", "check", str(dropping)]
    subprocess.run(command, stdout=there, check=False)
    os.close(there)
    shown = b""
    with suppress(OSError):  # Linux ends a terminal that nobody writes to any more so
        while part := os.read(here, 4096):
            shown += part
    os.close(here)
    assert b"\x1b[31mdrops\x1b[0m  shop/web" in shown
    assert "\x1b" not in nodrop(dropping).stdout


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github"])
def test_no_name_in_a_file_reaches_the_terminal_or_the_log_as_it_is(tmp_path, form):
    hostile = '"\\e[31mweb\\n::error::forged\\r##[error]x ##vso[task.complete]\\u202e[red]"'
    file = tmp_path / "::warning::x\x1b[31m.yaml"
    file.write_text(SHOP.read_text().replace("name: web", f"name: {hostile}"))
    done = nodrop(file, "--format", form)
    assert done.exit_code in (0, 1), done.stderr
    for told in (done.stdout, done.stderr):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", told)
        assert "##[" not in told
        assert "##vso[" not in told
        commands = [line for line in told.splitlines() if line.lstrip().startswith("::")]
        assert all(re.match(r"::(error|warning|notice) (file|title)=", line) for line in commands)
        assert form == "github" or not commands
    assert "forged" in done.stdout


def test_a_broken_document_costs_the_others_nothing_and_ends_with_2(dropping):
    dropping.write_text(f"{dropping.read_text()}---\nkind: [\n")
    done = nodrop("--fail-on", "never", dropping)
    assert "error  pre-stop-outlasts-deprogramming" in done.stdout
    line = len(dropping.read_text().splitlines())
    assert f"not read: {dropping}, line {line} (document " in " ".join(done.stdout.split())
    (fault,) = json.loads(nodrop(dropping, "--format", "json").stdout)["unread"]
    assert fault.startswith(f"{dropping}, line {line} (document ")
    assert done.stdout.endswith("1 not read.\n")
    assert done.exit_code == 2


def test_a_stack_is_judged_as_its_program_declares_it():
    root = Path(__file__).parent.parent
    declared = nodrop("--project", root, "--stack", "container-native", "--fail-on", "warning")
    assert (declared.exit_code, declared.stdout[:5]) == (0, "clean"), declared.stdout
    changed = nodrop("--project", root, "--stack", "container-native", "-c", "replicas=1", "--fail-on", "warning")
    assert changed.exit_code == 1
    assert "survives-a-lost-pod" in changed.stdout
    absent = nodrop("--project", root, "--stack", "nowhere")
    assert absent.exit_code == 2
    assert "nowhere" in absent.stderr
