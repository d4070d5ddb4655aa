"""Names of serving paths that tell them apart, however many lead to one Service."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import replace

from nodrop.paths.fields import Manifest, ref_of, whole
from nodrop.paths.index import namespace_of
from nodrop.paths.serving_path import ServingPath

_Words = Callable[[ServingPath], str]


def distinguished(paths: Iterable[ServingPath]) -> list[ServingPath]:
    """The paths in their order; to each name that several have is added by what they differ."""
    given = list(paths)
    by_name: dict[str, list[ServingPath]] = {}
    for path in given:
        by_name.setdefault(path.name, []).append(path)
    differing = {name: _differing(same) for name, same in by_name.items() if len(same) > 1}
    return [_distinguished(path, differing.get(path.name, ())) for path in given]


def apart(paths: Mapping[str, Iterable[ServingPath]], objects: Mapping[str, Iterable[Manifest]]) -> list[ServingPath]:
    """The paths of several clusters with these objects; to each name that more than one has, the cluster is added."""
    shared = shared_names(objects)
    return [
        in_cluster(each, cluster) if is_shared(each.name, shared) else each
        for cluster, its in paths.items()
        for each in its
    ]


def shared_names(clusters: Mapping[str, Iterable[Manifest]]) -> frozenset[str]:
    """What more than one cluster has, whether it leads to a path or not: objects, and Services without their kind."""
    counts = Counter(name for objects in clusters.values() for name in {*_names(objects)})
    return frozenset(name for name, count in counts.items() if count > 1)


def is_shared(name: str, shared: Container[str]) -> bool:
    """Whether a path's Service, or the object that a way without one is called after, is among the shared names."""
    return name in shared or name.partition(" ")[0] in shared


def _names(objects: Iterable[Manifest]) -> Iterator[str]:
    for ref in map(ref_of, objects):
        yield str(ref)
        if ref.kind == "Service":
            yield f"{ref.namespace}/{ref.name}"


def of_cluster(cluster: str) -> str:
    """What a name says of its cluster, such as ` by provider east`."""
    return f" by {cluster}"


def in_cluster(path: ServingPath, cluster: str) -> ServingPath:
    """The path, whose name says which cluster it is in."""
    return replace(path, distinction=f"{path.distinction}{of_cluster(cluster)}")


def _differing(same: list[ServingPath]) -> list[_Words]:
    return [words for words in _WORDS if len({words(each) for each in same}) > 1]


def _distinguished(path: ServingPath, differing: Iterable[_Words]) -> ServingPath:
    said = "".join(words(path) for words in differing)
    return replace(path, distinction=said) if said else path


def _entry(path: ServingPath) -> str:
    entry = whole(path.entry)
    name = f"{namespace_of(entry)}/{entry['metadata']['name'].text()}"
    return f" of {namespace_of(entry)}" if path.by_gateway else f" via Ingress {name}"


def _port(path: ServingPath) -> str:
    port = path.service_port
    return f" port {port.get('name') or port.get('port')}"


def _deployment(path: ServingPath) -> str:
    return f" to Deployment {whole(path.deployment)['metadata']['name'].text()}"


_WORDS: tuple[_Words, ...] = (_entry, _port, _deployment)
