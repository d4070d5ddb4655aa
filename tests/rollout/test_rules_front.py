from dataclasses import replace

import pytest

from nodrop.rollout import Severity
from nodrop.rollout.rules import check_change
from nodrop.rollout.wiring import Front

ERROR, WARNING = Severity.ERROR, Severity.WARNING
HTTP = Front()
HTTPS = Front(schemes=("HTTP", "HTTPS"), certificates=("Secret tls",))
MANAGED = Front(schemes=("HTTP", "HTTPS"), managed_hosts=("a.example.com", "b.example.com"))
RANGES = ("130.211.0.0/22", "35.191.0.0/16")


@pytest.fixture
def found(change):
    def found(before, after):
        findings = check_change(change(wiring=before), change(wiring=after))
        return [(finding.rule, finding.input.rpartition(".")[2], finding.severity) for finding in findings]

    return found


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (HTTP, HTTPS, []),
        (HTTPS, HTTP, [("schemes-stay", "schemes", ERROR)]),
        (HTTPS, replace(HTTPS, schemes=("HTTPS",)), [("schemes-stay", "schemes", ERROR)]),
        (HTTP, replace(HTTPS, redirects=True), [("redirect-comes-after-https", "redirects", ERROR)]),
        (HTTPS, replace(HTTPS, redirects=True), []),
        (HTTPS, replace(HTTPS, certificates=("Secret other",)), []),
        (HTTPS, MANAGED, [("certificates-stay", "certificates", ERROR)]),
        (MANAGED, replace(MANAGED, managed_hosts=("c.example.com",)), [("certificates-stay", "certificates", ERROR)]),
        (
            MANAGED,
            replace(MANAGED, managed_hosts=("a.example.com",)),
            [("certificates-stay", "managed_hosts", WARNING)],
        ),
        (MANAGED, HTTPS, [("certificates-stay", "managed_hosts", WARNING)]),
        (HTTP, replace(HTTP, address="one"), [("address-stays", "address", ERROR)]),
        (replace(HTTP, address="one"), HTTP, []),
        (replace(HTTP, address="one"), replace(HTTP, address="two"), [("address-stays", "address", ERROR)]),
        (HTTP, replace(HTTP, iap=True), [("clients-stay-admitted", "iap", ERROR)]),
        (replace(HTTP, iap=True), HTTP, []),
        (replace(HTTP, global_access=True), HTTP, [("clients-stay-admitted", "global_access", ERROR)]),
        (HTTP, replace(HTTP, security_policy="edge"), [("clients-stay-admitted", "security_policy", WARNING)]),
        (replace(HTTPS, ssl_policy="old"), HTTPS, []),
        (HTTP, replace(HTTPS, ssl_policy="new"), []),
        (HTTPS, replace(HTTPS, ssl_policy="new"), [("clients-stay-admitted", "ssl_policy", WARNING)]),
    ],
)
def test_clients_find_what_they_found(found, before, after, expected):
    assert found({"front": before}, {"front": after}) == expected
    assert found({"front": before}, {"front": None}) == []


def test_a_gateway_that_names_no_address_any_more_gets_another_one(found):
    gateway = {"entry": "Gateway gke-l7-rilb"}
    named, unnamed = {"front": replace(HTTP, address="one"), **gateway}, {"front": HTTP, **gateway}
    assert found(named, unnamed) == [("address-stays", "address", ERROR)]


def test_of_another_entry_no_more_is_said_than_that(found):
    after = {"front": replace(HTTP, address="other"), "entry": "Gateway gke-l7-rilb"}
    assert found({"front": HTTPS}, after) == [("entry-stays", "entry", ERROR)]


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [
        (None, None, None),
        (RANGES, None, None),
        (None, RANGES, WARNING),
        (None, ("0.0.0.0/0",), WARNING),
        (None, ("anyone",), None),
        (None, RANGES[:1], ERROR),
        (RANGES, (*RANGES, "10.0.0.0/8"), None),
        ((*RANGES, "10.0.0.0/8"), RANGES, WARNING),
    ],
)
def test_a_network_policy_shuts_nobody_out(found, before, after, severity):
    expected = [("peers-stay-admitted", "peers", severity)] if severity else []
    assert found({"peers": before}, {"peers": after}) == expected


@pytest.mark.parametrize(("more", "severity"), [((), ERROR), (("10.40.0.0/23",), WARNING)])
def test_an_internal_load_balancer_needs_its_proxies_admitted(found, more, severity):
    entry = {"entry": "Ingress gce-internal", "by_proxies": True}
    assert found(entry, {**entry, "peers": (*RANGES, *more)}) == [("peers-stay-admitted", "peers", severity)]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (None, ("web", "a@p"), False),
        (("web", "a@p"), None, False),
        (("web", "a@p"), ("web", "b@p"), True),
        (("web", "a@p"), ("other", "b@p"), False),
    ],
)
def test_old_pods_stay_whom_google_takes_them_for(found, before, after, told):
    expected = [("google-identity-stays", "google_identity", WARNING)] if told else []
    assert found({"google_identity": before}, {"google_identity": after}) == expected


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [("HTTP", "HTTPS", True), ("HTTPS", "HTTP2", True), ("HTTP", "HTTP", False), (None, "HTTPS", False)],
)
def test_old_pods_are_spoken_to_as_they_speak(found, before, after, told):
    expected = [("protocol-stays", "protocol", ERROR)] if told else []
    assert found({"protocol": before}, {"protocol": after}) == expected


@pytest.mark.parametrize("field", ["backend_timeout_seconds", "draining_timeout_seconds"])
@pytest.mark.parametrize(("seconds", "told"), [(59, True), (60, False), (90, False)])
def test_requests_of_old_pods_still_fit(change, field, seconds, told):
    before = change(longest_request_seconds=60, backend_timeout_seconds=70, draining_timeout_seconds=70)
    after = replace(before, longest_request_seconds=5, **{field: seconds})
    assert [finding.input for finding in check_change(before, after)] == ([f"rollout.{field}"] if told else [])


def test_a_draining_that_was_too_short_before_is_no_change(change):
    before = change(longest_request_seconds=60, draining_timeout_seconds=10)
    assert check_change(before, before) == []


def test_a_namespace_that_goes_takes_all_along(found):
    assert found({}, {"lost_namespace": "shop"}) == [("namespace-stays", "lost_namespace", ERROR)]
