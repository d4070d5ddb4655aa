from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from nodrop.judge import Verdict
from nodrop.report.judged.junit import junit
from nodrop.report.judged.model import ChangeReport, PathReport, Report
from nodrop.rollout import Severity

ERRORS = (Severity.ERROR,)
ALL = tuple(Severity)


def cases(told: str) -> dict[tuple[str | None, str | None], Element]:
    return {(case.get("classname"), case.get("name")): case for case in ElementTree.fromstring(told).iter("testcase")}


def outcome(case: Element) -> str:
    return next((each.tag for each in case), "passed")


def test_what_fails_the_command_fails_here_and_the_rest_is_skipped(report):
    assert {name: outcome(case) for name, case in cases(junit(report, ERRORS)).items()} == {
        ("shop/web", "grace-covers-longest-request"): "failure",
        ("shop/web", "survives-a-lost-pod"): "skipped",
        ("shop/web", "draining-covers-longest-request"): "skipped",
        ("shop/legacy", "is judged"): "skipped",
        ("shop/good", "drops no request"): "passed",
        ("Service shop/lost", "selector-matches-pods"): "skipped",
        ("nodrop", "is read"): "skipped",
    }
    strict = {name: outcome(case) for name, case in cases(junit(report, ALL)).items()}
    assert [name for name, found in strict.items() if found != "failure"] == [
        ("shop/web", "draining-covers-longest-request"),
        ("shop/good", "drops no request"),
        ("nodrop", "is read"),
    ]


def test_what_is_passed_over_is_skipped_and_named(report):
    [told] = ElementTree.fromstring(junit(report, ALL)).iterfind("testsuite[@name='passed over']/testcase/skipped")
    assert told.get("message") == "passed over: values.yaml: not a Kubernetes object"


def test_suites_count_their_cases(report):
    suites = ElementTree.fromstring(junit(report, ERRORS))
    assert (suites.get("tests"), suites.get("failures"), suites.get("skipped")) == ("7", "1", "5")
    web = suites.find("testsuite[@name='shop/web']")
    assert web is not None
    assert (web.get("tests"), web.get("failures"), web.get("skipped")) == ("3", "1", "2")


def test_a_failure_says_where_why_and_what_would_pass(report):
    case = cases(junit(report, ERRORS))["shop/web", "grace-covers-longest-request"]
    assert (case.get("file"), case.get("line")) == ("deploy/web.yaml", "31")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "spec.template.spec.terminationGracePeriodSeconds: 20: shorter than 60 s + 30 s"
    assert (failure.text or "").splitlines() == [
        "deploy/web.yaml:31",
        "Deployment shop/web",
        "KILL cuts off the last request [kubernetes.io, Pod Lifecycle]",
        "Instead: 95",
    ]


def test_where_nothing_is_judged_no_case_passes():
    nothing = Report(verdict=Verdict.NOT_JUDGED)
    assert {outcome(case) for case in cases(junit(nothing, ERRORS)).values()} == {"skipped"}
    assert {outcome(case) for case in cases(junit(nothing, ALL)).values()} == {"failure"}


def test_characters_that_xml_or_a_log_would_stumble_over_are_escaped(found):
    name = "\x00\x1b\ufffe\udc80<&\"']]>##vso[task.complete]"
    path = PathReport(name=name, verdict=Verdict.DROPS, found=(found(seen=name, why=name),), not_judged=(name,))
    told = junit(Report(verdict=Verdict.DROPS, paths=(path,)), ERRORS)
    assert "##" not in told
    (suite,) = ElementTree.fromstring(told)
    assert "<&\"']]>" in str(suite.get("name"))


def test_a_change_is_a_suite_of_its_own(report, compared):
    assert {name: outcome(case) for name, case in cases(junit(compared, ERRORS)).items()} == {
        **{name: outcome(case) for name, case in cases(junit(report, ERRORS)).items()},
        ("Deployment shop/web", "target-port-stays"): "failure",
        ("Deployment shop/web", "selector-stays"): "skipped",
        ("change", "is compared"): "skipped",
        ("Service shop/lost", "load-balancer-is-admitted"): "skipped",
    }
    harmless = ChangeReport(verdict=Verdict.CLEAN, before="before/", compared=("shop/web",))
    told = cases(junit(Report(verdict=Verdict.CLEAN, change=harmless), ERRORS))
    assert outcome(told["change", "drops no request"]) == "passed"


def test_where_nothing_was_compared_no_case_passes():
    nothing = Report(verdict=Verdict.NOT_JUDGED, change=ChangeReport(verdict=Verdict.NOT_JUDGED, before="before/"))
    assert {outcome(case) for case in cases(junit(nothing, ERRORS)).values()} == {"skipped"}
    assert {outcome(case) for case in cases(junit(nothing, ALL)).values()} == {"failure"}
