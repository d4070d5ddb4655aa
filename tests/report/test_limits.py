"""What the lab cannot show: a list for every run, and what the paths of these runs have besides."""

import re
from dataclasses import replace

import pytest

from nodrop.judge.refusals.field_names import NAMES
from nodrop.lab.left_out import OMISSIONS
from nodrop.paths import Backend
from nodrop.report.limits import LIMITS, limits_of

OF_EVERY_PATH = {"connectionDraining", "healthCheck", "preStop", "readinessGates", "readinessProbe"}
"""Every load balancer has a check and a draining; the gate is GKE's own; the stand-in has a readiness of its own, and
waits for the preStops of the containers beside it."""
OF_SOME_PATHS = sorted(
    {name for names in NAMES.values() for name in names.split() if re.search("[a-z][A-Z]", name)} - OF_EVERY_PATH
)


def in_words(field):
    """A field's name as a sentence has it, in the singular."""
    return re.sub("(?<=[a-z])(?=[A-Z])", " ", field).lower().removesuffix("s")


@pytest.mark.parametrize("limit", LIMITS, ids=lambda each: each.topic)
def test_what_holds_for_every_run_names_no_field_that_only_some_paths_have(limit):
    said = re.sub(r"[-\s]+", " ", f"{limit.topic} {limit.text}".lower())
    forms = {form: field for field in OF_SOME_PATHS for form in (in_words(field), field.lower())}
    assert [field for form, field in forms.items() if re.search(rf"\b{re.escape(form)}s?\b", said)] == []
    assert not [each for each in (*Backend, "gRPC stream", "streams of gRPC") if each in limit.text]


def test_each_limit_has_a_topic_of_its_own_and_whole_sentences():
    every = (*LIMITS, *OMISSIONS)
    assert len({limit.topic.lower() for limit in every}) == len(every)
    assert all(limit.text.endswith(".") for limit in every)


def test_what_is_left_out_of_a_path_is_a_limit_of_its_results_only(make_rollout):
    plain = make_rollout()
    without = replace(plain, subject=replace(plain.subject, left_out=("streams of gRPC",)))
    assert limits_of([]) == limits_of([plain]) == LIMITS
    assert [each.topic for each in limits_of([plain, without, without])[len(LIMITS) :]] == ["Streams of gRPC"]
