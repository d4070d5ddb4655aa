"""What a Secret holds, and a secret config value, is in no output of a preview."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main

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


def test_a_value_that_is_secure_in_the_stacks_file_stays_secret_when_it_is_given_otherwise(preview):
    Path("Pulumi.dev.yaml").write_text("config: {shop:password: {secure: v1:cipher}, shop:pin: 1}\n")
    program = (
        "pulumi.export('asked', pulumi.runtime.is_config_secret('shop:password'))\n"
        "pulumi.export('password', pulumi.Config().require_secret('password'))"
    )
    text = preview(program, "--json", "-c", f"password={SECRET}")
    assert '"asked": true' in text
    assert SECRET not in text
