"""What an owner accepts of a workload: the reason by rule, and where it is stated."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from nodrop.rollout import Diagnostic, Origin
from nodrop.rollout.waivers import effective

Accepted = Mapping[str, tuple[str, Origin]]
"""Reason and who states it, by rule."""


def accepted_of(annotated: Mapping[str, str], in_file: Mapping[str, str]) -> dict[str, tuple[str, Origin]]:
    """The waivers that take effect: those of the Deployment's annotation, then those of nodrop.yaml."""
    stated = {rule: (reason, Origin.FILE) for rule, reason in effective(in_file).items()}
    return stated | {rule: (reason, Origin.ANNOTATION) for rule, reason in effective(annotated).items()}


def waived(found: Iterable[Diagnostic], accept: Accepted) -> Iterator[Diagnostic]:
    """What was found, each with the reason for which it is accepted, if there is one."""
    for each in found:
        reason, origin = accept.get(each.rule, (None, None))
        yield replace(each, waiver=reason, waived_by=origin)
