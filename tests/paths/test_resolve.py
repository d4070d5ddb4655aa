from copy import deepcopy

import pytest

from nodrop.paths import Backend, ProblemKind, resolve


def only(found):
    """The one path of a resolution without problems."""
    assert found.problems == ()
    (path,) = found.paths
    return path


def only_problem(found) -> str:
    """The one problem of a resolution without paths."""
    assert found.paths == ()
    (problem,) = found.problems
    return str(problem)


def test_several_rules_to_one_service_port_are_one_path(objects):
    path = only(resolve(objects.all))
    assert path.name == "demo/web"
    assert path.routes == ("example.org/api", "*/", "default")
    assert (path.container, path.target_port) == ("web", 8080)
    assert path.service_port == objects.service["spec"]["ports"][0]
    assert (path.entry, path.service) == (objects.ingress, objects.service)
    assert (path.deployment, path.backend_config) == (objects.deployment, objects.backend_config)


def test_objects_without_a_namespace_are_in_default(objects):
    for each in objects.all:
        del each["metadata"]["namespace"]
    assert only(resolve(objects.all)).name == "default/web"


def test_two_ports_are_two_paths(objects):
    objects.service["spec"]["ports"].append({"name": "admin", "port": 81, "targetPort": 9000})
    objects.ingress["spec"]["defaultBackend"]["service"]["port"] = {"name": "admin"}
    found = resolve(objects.all)
    assert [(path.routes, path.target_port) for path in found.paths] == [
        (("example.org/api", "*/"), 8080),
        (("default",), 9000),
    ]


def test_two_deployments_behind_one_service_are_two_paths(objects):
    canary = deepcopy(objects.deployment)
    canary["metadata"]["name"] = "canary"
    found = resolve([*objects.all, canary])
    assert [path.deployment["metadata"]["name"] for path in found.paths] == ["web", "canary"]
    assert found.problems == ()


def test_other_objects_are_passed_over(objects):
    others = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "demo"}},
        {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": {"name": "web", "namespace": "demo"}},
    ]
    assert only(resolve([*objects.all, *others])).service["apiVersion"] == "v1"


@pytest.mark.parametrize(
    ("target", "declared", "owner", "number"),
    [
        ("http", 8080, "web", 8080),
        (8080, 8080, "web", 8080),
        (8080.0, 8080.0, "web", 8080),
        (None, 80, "web", 80),
        (9376, 8080, "log", 9376),
    ],
)
def test_the_target_port_is_resolved_by_name_number_or_the_ports_own(objects, target, declared, owner, number):
    objects.service["spec"]["ports"][0]["targetPort"] = target
    objects.web["ports"][0]["containerPort"] = declared
    path = only(resolve(objects.all))
    assert (path.container, path.target_port) == (owner, number)
    assert type(path.target_port) is int


@pytest.mark.parametrize(
    ("probe", "owner"),
    [
        ({"readinessProbe": {"httpGet": {"path": "/", "port": 9376}}}, "web"),
        ({"readinessProbe": {}, "livenessProbe": {"tcpSocket": {"port": 9376}}}, "web"),
        ({"readinessProbe": {"httpGet": {"path": "/", "port": 9377}}}, "log"),
    ],
)
def test_a_port_that_no_container_declares_is_that_of_the_container_that_is_asked_at_it(objects, probe, owner):
    objects.service["spec"]["ports"][0]["targetPort"] = 9376
    objects.web.update(probe)
    path = only(resolve(objects.all))
    assert (path.container, path.target_port) == (owner, 9376)


def test_a_native_sidecar_may_own_the_named_port(objects):
    sidecar = {"name": "proxy", "restartPolicy": "Always", "ports": [{"name": "http", "containerPort": 8443}]}
    objects.pod["initContainers"] = [{"name": "migrate", "ports": [{"name": "http", "containerPort": 1}]}, sidecar]
    del objects.web["ports"]
    path = only(resolve(objects.all))
    assert (path.container, path.target_port) == ("proxy", 8443)
    assert path.containers == ("log", "web")


@pytest.mark.parametrize(
    ("service_type", "annotation", "ingress_class", "backend"),
    [
        ("ClusterIP", '{"ingress":true}', "gce", Backend.NEG),
        ("NodePort", '{"ingress":true}', "gce", Backend.NEG),
        ("NodePort", '{"ingress":false}', "gce", Backend.INSTANCE_GROUP),
        ("NodePort", '{"exposed_ports":{"80":{}}}', "gce", Backend.INSTANCE_GROUP),
        ("NodePort", None, "gce", Backend.NEG),
        ("LoadBalancer", None, None, Backend.NEG),
        ("ClusterIP", None, "gce", Backend.NEG),
        (None, None, None, Backend.NEG),
        ("NodePort", None, "gce-internal", Backend.NEG),
        ("NodePort", '{"ingress":false}', "gce-regional-external", Backend.NEG),
    ],
)
def test_the_kind_of_backend_follows_annotation_type_and_class(
    objects, service_type, annotation, ingress_class, backend
):
    objects.service["spec"]["type"] = service_type
    objects.service["metadata"]["annotations"]["cloud.google.com/neg"] = annotation
    objects.ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"] = ingress_class
    assert only(resolve(objects.all)).backend == backend


@pytest.mark.parametrize(
    ("service_type", "annotation", "ingress_class", "assumed"),
    [
        ("NodePort", None, "gce", True),
        ("LoadBalancer", None, None, True),
        ("NodePort", '{"ingress":true}', "gce", False),
        ("NodePort", '{"ingress":false}', "gce", False),
        ("ClusterIP", None, "gce", False),
        ("NodePort", None, "gce-internal", False),
    ],
)
def test_where_it_is_left_to_gke_whether_a_service_has_negs(objects, service_type, annotation, ingress_class, assumed):
    objects.service["spec"]["type"] = service_type
    objects.service["metadata"]["annotations"]["cloud.google.com/neg"] = annotation
    objects.ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"] = ingress_class
    assert only(resolve(objects.all)).neg_is_assumed is assumed


@pytest.mark.parametrize(
    ("annotations", "name"),
    [
        ({"cloud.google.com/backend-config": '{"default":"a"}'}, "a"),
        ({"cloud.google.com/backend-config": '{"default":"b","ports":{"http":"a"}}'}, "a"),
        ({"cloud.google.com/backend-config": '{"default":"b","ports":{"80":"a"}}'}, "a"),
        ({"cloud.google.com/backend-config": '{"ports":{"81":"b"}}'}, None),
        ({"beta.cloud.google.com/backend-config": '{"default":"a"}'}, "a"),
        (
            {
                "beta.cloud.google.com/backend-config": '{"default":"b"}',
                "cloud.google.com/backend-config": '{"default":"a"}',
            },
            "a",
        ),
        ({}, None),
    ],
)
def test_the_backend_config_is_found_by_port_or_default(objects, annotations, name):
    objects.service["metadata"]["annotations"] = annotations
    configs = [deepcopy(objects.backend_config) | {"metadata": {"name": each, "namespace": "demo"}} for each in "ab"]
    path = only(resolve([objects.ingress, objects.service, objects.deployment, *configs]))
    assert (path.backend_config or {"metadata": {"name": None}})["metadata"]["name"] == name


def _set(manifest: dict, *keys_and_value) -> None:
    *keys, last, value = keys_and_value
    for key in keys:
        manifest = manifest[key]
    manifest[last] = value


@pytest.mark.parametrize(
    ("which", "change", "problem"),
    [
        ("ingress", ("spec", {}), "Ingress demo/web: names no Service"),
        (
            "ingress",
            ("spec", {"defaultBackend": {"resource": {"kind": "Bucket", "name": "b"}}}),
            "Ingress demo/web: spec.defaultBackend names no Service",
        ),
        (
            "ingress",
            ("spec", {"defaultBackend": {"service": {"name": "api", "port": {"number": 80}}}}),
            "Ingress demo/web: names Service demo/api, which is not among the objects",
        ),
        (
            "ingress",
            ("spec", {"defaultBackend": {"service": {"name": "web", "port": {"number": 81}}}}),
            "Ingress demo/web: names port 81, which Service demo/web does not have",
        ),
        (
            "ingress",
            ("spec", {"defaultBackend": {"service": {"name": "web", "port": {"name": "https"}}}}),
            "Ingress demo/web: names port https, which Service demo/web does not have",
        ),
        (
            "ingress",
            ("spec", {"defaultBackend": {"service": {"name": "web"}}}),
            "Ingress demo/web: spec.defaultBackend.service.port has neither name nor number",
        ),
        (
            "ingress",
            ("spec", {"defaultBackend": {"service": {"name": "[unknown]", "port": {"number": 80}}}}),
            "Ingress demo/web: spec.defaultBackend.service.name is not known before `pulumi up`",
        ),
        (
            "ingress",
            ("metadata", "annotations", "kubernetes.io/ingress.class", "nginx"),
            "Ingress demo/web: metadata.annotations[kubernetes.io/ingress.class] is 'nginx'; wanted one of gce,",
        ),
        (
            "ingress",
            ("apiVersion", "extensions/v1beta1"),
            "Ingress demo/web: apiVersion is 'extensions/v1beta1'; wanted networking.k8s.io/v1",
        ),
        ("ingress", ("metadata", {"namespace": "demo"}), "Ingress demo/(no name): has no metadata.name"),
        ("service", ("spec", "selector", {"app": "api"}), "Service demo/web: selects no Deployment"),
        ("service", ("spec", "selector", None), "Service demo/web: has no selector"),
        (
            "service",
            ("spec", "selector", {"app": "[unknown]"}),
            "Service demo/web: spec.selector[app] is not known before `pulumi up`",
        ),
        (
            "service",
            ("spec", "ports", 0, "targetPort", "web"),
            "Service demo/web: spec.ports[0].targetPort is web: Deployment demo/web names no such port",
        ),
        (
            "service",
            ("spec", "ports", 0, "targetPort", 70000),
            "Service demo/web: spec.ports[0].targetPort is 70000; wanted a port number",
        ),
        (
            "service",
            ("metadata", "annotations", "cloud.google.com/neg", "{ingress:true}"),
            "Service demo/web: metadata.annotations[cloud.google.com/neg] is '{ingress:true}'; wanted {",
        ),
        (
            "service",
            ("metadata", "annotations", "cloud.google.com/neg", '{"ingress":false}'),
            "or a Service of type NodePort instead of ClusterIP",
        ),
        (
            "service",
            ("metadata", "annotations", "cloud.google.com/backend-config", '{"default":"api"}'),
            "Service demo/web: names BackendConfig demo/api, which is not among the objects",
        ),
        ("deployment", ("spec", "template", "spec", "containers", []), "Deployment demo/web: has no containers"),
        (
            "deployment",
            ("spec", "replicas", "[unknown]"),
            "Deployment demo/web: spec.replicas is not known before `pulumi up`; wanted a whole number",
        ),
        (
            "deployment",
            ("spec", "template", "spec", "terminationGracePeriodSeconds", "[secret]"),
            "Deployment demo/web: spec.template.spec.terminationGracePeriodSeconds is a secret; wanted a whole number",
        ),
        (
            "deployment",
            ("spec", "minReadySeconds", True),
            "Deployment demo/web: spec.minReadySeconds is True; wanted a whole number",
        ),
        ("deployment", ("metadata", "namespace", "test"), "Service demo/web: selects no Deployment"),
        (
            "deployment",
            ("spec", "strategy", "rollingUpdate", "maxSurge", "a few"),
            "Deployment demo/web: spec.strategy.rollingUpdate.maxSurge is 'a few'; wanted a number of pods",
        ),
        (
            "deployment",
            ("metadata", "annotations", "gke-nodrop/on-term", "explode"),
            "is 'explode'; wanted one of exit, drain, serve",
        ),
        (
            "backend_config",
            ("spec", "healthCheck", "checkIntervalSec", 0),
            "BackendConfig demo/web: spec.healthCheck.checkIntervalSec is 0; wanted a whole number of 1 or more",
        ),
    ],
)
def test_a_way_that_leads_nowhere_is_named(objects, which, change, problem):
    _set(getattr(objects, which), *change)
    assert problem in only_problem(resolve(objects.all))


def test_a_class_stated_in_the_spec_alone_is_not_honoured(objects):
    objects.ingress["metadata"]["annotations"] = {}
    objects.ingress["spec"]["ingressClassName"] = "gce"
    assert "spec.ingressClassName is 'gce', which GKE does not read" in only_problem(resolve(objects.all))
    [problem] = resolve(objects.all).problems
    assert (problem.kind, problem.wanted) == (
        ProblemKind.LEADS_NOWHERE,
        "the annotation kubernetes.io/ingress.class: gce",
    )


def test_all_unreadable_fields_are_named_at_once(objects):
    objects.deployment["spec"]["replicas"] = "two"
    objects.backend_config["spec"]["timeoutSec"] = -1
    objects.web["lifecycle"]["preStop"]["sleep"]["seconds"] = "60"
    problems = [str(problem) for problem in resolve(objects.all).problems]
    assert len(problems) == 3
    for part in ("spec.replicas is 'two'", "spec.timeoutSec is -1", "lifecycle.preStop.sleep.seconds is '60'"):
        assert any(part in problem for problem in problems)


def test_one_broken_rule_leaves_the_other_ways_standing(objects):
    objects.ingress["spec"]["defaultBackend"]["service"]["name"] = "gone"
    found = resolve(objects.all)
    assert [path.routes for path in found.paths] == [("example.org/api", "*/")]
    assert [str(problem.object) for problem in found.problems] == ["Ingress demo/web"]


def test_an_object_given_twice_counts_once_and_is_named(objects):
    later = deepcopy(objects.deployment)
    later["spec"]["replicas"] = 9
    found = resolve([*objects.all, later])
    assert [path.replicas for path in found.paths] == [9]
    assert [str(problem) for problem in found.problems] == [
        "Deployment demo/web: is given more than once; the last one counts"
    ]
