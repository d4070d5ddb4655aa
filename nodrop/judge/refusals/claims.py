"""What LimitRanges of a namespace refuse of the PersistentVolumeClaims that pods mount.

Source: kubernetes/kubernetes plugin/pkg/admission/limitranger, PersistentVolumeClaimValidateLimitFunc. What quotas
refuse of them is counted with all objects of the namespace.
"""

from collections.abc import Iterable, Iterator

from nodrop.judge.refusals.refusal import Refusal
from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.requests import NOT_KNOWN, NotKnownError, known
from nodrop.rollout.sources import LIMIT_RANGES

_Found = Refusal | NotKnownError


def of_claims(ranges: Iterable[Manifest], claims: Iterable[Manifest]) -> Iterator[tuple[Manifest, Refusal]]:
    """What is refused of claims, each with its object. Raises ReadingError."""
    limits = list(ranges)
    for claim in claims:
        yield from ((claim, each) for each in _found(limits, whole(claim)) if isinstance(each, Refusal))


def untold_of_claims(ranges: Iterable[Manifest], claims: Iterable[Manifest]) -> Iterator[NotKnownError]:
    """Where it cannot be told whether claims are refused. Raises ReadingError."""
    limits = list(ranges)
    for claim in claims:
        yield from (each for each in _found(limits, whole(claim)) if isinstance(each, NotKnownError))


def _found(ranges: list[Manifest], claim: Field) -> Iterator[_Found]:
    for item in (item for each in ranges for item in whole(each)["spec"]["limits"].entries()):
        if item["type"].value == "PersistentVolumeClaim":
            yield from _beyond(item, claim["spec"]["resources"]["requests"]["storage"])


def _beyond(item: Field, stated: Field) -> Iterator[_Found]:
    for bound in ("min", "max"):
        allowed = item[bound]["storage"]
        try:
            most, size = known(allowed, NOT_KNOWN), known(stated, "how much it asks is not known")
        except NotKnownError as error:
            yield error
            continue
        if most is None or size is None:
            continue
        if size < most if bound == "min" else size > most:
            little, would_pass = ("little", "more") if bound == "min" else ("much", "less")
            seen = f"too {little}, where {allowed.object} has {allowed.path} = {allowed.value}"
            yield Refusal(stated, seen, f"{allowed.value} or {would_pass}", LIMIT_RANGES)
