"""`nodrop plan --format yaml`."""

from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tests.cli.plans import FIRST_REPORT, plan


def documents(*options: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """Deployment and BackendConfig of `--format yaml`."""
    result = plan("--format", "yaml", *options)
    assert result.exit_code == 0, result.stderr
    deployment, backend_config, _ = yaml.safe_load_all(result.stdout)
    return deployment, backend_config


def test_the_yaml_says_which_annotations_are_assumed():
    lines = [line.strip() for line in plan("--format", "yaml", "--startup-seconds", 10).stdout.splitlines()]
    above = dict(zip(lines[1:], lines, strict=False))
    assumed = {line for line, before in above.items() if before == "# assumed, as no option states it"}
    assert assumed == {
        "gke-nodrop/longest-request-seconds: '30'",
        "gke-nodrop/keep-alive-timeout-seconds: '620'",
        "gke-nodrop/on-term: drain",
    }


@pytest.mark.parametrize(
    "options", [FIRST_REPORT, ("--zones", 3), ("--mode", "hard-coded-delay", "--on-term", "serve")]
)
@pytest.mark.parametrize("version", ["1.30", "1.34"])
def test_the_yaml_is_what_kubernetes_takes_once_it_is_pasted(options, version):
    deployment, backend_config = documents(*options)
    spec = deployment["spec"]
    spec["selector"] = {"matchLabels": {"app": "web"}}
    spec["template"]["metadata"] = {"labels": {"app": "web"}}
    spec["template"]["spec"]["containers"][0] |= {"image": "x", "ports": [{"name": "http", "containerPort": 80}]}
    kubernetes_validate.validate(deployment, version, strict=True)
    assert (backend_config["apiVersion"], backend_config["kind"]) == ("cloud.google.com/v1", "BackendConfig")


def test_yaml_alone_goes_to_stdout_and_what_stays_open_to_stderr():
    result = plan("--format", "yaml", "--replicas", 1, "--accept", "survives-a-lost-pod=a batch")
    deployment, *_ = yaml.safe_load_all(result.stdout)
    assert deployment["metadata"]["annotations"]["gke-nodrop/accept"] == '{"survives-a-lost-pod": "a batch"}'
    assert result.stderr.startswith("accepted: --replicas 1: ")


def test_the_yaml_has_its_reasons_as_comments():
    assert (
        "# preStop 60 + longest request 30 + margin 5 [grace-covers-longest-request]" in plan("--format", "yaml").stdout
    )


def test_beside_the_yaml_the_expected_drops_go_to_stderr():
    result = plan("--format", "yaml", "--requests-per-second", 10)
    assert len(list(yaml.safe_load_all(result.stdout))) == 3
    assert result.stderr.startswith("Expected to fail in one rollout at 10 requests/s")
    assert "as planned: 0 of " in result.stderr


def test_yaml_and_picture_come_together(tmp_path: Path):
    file = tmp_path / "plan.svg"
    result = plan("--format", "yaml", "--svg", file)
    assert len(list(yaml.safe_load_all(result.stdout))) == 3
    assert file.read_text().startswith("<svg ")


def test_the_yaml_of_an_autoscaled_service_says_where_its_replicas_go():
    out = plan("--format", "yaml", "--replicas", "3-20").stdout
    assert out.startswith("# spec.replicas is left out: keep it if your Deployment states it")
    assert "minReplicas 3, maxReplicas 20" in out
