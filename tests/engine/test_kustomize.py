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
    before, after = patched(tmp_path, text)
    assert json.loads(check("-", "--format", "json", stdin=before))["verdict"] == "drops"
    assert json.loads(check("-", "--format", "json", stdin=after))["verdict"] == "clean"
    assert {"seconds", "terminationGracePeriodSeconds"} <= changed(before, after) <= EDITED


def test_a_strategy_that_keeps_pods_apart_is_left_and_all_else_is_cured(tmp_path):
    rolling = "strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}"
    assert rolling in SHOP
    before, after = patched(tmp_path, SHOP.replace(rolling, "strategy: {type: Recreate}"))
    [path] = json.loads(check("-", "--format", "json", stdin=after))["paths"]
    assert {each["rule"] for each in path["findings"] if each["severity"] == "error"} == {"rolls-without-unavailable"}
    assert changed(before, after) == {"seconds", "terminationGracePeriodSeconds"}


def patched(folder: Path, text: str) -> tuple[str, str]:
    """The objects as kustomize writes them, without and with what `nodrop check --patch` prints."""
    (folder / "web.yaml").write_bytes(text.encode())
    (folder / "kustomization.yaml").write_text("resources: [web.yaml]\n")
    before = kustomized(folder)
    (folder / "patch.yaml").write_text(check(folder / "web.yaml", "--patch"))
    (folder / "kustomization.yaml").write_text("resources: [web.yaml]\npatches: [{path: patch.yaml}]\n")
    return before, kustomized(folder)


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
