"""What of a judgement counts for `nodrop check`: levels, chosen rules, a baseline, what `nodrop.yaml` states."""

import json

import pytest

from tests.cli.conftest import AT_RISK, CLEAN, NODE_PORT, check


@pytest.mark.parametrize(
    ("changes", "verdict", "codes"),
    [
        ((), "drops", {"error": 1, "not-judged": 1, "warning": 1, "never": 0}),
        (AT_RISK, "at risk", {"error": 0, "not-judged": 0, "warning": 1, "never": 0}),
        (CLEAN, "clean", {"error": 0, "not-judged": 0, "warning": 0, "never": 0}),
    ],
)
def test_fail_on_decides_which_verdicts_end_with_1(shop, changes, verdict, codes):
    file = shop(*changes)
    for level, code in codes.items():
        done = check(file, "--fail-on", level)
        assert (done.exit_code, done.stdout.startswith(f"{verdict}  shop/web")) == (code, True), done.stdout


def test_a_path_that_cannot_be_judged_fails_where_that_is_asked_for(shop):
    file = shop(*NODE_PORT, *CLEAN)
    document = json.loads(check(file, "--format", "json").stdout)
    assert document["verdict"] == "not judged"
    assert "NodePort" in document["paths"][0]["not_judged"][0]
    assert check(file, "--fail-on", "not-judged").exit_code == check(file, "--fail-on", "warning").exit_code == 1
    assert check(file).exit_code == 0


def test_rules_are_selected_and_ignored_and_the_verdict_stays(dropping):
    for options in (
        ["--select", "grace-covers-longest-request"],
        ["--ignore", "pre-stop-outlasts-deprogramming"],
    ):
        document = json.loads(check(dropping, "--format", "json", *options).stdout)
        (path,) = document["paths"]
        assert [each["rule"] for each in path["findings"]] == ["grace-covers-longest-request"]
        assert document["hidden"] == {"pre-stop-outlasts-deprogramming": 1}
        assert document["verdict"] == "drops"
        assert check(dropping, *options).exit_code == 0
    both = ["--ignore", "pre-stop-outlasts-deprogramming,grace-covers-longest-request"]
    assert "hidden: grace-covers-longest-request, 1 found" in check(dropping, *both).stdout


def test_a_rule_that_does_not_exist_is_wrong_usage(dropping):
    done = check(dropping, "--ignore", "grace-cover-longest-request,x", "--ignore", "draining-covers-longest-request")
    assert done.exit_code == 2
    assert "'grace-cover-longest-request' is not the name of a rule; did you mean grace-covers-longest-request?" in (
        done.stderr
    )
    assert "'x' is not the name of a rule; `nodrop rules` lists them" in done.stderr


def test_findings_of_the_baseline_do_not_count_and_new_ones_do(dropping, shop, tmp_path):
    baseline = tmp_path / "baseline.json"
    written = check(dropping, "--write-baseline", baseline)
    assert (written.exit_code, written.stdout) == (0, "")
    assert written.stderr == f"{baseline}: 2 findings that do not count with --baseline {baseline}\n"
    adopted = check(dropping, "--baseline", baseline, "--fail-on", "warning")
    assert adopted.exit_code == 0
    assert "2 known from the baseline" in adopted.stdout
    more = check(shop(("maxUnavailable: 0", 'maxUnavailable: "100%"')), "--baseline", baseline)
    assert more.exit_code == 1
    assert "rolls-without-unavailable" in more.stdout


def test_a_baseline_that_is_none_is_an_unreadable_input(dropping, tmp_path):
    for file, said in ((tmp_path / "absent.json", "cannot be read: No such file"), (dropping, "is not a baseline")):
        done = check(dropping, "--baseline", file)
        assert done.exit_code == 2
        assert said in done.stderr


def test_facts_and_waivers_are_taken_from_nodrop_yaml(dropping, tmp_path, monkeypatch):
    stated = tmp_path / "nodrop.yaml"
    stated.write_text(
        "workloads:\n  shop/web:\n    longest_request_seconds: 7\n    accept:\n"
        "      pre-stop-outlasts-deprogramming: on the way out\n"
    )
    monkeypatch.chdir(tmp_path)
    done = check(dropping)
    assert done.exit_code == 0
    assert "accepted    error pre-stop-outlasts-deprogramming" in done.stdout
    assert "Reason: on the way out" in " ".join(done.stdout.split())
    assert "longest request 7 s (nodrop.yaml)" in done.stdout
    monkeypatch.chdir("/")
    assert check(dropping).exit_code == 1
    assert check(dropping, "--settings", stated).exit_code == 0


def test_an_entry_of_nodrop_yaml_for_nearly_a_workload_is_told_with_the_workload(dropping, tmp_path):
    stated = tmp_path / "mine.yaml"
    stated.write_text("workloads:\n  shp/web: {longest_request_seconds: 7}\n")
    done = check(dropping, "--settings", stated)
    assert f"warning: {stated}: workloads.shp/web matches no Deployment here; did you mean shop/web?\n" in done.stderr
    assert "longest request 30 s" in done.stdout


def test_facts_that_neither_annotation_nor_nodrop_yaml_states_are_taken_from_options(dropping, tmp_path, monkeypatch):
    (tmp_path / "nodrop.yaml").write_text("workloads:\n  shop/web:\n    longest_request_seconds: 7\n")
    options = ("--longest-request-seconds", "1m", "--startup-seconds", "9s", "--on-term", "exit")
    monkeypatch.chdir("/")
    alone = " ".join(check(dropping, *options).stdout.split())
    assert "stated longest request 60 s (option); start-up 9 s (option); on TERM exit (option)" in alone
    assert "assumed keep-alive 620 s" in alone
    monkeypatch.chdir(tmp_path)
    beside = " ".join(check(dropping, *options).stdout.split())
    assert "longest request 7 s (nodrop.yaml); start-up 9 s (option)" in beside
    assert "sleep:\n              seconds: 60\n" in check(dropping, "--patch").stdout
    assert "sleep:\n              seconds: 66\n" in check(dropping, "--patch", *options).stdout


def test_a_wrong_nodrop_yaml_is_an_unreadable_input(dropping, tmp_path):
    stated = tmp_path / "nodrop.yaml"
    stated.write_text("workloads:\n  shop/web: {longest_request_seconds: soon}\n")
    done = check(dropping, "--settings", stated)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {stated}:2: workloads.shop/web.longest_request_seconds is 'soon'; wanted")
