"""`nodrop check --patch` prints what the real `kubectl kustomize` takes, whatever the objects' file looks like."""

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from harness import tools
from nodrop.cli import main

pytestmark = pytest.mark.engine

SHOP = (Path(__file__).parents[1] / "shop.yaml").read_text()
LIFECYCLE = "          lifecycle:\n            preStop:\n              sleep: {seconds: 5}\n"
LIST = yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": list(yaml.safe_load_all(SHOP))})
FILES = {
    "as it stands": SHOP,
    "without preStop": SHOP.replace(LIFECYCLE, ""),
    "without a lifecycle's action": SHOP.replace(LIFECYCLE, "          lifecycle: {}\n"),
    "without strategy": SHOP.replace("  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}\n", ""),
    "Recreate": SHOP.replace(
        "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}", "strategy: {type: Recreate}"
    ),
    "without draining": SHOP.replace("  connectionDraining: {drainingTimeoutSec: 30}\n", ""),
    "no namespace": SHOP.replace(", namespace: shop", "").replace("  namespace: shop\n", ""),
    "List": LIST,
    "JSON": json.dumps(yaml.safe_load(LIST)),
    "anchors": SHOP.replace("replicas: 3", "replicas: &three 3").replace("Seconds: 20", "Seconds: *three"),
    "Windows": SHOP.replace("\n", "\r\n"),
}

EDITED = {"seconds", "terminationGracePeriodSeconds", "type", "maxSurge", "maxUnavailable", "drainingTimeoutSec"}


def check(file: Path | str, *options: str, stdin: str | None = None) -> str:
    return CliRunner().invoke(main, ["check", str(file), *options], input=stdin).stdout


@pytest.mark.parametrize("text", FILES.values(), ids=FILES)
def test_what_is_patched_is_clean_and_differs_in_no_other_field(tmp_path, text):
    (tmp_path / "web.yaml").write_bytes(text.encode())
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\n")
    before = kustomized(tmp_path)
    assert json.loads(check("-", "--format", "json", stdin=before))["verdict"] == "drops"
    patch = check(tmp_path / "web.yaml", "--patch")
    (tmp_path / "patch.yaml").write_text(patch)
    (tmp_path / "kustomization.yaml").write_text("resources: [web.yaml]\npatches: [{path: patch.yaml}]\n")
    after = kustomized(tmp_path)
    assert json.loads(check("-", "--format", "json", stdin=after))["verdict"] == "clean"
    assert {"seconds", "terminationGracePeriodSeconds"} <= changed(before, after) <= EDITED


def kustomized(folder: Path) -> str:
    done = subprocess.run([tools.path("kubectl"), "kustomize", folder], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def changed(before: str, after: str) -> set[str]:
    """The last keys of the fields that differ."""
    old, new = (leaves(list(yaml.safe_load_all(text))) for text in (before, after))
    return {new[path] for path in new.keys() | old.keys() if path not in old}


def leaves(value: object, path: str = "") -> dict[str, str]:
    """The last key of every scalar, by its path with its value."""
    if isinstance(value, dict):
        return {key: last for name, each in value.items() for key, last in leaves(each, f"{path}/{name}").items()}
    if isinstance(value, list):
        return {
            key: last for number, each in enumerate(value) for key, last in leaves(each, f"{path}/{number}").items()
        }
    return {f"{path}={value}": path.rpartition("/")[2]}
