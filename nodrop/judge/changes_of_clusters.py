"""The judgements of a change in several clusters as one, in which each path has a name of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from nodrop.judge.change import ChangeJudgement
from nodrop.judge.judgement import in_order
from nodrop.paths import Manifest
from nodrop.paths.names import is_shared, of_cluster, shared_names


def changes_told_apart(
    clusters: Mapping[str, ChangeJudgement], objects: Mapping[str, Iterable[Manifest]]
) -> ChangeJudgement:
    """All of them, by what their cluster is called, which is added to names that several have, and to what is found.

    `objects` are those of each cluster in either version.
    """
    if len(clusters) == 1:
        return next(iter(clusters.values()))
    shared = shared_names(objects)
    told = tuple(_told(each, cluster, shared) for cluster, each in clusters.items())
    return ChangeJudgement(
        paths=tuple(name for each in told for name in each.paths),
        diagnostics=in_order(found for each in told for found in each.diagnostics),
        not_compared=tuple(dict.fromkeys(why for each in told for why in each.not_compared)),
        of_clusters=told,
    )


def _told(judged: ChangeJudgement, cluster: str, shared: frozenset[str]) -> ChangeJudgement:
    names = {name for name in judged.paths if is_shared(name, shared)}
    if not names:
        return judged
    told = of_cluster(cluster)
    return replace(
        judged,
        paths=tuple(f"{name}{told}" if name in names else name for name in judged.paths),
        concerned={f"{name}{told}" if name in names else name: each for name, each in judged.concerned.items()},
        diagnostics=tuple(replace(each, seen=f"{each.seen} (object made{told})") for each in judged.diagnostics),
    )
