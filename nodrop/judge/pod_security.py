"""What a Namespace's changed Pod Security Standard refuses of pods that it admitted, from one version to the next."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from nodrop.judge.refusals.admission import ENFORCE, of_pod_security
from nodrop.paths import Manifest, ReadingError
from nodrop.paths.changes import PathChange
from nodrop.paths.fields import ref_of, whole
from nodrop.rollout import ObjectRef
from nodrop.rollout.wiring import PodSecurity


class ChangedStandards:
    """The Namespaces and Deployments of two versions."""

    def __init__(self, before: Iterable[Manifest], after: Iterable[Manifest]) -> None:
        self._before, self._after = _indexed(before), _indexed(after)

    def of(self, path: PathChange) -> PodSecurity | None:
        """The standard of the path's Namespace, where it refuses pods of the version before that it admitted.

        None too where an object cannot be read.
        """
        with suppress(ReadingError):
            return self._of(path)
        return None

    def _of(self, path: PathChange) -> PodSecurity | None:
        names = [each for each in path.objects if each.kind == "Namespace"]
        namespace = next((self._after[each] for each in names if each in self._after), None)
        deployment = next((self._before[each] for each in path.objects if each.kind == "Deployment"), None)
        if namespace is None or deployment is None:
            return None
        had = next((self._before[each] for each in names if each in self._before), None)
        admitted = set(_refused(had, deployment)) if had else set()
        refused = tuple(each for each in _refused(namespace, deployment) if each not in admitted)
        if not refused:
            return None
        deployed, _, name = path.workload.partition("/")
        new = self._after.get(ObjectRef(kind="Deployment", namespace=deployed, name=name))
        return PodSecurity(
            level=str(whole(namespace)["metadata"]["labels"][ENFORCE].value),
            was=whole(had)["metadata"]["labels"][ENFORCE].text() if had else None,
            refused=refused,
            new_pods_too=new is not None and bool(_refused(namespace, new)),
        )


def _indexed(objects: Iterable[Manifest]) -> Mapping[ObjectRef, Manifest]:
    kinds = ("Namespace", "Deployment")
    return {ref_of(each): each for each in objects if isinstance(each, dict) and each.get("kind") in kinds}


def _refused(namespace: Manifest, deployment: Manifest) -> list[str]:
    """Fields of the Deployment's pods that the Namespace refuses. Raises ReadingError."""
    return [each.field.path for each in of_pod_security(whole(namespace), whole(deployment))]
