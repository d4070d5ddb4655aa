"""One judgement: verdicts, facts and who states them, waivers, positions, what is not read."""

from copy import deepcopy

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodrop.judge import Facts, Verdict, judge
from nodrop.judge.judge import Surroundings
from nodrop.judge.judgement import worst
from nodrop.paths.files.reading import Position
from nodrop.rollout import OnTerm, Severity
from tests.judge.edits import clean

LONGEST = "gke-nodrop/longest-request-seconds"


@pytest.fixture
def objects():
    return clean("ingress")


def of_kind(objects, kind):
    [found] = [each for each in objects if each["kind"] == kind]
    return found


def only(judgement):
    [path] = judgement.paths
    return path


def rules(path):
    return [each.rule for each in path.diagnostics if each.waiver is None]


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        (("clean", "at risk"), "at risk"),
        (("at risk", "not judged"), "not judged"),
        (("not judged", "drops", "clean"), "drops"),
        ((), "not judged"),
    ],
)
def test_the_worst_verdict_of_several_counts(verdicts, expected):
    assert worst(map(Verdict, verdicts)) == expected


def test_nothing_is_not_clean():
    assert judge([]).verdict == Verdict.NOT_JUDGED


def test_what_is_assumed_is_said_and_who_states_the_rest(objects):
    annotations = of_kind(objects, "Deployment")["metadata"]["annotations"]
    for key in ("startup-seconds", "keep-alive-timeout-seconds", "on-term"):
        del annotations[f"gke-nodrop/{key}"]
    path = only(
        judge(
            objects,
            facts={"shop/web": Facts(startup_seconds=7, longest_request_seconds=99)},
            defaults=Facts(on_term=OnTerm.EXIT, startup_seconds=9),
        )
    )
    assert [str(each) for each in path.assumptions] == [
        "longest request 20 s (annotation)",
        "start-up 7 s (nodrop.yaml)",
        "keep-alive 620 s (default)",
        "on TERM exit (option)",
        "zones one, or enough pods in each (default)",
    ]
    assert path.rollout.longest_request_seconds == 20


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (lambda spec: None, True),
        (lambda spec: spec.update(minReadySeconds=60), False),
        (lambda spec: spec["template"]["spec"].update(nodeSelector={"topology.kubernetes.io/zone": "a"}), False),
    ],
)
def test_zones_that_no_object_states_are_an_assumption_where_they_decide(objects, edit, told):
    edit(of_kind(objects, "Deployment")["spec"])
    assert ("zones" in {each.name for each in only(judge(objects)).assumptions}) == told


def test_the_range_that_is_taken_for_the_proxies_is_an_assumption(objects):
    of_kind(objects, "Ingress")["metadata"]["annotations"] = {"kubernetes.io/ingress.class": "gce-internal"}
    admitted = of_kind(objects, "NetworkPolicy")["spec"]["ingress"][0]["from"]
    assert rules(only(judge(objects))) == ["load-balancer-is-admitted"]
    admitted.append({"ipBlock": {"cidr": "10.129.0.0/23"}})
    path = only(judge(objects))
    assert path.verdict == Verdict.CLEAN
    assert str(path.assumptions[-1]) == "proxy-only subnet within 10.129.0.0/23 (default)"


def test_an_address_that_two_namespaces_name_is_an_assumption_of_both(objects):
    staging = deepcopy(objects)
    staging[0]["metadata"]["name"] = "staging"
    for each in staging[1:]:
        each["metadata"]["namespace"] = "staging"
    judgement = judge([*objects, *staging])
    assert judgement.verdict == Verdict.CLEAN
    assert {str(path.assumptions[-1]) for path in judgement.paths} == {
        "static address shop in another project than that of Ingress shop/shop (default)",
        "static address shop in another project than that of Ingress staging/shop (default)",
    }


def test_a_check_by_tls_of_a_port_that_is_probed_without_is_an_error(objects):
    of_kind(objects, "BackendConfig")["spec"]["healthCheck"] |= {"port": 8081, "type": "HTTPS"}
    container = of_kind(objects, "Deployment")["spec"]["template"]["spec"]["containers"][0]
    container["ports"].append({"name": "health", "containerPort": 8081})
    container["readinessProbe"]["httpGet"]["port"] = "health"
    assert rules(only(judge(objects))) == ["load-balancer-is-admitted", "port-speaks-one-protocol"]
    of_kind(objects, "NetworkPolicy")["spec"]["ingress"][0].pop("ports")
    assert rules(only(judge(objects))) == ["port-speaks-one-protocol"]


def test_a_waived_error_stays_visible_and_does_not_count(objects):
    of_kind(objects, "BackendConfig")["spec"]["timeoutSec"] = 5
    assert only(judge(objects)).verdict == Verdict.DROPS
    waivers = {"backend-timeout-covers-longest-request": "only the report is slow"}
    path = only(judge(objects, waivers=lambda _: waivers))
    assert path.verdict == Verdict.CLEAN
    assert [each.waiver for each in path.diagnostics] == ["only the report is slow"]


def test_waived_findings_come_last_and_errors_first(objects):
    of_kind(objects, "BackendConfig")["spec"] |= {"timeoutSec": 5, "connectionDraining": {"drainingTimeoutSec": 0}}
    of_kind(objects, "PodDisruptionBudget")["spec"].pop("unhealthyPodEvictionPolicy")
    waivers = {"backend-timeout-covers-longest-request": "why not"}
    found = only(judge(objects, waivers=lambda _: waivers)).diagnostics
    assert [(each.severity, each.waiver is None) for each in found] == [
        (Severity.ERROR, True),
        (Severity.WARNING, True),
        (Severity.ERROR, False),
    ]


def test_a_finding_says_object_and_field_and_where_that_was_read(objects):
    of_kind(objects, "Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 61
    asked = []

    def positions(manifest, field):
        asked.append((manifest["kind"], field))
        return Position(file="shop.yaml", line=42, document=1, template="shop/templates/web.yaml")

    [found] = only(judge(objects, positions=positions)).diagnostics
    assert (str(found.object), found.field) == (
        "Deployment shop/web",
        "spec.template.spec.terminationGracePeriodSeconds",
    )
    assert (found.file, found.line, found.template) == ("shop.yaml", 42, "shop/templates/web.yaml")
    assert asked == [("Deployment", "spec.template.spec.terminationGracePeriodSeconds")]


@pytest.mark.parametrize(
    ("kind", "version"), [("Rollout", "argoproj.io/v1alpha1"), ("StatefulSet", "apps/v1"), ("DaemonSet", "apps/v1")]
)
def test_other_pods_behind_the_same_service_are_named_and_not_judged(objects, kind, version):
    other = deepcopy(of_kind(objects, "Deployment")) | {"kind": kind, "apiVersion": version}
    judgement = judge([*objects, other])
    assert judgement.verdict == Verdict.NOT_JUDGED
    assert [each for each in only(judgement).not_judged if f"{kind} shop/web" in each]
    assert [str(each.object) for each in judgement.passed_over] == [f"{kind} shop/web"]


@pytest.mark.parametrize(
    ("kind", "version", "namespace", "verdict"),
    [
        ("CiliumNetworkPolicy", "cilium.io/v2", "shop", "not judged"),
        ("CiliumNetworkPolicy", "cilium.io/v2", "other", "clean"),
        ("CiliumClusterwideNetworkPolicy", "cilium.io/v2", None, "not judged"),
        ("AdminNetworkPolicy", "policy.networking.k8s.io/v1alpha1", None, "not judged"),
        ("ClusterNetworkPolicy", "policy.networking.k8s.io/v1alpha2", None, "not judged"),
    ],
)
def test_a_policy_that_is_not_read_leaves_the_paths_that_it_may_shut_not_judged(
    objects, kind, version, namespace, verdict
):
    metadata = {"name": "deny", "namespace": namespace}
    policy = {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": {"ingress": [{}]}}
    assert only(judge([*objects, policy])).verdict == verdict


def test_a_bare_pod_behind_the_service_is_named(objects):
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x", "namespace": "shop", "labels": {"app": "web"}}}
    assert "Pod shop/x" in only(judge([*objects, pod])).not_judged[0]


def test_a_stateful_set_that_no_load_balancer_leads_to_is_named_and_costs_nothing(objects):
    labels = {"metadata": {"labels": {"app": "db"}}}
    metadata = {"name": "db", "namespace": "shop"}
    store = {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": metadata, "spec": {"template": labels}}
    judgement = judge([*objects, store])
    assert judgement.verdict == Verdict.CLEAN
    assert [str(each.object) for each in judgement.passed_over] == ["StatefulSet shop/db"]


def test_a_route_that_is_not_read_is_a_way_that_is_not_judged(objects):
    metadata = {"name": "rpc", "namespace": "shop"}
    route = {"apiVersion": "gateway.networking.k8s.io/v1", "kind": "GRPCRoute", "metadata": metadata, "spec": {}}
    judgement = judge([*objects, route])
    assert {path.name: path.verdict for path in judgement.paths} == {
        "GRPCRoute shop/rpc": Verdict.NOT_JUDGED,
        "shop/web": Verdict.CLEAN,
    }


def test_a_load_balancer_of_a_service_alone_is_not_judged(objects):
    metadata = {"name": "raw", "namespace": "shop"}
    raw = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": {"type": "LoadBalancer"}}
    judgement = judge([*objects, raw])
    assert judgement.paths[0].name == "Service shop/raw"
    assert judgement.paths[0].verdict == Verdict.NOT_JUDGED


def test_a_path_that_cannot_be_read_does_not_cost_the_others():
    broken = clean("gateway")
    for each in broken:
        each["metadata"]["namespace"] = "other"
    of_kind(broken, "Deployment")["spec"]["replicas"] = []
    judgement = judge([*clean("ingress"), *broken])
    assert {path.verdict for path in judgement.paths if path.name == "shop/web"} == {Verdict.CLEAN}
    assert judgement.verdict != Verdict.CLEAN


leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("a0/.[ ", max_size=5)
    | st.sampled_from(["[unknown]", "[secret]", "25%", "http", "web", '{"ingress":true}', "0.0.0.0/0", "true"])
)
json_like = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3),
    max_leaves=5,
)


def places(value, place=()):
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, entry in entries for found in places(entry, (*place, key)))]


@pytest.mark.slow
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=400)
@given(st.sampled_from(["ingress", "gateway"]), st.data())
def test_whatever_the_objects_look_like_nothing_is_raised_and_every_reason_names_an_object(base, data):
    objects = clean(base)
    for _ in range(data.draw(st.integers(1, 3))):
        *place, last = data.draw(st.sampled_from([place for place in places(objects) if len(place) > 1]))
        holder = objects
        for key in place:
            holder = holder[key]
        if data.draw(st.booleans()):
            holder[last] = data.draw(json_like)
        else:
            del holder[last]
    judgement = judge(objects)
    for path in judgement.paths:
        assert path.verdict in Verdict
        assert all("/" in reason and ": " in reason for reason in path.not_judged)
        assert all(each.object is not None for each in path.diagnostics)


@pytest.mark.parametrize(
    ("timeout", "draining", "assumed", "told"),
    [
        (10, 30, 10, False),
        (30, 30, 30, False),
        (35, 35, 30, False),
        (35, 34, 30, True),
        (36, 36, 30, True),
        (3600, 30, 30, True),
    ],
)
def test_what_is_assumed_of_requests_follows_a_stated_timeout(objects, timeout, draining, assumed, told):
    """The pods have 35 s after preStop."""
    del of_kind(objects, "Deployment")["metadata"]["annotations"][LONGEST]
    spec = of_kind(objects, "BackendConfig")["spec"]
    spec["timeoutSec"], spec["connectionDraining"] = timeout, {"drainingTimeoutSec": draining}
    path = only(judge(objects))
    assert f"longest request {assumed} s (default)" in [
        f"{each.name} {each.value} ({each.origin})" for each in path.assumptions
    ]
    assert ("longest-request-is-stated" in rules(path)) is told
    of_kind(objects, "Deployment")["metadata"]["annotations"][LONGEST] = str(assumed)
    assert "longest-request-is-stated" not in rules(only(judge(objects)))


@pytest.mark.parametrize(("selects", "told"), [({"app": "web"}, False), ({"app": "other"}, True)])
def test_pods_of_another_cluster_are_told_where_a_service_has_none_in_its_own(objects, selects, told):
    """Not where the way ends for another reason."""
    other = deepcopy(objects)
    of_kind(other, "Deployment")["spec"]["template"]["metadata"]["labels"] = {"app": "web", "v": "2"}
    of_kind(objects, "Deployment")["spec"]["selector"]["matchLabels"] = selects
    of_kind(objects, "Deployment")["spec"]["template"]["metadata"]["labels"] = selects
    of_kind(objects, "Service")["spec"]["ports"][0]["targetPort"] = "nothing"
    east = set(map(id, objects))
    judgement = judge(
        [*objects, *other], surroundings=Surroundings(cluster=lambda it: "east" if id(it) in east else "west")
    )
    reasons = [reason for path in judgement.paths for reason in path.reasons]
    assert any("of east, Deployment shop/web of west" in each for each in reasons) is told
