"""Where the way to a workload ends, of objects that make no serving path."""

import pytest
import yaml

from nodrop.judge import judge
from nodrop.paths.files.reading import read

WORKLOAD = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: web}]}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""


def ends(*texts: str) -> list[str]:
    return [str(each) for each in judge([yaml.safe_load(each) for each in texts]).passed_over]


def test_a_deployment_alone_has_no_service():
    assert ends(WORKLOAD) == ["Deployment shop/web: no Service among the objects selects its pods"]


def test_a_service_without_routes_is_where_the_way_ends():
    route = "no Ingress of GKE's and no HTTPRoute among the objects leads to it"
    assert ends(WORKLOAD, SERVICE) == [f"Service shop/web: {route}"]


@pytest.mark.parametrize(
    ("old", "new"), [("{app: web}, ports", "{app: other}, ports"), ("namespace: shop", "namespace: b")]
)
def test_a_service_that_selects_other_pods_is_no_way_to_them(old, new):
    assert "Deployment shop/web: no Service among the objects selects its pods" in ends(
        WORKLOAD, SERVICE.replace(old, new)
    )


def test_what_is_found_is_counted_and_has_its_place(tmp_path):
    file = tmp_path / "web.yaml"
    file.write_text(f"{WORKLOAD}---{SERVICE}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\n")
    reading = read([file])
    judgement = judge(reading.objects, positions=reading.position)
    assert judgement.kinds == {"Deployment": 1, "Service": 1, "ConfigMap": 1}
    assert str(judgement.passed_over[0]).startswith(f"{file}:11: Service shop/web: ")


def test_a_reason_why_nothing_is_judged_has_its_place(tmp_path):
    file = tmp_path / "web.yaml"
    ingress = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""
    paused = WORKLOAD.replace("spec:\n  selector", "spec:\n  paused: true\n  selector")
    exposed = SERVICE.replace("metadata: {", "metadata: {annotations: {cloud.google.com/neg: '{\"ingress\": true}'}, ")
    file.write_text("---".join((paused, exposed, ingress)))
    reading = read([file])
    (path,) = judge(reading.objects, positions=reading.position).paths
    assert [each for each in path.not_judged if "paused" in each] == [
        f"{file}:6: Deployment shop/web: spec.paused: nothing rolls out while it is true"
    ]


INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop, annotations: {kubernetes.io/ingress.class: gce}}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
"""
AUTOSCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web, namespace: shop}
spec: {scaleTargetRef: {kind: Deployment, name: web}, minReplicas: two, maxReplicas: 4}
"""


def test_a_service_that_an_ingress_leads_to_is_not_where_the_way_ends():
    assert ends(INGRESS, SERVICE, WORKLOAD, AUTOSCALER) == []


def test_an_ingress_of_another_controller_leads_to_no_service():
    told = ends(INGRESS.replace("class: gce", "class: nginx"), SERVICE, WORKLOAD)
    assert told[-1] == "Service shop/web: no Ingress of GKE's and no HTTPRoute among the objects leads to it"


def named(text: str, name: str) -> str:
    """The object, and its labels, under another name."""
    return text.replace("name: web", f"name: {name}").replace("app: web", f"app: {name}")


def test_services_behind_a_path_are_named_in_one_line():
    objects = (
        INGRESS,
        SERVICE,
        WORKLOAD,
        *(named(each, name) for name in ("api", "cart") for each in (SERVICE, WORKLOAD)),
    )
    [told] = ends(*objects)
    assert told == (
        "Service shop/api: no serving path leads to it, nor to Service shop/cart; what rollouts of their pods do to "
        "requests is not judged"
    )


EXPOSED = '\'{"exposed_ports": {"80": {}}}\''


@pytest.mark.parametrize(
    "service",
    [
        SERVICE.replace("name: web", "name: web-inside"),
        named(SERVICE, "api").replace("app: api", "app: none"),
        named(SERVICE, "api").replace("spec: {", "spec: {type: LoadBalancer, "),
        named(SERVICE, "api").replace(
            "metadata: {", 'metadata: {annotations: {cloud.google.com/neg: \'{"exposed_ports": {"80": {}}}\'}, '
        ),
        named(SERVICE, "api").replace("{selector: {app: api}, ", "{"),
    ],
)
def test_a_service_of_judged_pods_or_of_none_or_that_is_told_otherwise_is_not_named_again(service):
    assert not [
        each for each in ends(INGRESS, SERVICE, WORKLOAD, named(WORKLOAD, "api"), service) if "path leads" in each
    ]


def test_a_service_of_another_ingress_is_not_named_beside_it():
    objects = [named(each, "api") for each in (INGRESS, SERVICE, WORKLOAD)]
    assert ends(INGRESS, SERVICE, WORKLOAD, *objects) == []
