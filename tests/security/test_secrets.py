"""What a Secret holds, a secret config value, or an input that may be secret, is in no output and in no message."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gke_nodrop import Gateway, WebService
from nodrop.cli import main
from nodrop.preview import ProgramError, evaluate_function
from nodrop.report.origin import provenance_here

SECRET = "hunter2-in-clear"

APPLIED = json.dumps({"kind": "Secret", "stringData": {"password": SECRET}})
PROGRAMS = {
    "a Secret": f"k8s.core.v1.Secret('s', string_data={{'password': {SECRET!r}}})",
    "a SecretList": f"k8s.core.v1.SecretList('s', items=[{{'string_data': {{'password': {SECRET!r}}}}}])",
    "what kubectl keeps of one": (
        "k8s.core.v1.Secret('s', metadata={'annotations': "
        f"{{'kubectl.kubernetes.io/last-applied-configuration': {APPLIED!r}}}}})"
    ),
    "YAML text with one": (
        f"k8s.yaml.v2.ConfigGroup('s', yaml='kind: Secret\\napiVersion: v1\\nstringData: {{password: {SECRET}}}')"
    ),
    "objects with one": (
        "k8s.yaml.v2.ConfigGroup('s', objs=[{'apiVersion': 'v1', 'kind': 'Secret', 'metadata': {'name': 's'}, "
        f"'stringData': {{'password': {SECRET!r}}}}}])"
    ),
}


@pytest.fixture
def preview(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("Pulumi.yaml").write_text("name: shop\nruntime: python\nconfig: {pin: {type: integer, secret: true}}\n")

    def preview(program: str, *arguments: str) -> str:
        Path("__main__.py").write_text(f"import pulumi\nimport pulumi_kubernetes as k8s\n{program}\n")
        result = CliRunner().invoke(main, ["preview", "--stack", "dev", *arguments])
        rendered = [each.read_text() for each in Path("out").glob("*")] if Path("out").is_dir() else []
        return "".join([result.output, result.stderr, *rendered])

    return preview


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_secrets_content_is_in_no_output(preview, program):
    for arguments in (["--json"], ["--render", "out"], []):
        text = preview(program, "-c", "pin=1", *arguments)
        assert "error" not in text
        assert SECRET not in text


def test_a_value_declared_secret_is_not_quoted_where_its_type_is_wrong(preview):
    text = preview("", "-c", f"pin={SECRET}")
    assert "shop:pin is [secret], but the project declares the type integer" in text
    assert SECRET not in text


def test_a_value_that_the_program_takes_for_a_number_is_not_quoted_where_it_is_none(preview):
    text = preview("pulumi.Config().require_secret_int('image')", "-c", "pin=1", "-c", f"image={SECRET}")
    assert "the config value of shop:image is not of the type int" in text
    assert SECRET not in text


def test_a_value_that_is_secure_in_the_stacks_file_stays_secret_when_it_is_given_otherwise(preview):
    Path("Pulumi.dev.yaml").write_text("config: {shop:password: {secure: v1:cipher}, shop:pin: 1}\n")
    program = (
        "pulumi.export('asked', pulumi.runtime.is_config_secret('shop:password'))\n"
        "pulumi.export('password', pulumi.Config().require_secret('password'))"
    )
    text = preview(program, "--json", "-c", f"password={SECRET}")
    assert '"asked": true' in text
    assert SECRET not in text


MISTAKES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "env of the wrong type": (WebService, {"env": [SECRET]}, "env"),
    "a variable of the wrong type": (WebService, {"env": {"A": [SECRET]}}, 'env["A"]'),
    "env of a sidecar": (
        WebService,
        {"sidecars": [{"name": "a", "image": "a", "env": {"A": {"b": SECRET}}}]},
        'sidecars[0].env["A"]',
    ),
    "secret_env of the wrong type": (WebService, {"secret_env": SECRET}, "secret_env"),
    "a secret variable of the wrong type": (WebService, {"secret_env": {"A": [SECRET]}}, 'secret_env["A"]'),
    "a secret where its name should stand": (WebService, {"secret_env": {SECRET: "TOKEN"}}, 'secret_env["…"]'),
    "secret_files of the wrong type": (WebService, {"secret_files": [SECRET]}, "secret_files"),
    "a secret file of the wrong type": (WebService, {"secret_files": {"/a": [SECRET]}}, 'secret_files["/a"]'),
    "a secret where its path should stand": (WebService, {"secret_files": {SECRET: "/a"}}, 'secret_files["…"]'),
    "a misspelt key": (WebService, {"secret_environment": {"A": SECRET}}, "secret_environment"),
    "the value of a request header": (
        WebService,
        {"backend": {"request_headers": [{"name": "X-Token", "value": f"{SECRET}\n"}]}},
        "backend.request_headers[0].value",
    ),
    "request headers of the wrong type": (
        WebService,
        {"backend": {"request_headers": {"X-Token": SECRET}}},
        "backend.request_headers",
    ),
    "the value of a header of a route": (
        Gateway,
        {
            "namespace": "shop",
            "routes": [
                {
                    "backends": [{"service": "web"}],
                    "filters": {"request_headers": {"set": [{"name": "X-Token", "value": f"{SECRET}\n"}]}},
                }
            ],
        },
        "routes[0].filters.request_headers.set[0].value",
    ),
    "IAP's secret": (
        WebService,
        {"hosts": ["www.example.com"], "backend": {"iap": {"client_id": "a", "client_secret": f"{SECRET} b"}}},
        "backend.iap.client_secret",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_fault_shows_what_may_be_a_secret(mistake):
    component, args, at = MISTAKES[mistake]
    with pytest.raises(ProgramError) as refused:
        evaluate_function(lambda: component("web", {"image": "web:1", **args} if component is WebService else args))
    assert f"\n  {at} = " in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    "words",
    [
        ["demo", "-c", f"token={SECRET}"],
        ["demo", f"-ctoken={SECRET}"],
        ["compare", "--config", f"token={SECRET}", "--seed", "3"],
        ["compare", f"--neg-config=token={SECRET}"],
        ["rehearse", f"--config=token={SECRET}"],
    ],
)
def test_the_command_that_a_page_shows_has_no_value_of_config(words, monkeypatch):
    monkeypatch.setattr("sys.argv", ["nodrop", *words])
    shown = " ".join(provenance_here(by_variant=True).command)
    assert SECRET not in shown
    assert "token=" in shown
    assert ("--seed 3" in shown) == ("--seed" in words)


@pytest.mark.parametrize("option", ["-c", "--config", "--neg-config", "--node-port-config"])
def test_the_command_that_a_page_shows_has_the_option_and_the_key_of_config(option, monkeypatch):
    together = f"{option}k=v=w" if option == "-c" else f"{option}=k=v=w"
    monkeypatch.setattr("sys.argv", ["nodrop", "compare", option, "k=v=w", together, "--seed=3"])
    shown = together.replace("v=w", "…")
    assert provenance_here(by_variant=True).command == ("nodrop", "compare", option, "k=…", shown, "--seed=3")
