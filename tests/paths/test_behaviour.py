import pytest

from nodrop.paths import Behaviour, ReadingError, behaviour
from nodrop.rollout import OnTerm

DEFAULTS = Behaviour(longest_request_seconds=1, startup_seconds=2, keep_alive_timeout_seconds=3, on_term=OnTerm.EXIT)


def test_annotations_state_the_behaviour(objects):
    assert behaviour(objects.deployment, DEFAULTS) == Behaviour(
        longest_request_seconds=30, startup_seconds=2.5, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN
    )


def test_what_is_not_stated_is_the_callers_default(objects):
    objects.deployment["metadata"]["annotations"] = {"gke-nodrop/keep-alive-timeout-seconds": "0"}
    assert behaviour(objects.deployment, DEFAULTS) == Behaviour(
        longest_request_seconds=1, startup_seconds=2, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT
    )
    assert behaviour({}, DEFAULTS) == DEFAULTS


@pytest.mark.parametrize("value", ["-1", "soon", "nan", "inf", 30, "[unknown]", "[secret]", {}])
def test_a_malformed_duration_is_named_with_its_value(objects, value):
    objects.deployment["metadata"]["annotations"]["gke-nodrop/startup-seconds"] = value
    with pytest.raises(ReadingError, match=r"Deployment demo/web: .*gke-nodrop/startup-seconds\] is .*; wanted a"):
        behaviour(objects.deployment, DEFAULTS)


def test_a_malformed_answer_to_term_names_the_choices(objects):
    objects.deployment["metadata"]["annotations"]["gke-nodrop/on-term"] = "Drain"
    with pytest.raises(ReadingError, match="'Drain'; wanted one of exit, drain, serve"):
        behaviour(objects.deployment, DEFAULTS)
