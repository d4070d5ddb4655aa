"""Cloud resources of a state that another resource of the program has from now on, as it has no alias of the first.

To Pulumi these are two: it makes the new one, and deletes the old one at the end of the update, as the last steps are
(pulumi/pulumi pkg/resource/deploy/step_generator.go, GenerateDeletes). Known are those that serving paths stand on.
Not here: Kubernetes objects (`recreated`), and resources whose name Pulumi makes up, of which the new one is another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.preview.fixed_inputs import CLUSTER, FIREWALL, NETWORK, NODE_POOL, SUBNETWORK
from nodrop.preview.replacement import deployed_inputs
from nodrop.preview.resources import Evaluation, Resource, type_of
from nodrop.preview.state import State
from nodrop.preview.values import plain
from nodrop.rollout import Diagnostic, ObjectRef
from nodrop.rollout.rules.updates import Kept, objects_keep_their_resource

_NAMED: Mapping[str, tuple[str, ...]] = {
    "gcp:compute/globalAddress:GlobalAddress": ("name",),
    "gcp:compute/address:Address": ("name", "region"),
    "gcp:compute/sSLPolicy:SSLPolicy": ("name",),
    "gcp:compute/regionSslPolicy:RegionSslPolicy": ("name", "region"),
    "gcp:compute/sSLCertificate:SSLCertificate": ("name",),
    "gcp:compute/regionSslCertificate:RegionSslCertificate": ("name", "region"),
    "gcp:compute/managedSslCertificate:ManagedSslCertificate": ("name",),
    "gcp:certificatemanager/certificate:Certificate": ("name", "location"),
    "gcp:certificatemanager/certificateMap:CertificateMap": ("name",),
    "gcp:certificatemanager/certificateMapEntry:CertificateMapEntry": ("name", "map"),
    "gcp:compute/securityPolicy:SecurityPolicy": ("name",),
    "gcp:compute/regionSecurityPolicy:RegionSecurityPolicy": ("name", "region"),
    NETWORK: ("name",),
    SUBNETWORK: ("name", "region"),
    FIREWALL: ("name",),
    "gcp:compute/router:Router": ("name", "region"),
    "gcp:compute/routerNat:RouterNat": ("name", "router", "region"),
    CLUSTER: ("name", "location"),
    NODE_POOL: ("name", "cluster", "location"),
    "gcp:serviceaccount/account:Account": ("accountId",),
}
"""Inputs that, with the project, tell the resources of a type apart."""
_GRANT = ("role", "member", "condition")
_GRANTS: Mapping[str, tuple[str, ...]] = {
    "gcp:projects/iAMMember:IAMMember": _GRANT,
    "gcp:serviceaccount/iAMMember:IAMMember": (*_GRANT, "serviceAccountId"),
    "gcp:artifactregistry/repositoryIamMember:RepositoryIamMember": (*_GRANT, "repository", "location"),
    "gcp:compute/subnetworkIAMMember:SubnetworkIAMMember": (*_GRANT, "subnetwork", "region"),
}
"""The same of members of IAM policies, which may be added again."""
_IDENTITY = {**_NAMED, **_GRANTS}
_BY_THE_PROVIDER = ("project", "region", "location")
"""Inputs that the provider's configuration stands in for, where a resource states none."""


@dataclass(frozen=True, kw_only=True)
class Renamed:
    """A cloud resource that another resource of the program has from now on."""

    before: str
    """URN of the resource of the state."""
    after: Resource
    is_certain: bool
    """Whether all that tells it from others is known to be the same."""

    def judged(self) -> Iterator[Diagnostic]:
        """What becomes of it, where it is certain that it is the same one."""
        kept: Kept = "imported cloud resource" if self.after.options.import_id else "cloud resource"
        if self.is_certain:
            found = objects_keep_their_resource(
                self.before, self.after.urn, "grant" if self.after.type in _GRANTS else kept
            )
            yield from (replace(each, object=self.ref) for each in found)

    @property
    def ref(self) -> ObjectRef:
        """The resource by its kind and its name in the program."""
        return ObjectRef(kind=self.after.type.rpartition(":")[2], namespace=None, name=self.after.name)

    @property
    def not_compared(self) -> str | None:
        """That it may be the same one; None: it is."""
        if self.is_certain:
            return None
        return (
            f"{self.ref} is new, and may be what {self.before} is in the cloud, which is deleted: give it an alias of "
            "that, if it is the same one"
        )


def renamed(evaluation: Evaluation, state: State) -> tuple[Renamed, ...]:
    """What the update makes though another resource of the state, which it deletes, is the same one in the cloud."""
    now = {urn: each.urn for each in evaluation.resources for urn in each.urns}
    gone: dict[str, list[str]] = {}
    for urn in state.inputs:
        if urn not in now:
            gone.setdefault(type_of(urn), []).append(urn)
    new = [each for each in evaluation.resources if each.custom and each.read_id is None and each.type in _IDENTITY]
    found: list[Renamed] = []
    for each in (one for one in new if deployed_inputs(one, state) is None):
        alike = [old for old in gone.get(each.type, ()) if not (each.options.import_id and old in state.retained)]
        told = {old: _is_alike(each, old, state, now) for old in alike}
        likeliest = [*(old for old in alike if told[old]), *(old for old in alike if told[old] is None)][:1]
        found += [Renamed(before=old, after=each, is_certain=told[old] is True) for old in likeliest]
    return tuple(found)


def _is_alike(resource: Resource, old: str, state: State, now: Mapping[str, str]) -> bool | None:
    """Whether a resource of the state is the same one in the cloud; None: that is not known."""
    told = {_same(key, resource, old, state, now) for key in (*_IDENTITY[resource.type], "project")}
    return False if False in told else None if None in told else True


def _same(key: str, resource: Resource, old: str, state: State, now: Mapping[str, str]) -> bool | None:
    was, becomes = state.inputs[old].get(key), plain(resource.inputs).get(key)
    sources = set(resource.property_dependencies.get(key, ()))
    had = {now.get(each, each) for each in state.property_dependencies.get(old, {}).get(key, ())}
    if becomes == UNKNOWN and sources and had:
        return sources == had
    if any(mask in str(each) for each in (was, becomes) for mask in (SECRET, UNKNOWN)):
        return None
    if (was is None) != (becomes is None) and key in _BY_THE_PROVIDER:
        return None
    return was == becomes and (was is not None or key in (*_BY_THE_PROVIDER, "condition"))
