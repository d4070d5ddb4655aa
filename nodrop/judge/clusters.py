"""The ways of several clusters in one judgement, each under a name of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from nodrop.judge.judgement import PathJudgement
from nodrop.paths import Manifest
from nodrop.paths.names import in_cluster, is_shared, of_cluster, shared_names


def told_apart(
    ways: Mapping[str, Sequence[PathJudgement]], objects: Mapping[str, Sequence[Manifest]]
) -> list[PathJudgement]:
    """All ways, by what their cluster is called; to each name that more than one cluster has, the cluster is added.

    `objects` are those of each cluster.
    """
    shared = shared_names(objects)
    return [
        _told(each, cluster) if is_shared(each.name, shared) else replace(each, cluster=cluster)
        for cluster, of_one in ways.items()
        for each in of_one
    ]


def _told(judged: PathJudgement, cluster: str) -> PathJudgement:
    path = judged.path and in_cluster(judged.path, cluster)
    return replace(judged, name=f"{judged.name}{of_cluster(cluster)}", path=path, cluster=cluster)
