"""What takes two fields to go wrong, or to be told in full."""

from typing import Any

import pytest

from nodrop.judge import Verdict, judge
from nodrop.rollout import Severity
from tests.judge.edits import POD, WEB, Edit, claim, clean, edited, in_labels
from tests.judge.on_call_edits import quota
from tests.judge.resources import deployment, rules_of_objects, together


@pytest.mark.parametrize("question", [{"exec": {"command": ["/ready"]}}, {"tcpSocket": {"port": "http"}}])
def test_probes_that_run_the_same_are_one_question(question):
    objects = clean("ingress")
    container = deployment(objects)["spec"]["template"]["spec"]["containers"][0]
    container["readinessProbe"] = container["livenessProbe"] = {**question, "periodSeconds": 10}
    assert "liveness-is-another-question" in rules_of_objects(objects)


def test_probes_that_run_other_commands_are_two_questions():
    objects = clean("ingress")
    container = deployment(objects)["spec"]["template"]["spec"]["containers"][0]
    container["readinessProbe"] = {"exec": {"command": ["/ready"]}, "periodSeconds": 10}
    container["livenessProbe"] = {"exec": {"command": ["/alive"]}, "periodSeconds": 10}
    assert "liveness-is-another-question" not in rules_of_objects(objects)


def test_every_field_of_a_backend_config_that_is_refused_is_told():
    objects = clean("ingress")
    spec = next(each for each in objects if each["kind"] == "BackendConfig")["spec"]
    spec["logging"], spec["sessionAffinity"] = {"sampleRate": 2}, {"affinityType": "COOKIE"}
    judgement = judge(objects)
    told = {each.field for path in judgement.paths for each in path.diagnostics}
    assert {"spec.logging.sampleRate", "spec.sessionAffinity.affinityType"} <= told | {
        each.field for each in judgement.objects
    }


def test_pods_that_are_bound_to_two_zones_have_two():
    terms = [{"matchExpressions": [{"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["a", "b"]}]}]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    [path] = judge(edited(Edit(f"{POD}.affinity.nodeAffinity", required))).paths
    placement = path.rollout.placement if path.rollout else None
    assert placement is not None
    assert placement.zones == 2
    assert "every-zone-keeps-an-endpoint" in {each.rule for each in path.diagnostics}


def test_a_quota_with_room_is_no_fault():
    assert judge(edited(Edit("Namespace:", quota(pods="100")))).verdict == Verdict.CLEAN


@pytest.mark.parametrize(
    ("hard", "verdict"),
    [
        ({"requests.cpu": "4"}, Verdict.DROPS),
        ({"limits.memory": "10Gi"}, Verdict.DROPS),
        ({"requests.cpu": "90", "memory": "500Gi"}, Verdict.CLEAN),
    ],
)
def test_a_quota_of_what_pods_request_counts_pods(hard, verdict):
    objects = [*clean("ingress"), quota(**hard)]
    pod = deployment(objects)["spec"]["template"]["spec"]
    for each in [*pod["containers"], *pod["initContainers"]]:
        each["resources"] = {"requests": {"cpu": "250m"}, "limits": {"memory": "1Gi"}}
    judgement = judge(objects)
    assert judgement.verdict == verdict
    assert rules_of_objects(objects) == ({"quota-covers-the-peak"} if verdict == Verdict.DROPS else set())


@pytest.mark.parametrize(
    ("affinity", "assumed"),
    [
        (together("topology.kubernetes.io/zone", app="web"), False),
        (together("topology.kubernetes.io/zone", app="cache"), True),
        (together("kubernetes.io/hostname", app="web"), False),
    ],
)
def test_pods_that_require_each_others_zone_are_in_one(affinity, assumed):
    objects = clean("ingress")
    deployment(objects)["spec"]["template"]["spec"]["affinity"] = affinity
    [path] = judge(objects).paths
    assert ("zones" in [each.name for each in path.assumptions]) == assumed


def test_pods_that_require_each_others_node_are_told_where_they_do():
    objects = clean("ingress")
    deployment(objects)["spec"]["template"]["spec"]["affinity"] = together("kubernetes.io/hostname", app="web")
    [path] = judge(objects).paths
    [found] = path.diagnostics
    assert (found.rule, found.field) == ("pods-run-on-several-nodes", "spec.template.spec.affinity.podAffinity")


def test_pods_that_meet_the_namespaces_standard_are_admitted():
    objects = clean("ingress")
    pod = deployment(objects)["spec"]["template"]["spec"]
    pod["securityContext"] = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    for each in [*pod["containers"], *pod["initContainers"]]:
        each["securityContext"] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    objects[0]["metadata"]["labels"] = {"pod-security.kubernetes.io/enforce": "restricted"}
    assert judge(objects).verdict == Verdict.CLEAN


@pytest.mark.parametrize("host", ["*.example.com", "www.example.com"])
def test_a_listener_takes_routes_of_its_hosts(host):
    assert judge(edited(Edit("Gateway:spec.listeners.0.hostname", host, base="gateway"))).verdict == Verdict.CLEAN


def test_a_limit_in_mebibytes_is_no_fault():
    assert judge(edited(Edit(f"{WEB}.resources", {"limits": {"memory": "512Mi"}}))).verdict == Verdict.CLEAN


def test_an_annotation_of_somebody_else_is_no_fault():
    place = "Service:metadata.annotations.networking\\.gke\\.io/load-balancer-type"
    assert judge(edited(Edit(place, "Internal"))).verdict == Verdict.CLEAN


def test_a_grace_that_lacks_the_margin_alone_is_a_warning_where_nobody_states_the_request():
    objects = clean("ingress")
    del deployment(objects)["metadata"]["annotations"]["gke-nodrop/longest-request-seconds"]
    pod = deployment(objects)["spec"]["template"]["spec"]
    pod["terminationGracePeriodSeconds"] = 64
    [path] = judge(objects).paths
    severities = {each.severity for each in path.diagnostics if each.rule == "grace-covers-longest-request"}
    assert severities == {Severity.WARNING}


@pytest.mark.parametrize("field", ["args", "securityContext", "envFrom", "tty"])
def test_a_field_of_which_nothing_is_known_yet_is_not_called_refused(field):
    assert judge(edited(Edit(f"{WEB}.{field}", "[unknown]"))).verdict == Verdict.CLEAN


@pytest.mark.parametrize(
    "edit",
    [
        Edit("Namespace:", claim(accessModes=["ReadWriteOnce"], resources={"requests": {"storage": "[unknown]"}})),
        Edit(f"{POD}.affinity.nodeAffinity", in_labels("disk", "[unknown]", "ssd")),
        Edit(f"{POD}.volumes", [{"name": "[unknown]"}, {"name": "[unknown]"}]),
        Edit(f"{POD}.tolerations", [{"key": "a", "effect": "[unknown]", "operator": "[unknown]"}]),
    ],
)
def test_what_is_not_known_yet_is_not_called_refused(edit):
    assert judge(edited(edit)).verdict == Verdict.CLEAN


@pytest.mark.parametrize(
    ("field", "value", "seen"),
    [
        ("args", "--port=1", 'is the text "--port=1", not a list'),
        ("securityContext", True, "is True, not an object"),
    ],
)
def test_a_value_where_a_list_or_an_object_belongs_is_told_with_what_it_is(field, value, seen):
    [path] = judge(edited(Edit(f"{WEB}.{field}", value))).paths
    [found] = path.diagnostics
    assert (found.field, found.seen) == (f"spec.template.spec.containers[0].{field}", seen)


@pytest.mark.parametrize(("number", "signal"), [(0, "SIGTERM"), (1, "SIGUSR1")])
def test_the_signal_of_term_or_of_a_container_that_serves_nothing_is_no_fault(number, signal):
    objects = clean("ingress")
    pod = deployment(objects)["spec"]["template"]["spec"]
    pod["os"] = {"name": "linux"}
    pod["containers"][number]["lifecycle"]["stopSignal"] = signal
    assert judge(objects).verdict == Verdict.CLEAN


@pytest.mark.parametrize(
    "beside",
    [
        quota(pods=10**19),
        {
            "apiVersion": "v1",
            "kind": "LimitRange",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"limits": [{"type": "Container", "max": {"memory": 10**19}}]},
        },
    ],
)
def test_the_digits_of_a_quantity_are_no_number_of_64_bits(beside):
    assert judge([*clean("ingress"), beside]).verdict == Verdict.CLEAN


def test_an_object_of_any_depth_is_judged():
    deep: dict[str, object] = {}
    for _ in range(5000):
        deep = {"a": deep}
    assert judge(edited(Edit("Deployment:metadata.managedFields", deep))).verdict == Verdict.CLEAN


@pytest.mark.parametrize("value", ["9" * 5000 + "%", 10**400, "1e999", [], {}, [[1]], {"x": []}, float("inf")])
@pytest.mark.parametrize(
    "place",
    [
        "PodDisruptionBudget:spec.maxUnavailable",
        "FrontendConfig:metadata.name",
        "Service:spec.ports.0.port",
        "Service:metadata.annotations",
        f"{WEB}.resources",
        f"{WEB}.volumeMounts",
        f"{WEB}.securityContext",
    ],
)
def test_no_value_of_a_field_stops_the_judgement(place, value):
    assert judge(edited(Edit(place, value))).verdict


def test_headers_of_a_probe_are_told_of_a_native_sidecar_that_serves():
    objects = clean("ingress")
    pod = deployment(objects)["spec"]["template"]["spec"]
    serving: dict[str, Any] = {**pod["containers"].pop(0), "restartPolicy": "Always"}
    pod["initContainers"] = [serving]
    [path] = judge(objects).paths
    assert not path.not_judged
    serving["readinessProbe"]["httpGet"]["httpHeaders"] = [{"name": "Authorization", "value": "Bearer probe"}]
    [path] = judge(objects).paths
    [reason] = path.not_judged
    assert "spec.template.spec.initContainers[0].readinessProbe.httpGet.httpHeaders[0]" in reason
