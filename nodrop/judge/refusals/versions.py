"""apiVersions that are not served, so that an object of one is refused."""

from collections.abc import Iterator

from nodrop.gke.kinds import NO_LONGER_SERVED, SERVED_SOURCE, VERSIONS, group_of
from nodrop.judge.refusals.refusal import Refusal
from nodrop.paths.fields import Field


def of_version(kind: str, given: Field) -> Iterator[Refusal]:
    """A version that is none of its kind's, in a group that has or had the kind."""
    version, served, earlier = given["apiVersion"], VERSIONS.get(kind, ()), NO_LONGER_SERVED.get(kind, ())
    groups = {group_of(each) for each in (*served, *earlier)} if earlier else set()
    if version.value not in served and group_of(version.value) in groups:
        yield Refusal(version, f"is {version.value}, which is not served", served[0], SERVED_SOURCE)
