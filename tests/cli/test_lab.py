"""`nodrop rehearse` and `nodrop compare` on packets: what they print and write, and how they end."""

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from nodrop.cli.proxy_options import ipvs_here

pytestmark = pytest.mark.lab

ROOT = Path(__file__).parents[2]
NEG = str(Path(__file__).parents[1] / "lab" / "manifests" / "neg.yaml")
NODROP = [sys.executable, "-c", "from nodrop.cli import main; main()"]


@dataclass(frozen=True)
class Rehearsed:
    ended: subprocess.CompletedProcess[str]
    results: list[dict[str, Any]]
    page: str

    def of(self, experiment: str) -> list[dict[str, Any]]:
        return [result for result in self.results if result["experiment"] == experiment]

    def shown(self, experiment: str, figure: str) -> str:
        """A figure of a variant's runs as the table shows it."""
        values = [result[figure] for result in self.of(experiment)]
        return "..".join(dict.fromkeys(f"{value:,}" for value in (min(values), max(values))))


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory) -> Rehearsed:
    folder = tmp_path_factory.mktemp("rehearsed")
    command = [*NODROP, "rehearse", NEG, "--seeds", "2", "--output", folder / "out.json", "--report", folder]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=800)
    assert ended.returncode == 0, ended.stderr
    return Rehearsed(ended, json.loads((folder / "out.json").read_text())["results"], visible(folder / "index.html"))


def visible(page: Path) -> str:
    """A page's text without drawings, style and tags."""
    text = re.sub(r"<(svg|style).*?</\1>", "", page.read_text(), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", text)))


def test_rehearse_prints_verdicts_and_conditions(rehearsed):
    printed = " ".join(rehearsed.ended.stdout.split())
    assert printed.startswith("The rollout dropped no request")
    assert re.search(r"clean demo/web, NEG 2 60 s yes", printed)
    assert re.search(r"no leak demo/web, NEG 2 yes", printed)
    assert re.search(r"seed 1 or 2; speed-up \d+x( or \d+x)?; load 12 requests/s; attach lag 7.0..17.0 s;", printed)
    assert "detach lag 11.6..28.6 s" in printed
    assert (
        "longest request 30 s; start-up 5 s; keep-alive 620 s; on SIGTERM drain; container stand-in (ready-test); "
        "retries" in printed
    )


def test_json_page_and_terminal_hold_the_same_numbers(rehearsed):
    for experiment in ("rollout", "unready"):
        shown = rehearsed.shown(experiment, "requests")
        assert re.search(rf"(?<!\S){re.escape(shown)}(?!\S)", rehearsed.ended.stdout)
        assert shown.replace("..", " to ") in rehearsed.page
        for result in rehearsed.of(experiment):
            assert f"{result['requests']:,}" in rehearsed.page
    assert [result["failed"] for result in rehearsed.of("rollout")] == [0, 0]
    least = min(result["requests"] for result in rehearsed.of("rollout"))
    sentence = f"0 of at least {least:,} requests failed in each run."
    assert sentence in rehearsed.page
    assert sentence in " ".join(rehearsed.ended.stdout.split())


def test_seeds_are_runs_of_one_variant(rehearsed):
    for experiment in ("rollout", "unready"):
        assert [result["conditions"]["seed"] for result in rehearsed.of(experiment)] == [1, 2]
        lags = [result["conditions"]["detach_lag_seconds"] for result in rehearsed.of(experiment)]
        assert sorted(lags[0]) == sorted(lags[1])
    rows = [line for line in rehearsed.ended.stdout.splitlines() if re.match(r"(clean|no leak) ", line)]
    assert len(rows) == 2
    assert rehearsed.page.count("the worst of 2 runs") >= 2


def test_progress_is_a_line_on_stderr_for_each_run_that_ended_where_nobody_watches(rehearsed):
    lines = [line for line in rehearsed.ended.stderr.split("\n") if re.match(r"\d+/", line)]
    found = [re.fullmatch(r"(\d/4) (.*?)(, about \d+ (?:s|min) left)?", line) for line in lines]
    told = [each.groups() for each in found if each]
    assert [(number, left is None) for number, _, left in told] == [
        ("1/4", False),
        ("2/4", False),
        ("3/4", False),
        ("4/4", True),
    ]
    assert Counter(name for _, name, _ in told) == {"demo/web, NEG, rollout": 2, "demo/web, NEG, unready": 2}


@pytest.mark.parametrize(("stack", "backend"), [("container-native", "NEG"), ("legacy-nodeport", "NodePort")])
def test_a_stack_is_rehearsed_as_it_is_declared(tmp_path, stack, backend):
    file = tmp_path / "out.json"
    options = ["--project", ROOT, "--config", "replicas=1", "--experiment", "unready", "--output", file]
    command = [*NODROP, "rehearse", "--stack", stack, *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=800)
    assert ended.returncode == (1 if backend == "NodePort" else 0), ended.stderr
    (result,) = json.loads(file.read_text())["results"]
    assert (result["subject"]["backend"], result["subject"]["replicas"]) == (backend, 1)
    assert result["subject"]["variant"] in ended.stdout
    assert ("leaks" if backend == "NodePort" else "no leak") in ended.stdout


def test_ctrl_c_ends_it_with_130_and_leaves_nothing_behind(marked):
    process = subprocess.Popen(
        [*NODROP, "rehearse", NEG, "--speed-up", "30"],
        env=marked.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    try:
        give_up = time.monotonic() + 20
        while len(marked.processes()) < 9 and time.monotonic() < give_up:
            time.sleep(0.1)
        # Two labs of child, first process, Envoy, traffic; containers have an environment of their own.
        assert len(marked.processes()) >= 9
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=10)
        took = time.monotonic() - began
        assert marked.gone_within(1), marked.processes()
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, stdout, stderr.split()) == (130, "", ["interrupted"])
    assert took < 2


def test_where_namespaces_are_refused_it_exits_3_and_says_what_to_do():
    refused = f"""
import os
from nodrop.lab.data_plane import namespaces
uid, gid = os.geteuid(), os.getegid()
namespaces.unshare(namespaces.CLONE_NEWUSER)
namespaces.map_to_root(uid, gid)
with open("/proc/sys/user/max_user_namespaces", "w") as limit:
    limit.write("0")
from nodrop.cli import main
main(["rehearse", {NEG!r}])
"""
    ended = subprocess.run([sys.executable, "-c", refused], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 3
    assert ended.stdout == ""
    assert "error: the lab cannot run here: this system does not let a normal user make namespaces" in ended.stderr
    assert "kernel.apparmor_restrict_unprivileged_userns=0" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_compare_shows_every_variant_of_this_repositorys_stacks(tmp_path):
    command = [
        *NODROP,
        "compare",
        "--project",
        ROOT,
        "--report",
        tmp_path / "report",
        "--output",
        tmp_path / "out.json",
    ]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=800)
    assert ended.returncode == 0, ended.stderr
    results = json.loads((tmp_path / "out.json").read_text())["results"]
    page = visible(tmp_path / "report" / "index.html")
    assert len(results) == len({result["subject"]["variant"] for result in results})
    assert len(results) == (22 if ipvs_here(None) else 16)
    for result in results:
        assert result["subject"]["variant"] in ended.stdout
        assert result["subject"]["variant"] in page
        assert f"{result['requests']:,}" in ended.stdout
        assert f"{result['requests']:,}" in page
    failed = {result["subject"]["variant"]: sum(result["failures"].values()) for result in results}
    assert failed["NEG, preStop + gate"] == 0
    assert failed["NodePort, neither"] > 0
    assert failed["NEG, neither"] > 0
    assert failed["NEG, preStop, slow attach"] > 0
    assert failed["NEG, preStop + gate, slow attach"] == 0
    assert str(tmp_path / "report" / "index.html") in "".join(ended.stderr.splitlines())
    assert "evaluating container-native and legacy-nodeport offline" in ended.stderr
    assert f"\n{len(results)}/{len(results)} " in ended.stderr
