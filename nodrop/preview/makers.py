"""Resources that make Kubernetes objects which an evaluation does not have: Helm releases, and what a provider expands.

The engine evaluates the objects of a component with its provider; offline they are not there, and a release's are in no
state at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nodrop.judge.judgement import PassedOver
from nodrop.preview.patches import retargets
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.values import plain
from nodrop.rollout import ObjectRef

if TYPE_CHECKING:
    from nodrop.preview.clusters import Clusters

HELM_RELEASE = "kubernetes:helm.sh/v3:Release"
"""The one resource of the Kubernetes provider that makes objects which are in no state."""
_PACKAGE = "kubernetes:"


_RETARGETS = "what it makes its object select is not followed: write into the object itself what the patch states"
_RENDER = "its provider makes its objects, which are not read: render them for `nodrop check`"
_MAY = "its provider may make Kubernetes objects, which are not read"
_OF_CLOUDS = frozenset({"aws", "aws-native", "awsx", "azure", "azure-native", "gcp", "google-native"})
"""Packages whose components make resources of that cloud only. Source: Pulumi registry."""


def makes_unseen(resource: Resource) -> bool:
    """Whether a provider makes objects of a resource that the evaluation does not show, as far as it says by itself."""
    return resource.remote or resource.type == HELM_RELEASE


def makers_of(evaluation: Evaluation) -> Iterator[Resource]:
    """Each maker of such objects, in the program's order.

    A component of the Kubernetes package that has no children, such as a Chart, is one, too: what it makes them of is
    not known offline.
    """
    parents = {each.parent for each in evaluation.resources}
    for each in evaluation.resources:
        is_empty = each.type.startswith(_PACKAGE) and not each.custom and each.urn not in parents
        of_a_cloud = each.type.partition(":")[0] in _OF_CLOUDS
        if each.read_id is None and not of_a_cloud and (makes_unseen(each) or is_empty):
            yield each


def unread_of(evaluation: Evaluation, clusters: Clusters) -> Iterator[tuple[str, PassedOver]]:
    """What is not read of each maker, and of each patch that may make its object concern a path, with its URN."""
    for each in evaluation.resources:
        if retargets(each):
            metadata = plain(each.inputs).get("metadata")
            namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
            named = ObjectRef(kind=each.type.rpartition(":")[2], namespace=namespace, name=each.name)
            yield each.urn, PassedOver(object=named, reason=_RETARGETS, cluster=clusters.of(each))
    for each in makers_of(evaluation):
        of_kubernetes = each.type.startswith(_PACKAGE)
        named = ObjectRef(kind=each.type.rpartition(":")[2], namespace=_namespace(each), name=each.name)
        told = PassedOver(
            object=named,
            reason=_RENDER if of_kubernetes else _MAY,
            cluster=clusters.of(each) if of_kubernetes and (each.custom or each.remote) else None,
        )
        yield each.urn, told


def _namespace(resource: Resource) -> str | None:
    stated = plain(resource.inputs).get("namespace")
    return stated if isinstance(stated, str) else None
