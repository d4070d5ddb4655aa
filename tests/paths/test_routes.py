"""Which rules of an Ingress count where several are for one host."""

import pytest

from nodrop.judge import Verdict, judge
from nodrop.paths import ProblemKind, resolve
from tests.judge.edits import clean


def rule(path, service="web", host="example.org"):
    stated = {"host": host} if host else {}
    return stated | {
        "http": {"paths": [{"path": path, "backend": {"service": {"name": service, "port": {"number": 80}}}}]}
    }


def told(objects, *rules):
    objects.ingress["spec"]["rules"] = list(rules)
    return [each for each in resolve(objects.all).problems if each.kind is ProblemKind.LEADS_NOWHERE]


def test_of_two_rules_for_one_host_the_overwritten_one_is_told(objects):
    [problem] = told(objects, rule("/a", "api"), rule("/b"))
    assert (problem.kind, problem.field) == (ProblemKind.LEADS_NOWHERE, "spec.rules[0].host")
    assert "/a does not count: of several rules for the host example.org only the last one does" in str(problem)
    assert problem.wanted == "one rule for example.org with all paths"
    assert "PutPathRulesForHost" in (problem.source or "")


def test_a_rule_for_any_host_is_told_too(objects):
    rules = rule("/a", "api", host=None), rule("/b", host=None)
    assert [each.field for each in told(objects, *rules)] == ["spec.rules[0]"]


@pytest.mark.parametrize(
    "rules",
    [
        (rule("/a"), rule("/b", host="other.org")),
        (rule("/a"), rule("/a")),
        (rule("/a"), rule("/b")),  # the default backend is the same Service
        (rule("/a/*", "api"), rule("/*", "api")),
        (rule("/a/b", "api"), rule("/a/*", "api")),
        (rule("/a"), {"host": "example.org"}),
        (rule("/a", host=None), rule("/b")),
    ],
)
def test_what_leads_on_is_not_told(objects, rules):
    assert told(objects, *rules) == []


def test_of_several_paths_that_match_the_longest_takes_the_requests(objects):
    both = rule("/*", "api")
    both["http"]["paths"] += rule("/a/*")["http"]["paths"]
    assert told(objects, rule("/a/b/*"), both) == []
    assert told(objects, rule("/a/b/*", "api"), both)


def test_one_path_with_two_backends_is_told(objects):
    assert told(objects, rule("/a", "canary"), rule("/a"))
    assert told(objects, rule("/a/*", "canary"), rule("/*"))


def test_one_port_by_its_number_and_by_its_name_is_no_other_backend(objects):
    named = rule("/a")
    named["http"]["paths"][0]["backend"]["service"]["port"] = {"name": "http"}
    assert told(objects, named, rule("/a")) == []


def test_the_judgement_has_an_error():
    objects = clean("ingress")
    ingress = next(each for each in objects if each["kind"] == "Ingress")
    stated = ingress["spec"]["rules"][0]
    stated["http"]["paths"][0]["path"] = "/b"
    lost = rule("/a", "lost", stated["host"])
    lost["http"]["paths"][0]["pathType"] = "Prefix"
    ingress["spec"]["rules"] = [lost, stated]
    [path] = judge(objects).paths
    assert path.verdict is Verdict.DROPS
    assert [(each.rule, each.field) for each in path.diagnostics] == [("object-leads-on", "spec.rules[0].host")]
