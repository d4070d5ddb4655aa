"""What becomes of a path through a Gateway between two versions of its objects."""

from copy import deepcopy
from typing import Any

import pytest

from nodrop.paths.changes import changes
from tests.paths.gateways import Behind, gateway, http_route, to


def routes_after(behind: Behind, before: dict[str, Any], after: dict[str, Any]) -> dict[str, dict[str, str]]:
    """By the path's Service, what became of the routes."""
    services = [*behind.web, *behind.canary]
    found = changes([gateway(), before, *services], [gateway(), after, *services])
    assert found.problems == ()
    wirings = {change.name.split()[0]: change.after.wiring for change in found.paths}
    return {name: dict(wiring.routes) for name, wiring in wirings.items() if wiring}


SPLITS = {
    "a new service takes requests at once": (((("web", 1),)), (("web", 90), ("canary", 10)), {"*/": "canary"}),
    "a new service comes with no share": (((("web", 1),)), (("web", 1), ("canary", 0)), {"*/": "web"}),
    "shares shift": ((("web", 9), ("canary", 1)), (("web", 1), ("canary", 9)), {"*/ [web]": "web"}),
    "the old one goes without a share": ((("web", 0), ("canary", 1)), (("canary", 1),), {"*/ [web]": "web"}),
    "the old one goes with its share": ((("web", 1), ("canary", 1)), (("canary", 1),), {"*/ [web]": "canary"}),
    "the new one goes": ((("web", 1), ("canary", 1)), (("web", 1),), {"*/ [web]": "web", "*/ [canary]": "web"}),
}


@pytest.mark.parametrize("case", SPLITS)
def test_requests_that_are_shared_are_followed_to_the_service_that_takes_them_over(behind, case):
    before, after, expected = SPLITS[case]
    found = routes_after(behind, http_route(to(*before)), http_route(to(*after)))["demo/web"]
    assert expected.items() <= found.items()


def test_an_ingress_exchanged_for_a_gateway_is_seen_as_another_load_balancer(behind):
    before = [behind.ingress, behind.backend_config, *behind.web]
    (path,) = changes(before, [gateway(), http_route(), *behind.web]).paths
    assert path.after.wiring is not None
    assert path.after.wiring.entry == "Gateway gke-l7-global-external-managed"


def test_a_gateway_exchanged_for_an_ingress_is_seen_as_another_load_balancer(behind):
    after = [behind.ingress, behind.backend_config, *behind.web]
    (path,) = changes([gateway(), http_route(), *behind.web], after).paths
    assert path.after.wiring is not None
    assert (path.after.wiring.entry, path.replaced) == ("Ingress gce", ())


def test_a_gateway_that_gets_another_name_is_told_as_replaced(behind):
    after = [gateway("back"), http_route(parentRefs=[{"name": "back"}]), *behind.web]
    moved: Any = {("Gateway", "demo", "front"): ("Gateway", "demo", "back")}
    (path,) = changes([gateway(), http_route(), *behind.web], after, moved).paths
    assert [(each.old, each.new) for each in path.replaced] == [("Gateway demo/front", "Gateway demo/back")]


def test_what_is_left_of_a_path_is_read_where_its_service_selects_nothing_any_more(behind):
    before = [gateway(), http_route(), *deepcopy(behind.web)]
    behind.service["spec"]["selector"] = {"app": "shop"}
    (path,) = changes(before, [gateway(), http_route(), *behind.web]).paths
    assert path.after.wiring is not None
    assert (path.after.wiring.selector, path.after.wiring.container_native) == ({"app": "shop"}, True)
    assert [str(problem.object) for problem in path.unserved] == ["Service demo/web"]
