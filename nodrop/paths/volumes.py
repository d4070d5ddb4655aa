"""Volumes of a Deployment's pods that not all of them can use at a time.

A volume of several modes is attached in one: ReadWriteMany where it has that; of ReadWriteOnce with ReadOnlyMany a CSI
driver has no mode, and a disk can be only one of both at a time.
Source: kubernetes.io, Persistent Volumes, access modes; kubernetes-csi/csi-lib-utils accessmodes, ToCSIAccessMode;
Google, Persistent disks with multiple readers.
"""

from collections.abc import Iterable

from nodrop.paths.fields import Field, Manifest, whole

ACCESS_MODES = ("ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod")
"""Source: Kubernetes API, PersistentVolumeClaimSpec, accessModes."""
_OF_ONE_NODE = "ReadWriteOnce"
_SHARED = "ReadWriteMany"
OF_ONE_POD = "ReadWriteOncePod"


def claims_of(pod: Field) -> list[Field]:
    """Where the pod's volumes name the PersistentVolumeClaims that all its replicas share."""
    named = (volume["persistentVolumeClaim"]["claimName"] for volume in pod["volumes"].entries())
    return [name for name in named if name.value is not None]


def stated_claims(objects: Iterable[Manifest]) -> list[Field]:
    """The PersistentVolumeClaims among objects."""
    return [whole(each) for each in objects if each.get("kind") == "PersistentVolumeClaim"]


def name_of_claim(claim: Field) -> str:
    """What the volumes of pods call it."""
    return str(claim["metadata"]["name"].value)


def of_one_pod(claims: Iterable[Field]) -> tuple[str, ...]:
    """Names of the PersistentVolumeClaims that one pod of the whole cluster can use."""
    return tuple(name_of_claim(claim) for claim in claims if OF_ONE_POD in _modes(claim))


def of_one_node(claims: Iterable[Field]) -> tuple[str, ...]:
    """Names of those whose pods must be on one node."""
    return tuple(
        name_of_claim(claim)
        for claim in claims
        if _OF_ONE_NODE in (modes := _modes(claim)) and not {OF_ONE_POD, _SHARED} & set(modes)
    )


def disks_of_one_node(pod: Field) -> tuple[str, ...]:
    """Names of the volumes that are a disk to write to. Source: Kubernetes API, GCEPersistentDiskVolumeSource."""
    return tuple(
        str(volume["name"].value)
        for volume in pod["volumes"].entries()
        if volume["gcePersistentDisk"].value is not None and volume["gcePersistentDisk"]["readOnly"].value is not True
    )


def _modes(claim: Field) -> list[str]:
    return [str(mode.value) for mode in claim["spec"]["accessModes"].entries()]
