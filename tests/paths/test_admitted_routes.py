"""A listener that selects namespaces takes routes of those alone."""

from typing import Any

import pytest

from nodrop.paths import ProblemKind, resolve
from tests.paths.gateways import gateway, http_route

NAME = "kubernetes.io/metadata.name"


def selecting(selector: dict[str, Any] | None) -> dict[str, Any]:
    namespaces = {"from": "Selector", "selector": selector}
    listener = {"name": "http", "protocol": "HTTP", "port": 80, "allowedRoutes": {"namespaces": namespaces}}
    return gateway(listeners=[listener])


def namespace(**labels: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo", "labels": labels}}


def an_expression(key: str, operator: str, *values: str) -> dict[str, Any]:
    return {"matchExpressions": [{"key": key, "operator": operator, **({"values": [*values]} if values else {})}]}


@pytest.mark.parametrize(
    ("selector", "beside"),
    [
        ({"matchLabels": {"gateway": "shared"}}, [namespace(team="shop")]),
        ({"matchLabels": {"gateway": "shared"}}, [namespace(gateway="own")]),
        ({"matchLabels": {"gateway": "shared"}}, [namespace(gateway="shared"), namespace()]),
        (an_expression("gateway", "Exists"), [namespace()]),
        ({"matchLabels": {NAME: "other"}}, []),
        ({"matchLabels": {NAME: "other"}}, [namespace()]),
        (an_expression(NAME, "NotIn", "demo"), []),
    ],
)
def test_a_route_of_a_namespace_that_is_not_selected_leads_nowhere(behind, selector, beside):
    found = resolve([selecting(selector), http_route(), *beside, *behind.web])
    assert found.paths == ()
    assert [(each.kind, each.field) for each in found.problems] == [(ProblemKind.LEADS_NOWHERE, "metadata.namespace")]


@pytest.mark.parametrize(
    ("selector", "beside"),
    [
        ({"matchLabels": {"gateway": "shared"}}, [namespace(gateway="shared")]),
        ({"matchLabels": {"gateway": "shared", NAME: "demo"}}, [namespace(gateway="shared")]),
        ({"matchLabels": {NAME: "demo"}}, []),
        (an_expression(NAME, "In", "demo", "other"), []),
        ({}, [namespace()]),
        (None, [namespace()]),
        ({"matchLabels": {"gateway": "shared"}}, []),
        ({"matchLabels": {"gateway": "shared"}}, [namespace() | {"apiVersion": "example.com/v1"}]),
    ],
)
def test_a_route_of_a_namespace_that_is_or_may_be_selected_leads_on(behind, selector, beside):
    found = resolve([selecting(selector), http_route(), *beside, *behind.web])
    assert (len(found.paths), found.problems) == (1, ())


@pytest.mark.parametrize("beside", [[], [namespace(team="shop")]])
def test_a_key_of_the_selector_that_is_no_text_is_unreadable(behind, beside):
    expression = {"key": ["team"], "operator": "Exists"}
    found = resolve([selecting({"matchExpressions": [expression]}), http_route(), *beside, *behind.web])
    assert found.paths == ()
    [problem] = found.problems
    assert problem.kind == ProblemKind.UNREADABLE
    assert str(problem.field).endswith("matchExpressions[0].key")
