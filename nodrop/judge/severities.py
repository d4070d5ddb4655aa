"""What the rules find on a path, and which of its errors are warnings there: by an assumption, or a weight of 0."""

from collections.abc import Iterator
from dataclasses import replace

from nodrop.judge.facts import KnownBehaviour
from nodrop.paths import ServingPath
from nodrop.paths.fields import whole
from nodrop.paths.gateways import entry_of
from nodrop.rollout import Diagnostic, Rollout, Severity, check


def checked(rollout: Rollout, knows: KnownBehaviour) -> Iterator[Diagnostic]:
    """What the rules find; an error that only an assumption makes is a warning."""
    found = check(rollout)
    certain = {(each.rule, each.input) for each in found if each.severity is Severity.ERROR}
    if certain and knows.assumed:
        mildest = replace(
            rollout,
            longest_request_seconds=knows.best.longest_request_seconds,
            startup_seconds=knows.best.startup_seconds,
        )
        stated = rollout.longest_request_seconds == mildest.longest_request_seconds
        certain = {
            (each.rule, each.input)
            for each in check(mildest)
            if each.severity is Severity.ERROR and (stated or not _lacks_margin_alone(each, mildest))
        }
    for each in found:
        if each.severity is Severity.ERROR and (each.rule, each.input) not in certain:
            yield replace(each, severity=Severity.WARNING, seen=f"{each.seen}; assumed, as it is not stated")
        else:
            yield each


def _lacks_margin_alone(found: Diagnostic, mildest: Rollout) -> bool:
    """Whether the grace period covers the mildest request, and lacks no more than this project's own margin."""
    after_term = mildest.termination_grace_period_seconds - mildest.pre_stop_seconds
    return found.rule == "grace-covers-longest-request" and after_term >= mildest.longest_request_seconds


def milder_if_idle(path: ServingPath, found: list[Diagnostic]) -> list[Diagnostic]:
    """What would drop requests as a warning where a weight of 0 keeps all of them from the path's Service for now."""
    if not (path.by_gateway and _is_idle(path)):
        return found
    told = "a weight of 0 keeps requests from it for now"
    return [
        replace(each, severity=Severity.WARNING, seen=f"{each.seen}; {told}")
        if each.severity is Severity.ERROR
        else each
        for each in found
    ]


def _is_idle(path: ServingPath) -> bool:
    service = whole(path.service)["metadata"]["name"].text() or ""
    return entry_of(path.entry, path.http_routes).is_idle(path.namespace, service)
