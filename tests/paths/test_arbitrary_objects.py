"""Whatever objects look like: `resolve` raises nothing, and the paths that it returns can be read in full."""

from copy import deepcopy

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodrop.paths import Behaviour, ProblemKind, Resolution, behaviour, resolve
from nodrop.rollout import ObjectRef, OnTerm

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text("a0/.[ ", max_size=5)
    | st.sampled_from(["[unknown]", "[secret]", "25%", "http", "web", '{"ingress":true}', '{"ports":[]}', "[[", "null"])
)
keys = st.text("ab/.", max_size=3) | st.sampled_from(
    ["name", "spec", "metadata", "ports", "sleep", "http", "path", "kind"]
)
json_like = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=6
)
on_a_busy_machine = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
DEFAULTS = Behaviour(longest_request_seconds=1, startup_seconds=1, keep_alive_timeout_seconds=1, on_term=OnTerm.DRAIN)


def _places(value: object, place: tuple = ()) -> list[tuple]:
    """The keys that lead to each place inside a value."""
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, entry in entries for found in _places(entry, (*place, key)))]


def _read_everything(found: Resolution) -> None:
    for path in found.paths:
        for read in (path, path.pre_stops):
            for name, member in vars(type(read)).items():
                if isinstance(member, property):
                    getattr(read, name)
        for container in (path.container, *path.containers):
            path.pre_stops.of(container)
        behaviour(path.deployment, DEFAULTS)
        assert path.replicas >= 0
        assert path.max_surge + path.max_unavailable > 0 or path.strategy != "RollingUpdate"
        assert 1 <= path.target_port <= 65535
        assert path.routes
    for problem in found.problems:
        assert isinstance(problem.object, ObjectRef)
        has_source = problem.source is not None
        assert has_source or problem.kind is not ProblemKind.REFUSED
        assert not has_source or problem.kind in (ProblemKind.REFUSED, ProblemKind.LEADS_NOWHERE)
        assert problem.message


@on_a_busy_machine
@given(st.data())
def test_objects_with_a_few_broken_places(pristine, data):
    objects = deepcopy(pristine)
    for _ in range(data.draw(st.integers(1, 4))):
        *place, last = data.draw(st.sampled_from([place for place in _places(objects) if len(place) > 1]))
        holder = objects
        for key in place:
            holder = holder[key]
        if data.draw(st.booleans()):
            holder[last] = data.draw(json_like)
        else:
            del holder[last]
    _read_everything(resolve(objects))


@on_a_busy_machine
@given(st.lists(json_like, max_size=4))
def test_anything_at_all(objects):
    _read_everything(resolve(objects))


@on_a_busy_machine
@given(st.data())
def test_objects_of_the_right_kinds_with_anything_inside(pristine, data):
    objects = [
        {"apiVersion": each["apiVersion"], "kind": each["kind"], "metadata": each["metadata"], "spec": spec}
        for each in pristine
        for spec in [data.draw(json_like)]
    ]
    _read_everything(resolve(objects))
