"""A path of an Ingress as paths of the URL map that GKE makes of it.

Source: kubernetes/ingress-gce at acbcf5d6, pkg/controller/translator/translator.go, validateAndGetPaths; what it hands
on unlooked at, the URL map refuses: Compute Engine API, urlMaps, pathMatchers[].pathRules[].paths[].
"""

from nodrop.gke.decoding import DecodingError

_SOURCE = "kubernetes/ingress-gce pkg/controller/translator/translator.go, validateAndGetPaths"
_URL_MAP_SOURCE = "Compute Engine API, urlMaps, pathMatchers[].pathRules[].paths[]"

EVERY_PATH = "/*"
"""What an empty path means."""

PATH_TYPES = ("ImplementationSpecific", "Exact", "Prefix")


def url_map_paths(path: str, path_type: str | None) -> tuple[str, ...]:
    """The paths of the URL map; one that ends with `/*` matches all that start so, any other only itself.

    Raises:
        DecodingError: the controller refuses the path, and with it the whole Ingress, or the URL map does.
    """
    kind = path_type or PATH_TYPES[0]
    if kind not in PATH_TYPES:
        raise DecodingError(f"a pathType of {', '.join(PATH_TYPES)}", _SOURCE)
    if kind == "ImplementationSpecific":
        return (_taken(path) or EVERY_PATH,)
    if not path:
        raise DecodingError(f"a path: with pathType {kind} it must not be empty, such as /", _SOURCE)
    if "*" in path:
        wanted = f"a path without *, such as {path.partition('*')[0] or '/'}, or pathType ImplementationSpecific"
        raise DecodingError(wanted, _SOURCE)
    _taken(path)
    if kind == "Exact":
        return (path,)
    if path == "/":
        return (EVERY_PATH,)
    return (path.removesuffix("/"), f"{path.removesuffix('/')}/*")


def _taken(path: str) -> str:
    """The path, where a URL map takes it; an empty one, too."""
    if path and not path.startswith("/"):
        raise DecodingError(f"a path that begins with /, such as /{path}", _URL_MAP_SOURCE)
    start = path.removesuffix("/*")
    for character in "*?#":
        if character in start:
            folder = start.partition(character)[0].rpartition("/")[0]
            wanted = f"a path with * only after a last /, and without ? and #, such as {folder}/*"
            raise DecodingError(wanted, _URL_MAP_SOURCE)
    return path
