"""What the Kubernetes API refuses of the volumes of pods, and of where containers mount them.

Source: kubernetes/kubernetes pkg/apis/core/validation, ValidateVolumes and ValidateVolumeMounts.
"""

from collections.abc import Iterator, Mapping

from nodrop.judge.refusals.beside import of_spec_of_claim
from nodrop.judge.refusals.refusal import Refusal, of_label, one_of, or_absent, twice
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.quantities import amount

_REQUIRED: Mapping[str, Mapping[str, str]] = {
    "configMap": {"name": "shop"},
    "csi": {"driver": "pd.csi.storage.gke.io"},
    "ephemeral": {"volumeClaimTemplate": "{spec: {accessModes: [ReadWriteOnce], resources: ...}}"},
    "gcePersistentDisk": {"pdName": "data"},
    "hostPath": {"path": "/var/data"},
    "nfs": {"server": "10.0.0.2", "path": "/data"},
    "persistentVolumeClaim": {"claimName": "data"},
    "secret": {"secretName": "shop"},
}
"""What sources need, each with a value that would pass; whether it is optional changes nothing about that."""
_OTHER_SOURCES = (
    *("awsElasticBlockStore", "azureDisk", "azureFile", "cephfs", "cinder", "downwardAPI", "emptyDir", "fc"),
    *("flexVolume", "flocker", "gitRepo", "glusterfs", "image", "iscsi", "photonPersistentDisk", "portworxVolume"),
    *("projected", "quobyte", "rbd", "scaleIO", "storageos", "vsphereVolume"),
)
"""Source: kubernetes/api core/v1 types.go, VolumeSource."""
_OF_HOST = ("", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket")
_HUGE_PAGES = "HugePages"
_GREATEST_MODE = 0o777
_BY_THE_KUBELET = "kubernetes/kubernetes pkg/volume/emptydir, empty_dir.go, which the kubelet asks"


def of_volumes(volumes: Field) -> Iterator[Refusal]:
    """A volume without a source is an emptyDir; fields that are none are dropped. Raises ReadingError."""
    names = [each["name"] for each in volumes.entries()]
    yield from twice(volumes, "name", [name for name in names if not is_unknown_or_masked(name.value)])
    for each in volumes.entries():
        if each["name"].value in (None, ""):
            yield Refusal(each["name"], f"is {or_absent(each['name'])}", "a name such as data")
        else:
            yield from of_label(each["name"], "data")
        sources = [key for key in (*_REQUIRED, *_OTHER_SOURCES) if each[key].value is not None]
        if len(sources) > 1:
            yield Refusal(each, f"has {' and '.join(sources)}", "one of them")
        for key in sources:
            for name, example in _REQUIRED.get(key, {}).items():
                yield from _of_stated(each[key][name], example)
        yield from _of_empty_dir(each["emptyDir"])
        yield from one_of(each["hostPath"]["type"], _OF_HOST)
        yield from _of_files(each)
        yield from _of_projected(each["projected"])
        template = each["ephemeral"]["volumeClaimTemplate"]
        if template.value is not None:
            yield from of_spec_of_claim(template["spec"])


def _of_stated(field: Field, example: str) -> Iterator[Refusal]:
    if field.value in (None, ""):
        yield Refusal(field, f"is {or_absent(field)}", example)


def _of_empty_dir(source: Field) -> Iterator[Refusal]:
    size, medium = source["sizeLimit"], source["medium"]
    least = 0 if size.value is None else amount(size.value)
    if least is None or least < 0:
        yield Refusal(size, f"is {size.value!r}", "such as 1Gi")
    kind = medium.value
    if not isinstance(kind, str) or is_unknown_or_masked(kind):
        return
    if kind not in ("", "Memory", _HUGE_PAGES) and not kind.startswith(f"{_HUGE_PAGES}-"):
        seen = f"is {kind}, which the kubelet does not know, so that no pod starts"
        yield Refusal(medium, seen, "Memory, or none", _BY_THE_KUBELET)


def _of_files(sources: Field) -> Iterator[Refusal]:
    """Modes, keys and paths of files; a mode in YAML is octal only with its leading 0."""
    for kind in ("secret", "configMap", "downwardAPI"):
        yield from _of_mode(sources[kind]["defaultMode"])
        for each in sources[kind]["items"].entries():
            yield from _of_mode(each["mode"])
            yield from _of_stated(each["path"], "a path such as config.yaml")
            yield from _of_relative(each["path"])
            if kind != "downwardAPI":
                yield from _of_stated(each["key"], "a key such as config.yaml")


def _of_mode(mode: Field) -> Iterator[Refusal]:
    number = mode.number()
    if number is not None and not 0 <= number <= _GREATEST_MODE:
        yield Refusal(mode, f"is {number}, beyond 0777 = {_GREATEST_MODE}", f"0644 = {0o644}")


def _of_relative(path: Field) -> Iterator[Refusal]:
    """Source: validateLocalDescendingPath."""
    if isinstance(path.value, str) and (path.value.startswith("/") or ".." in path.value.split("/")):
        yield Refusal(path, f"is {path.value!r}", "a relative path without .., such as config/web.yaml")


def _of_projected(source: Field) -> Iterator[Refusal]:
    yield from _of_mode(source["defaultMode"])
    for each in source["sources"].entries():
        for key in ("secret", "configMap"):
            if each[key].value is not None:
                yield from _of_stated(each[key]["name"], "shop")
        yield from _of_files(each)


def of_mounts(mounts: Field, volumes: set[str]) -> Iterator[Refusal]:
    """Mounts of a container; `volumes` are the names of its pod's volumes. Raises ReadingError."""
    for each in mounts.entries():
        name = each["name"]
        is_open = any(map(is_unknown_or_masked, (name.value, *volumes)))
        if name.value in (None, "") or (isinstance(name.value, str) and name.value not in volumes and not is_open):
            yield Refusal(name, f"names the volume {or_absent(name)}, which the pod lacks", "a volume")
        yield from _of_stated(each["mountPath"], "/var/data")
        yield from _of_relative(each["subPath"])
    places = [each["mountPath"] for each in mounts.entries()]
    yield from twice(mounts, "mountPath", [each for each in places if not is_unknown_or_masked(each.value)])
