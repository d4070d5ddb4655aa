"""`nodrop check`: what it says of YAML, and what it refuses."""

import errno
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from tests.cli.conftest import CLEAN, SHOP, check


def test_requests_that_drop_end_with_1_and_say_where_what_why_and_what_would_pass(dropping):
    done = check(dropping)
    assert done.exit_code == 1
    assert "drops  shop/web: Ingress web > Service web:80 > NEG > Deployment web" in done.stdout
    assert "error  pre-stop-outlasts-deprogramming" in done.stdout
    line = SHOP.read_text().splitlines().index("            preStop:") + 1
    assert f"{dropping}:{line} Deployment shop/web" in " ".join(done.stdout.split())
    assert "seen        5: " in done.stdout
    assert "instead     60" in done.stdout
    assert done.stdout.endswith("\n1 serving path: 1 drops. 1 error, 1 warning.\n")


def test_where_no_path_is_found_nothing_was_judged_and_that_is_said(tmp_path):
    file = tmp_path / "namespace.yaml"
    file.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    done = check(file)
    assert done.exit_code == 0
    assert " ".join(done.stdout.split()).endswith(
        "from an Ingress or Gateway of GKE's to a Deployment. Found: 1 Namespace."
    )
    assert check(file, "--fail-on", "not-judged").exit_code == 1


def test_no_input_at_all_is_no_verdict_but_an_error_as_where_the_first_command_of_a_pipe_failed(tmp_path):
    file = tmp_path / "empty.yaml"
    file.write_text("# nothing\n---\n")
    for command in ("check", "plan", "rehearse"):
        for given in ("-", str(file)):
            done = CliRunner().invoke(main, [command, given], input="")
            assert (done.exit_code, done.stdout) == (2, "")
            assert done.stderr == f"error: {given}: empty: not one Kubernetes object\n"


@pytest.mark.parametrize("command", ["check", "plan", "rehearse"])
def test_a_folder_without_any_object_is_an_error_too_and_what_it_holds_is_named(command, tmp_path):
    (tmp_path / "web.yaml").write_text("kind: Service\nname: {{ .Values.name }}\n")
    done = CliRunner().invoke(main, [command, str(tmp_path)])
    assert (done.exit_code, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    assert first == f"error: {tmp_path}: a folder without any Kubernetes object"
    assert second.startswith(f"passed over: {tmp_path}/web.yaml, line 2 (document 1): looks like an unrendered Helm")


@pytest.mark.parametrize("command", ["plan", "rehearse"])
def test_where_there_is_no_path_what_was_passed_over_and_not_read_is_named(command, tmp_path):
    (tmp_path / "namespace.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    (tmp_path / "web.yaml").write_text("kind: Service\nname: {{ .Values.name }}\n")
    done = CliRunner().invoke(main, [command, str(tmp_path), "missing.yaml"])
    assert done.exit_code == 2
    assert "Found: 1 Namespace\n" in done.stderr
    assert f"  passed over: {tmp_path}/web.yaml, line 2 (document 1): looks like" in done.stderr
    assert "not read: missing.yaml: No such file or directory\n" in done.stderr


def test_a_file_that_may_not_be_read_costs_the_others_nothing(tmp_path, monkeypatch):
    (closed := tmp_path / "closed.yaml").touch()
    access, opened = os.access, os.open

    def refused(path, *arguments, **options):
        if Path(path) == closed:
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(os, "access", lambda path, *given, **more: path != closed and access(path, *given, **more))
    monkeypatch.setattr(os, "open", refused)
    done = check(SHOP, closed)
    assert done.exit_code == 1, done.stderr
    assert f"not read: {closed}: Permission denied" in " ".join(done.stdout.split())
    assert "1 serving path: 1 drops." in done.stdout
    assert check(SHOP, "--against", closed).stderr == f"error: {closed}: Permission denied\n"


PATCH = "--patch prints patches instead of a report; give it without"


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
    assert check(*arguments).exit_code == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["-c", "replicas=3"], "--config replicas is for a --stack; files have no config"),
        (["--json", "--format", "sarif"], "give either --json or --format sarif"),
        (["--json", "--format", "text"], "give either --json or --format text"),
        (
            ["--baseline", "a", "--write-baseline", "b"],
            "--write-baseline writes all findings; give it without --baseline",
        ),
        (["--patch", "--write-baseline", "a"], f"{PATCH} --write-baseline"),
        (["--patch", "--format", "json"], f"{PATCH} --format"),
        (["--patch", "--json"], f"{PATCH} --json"),
        (["--patch", "--output", "a"], f"{PATCH} --output"),
    ],
)
def test_options_that_exclude_each_other_are_told_and_nothing_is_written(options, told, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = check(SHOP, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {told}\n")
    assert list(tmp_path.iterdir()) == []


def test_json_said_twice_is_no_contradiction():
    assert check(SHOP, "--json", "--format", "json").stdout == check(SHOP, "--json").stdout


def test_a_folders_foreign_files_are_named_and_its_nodrop_yaml_is_not(tmp_path, monkeypatch):
    (tmp_path / "web.yaml").write_text(SHOP.read_text())
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    (tmp_path / "nodrop.yaml").write_text("accept: {}\n")
    monkeypatch.chdir(tmp_path)
    document = json.loads(check(".", "--format", "json").stdout)
    assert [path["name"] for path in document["paths"]] == ["shop/web"]
    (over,) = document["passed_over"]
    assert over.startswith("values.yaml")
    assert check("values.yaml").exit_code == 2


def test_a_file_that_is_not_there_is_an_unreadable_input(tmp_path):
    done = check(tmp_path / "absent.yaml", tmp_path / "gone.yaml")
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


def test_a_broken_document_costs_the_others_nothing_and_ends_with_2(dropping):
    dropping.write_text(f"{dropping.read_text()}---\nkind: [\n")
    done = check("--fail-on", "never", dropping)
    assert "error  pre-stop-outlasts-deprogramming" in done.stdout
    line = len(dropping.read_text().splitlines())
    assert f"not read: {dropping}, line {line} (document " in " ".join(done.stdout.split())
    (fault,) = json.loads(check(dropping, "--format", "json").stdout)["unread"]
    assert fault.startswith(f"{dropping}, line {line} (document ")
    assert done.stdout.endswith("1 not read.\n")
    assert done.exit_code == 2


def test_a_stack_is_judged_as_its_program_declares_it():
    root = Path(__file__).parents[2]
    declared = check("--project", root, "--stack", "container-native", "--fail-on", "warning")
    assert (declared.exit_code, declared.stdout[:5]) == (0, "clean"), declared.stdout
    changed = check("--project", root, "--stack", "container-native", "-c", "replicas=1", "--fail-on", "warning")
    assert changed.exit_code == 1
    assert "survives-a-lost-pod" in changed.stdout
    absent = check("--project", root, "--stack", "nowhere")
    assert absent.exit_code == 2
    assert "nowhere" in absent.stderr


@pytest.mark.parametrize(("text", "told"), [("", 1), (" \n\n", 1), ("# to come\n", 0), ("---\n", 0)])
@pytest.mark.parametrize("named", [True, False])
def test_an_empty_file_beside_others_is_named_and_changes_nothing(shop, tmp_path, text, told, named):
    folder = tmp_path / "k8s"
    folder.mkdir()
    (folder / "web.yaml").write_text(shop(*CLEAN).read_text())
    (folder / "api.yaml").write_text(text)
    done = check(*([folder / "web.yaml", folder / "api.yaml"] if named else [folder]), "--format", "json")
    document = json.loads(done.stdout)
    assert document["passed_over"] == [f"{folder}/api.yaml: empty"] * told
    assert (document["verdict"], document["unread"], done.exit_code) == ("clean", [], 0)


def test_a_folder_of_an_empty_file_says_which(tmp_path):
    (tmp_path / "web.yaml").write_text("")
    told = f"error: {tmp_path}: a folder without any Kubernetes object\npassed over: {tmp_path}/web.yaml: empty\n"
    assert check(tmp_path).stderr == told
