"""Changes that take objects away from under the requests, one function a rule: what becomes of a path as a whole.

Only a comparison of two versions of the objects knows; it says so in the later one's wiring.
"""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.sources import NAMESPACES, REPLACEMENTS, SERVICES
from nodrop.rollout.timing import Rollout
from nodrop.rollout.wiring import Replaced


def objects_stay(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """No object on the way to the pods is deleted for another one."""
    if before.wiring is None or after.wiring is None:
        return
    elsewhere = [each for each in after.wiring.replaced if not each.field]
    yield from (_replaced_in_place(each) for each in after.wiring.replaced if each.field)
    if elsewhere:
        old, new = (", ".join(getattr(each, name) for each in elsewhere) for name in ("old", "new"))
        yield Diagnostic(
            rule="objects-stay",
            severity=Severity.ERROR,
            input="wiring.replaced",
            value=new,
            seen=f"was {old}",
            why=(
                "an object of another name or namespace is another object: the new ones get a load balancer, an "
                "address and NEGs of their own, and those of the old ones are deleted before clients know"
            ),
            source=REPLACEMENTS,
            would_pass=(
                f"{old}, in three steps: 1. add a second service beside the first, and wait until it answers at its "
                "own address; 2. then move the traffic (DNS) to it; 3. then remove the first when it is idle"
            ),
        )


def _replaced_in_place(replaced: Replaced) -> Diagnostic:
    deployment = replaced.old.startswith("Deployment ")
    return Diagnostic(
        rule="objects-stay",
        severity=Severity.ERROR,
        input="wiring.replaced",
        value=replaced.new,
        seen=f"another {replaced.field}, which cannot be changed in place, and the name stays",
        why=(
            "the object is deleted first and created anew, "
            + ("so that no pod is left until the new ones are ready" if deployment else "and its NEG goes with it")
        ),
        source=REPLACEMENTS,
        would_pass=(
            f"the {replaced.field} that it has; for another one, in two steps: "
            + (
                "1. add a second Deployment of another name, whose pods the Service selects as well, and wait until "
                "they serve; 2. then remove the first"
                if deployment
                else "1. add a second Service of another name, and move the routes to it as routes-keep-their-service "
                "says; 2. then remove the first"
            )
        ),
    )


def namespace_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The Namespace is not deleted around objects that stay."""
    if before.wiring is None or after.wiring is None or after.wiring.lost_namespace is None:
        return
    name = after.wiring.lost_namespace
    yield Diagnostic(
        rule="namespace-stays",
        severity=Severity.ERROR,
        input="wiring.lost_namespace",
        value=name,
        seen="its Namespace object goes, and the other objects are to stay in it",
        why="whoever deletes a Namespace deletes all that is in it, pods and load balancer included",
        source=NAMESPACES,
        would_pass=(  # noqa: S106 - not a password
            "the Namespace object; to leave it to somebody else, in two steps: 1. give it the option "
            "retain_on_delete = True and update; 2. then take it out of the program"
        ),
    )


def path_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """A Service that the load balancer keeps leads on to pods."""
    if before.wiring is None or after.wiring is None:
        return
    for problem in after.wiring.unserved:
        yield Diagnostic(
            rule="path-stays",
            severity=Severity.ERROR,
            input="wiring.unserved",
            value=problem,
            seen="it led on to pods before",
            why="the load balancer keeps the Service, and no pods can be found behind it any more",
            source=SERVICES,
            would_pass=(  # noqa: S106 - not a password
                "objects that lead on to a Deployment, as they did; to end a service, in two steps: 1. drop its routes "
                "when no request asks for them; 2. then remove its objects"
            ),
        )
