"""What the verdict of a path rests on, told where the path has it, and only there."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import GONE, POD, SPREAD, WEB, Edit, clean, edited

INIT = Edit(f"{POD}.initContainers.1", {"name": "migrate", "image": "example/web:1"})
HOOK = {"exec": {"command": ["true"]}}
STARTUP = "gke-nodrop/startup-seconds"


def assumed(objects):
    (path,) = judge(objects).paths
    assert path.verdict is Verdict.CLEAN
    return {each.name: each.value for each in path.assumptions}


def starting_in(objects, seconds):
    """Rules that find something where the application itself takes so long to start."""
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    deployment["metadata"]["annotations"][STARTUP] = str(seconds)
    (path,) = judge(objects).paths
    return {each.rule for each in path.diagnostics}


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (INIT, "init container migrate"),
        (Edit(f"{POD}.initContainers.0.startupProbe", {"tcpSocket": {"port": 15020}}), "start-up of proxy"),
        (Edit(f"{WEB}.lifecycle.postStart", HOOK), "postStart of web"),
        (Edit(f"{POD}.initContainers.0.lifecycle", {"postStart": HOOK}), "postStart of proxy"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_delays_the_start_is_assumed_to_be_done_in_time(edit, name):
    assert not any("done within" in value for value in assumed(clean(edit.base)).values())
    told = assumed(edited(edit))[name]
    words = told.split()
    assert (words[:2], words[3:]) == (["done", "within"], ["s"])
    seconds = int(words[2])
    late = "progress-deadline-covers-start-up"
    assert late not in starting_in(edited(edit), 10 + seconds)
    assert late in starting_in(edited(edit), 10 + seconds + 1)


def test_the_gate_bounds_what_a_later_deadline_allows():
    objects = edited(INIT)
    before = assumed(objects)["init container migrate"]
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["progressDeadlineSeconds"] = 1800
    (path,) = judge(objects).paths
    assert {each.name: each.value for each in path.assumptions}["init container migrate"] == before


def test_several_delays_share_the_time():
    objects = edited(INIT)
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][0]["lifecycle"]["postStart"] = HOOK
    assert "init container migrate, postStart of web" in assumed(objects)


@pytest.mark.parametrize(
    ("edit", "kind"),
    [
        (Edit("BackendConfig:spec.sessionAffinity", {"affinityType": "CLIENT_IP"}), "CLIENT_IP"),
        (
            Edit("GCPBackendPolicy:spec.default.sessionAffinity", {"type": "GENERATED_COOKIE"}, base="gateway"),
            "GENERATED_COOKIE",
        ),
    ],
    ids=["BackendConfig", "GCPBackendPolicy"],
)
def test_a_load_balancer_that_keeps_clients_with_pods_is_assumed_to_find_them_others(edit, kind):
    assert assumed(edited(edit))[f"session affinity {kind}"] == "sends clients of a pod that leaves to others"


@pytest.mark.parametrize(
    "edit",
    [
        Edit("BackendConfig:spec.sessionAffinity", {"affinityType": "NONE"}),
        Edit("BackendConfig:spec.sessionAffinity", {"affinityType": ""}),
        Edit("GCPBackendPolicy:spec.default.sessionAffinity", {"type": "NONE"}, base="gateway"),
    ],
    ids=["NONE", "empty", "NONE behind a Gateway"],
)
def test_without_affinity_nothing_is_assumed_of_it(edit):
    assert not any("affinity" in name for name in assumed(edited(edit)))


ANTI_AFFINITY = "requiredDuringSchedulingIgnoredDuringExecution"
APART = {"labelSelector": {"matchLabels": {"app": "web"}}, "topologyKey": "kubernetes.io/hostname"}
BOUNDLESS = [
    Edit("PodDisruptionBudget:", GONE),
    Edit("PodDisruptionBudget:spec.maxUnavailable", "100%"),
    Edit("PodDisruptionBudget:spec.maxUnavailable", 3),
    Edit("PodDisruptionBudget:spec.selector.matchLabels.app", "other"),
    Edit("PodDisruptionBudget:spec.minAvailable", 0, base="gateway"),
]


ONE_BY_ONE = "each is drained only once new pods replace those of the last"


@pytest.mark.parametrize("edit", BOUNDLESS, ids=lambda each: each.name)
def test_without_a_budget_that_bounds_no_node_is_assumed_to_have_all_pods(edit):
    assert "nodes" not in assumed(clean(edit.base))
    objects = edited(edit)
    assert assumed(objects)["nodes"] == f"none has all pods, which a drain of it evicts together, and {ONE_BY_ONE}"


def test_one_pod_is_on_one_node_whatever_is_assumed():
    without = edited(Edit("PodDisruptionBudget:", GONE))
    objects = [each for each in without if each["kind"] != "HorizontalPodAutoscaler"]
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["replicas"] = 1
    (path,) = judge(objects).paths
    assert "nodes" not in {each.name for each in path.assumptions}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("affinity", {"podAntiAffinity": {ANTI_AFFINITY: [APART]}}, False),
        ("affinity", {"podAntiAffinity": {ANTI_AFFINITY: [{**APART, "labelSelector": {}}]}}, False),
        ("affinity", {"podAntiAffinity": {ANTI_AFFINITY: [{**APART, "topologyKey": "rack"}]}}, True),
        ("topologySpreadConstraints", [SPREAD], False),
        ("topologySpreadConstraints", [{**SPREAD, "topologyKey": "kubernetes.io/hostname"}], False),
        ("topologySpreadConstraints", [{**SPREAD, "maxSkew": 2}], False),
        ("topologySpreadConstraints", [{**SPREAD, "maxSkew": 3}], True),
        ("topologySpreadConstraints", [{**SPREAD, "whenUnsatisfiable": "ScheduleAnyway"}], True),
        ("topologySpreadConstraints", [{**SPREAD, "labelSelector": {"matchLabels": {"app": "other"}}}], True),
    ],
)
def test_with_a_required_spread_over_nodes_it_is_only_assumed_that_drains_wait(field, value, told):
    objects = edited(Edit("PodDisruptionBudget:", GONE))
    (deployment,) = (each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"][field] = value
    (path,) = judge(objects).paths
    [nodes] = [str(each.value) for each in path.assumptions if each.name == "nodes"]
    assert nodes.endswith(ONE_BY_ONE)
    assert ("none has all pods" in nodes) is told


LISTENER = {"name": "https", "port": 443, "protocol": "HTTPS", "tls": {}}


@pytest.mark.parametrize(
    ("load_balancer", "scope"),
    [
        ("gce", "global"),
        ("gce-internal", "in the load balancer's region"),
        ("gce-regional-external", "in the load balancer's region"),
        ("gke-l7-global-external-managed", "global"),
        ("gke-l7-rilb", "in the load balancer's region"),
    ],
)
@pytest.mark.parametrize("key", ["networking.gke.io/pre-shared-certs", "networking.gke.io/cert-manager-certs"])
def test_certificates_that_are_named_are_assumed_to_be_of_the_load_balancers_scope(load_balancer, scope, key):
    by_gateway = load_balancer.startswith("gke-")
    objects = clean("gateway" if by_gateway else "ingress")
    (entry,) = (each for each in objects if each["kind"] == ("Gateway" if by_gateway else "Ingress"))
    if by_gateway:
        options = {key: "shop, shop-new"}
        entry["spec"] |= {"gatewayClassName": load_balancer, "listeners": [{**LISTENER, "tls": {"options": options}}]}
    else:
        annotations = {"kubernetes.io/ingress.class": load_balancer, "kubernetes.io/ingress.allow-http": "false"}
        entry["metadata"]["annotations"] = {
            **annotations,
            "ingress.gcp.kubernetes.io/pre-shared-cert": "shop, shop-new",
        }
    (path,) = judge(objects).paths
    assert {each.name: each.value for each in path.assumptions}["certificate shop, shop-new"] == scope


@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_without_named_certificates_nothing_is_assumed_of_them(base):
    assert not any("certificate" in name for name in assumed(clean(base)))
