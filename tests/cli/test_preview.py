import json
import re
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from nodrop.cli import main

NODROP = [sys.executable, "-c", "from nodrop.cli import main; main()"]
MAIN = """
    import pulumi
    import pulumi_kubernetes as k8s

    print("printed by the program")
    config = pulumi.Config()
    if config.get_bool("fail"):
        raise pulumi.RunError("two inputs are wrong")
    if config.get_bool("crash"):
        1 / 0
    k8s.core.v1.ConfigMap("map", metadata={"name": "map"}, data={
        "given": config.get("given") or "nothing", "secret": pulumi.Output.secret("hush")})
    pulumi.log.warn("careful")
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(textwrap.dedent(MAIN))
    return tmp_path


def preview(project: Path, *more: str) -> Result:
    return CliRunner().invoke(main, ["preview", "--project", str(project), "--stack", "dev", *more])


def test_the_tree_goes_to_stdout_and_what_the_program_says_to_stderr(project):
    result = preview(project)
    assert result.exit_code == 0
    assert "kubernetes:core/v1:ConfigMap" in result.stdout
    assert "printed by the program" not in result.stdout
    assert " ".join(result.stdout.split()).endswith(
        "No serving path: nothing leads from an Ingress or Gateway of GKE's to a Deployment. Found: 1 ConfigMap."
    )
    assert result.stderr == "printed by the program\nwarning: careful\n"


def test_json_is_one_document_whatever_the_program_prints(project):
    document = json.loads(preview(project, "--json", "--config", "given=a=b").stdout)
    assert document["resources"][1]["inputs"]["data"] == {"given": "a=b", "secret": "[secret]"}


def test_render_writes_the_objects(project, tmp_path):
    result = preview(project, "--render", str(tmp_path / "out"))
    assert result.exit_code == 0
    assert result.stdout.startswith("No serving path: ")
    assert "1 objects written" in result.stderr
    manifest = yaml.safe_load((tmp_path / "out" / "configmap-map.yaml").read_text())
    assert manifest["data"] == {"given": "nothing", "secret": "[secret]"}


def test_a_failing_program_shows_its_own_error_and_exits_2(project):
    result = preview(project, "-c", "fail=true")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == "printed by the program\nerror: two inputs are wrong\n"


def test_a_config_value_that_is_missing_is_told_with_the_option_that_gives_it(project):
    (project / "__main__.py").write_text("import pulumi\npulumi.export('zone', pulumi.Config().require('zone'))\n")
    told = preview(project)
    assert told.exit_code == 2
    (key,) = re.findall(r"variable '([\w-]+:zone)'", told.stderr)
    assert told.stderr.splitlines()[-1] == f"  or, for this command alone: --config {key}=VALUE"
    assert preview(project, "--config", f"{key}=b").exit_code == 0


def test_a_crashing_program_shows_its_own_traceback_and_exits_2(project):
    result = preview(project, "-c", "crash=true")
    assert result.exit_code == 2
    assert "ZeroDivisionError" in result.stderr
    assert "nodrop" not in result.stderr
    assert "site-packages" not in result.stderr


def test_a_folder_without_a_project_is_one_message(tmp_path):
    result = preview(tmp_path)
    assert result.exit_code == 2
    assert result.stderr.startswith("error: no Pulumi.yaml in ")


def test_wrong_usage_exits_2(project):
    assert preview(project, "--config", "novalue").exit_code == 2
    assert "KEY=VALUE" in preview(project, "--config", "novalue").stderr
    assert CliRunner().invoke(main, ["preview"]).exit_code == 2


def test_a_fault_of_this_tool_keeps_its_traceback(project, monkeypatch):
    def broken(*_args, **_kwargs):
        raise ValueError("a bug")

    monkeypatch.setattr("nodrop.preview.evaluate", broken)
    result = preview(project)
    assert result.exit_code == 3
    assert "Traceback" in result.stderr
    assert "ValueError: a bug" in result.stderr


def test_the_command_works_in_a_process_of_its_own_and_prints_nothing_else(project):
    result = subprocess.run(
        [*NODROP, "preview", "--project", project, "--stack", "dev", "--json"], capture_output=True, text=True
    )
    assert result.returncode == 0
    assert json.loads(result.stdout)["stack"] == "dev"
    assert result.stderr == "printed by the program\nwarning: careful\n"


def test_ctrl_c_ends_it_with_130_and_one_word(project):
    (project / "__main__.py").write_text("import sys, time\nprint('started', flush=True)\ntime.sleep(60)\n")
    process = subprocess.Popen(
        [*NODROP, "preview", "--project", project, "--stack", "dev"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert process.stderr
    assert process.stderr.readline() == "started\n"
    started = time.monotonic()
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout, stderr) == (130, "", "interrupted\n")
    assert time.monotonic() - started < 10


def test_importing_the_command_imports_no_heavy_package():
    heavy = {"pulumi", "pulumi_kubernetes", "pulumi_gcp", "grpc", "rich", "yaml", "aiohttp", "matplotlib", "jinja2"}
    script = f"import nodrop.cli, sys; print(sorted({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout == "[]\n"


SERVED = """
    import pulumi
    import pulumi_kubernetes as k8s

    config = pulumi.Config()
    meta = {"name": "web", "namespace": "shop"}
    labels = {"app": "web"}
    k8s.core.v1.Secret("key", metadata=meta, string_data={"key": pulumi.Output.secret("hush")})
    k8s.core.v1.Service("web", metadata=meta, spec={
        "selector": labels, "ports": [{"port": 80, "targetPort": config.require_int("port")}]})
    k8s.networking.v1.Ingress("web", metadata=meta, spec={
        "defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}})
    k8s.apps.v1.Deployment("web", metadata=meta, spec={"replicas": 2, "selector": {"matchLabels": labels}, "template": {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "web", "image": "web", "ports": [{"containerPort": 8080}],
                                 "env": [{"name": "KEY", "value": pulumi.Output.secret("hush")}]}]}}})
"""
PORT = ("--config", "port=8080")


@pytest.fixture
def served(project: Path) -> Path:
    """A project with a service, and its exported state in `state.json`."""
    (project / "__main__.py").write_text(textwrap.dedent(SERVED))
    export(project, *PORT)
    return project


def export(project: Path, *config: str) -> None:
    document = json.loads(preview(project, "--json", *config).stdout)
    text = json.dumps({"version": 3, "deployment": {"resources": document["resources"]}})
    secret = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:c2VjcmV0"}
    (project / "state.json").write_text(text.replace('"[secret]"', json.dumps(secret)))


def test_a_program_that_drops_requests_is_shown_with_its_judgement_and_exits_1(served):
    result = preview(served, *PORT)
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert "create drops shop/web: Ingress web > Service web:80 > NEG > Deployment web error" in said


def test_what_nodrop_yaml_states_counts_as_for_check(served, monkeypatch):
    monkeypatch.chdir(served)
    asked = ["check", "--stack", "dev", *PORT, "--format", "json"]
    versions = [
        json.loads(CliRunner().invoke(main, [*asked, "--config", port]).stdout) for port in (PORT[1], "port=9090")
    ]
    found = [each for judged in versions for each in judged["paths"][0]["findings"]]
    errors = {each["rule"] for each in found if each["severity"] == "error"}
    accepted = "".join(f"      {each}: a batch\n" for each in {*errors, "target-port-stays"})
    Path("nodrop.yaml").write_text(f"workloads:\n  shop/web:\n    longest_request_seconds: 7\n    accept:\n{accepted}")
    result = preview(served, *PORT, "--json")
    told = json.loads(result.stdout)["judgement"]
    assert result.exit_code == 0
    assert told == json.loads(CliRunner().invoke(main, asked).stdout)
    assert "longest request 7 s (nodrop.yaml)" in told["paths"][0]["stated"]
    changed = preview(served, "--config", "port=9090", "--against", "state.json")
    assert (changed.exit_code, "accepted    error target-port-stays" in changed.stdout) == (0, True)


DRAINED = """
    draining = {"drainingTimeoutSec": config.require_int("draining")}
    k8s.apiextensions.CustomResource("web", api_version="cloud.google.com/v1", kind="BackendConfig", metadata=meta,
                                     spec={"connectionDraining": draining})
"""
BY_POLICY = "{**meta, 'annotations': {'cloud.google.com/backend-config': '{\"default\": \"web\"}'}}"


def test_a_slip_in_nodrop_yaml_is_told_with_the_file_that_was_found(served, monkeypatch):
    (served / "nodrop.yaml").write_text("workloads:\n  shop/wbe: {startup_seconds: 5}\n")
    (served / "below").mkdir()
    monkeypatch.chdir(served / "below")
    told = f"warning: {served / 'nodrop.yaml'}: workloads.shop/wbe matches no Deployment here; did you mean shop/web?"
    assert told in preview(served, *PORT).stderr.splitlines()


def test_what_an_option_states_is_told_as_stated_by_it(served):
    stated = (*PORT, "--longest-request-seconds", "7", "--json")
    judged = json.loads(preview(served, *stated).stdout)["judgement"]
    assert judged["paths"][0]["stated"] == ["longest request 7 s (option)"]
    checked = CliRunner().invoke(main, ["check", "--project", str(served), "--stack", "dev", *stated])
    assert json.loads(checked.stdout) == judged


def test_a_longest_request_that_is_stated_is_one_of_the_pods_that_an_update_replaces(served, monkeypatch):
    monkeypatch.chdir(served)
    program = (SERVED + DRAINED).replace('Service("web", metadata=meta', f'Service("web", metadata={BY_POLICY}')
    Path("__main__.py").write_text(textwrap.dedent(program))
    export(served, *PORT, "--config", "draining=300")
    asked = (served, *PORT, "--config", "draining=100", "--against", "state.json")
    assert "requests-of-old-pods-fit" not in preview(*asked).stdout
    assert "requests-of-old-pods-fit" in preview(*asked, "--longest-request-seconds", "200").stdout
    Path("nodrop.yaml").write_text("workloads:\n  shop/web: {longest_request_seconds: 200}\n")
    assert "requests-of-old-pods-fit" in preview(*asked).stdout


def test_a_program_that_changes_nothing_of_its_state_ends_as_its_rollouts_do(served):
    result = preview(served, *PORT, "--against", str(served / "state.json"))
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert said.startswith("clean the change from the exported state No change that is known to drop requests.")
    assert "Compared: serving path shop/web; their routes, backends, health checks" in said
    assert "drops shop/web: Ingress web > Service web:80 > NEG > Deployment web error" in said
    assert "The change: clean. 1 serving path: 1 drops." in said


def test_a_change_that_drops_requests_exits_1_and_says_what_happens_why_and_what_to_do_instead(served):
    result = preview(served, "--config", "port=9090", "--against", str(served / "state.json"))
    assert result.exit_code == 1
    assert result.stderr == ""
    said = " ".join(result.stdout.split())
    assert said.startswith("drops the change from the exported state error target-port-stays Service shop/web")
    assert "seen 9090: was 8080 why a number applies to every pod" in said
    assert "[kubernetes/kubernetes pkg/api/v1/pod, FindPort] instead 8080, in three steps: 1. roll out pods" in said


def test_the_code_of_a_change_is_the_one_of_check_and_of_the_verdict_in_the_json(served, monkeypatch):
    before, after = served / "before", served / "after"
    preview(served, *PORT, "--render", str(before))
    preview(served, *PORT, "--render", str(after))
    checked = CliRunner().invoke(main, ["check", str(after), "--against", str(before)])
    result = preview(served, *PORT, "--json", "--against", str(served / "state.json"))
    judgement = json.loads(result.stdout)["judgement"]
    assert (judgement["against"]["verdict"], judgement["verdict"]) == ("clean", "drops")
    assert (result.exit_code, checked.exit_code) == (1, 1)
    rules = {each["rule"] for each in judgement["paths"][0]["findings"]}
    accepted = "".join(f"  {each}: a batch\n" for each in rules)
    monkeypatch.chdir(served)
    Path("nodrop.yaml").write_text(f"accept:\n{accepted}")
    assert preview(served, *PORT, "--against", "state.json").exit_code == 0


def test_a_change_that_may_drop_requests_exits_0(served):
    (served / "__main__.py").write_text(textwrap.dedent(SERVED[: SERVED.index("    k8s.networking")]))
    result = preview(served, *PORT, "--against", str(served / "state.json"))
    assert result.exit_code == 0
    said = " ".join(result.stdout.split())
    assert said.startswith("at risk the change from the exported state warning routes-keep-their-service Ingress shop")
    assert "seen default -> nothing: was web" in said


def test_the_state_may_come_from_stdin(served):
    arguments = ["preview", "--project", str(served), "--stack", "dev", "--config", "port=9090", "--against", "-"]
    result = CliRunner().invoke(main, arguments, input=(served / "state.json").read_bytes())
    assert result.exit_code == 1
    assert "target-port-stays" in result.stdout


def test_json_has_the_findings_beside_the_resources(served):
    result = preview(served, "--config", "port=9090", "--json", "--against", str(served / "state.json"))
    document = json.loads(result.stdout)
    assert result.exit_code == 1
    assert document["stack"] == "dev"
    assert document["judgement"]["against"]["paths"] == ["shop/web"]
    assert document["judgement"]["against"]["findings"][0]["rule"] == "target-port-stays"
    assert document["judgement"]["against"]["verdict"] == "drops"
    assert document["judgement"]["paths"][0]["name"] == "shop/web"


def test_a_secret_of_the_state_is_never_printed(served):
    for more in ((), ("--json",)):
        result = preview(served, "--config", "port=9090", *more, "--against", str(served / "state.json"))
        assert result.exit_code == 1
        for secret in ("hush", "c2VjcmV0", "1b47061264138c4ac30d75fd1eb44270"):
            assert secret not in result.output


def test_a_state_that_is_none_is_one_message_before_the_program_runs(project):
    (project / "state.json").write_bytes("{}".encode("utf-16"))
    for name, wrong in (
        ("missing.json", "missing.json cannot be read: No such file or directory"),
        ("state.json", "state.json is not UTF-8 text; `pulumi stack export --file state.json` writes it so"),
        (
            "Pulumi.yaml",
            "Pulumi.yaml is not JSON, from line 1 on, so not an exported state of a stack; `pulumi stack export",
        ),
    ):
        result = preview(project, "--against", str(project / name))
        assert result.exit_code == 2
        assert result.stdout == ""
        assert wrong in result.stderr
        assert len(result.stderr.splitlines()) == 1
