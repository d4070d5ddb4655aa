"""A service that drops requests, and changed ones, for `nodrop check`; a stand-in for the lab and its manifests."""

import functools
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from nodrop.cli import main
from nodrop.lab import runner
from nodrop.preview import Evaluation, StackOutputs, evaluate
from nodrop.report import captions
from tests.cli.labs import NEG, ROOT, Lab, Objects

SHOP = Path(__file__).parents[1] / "shop.yaml"
GATEWAY = """
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: front, namespace: shop}
spec:
  gatewayClassName: gke-l7-global-external-managed
  listeners: [{name: http, port: 80, protocol: HTTP}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  parentRefs: [{name: front}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
"""
"""In the place of the Ingress of SHOP."""


def check(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=stdin)


@pytest.fixture
def dropping(tmp_path) -> Path:
    file = tmp_path / "web.yaml"
    file.write_text(SHOP.read_text())
    return file


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


@functools.cache
def _evaluation_here(stack: str, config: tuple[tuple[str, str], ...]) -> Evaluation:
    return evaluate(ROOT, stack, config=dict(config))


def _evaluate_once(
    project: Path, stack: str, *, config: dict[str, str], stack_outputs: StackOutputs | None = None
) -> Evaluation:
    """As `evaluate`; a stack of this checkout once, of which many tests print something."""
    if project.resolve() != ROOT:
        return evaluate(project, stack, config=config, stack_outputs=stack_outputs)
    return _evaluation_here(stack, tuple(config.items()))


@pytest.fixture
def lab(monkeypatch, tmp_path) -> Lab:
    made = Lab()
    monkeypatch.setattr("nodrop.preview.evaluate", _evaluate_once)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # whether there is a kernel with IPVS or not
    monkeypatch.setattr(runner, "run_each", made.run_each)
    monkeypatch.setattr(captions, "draw", lambda *_: "")  # tests/report draws: a page of 16 rows takes seconds
    return made


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """Writes the NEG manifests, changed; None instead of an object leaves it out."""

    def write(change: Callable[[Objects], object], name: str = "changed.yaml") -> Path:
        objects = {document["kind"]: document for document in yaml.safe_load_all(Path(NEG).read_text())}
        change(objects)
        file = tmp_path / name
        file.write_text(yaml.safe_dump_all(objects.values()))
        return file

    return write
