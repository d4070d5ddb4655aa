"""What components do for security without being asked."""

from typing import Any

import pytest

from gke_nodrop import LegacyNodePortService, Namespace, WebService
from nodrop.preview import evaluate_function
from nodrop.testing import Program

WEB: Any = {"image": "web:1", "rollout": {"keep_alive_timeout_seconds": 620}}
IAP: Any = {"hosts": ["a.example.com"], "backend": {"iap": {"client_id": "id", "client_secret": "s"}}}


def made(component: Any, inputs: Any) -> Program:
    return Program(evaluate_function(lambda: component("web", inputs) and None))


@pytest.mark.parametrize(
    ("component", "inputs", "standard"),
    [
        (WebService, WEB, "baseline"),
        (WebService, WEB | {"run_as_user": 65532}, "restricted"),
        (LegacyNodePortService, {"image": "web:1"}, "baseline"),
        (Namespace, {}, "baseline"),
    ],
)
def test_an_own_namespace_refuses_pods_that_do_not_meet_a_pod_security_standard(component, inputs, standard):
    (namespace,) = (each for each in made(component, inputs).objects if each["kind"] == "Namespace")
    assert namespace["metadata"]["labels"] == {"pod-security.kubernetes.io/enforce": standard}


def test_iap_that_other_pods_can_go_around_is_a_warning_with_both_cures():
    (warning,) = made(WebService, WEB | IAP).warnings
    assert "Give network_policy" in warning
    assert "x-goog-iap-jwt-assertion" in warning
    assert made(WebService, WEB | IAP | {"network_policy": {}}).warnings == []
