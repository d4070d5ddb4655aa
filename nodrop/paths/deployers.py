"""What an object's annotations tell its deployer to do with it at a release: Helm, Argo CD and kapp.

Without them each updates the object that is there. What stands in an Application or on a command line is not known.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from nodrop.paths.fields import Field, Manifest, whole
from nodrop.rollout.sources import ARGO_HOOKS, ARGO_OPTIONS, HELM_HOOKS, KAPP_STRATEGIES

_HELM_HOOK = "helm.sh/hook"
_HELM_POLICY = "helm.sh/hook-delete-policy"
_ARGO_HOOK = "argocd.argoproj.io/hook"
_ARGO_POLICY = "argocd.argoproj.io/hook-delete-policy"
_ARGO_OPTIONS = "argocd.argoproj.io/sync-options"
_KAPP_STRATEGY = "kapp.k14s.io/update-strategy"
READ_BY_DEPLOYERS = frozenset({_HELM_HOOK, _HELM_POLICY, _ARGO_HOOK, _ARGO_POLICY, _ARGO_OPTIONS, _KAPP_STRATEGY})
"""Keys of the annotations that decide what a deployer does with an object."""

_AT_RELEASES = frozenset({"pre-upgrade", "post-upgrade", "pre-rollback", "post-rollback"})
_AT_INSTALLATION = frozenset({"pre-install", "post-install"})
_AT_SYNCS = frozenset({"PreSync", "Sync", "PostSync"})
_BEFORE, _SUCCEEDED = "before-hook-creation", "hook-succeeded"
_DELETES = frozenset({_BEFORE, _SUCCEEDED})
_ARGO_DELETES = frozenset({"BeforeHookCreation", "HookSucceeded"})


class Treatment(StrEnum):
    """What becomes of the object in the cluster."""

    RECREATED = "recreated"
    """It is deleted, and created again."""
    REWRITTEN = "rewritten"
    """It becomes what is written: a field that is absent gets its default, whoever else had set it."""
    UNKNOWN = "unknown"
    """It depends on who deploys it, or whether that succeeds."""


class AtRelease(NamedTuple):
    """One annotation, and what it leads to."""

    annotation: Field
    treatment: Treatment
    does: str
    """What the deployer does, in one clause."""
    source: str


def deployed(manifest: Manifest) -> Iterator[AtRelease]:
    """What the annotations say beyond an update. Raises ReadingError where the object has none that can be read."""
    given = whole(manifest)
    annotations = given["metadata"]["annotations"]
    yield from _by_helm(annotations)
    yield from _by_argo(annotations, is_namespace=given["kind"].value == "Namespace")
    if annotations[_KAPP_STRATEGY].value == "always-replace":
        does = "kapp deletes it and creates it again whenever it changes"
        yield AtRelease(annotations[_KAPP_STRATEGY], Treatment.RECREATED, does, KAPP_STRATEGIES)


def helm_hooks(annotations: Field) -> frozenset[str]:
    """The events of Helm at which the object is made; none: it is part of the release itself.

    Source: helm/helm pkg/releaseutil/manifest_sorter.go, which ignores case and blanks.
    """
    return frozenset(each.lower() for each in _listed(annotations[_HELM_HOOK]))


def _by_helm(annotations: Field) -> Iterator[AtRelease]:
    """Source: helm/helm pkg/action/hooks.go; hooks of `helm test` and of a release's end are made at no release."""
    hooks, hook = helm_hooks(annotations), annotations[_HELM_HOOK]
    policies = {each.lower() for each in _listed(annotations[_HELM_POLICY])} or {_BEFORE}
    if hooks & _AT_RELEASES and policies & _DELETES:
        does = "Helm deletes a hook and creates it again at every upgrade or rollback that it names"
        yield AtRelease(hook, Treatment.RECREATED, does, HELM_HOOKS)
    elif hooks & _AT_INSTALLATION and _SUCCEEDED in policies:
        does = "Helm deletes such a hook as soon as it is made"
        yield AtRelease(hook, Treatment.RECREATED, does, HELM_HOOKS)
    elif hooks & _AT_RELEASES:
        does = f"Helm creates a hook again at every upgrade, which fails where {_HELM_POLICY} leaves the old one"
        yield AtRelease(hook, Treatment.UNKNOWN, does, HELM_HOOKS)
    elif hooks & _AT_INSTALLATION:
        does = "Helm makes such a hook at the installation alone and never updates it; Argo CD may do so at every sync"
        yield AtRelease(hook, Treatment.UNKNOWN, does, HELM_HOOKS)


def _by_argo(annotations: Field, *, is_namespace: bool) -> Iterator[AtRelease]:
    """Source: argoproj/argo-cd gitops-engine/pkg/sync, hook/delete_policy.go and sync_context.go, applyObject.

    Of a Namespace `Replace` makes an update, and Force alone is that of `kubectl apply`, which deletes what cannot be
    updated.
    """
    hook, options = annotations[_ARGO_HOOK], annotations[_ARGO_OPTIONS]
    policies = _listed(annotations[_ARGO_POLICY]) or frozenset({"BeforeHookCreation"})
    if _listed(hook) & _AT_SYNCS and policies & _ARGO_DELETES:
        does = "Argo CD deletes a hook and creates it again at every sync"
        yield AtRelease(hook, Treatment.RECREATED, does, ARGO_HOOKS)
    elif _listed(hook) & _AT_SYNCS:
        does = f"how Argo CD applies a hook that {_ARGO_POLICY} leaves there is not modelled"
        yield AtRelease(hook, Treatment.UNKNOWN, does, ARGO_HOOKS)
    if "Replace=true" in _listed(options) and not is_namespace:
        if "Force=true" in _listed(options):
            does = "Argo CD runs `kubectl replace --force`, which deletes it and creates it again, at every sync"
            yield AtRelease(options, Treatment.RECREATED, does, ARGO_OPTIONS)
        else:
            does = "Argo CD runs `kubectl replace` at every sync"
            yield AtRelease(options, Treatment.REWRITTEN, does, ARGO_OPTIONS)


def _listed(annotation: Field) -> frozenset[str]:
    text = annotation.value if isinstance(annotation.value, str) else ""
    return frozenset(filter(None, (each.strip() for each in text.split(","))))
