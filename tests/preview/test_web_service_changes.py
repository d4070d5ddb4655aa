"""Edits of a `WebService`: which ones the component makes harmless by its construction, and which are told."""

import json

import pytest

from nodrop.preview import compare, read_state

PROGRAM = """
    from gke_nodrop import WebService

    ARGS = {"image": "web:1", "port": 8080, "hosts": ["www.example.com"], "health_check": {"path": "/ready/"}}
    WebService("web", ARGS)
"""
ACCEPT = '{"path": "/healthz/"}, "accept": {"health-check-path-stays": "2.1 answers at both"}'


@pytest.fixture
def change(evaluated, export):
    """What is told of an edit of the program."""

    def change(old: str, new: str):
        assert old in PROGRAM
        before, after = evaluated(PROGRAM), evaluated(PROGRAM.replace(old, new))
        comparison = compare(after, read_state(export(before), "state.json"))
        assert comparison.paths == ("web/web",)
        assert comparison.not_compared == ()
        return comparison.diagnostics

    return change


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("web:1", "web:2"),
        ('"port": 8080', '"port": 8080, "replicas": 6'),
        ('"port": 8080', '"port": 9090'),
        ('["www.example.com"]', '["www.example.com", "shop.example.com"]'),
        ('{"path": "/ready/"}', '{"path": "/ready/", "check_interval_seconds": 7}'),
        ('"port": 8080', '"port": 8080, "rollout": {"longest_request_seconds": 60}'),
        ('"port": 8080', '"port": 8080, "env": {"LEVEL": "debug"}'),
    ],
)
def test_an_edit_of_it_is_harmless_by_construction(change, old, new):
    assert change(old, new) == ()


def test_another_health_check_path_is_told_with_the_steps_to_take_instead(change):
    (told,) = change("/ready/", "/healthz/")
    assert (str(told.object), told.rule, told.is_error) == ("Service web/web", "health-check-path-stays", True)
    assert "1. roll out a version that answers 200 on both paths" in str(told.would_pass)


def test_the_last_step_is_taken_with_its_accept(change):
    (told,) = change('{"path": "/ready/"}', ACCEPT)
    assert (told.waiver, told.is_error) == ("2.1 answers at both", False)


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("www.example.com", "shop.example.com", "certificates-stay"),
        ('"hosts": ["www.example.com"], ', "", "schemes-stay"),
        ('"port": 8080', '"port": 8080, "gateway": {}', "entry-stays"),
        ('"port": 8080', '"port": 8080, "ingress": {"address": "shop"}', "address-stays"),
        ('"port": 8080', '"port": 8080, "protocol": "HTTPS"', "protocol-stays"),
        ('"port": 8080', '"port": 8080, "existing_namespace": "web"', "namespace-stays"),
    ],
)
def test_an_edit_that_takes_the_service_away_from_its_clients_is_told(change, old, new, rule):
    assert (rule, True) in [(told.rule, told.is_error) for told in change(old, new)]


def test_a_namespace_that_is_kept_when_it_leaves_the_program_takes_nothing_along(evaluated, export):
    text = PROGRAM.replace('"port": 8080', '"port": 8080, "existing_namespace": "web"')
    kept = json.loads(export(evaluated(PROGRAM)))
    for resource in kept["deployment"]["resources"]:
        resource["retainOnDelete"] = resource["type"] == "kubernetes:core/v1:Namespace"
    comparison = compare(evaluated(text), read_state(json.dumps(kept), "state.json"))
    assert comparison.diagnostics == ()


def test_another_namespace_is_another_service(change):
    (told,) = change('"port": 8080', '"port": 8080, "namespace": "elsewhere"')
    assert (told.rule, told.is_error) == ("objects-stay", True)
