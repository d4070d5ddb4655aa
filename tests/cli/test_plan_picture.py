"""`nodrop plan --svg`."""

import sys
from pathlib import Path

from tests.cli.plans import plan


def test_svg_draws_the_timeline_into_a_file(tmp_path: Path):
    file = tmp_path / "plan.svg"
    result = plan("--svg", file)
    assert result.exit_code == 0
    assert file.read_text().startswith("<svg ")
    assert "<title>Predicted rollout of 2 pods</title>" in file.read_text()
    assert result.stderr == f"{file}: the predicted timeline\n"


def test_the_picture_of_one_pod_is_named_in_the_singular(tmp_path: Path):
    plan("--replicas", 1, "--svg", tmp_path / "plan.svg")
    assert "<title>Predicted rollout of 1 pod</title>" in (tmp_path / "plan.svg").read_text()


def test_svg_without_its_extra_says_which(tmp_path: Path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for module in ("nodrop.report.prediction", "nodrop.report.timeline"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    result = plan("--svg", tmp_path / "plan.svg")
    assert result.exit_code == 3
    assert result.stderr == "error: the package matplotlib is missing: pip install 'gke-nodrop[lab]' brings it\n"
    assert list(tmp_path.iterdir()) == []


def test_svg_into_a_folder_that_is_not_there_is_one_message(tmp_path: Path):
    result = plan("--svg", tmp_path / "no" / "plan.svg")
    assert result.exit_code == 2
    assert "cannot be written" in result.stderr


def test_more_pods_than_a_neg_holds_are_planned_but_not_drawn(tmp_path: Path):
    for pods in (10_001, 2**31 - 1):
        result = plan("--replicas", pods)
        assert result.exit_code == 0
        assert "Predicted" not in result.stdout
    assert "Predicted" in plan("--replicas", 10_000).stdout
    assert "10000 pods at most" in plan("--replicas", 10_001, "--svg", tmp_path / "plan.svg").stderr
