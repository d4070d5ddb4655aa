"""The ways of several clusters in one judgement, each under a name of its own."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from nodrop.judge.judgement import PathJudgement
from nodrop.paths import Manifest, ReadingError
from nodrop.paths.fields import Field, ref_of, whole
from nodrop.paths.names import in_cluster, is_shared, of_cluster, shared_names
from nodrop.rollout import ObjectRef


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
        for each in (_served_elsewhere(one, cluster, objects) for one in of_one)
    ]


def _served_elsewhere(judged: PathJudgement, cluster: str, objects: Mapping[str, Sequence[Manifest]]) -> PathJudgement:
    """The way, which also says where a Service without pods in its cluster would select those of another one."""
    if judged.path is not None or len(objects) == 1 or not judged.name.startswith("Service "):
        return judged
    service = next((each for each in objects[cluster] if str(ref_of(each)) == judged.name), None)
    if service is None:
        return judged
    with suppress(ReadingError):
        selected = {other: list(_selected(whole(service), given)) for other, given in objects.items()}
        if not selected.pop(cluster):
            told = (
                f"{judged.name} is of {cluster}, {each} of {other}: if these are one cluster, make both with one "
                "provider, or with two that have the same cluster_identifier"
                for other, found in selected.items()
                for each in found
            )
            return replace(judged, reasons=(*judged.reasons, *told))
    return judged


def _selected(service: Field, objects: Sequence[Manifest]) -> Iterator[ObjectRef]:
    """Deployments whose pods the Service would select. Raises ReadingError."""
    selector = service["spec"]["selector"].mapping()
    for each in objects if selector else ():
        ref = ref_of(each)
        if (ref.kind, ref.namespace) == ("Deployment", service.object.namespace):
            labels = whole(each)["spec"]["template"]["metadata"]["labels"].mapping()
            if selector.items() <= labels.items():
                yield ref


def _told(judged: PathJudgement, cluster: str) -> PathJudgement:
    path = judged.path and in_cluster(judged.path, cluster)
    return replace(judged, name=f"{judged.name}{of_cluster(cluster)}", path=path, cluster=cluster)
