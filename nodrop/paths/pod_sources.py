"""The ConfigMaps and Secrets that pods name: for files, variables and the pull of images.

Read from any shape: what is wrong with it is for those to say who read the pod.
"""

from collections.abc import Iterator

_BY_NAME = {
    "configMap": "ConfigMap",
    "configMapKeyRef": "ConfigMap",
    "configMapRef": "ConfigMap",
    "secret": "Secret",
    "secretKeyRef": "Secret",
    "secretRef": "Secret",
}
"""Kind by the field that names an object of it."""
_DEEPEST = 12
"""Fields inside each other; no reference of a pod lies deeper. Source: kubernetes/api core/v1 types.go, PodSpec."""


def sources_of(pod: object, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Kind and name of each, as often as it is named."""
    if depth > _DEEPEST:
        return
    if isinstance(pod, list):
        for each in pod:
            yield from sources_of(each, depth + 1)
    elif isinstance(pod, dict):
        for key, value in pod.items():
            names = value if key == "imagePullSecrets" and isinstance(value, list) else [value]
            kind = "Secret" if key == "imagePullSecrets" else _BY_NAME.get(key)
            for each in names if kind else ():
                if isinstance(each, dict) and isinstance(name := each.get("name", each.get("secretName")), str):
                    yield str(kind), name
            yield from sources_of(value, depth + 1)
