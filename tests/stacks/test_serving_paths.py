"""The stacks as the later rooms see them: one serving path each, without problems."""

import pytest

from nodrop.paths import resolve
from nodrop.preview import kubernetes_objects


@pytest.mark.parametrize(
    ("stack", "names"),
    [
        ("container-native", {"container-native/web": "NEG"}),
        ("legacy-nodeport", {"legacy-nodeport/web": "NodePort"}),
        ("comparison", {"container-native/web": "NEG", "legacy-nodeport/web": "NodePort"}),
    ],
)
def test_a_stack_has_one_serving_path_a_service(evaluated, stack, names):
    resolution = resolve(kubernetes_objects(evaluated(stack)))
    assert resolution.problems == ()
    assert {path.name: path.backend.value for path in resolution.paths} == names


def test_the_container_native_path_is_read_as_the_solver_meant_it(evaluated):
    (path,) = resolve(kubernetes_objects(evaluated("container-native"))).paths
    assert path.target_port == 8080
    assert path.pre_stops.of(path.container).seconds == 60
    assert path.termination_grace_period_seconds == 95
    assert path.health_check.path == "/ready/"
    assert path.draining_timeout_seconds == 30
    assert (path.max_surge, path.max_unavailable) == (1, 0)
