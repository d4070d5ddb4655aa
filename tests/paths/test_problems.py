"""A problem says by its kind what to make of it; its words are for people."""

import pytest

from nodrop.paths import Problem, ProblemKind, resolve
from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.rollout import ObjectRef

NEG = "metadata.annotations[cloud.google.com/neg]"


def only_problem(objects) -> Problem:
    found = resolve(objects.all)
    assert not found.paths
    (problem,) = found.problems
    return problem


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (UNKNOWN, ProblemKind.UNKNOWN),
        (SECRET, ProblemKind.SECRET),
        (["{}"], ProblemKind.UNREADABLE),
    ],
)
def test_a_value_that_cannot_be_read_says_why(objects, value, kind):
    objects.service["metadata"]["annotations"]["cloud.google.com/neg"] = value
    problem = only_problem(objects)
    assert (problem.kind, problem.field) == (kind, NEG)
    assert problem.object == ObjectRef(kind="Service", namespace="demo", name="web")


def test_a_name_of_nothing_leads_nowhere_at_its_field(objects):
    objects.service["spec"]["ports"][0]["targetPort"] = "grpc"
    problem = only_problem(objects)
    assert (problem.kind, problem.field) == (ProblemKind.LEADS_NOWHERE, "spec.ports[0].targetPort")


def test_another_controllers_class_is_not_understood(objects):
    objects.ingress["metadata"]["annotations"]["kubernetes.io/ingress.class"] = "nginx"
    problem = only_problem(objects)
    assert (problem.kind, problem.field) == (
        ProblemKind.UNSUPPORTED,
        "metadata.annotations[kubernetes.io/ingress.class]",
    )


def test_what_an_api_refuses_names_its_source(objects):
    objects.pod["containers"] = []
    problem = only_problem(objects)
    assert (problem.kind, problem.field) == (ProblemKind.REFUSED, "spec.template.spec.containers")
    assert problem.source
    assert problem.source in str(problem)


def test_the_same_object_twice_is_ambiguous(objects):
    kinds = {problem.kind for problem in resolve([*objects.all, objects.service]).problems}
    assert kinds == {ProblemKind.AMBIGUOUS}
