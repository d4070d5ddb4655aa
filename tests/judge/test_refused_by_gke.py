"""What GKE's controllers refuse drops requests: an error that names the source and the field."""

from copy import deepcopy

import pytest

from nodrop.gke.ingresses import ALLOW_HTTP, GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS
from nodrop.gke.services import APP_PROTOCOLS, BACKEND_CONFIG, NEG, TRANSPARENT_HEALTH_CHECK
from nodrop.judge import Verdict, judge
from nodrop.paths.files.reading import Position
from tests.judge.edits import clean
from tests.paths.conftest import Objects


def judged(objects):
    (path,) = judge(objects.all, positions=position).paths
    return path


def position(manifest, field):
    return Position(file=f"{manifest['kind']}.yaml", line=len(field), document=1, template=None)


@pytest.mark.parametrize(
    ("which", "key", "text"),
    [
        ("service", NEG, '{"ingress":true,"zones":"a"}'),
        ("service", BACKEND_CONFIG, '{"defualt":"web"}'),
        ("service", APP_PROTOCOLS, '{"other":"GRPC"}'),
    ],
)
def test_an_annotation_that_a_controller_refuses_drops(objects, which, key, text):
    getattr(objects, which)["metadata"]["annotations"][key] = text
    path = judged(objects)
    (found,) = path.diagnostics
    assert path.verdict is Verdict.DROPS
    assert (found.rule, found.field) == ("object-is-accepted", f"metadata.annotations[{key}]")
    assert (found.file, found.line) == ("Service.yaml", len(found.field))
    assert "ingress-gce" in found.source
    assert found.would_pass


def test_two_addresses_drop(objects):
    for key in (GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS):
        objects.ingress["metadata"]["annotations"][key] = "a"
    assert judged(objects).verdict is Verdict.DROPS


def transparent(edit=lambda spec: None):
    """Clean objects with the annotation, and a BackendConfig that is edited."""
    given = clean("ingress")
    service, config = (next(each for each in given if each["kind"] == kind) for kind in ("Service", "BackendConfig"))
    service["metadata"]["annotations"][TRANSPARENT_HEALTH_CHECK] = '{"enabled":true}'
    edit(config["spec"])
    (path,) = judge(given).paths
    return path


def test_a_transparent_health_check_is_not_judged_and_says_why():
    path = transparent(lambda spec: spec.pop("healthCheck"))
    (reason,) = path.not_judged
    assert (path.verdict, path.diagnostics) == (Verdict.NOT_JUDGED, ())
    assert reason.startswith(f"Service shop/web: metadata.annotations[{TRANSPARENT_HEALTH_CHECK}]: ")
    assert "asks an agent on port 7877 of the node for /api/podhealth, if the cluster's controller has that" in reason


def test_what_drops_requests_beside_a_transparent_health_check_is_told():
    path = transparent(lambda spec: (spec.pop("healthCheck"), spec.pop("connectionDraining")))
    assert path.verdict is Verdict.DROPS
    assert {each.rule for each in path.diagnostics} == {"draining-covers-longest-request"}


def test_a_health_check_of_the_backend_config_goes_before_a_transparent_one():
    assert transparent().verdict is Verdict.CLEAN


def test_a_spelling_of_false_is_no_fault(objects):
    before = deepcopy(judged(objects).diagnostics)
    objects.ingress["metadata"]["annotations"][ALLOW_HTTP] = "True"
    assert judged(objects).diagnostics == before


@pytest.fixture
def objects():
    return Objects()


def refused(kind, edit):
    objects = clean("ingress")
    edit(next(each for each in objects if each["kind"] == kind)["spec"])
    [path] = judge(objects).paths
    return next(each for each in path.diagnostics if each.rule == "object-is-accepted")


def test_labels_and_families_are_shown_as_they_stand():
    found = refused("Deployment", lambda spec: spec.update(selector={"matchLabels": {"app": "shop"}}))
    assert found.value == "app=shop"
    assert found.would_pass == "labels that the pod template has: app=web,tier=front"
    found = refused("Service", lambda spec: spec.update(ipFamilies=["IPv6"]))
    assert found.value == "[IPv6]"
    assert found.would_pass.startswith("ipFamilyPolicy: PreferDualStack, or [IPv4] in a new Service")
