"""The judgements of a change in several clusters as one, in which each path has a name of its own."""

from collections.abc import Mapping
from dataclasses import replace

from nodrop.judge.change import ChangeJudgement
from nodrop.judge.judgement import in_order
from nodrop.paths.names import of_cluster, recurring


def changes_told_apart(clusters: Mapping[str, ChangeJudgement]) -> ChangeJudgement:
    """All of them, by what their cluster is called, which is added to names that several have, and to what is found."""
    if len(clusters) == 1:
        return next(iter(clusters.values()))
    names = recurring(each.paths for each in clusters.values())
    told = tuple(_told(each, cluster, names) for cluster, each in clusters.items())
    return ChangeJudgement(
        paths=tuple(name for each in told for name in each.paths),
        diagnostics=in_order(found for each in told for found in each.diagnostics),
        not_compared=tuple(dict.fromkeys(why for each in told for why in each.not_compared)),
        of_clusters=told,
    )


def _told(judged: ChangeJudgement, cluster: str, names: frozenset[str]) -> ChangeJudgement:
    if names.isdisjoint(judged.paths):
        return judged
    told = of_cluster(cluster)
    return replace(
        judged,
        paths=tuple(f"{name}{told}" if name in names else name for name in judged.paths),
        concerned={f"{name}{told}" if name in names else name: each for name, each in judged.concerned.items()},
        diagnostics=tuple(replace(each, seen=f"{each.seen} (object made{told})") for each in judged.diagnostics),
    )
