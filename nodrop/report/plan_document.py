"""Plans as a JSON document, by the schema `nodrop-plan.schema.json` beside the others; docs/formats.md explains it."""

from collections.abc import Sequence
from typing import Any

from nodrop.report.documents import headed
from nodrop.report.plan import Answer, ExpectedDrops
from nodrop.rollout import Drops
from nodrop.rollout.reasons import Reason

FORMAT = "nodrop-plan"
FORMAT_VERSION = 1
"""Any other shape is another version."""


def plan_document(answers: Sequence[Answer]) -> dict[str, Any]:
    """The plans as one JSON object."""
    return headed(FORMAT, FORMAT_VERSION, {"plans": [_plan(each) for each in answers]})


def _plan(answer: Answer) -> dict[str, Any]:
    plan = answer.plan
    return {
        "path": answer.name,
        "numbers": [_number(answer, reason) for reason in answer.reasons],
        "rollout": {
            "pods": answer.pods,
            "surge": plan.surge,
            "peak_pods": plan.peak_pods,
            "rolled_out_seconds": [plan.rolled_out_at_least_seconds, plan.rolled_out_seconds],
            "old_gone_seconds": [plan.old_gone_at_least_seconds, plan.old_gone_seconds],
        },
        "open": list(answer.open),
        "accepted": list(answer.accepted),
        "stated": list(answer.stated),
        "assumed": {name: getattr(answer.behaviour, name) for name in answer.assumed},
        "not_judged": list(answer.not_judged),
        "expected_loss": answer.drops and _loss(answer.drops),
    }


def _number(answer: Answer, reason: Reason) -> dict[str, Any]:
    return {
        "object": reason.place.value,
        "field": reason.field,
        "value": reason.value,
        "declared": answer.declared.get((reason.place, reason.field)),
        "why": reason.why,
        "rule": reason.rule,
    }


def _loss(drops: ExpectedDrops) -> dict[str, Any]:
    return {
        "requests_per_second": drops.requests_per_second,
        "planned": _drops(drops.planned),
        "by_default": _drops(drops.by_default),
    }


def _drops(drops: Drops) -> dict[str, Any]:
    return {
        "requests": drops.requests,
        "failed": drops.total,
        "by_cause": {cause.value: number for cause, number in drops.by_cause.items()},
    }
