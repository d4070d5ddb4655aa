"""Every object that a stack renders against the schemas of Kubernetes.

Custom resources are excepted, GKE publishes no schemas of theirs: BackendConfig, FrontendConfig, ManagedCertificate.
"""

import kubernetes_validate
import pytest

from nodrop.preview import kubernetes_objects

CUSTOM = {"BackendConfig", "FrontendConfig", "ManagedCertificate"}
VARIANTS = [
    ("container-native", {}),
    ("container-native", {"app": "serve-hostname", "mode": "hard-coded-delay", "hosts": '["www.example.com"]'}),
    ("container-native", {"cluster": "autopilot"}),
    ("legacy-nodeport", {"unready_token": "x"}),
    ("legacy-nodeport", {"app": "serve-hostname"}),
    ("comparison", {}),
]


@pytest.mark.parametrize("version", ["1.30", "1.34"])
@pytest.mark.parametrize(("stack", "config"), VARIANTS)
def test_every_object_is_what_kubernetes_takes(evaluated, stack, config, version):
    judged = set()
    for each in kubernetes_objects(evaluated(stack, config)):
        if each["kind"] not in CUSTOM:
            kubernetes_validate.validate(each, version, strict=True)
            judged.add(each["kind"])
    assert {"Namespace", "Service", "Ingress", "Deployment"} <= judged


def test_the_schemas_refuse_a_misspelt_field(evaluated):
    (deployment,) = [each for each in kubernetes_objects(evaluated("container-native")) if each["kind"] == "Deployment"]
    wrong = {**deployment, "spec": {**deployment["spec"], "minReadySecond": 1}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.34", strict=True)
