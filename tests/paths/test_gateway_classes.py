"""Which Gateways are GKE's, and what GKE alone refuses of their HTTPRoutes."""

import pytest

from nodrop.paths import Problem, ProblemKind, resolve
from tests.paths.gateways import gateway, http_route, to

EXPRESSION = to(("web", 1), matches=[{"path": {"type": "RegularExpression", "value": "/a.*"}}])


def problems(behind, front, route) -> tuple[Problem, ...]:
    return resolve([front, route, *behind.web]).problems


def test_an_expression_as_a_path_is_refused(behind):
    [found] = problems(behind, gateway(), http_route(EXPRESSION))
    assert (found.kind, found.field) == (ProblemKind.REFUSED, "spec.rules[0].matches[0].path.type")


def test_an_expression_is_not_refused_behind_another_controllers_gateway(behind):
    [found] = problems(behind, gateway(gatewayClassName="istio"), http_route(EXPRESSION))
    assert found.field == "spec.gatewayClassName"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("gke-l7-cross-regional-internal-managed", ProblemKind.ABSENT),
        ("gke-l7-global-external-manged", ProblemKind.ABSENT),
        ("istio", ProblemKind.UNSUPPORTED),
    ],
)
def test_a_class_that_looks_like_one_of_gkes_is_no_other_controllers(behind, name, kind):
    [found] = problems(behind, gateway(gatewayClassName=name), http_route())
    assert found.kind == kind


def test_a_class_for_several_clusters_is_one_of_gkes(behind):
    assert problems(behind, gateway(gatewayClassName="gke-l7-cross-regional-internal-managed-mc"), http_route()) == ()
