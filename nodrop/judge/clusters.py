"""The ways of several clusters in one judgement, each under a name of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nodrop.judge.judgement import PathJudgement
from nodrop.paths.names import in_cluster, of_cluster, recurring


def told_apart(ways: Mapping[str, Sequence[PathJudgement]]) -> list[PathJudgement]:
    """All ways, by what their cluster is called; to each name that more than one cluster has, the cluster is added."""
    names = recurring([each.name for each in of_one] for of_one in ways.values())
    return [
        _told(each, cluster) if each.name in names else replace(each, cluster=cluster)
        for cluster, of_one in ways.items()
        for each in of_one
    ]


def _told(judged: PathJudgement, cluster: str) -> PathJudgement:
    path = judged.path and in_cluster(judged.path, cluster)
    return replace(judged, name=f"{judged.name}{of_cluster(cluster)}", path=path, cluster=cluster)
