"""The pods of a rolling Deployment: every container with its probes and its end, and the volumes that they share.

The timings are those of `nodrop.rollout.manifest.deployment_fields`; here they meet the containers. Not here: how many
pods there are and how they are replaced (`deployment`), what a container runs (`containers`, `workload`).
"""

from collections.abc import Iterator
from typing import Any, NotRequired

from gke_nodrop.inputs.faults import Fault, inside, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.shared.protocols import Protocol, ProtocolText
from gke_nodrop.workload import containers, volumes
from gke_nodrop.workload import serving_container as workload
from gke_nodrop.workload.containers import ContainerArgs, Fields, InitContainerArgs, MountArgs, SidecarArgs
from gke_nodrop.workload.serving_container import WorkloadArgs
from gke_nodrop.workload.sources import Sources
from gke_nodrop.workload.volumes import VolumeArgs

HEALTH_PORT_NAME = "health"
"""Name of the port that answers the health check, where the serving port does not."""

FURTHER = ("init_containers", "sidecars", "containers")
"""Inputs that hold containers beside the serving one."""


class PodsArgs(WorkloadArgs):
    """Inputs that describe a pod."""

    protocol: NotRequired[Protocol | ProtocolText]
    """What the container speaks with the load balancer. Default HTTP."""
    mounts: NotRequired[list[MountArgs]]
    """Volumes that the container sees. Default: none."""
    init_containers: NotRequired[list[InitContainerArgs]]
    """Containers that run to completion, one after another, before the pod's other containers start; native sidecars
    have started by then. Their time is part of `rollout.start_delay_seconds`."""
    sidecars: NotRequired[list[SidecarArgs]]
    """Native sidecars: containers that start before the others, in this order, and stop after them. The place of
    proxies, such as a database's. Kubernetes 1.29 and newer."""
    containers: NotRequired[list[ContainerArgs]]
    """Further containers beside the serving one. Each waits as long as that one before its SIGTERM."""
    volumes: NotRequired[list[VolumeArgs]]
    """Volumes that containers mount."""
    read_only_root_filesystem: NotRequired[bool]
    """Whether all containers may write into mounted volumes only. Default false: stock images write beside them."""


def serving_ports(args: PodsArgs, health_port: int | None) -> list[int]:
    """Numbers of all ports that take connections from outside the pod."""
    further = (each["port"] for group in ("sidecars", "containers") for each in args.get(group, []) if "port" in each)
    return [args.get("port", workload.DEFAULT_PORT), *([health_port] if health_port else []), *further]


def by_name(args: PodsArgs) -> dict[str, Any]:
    """The inputs of each container by its name, the serving one's by an empty name."""
    return {"": args} | {each["name"]: each for group in FURTHER for each in args.get(group, [])}


def _placed(args: PodsArgs) -> Iterator[tuple[str, Any]]:
    """The containers beside the serving one, each with the path of its inputs."""
    for group in FURTHER:
        for index, each in enumerate(args.get(group, [])):
            yield f"{group}[{index}].", each


@rule(PodsArgs, needs_name=True)
def _each_container_has_a_name_of_its_own(args: PodsArgs, name: str) -> Iterator[Fault]:
    taken = {name: "the serving container"}
    for path, each in _placed(args):
        given = each.get("name")
        if given in taken:
            yield Fault(
                input=f"{path}name",
                value=shown(given),
                rule=f"must not be the name of {taken[given]} too",
                source="Kubernetes API, PodSpec",
                would_pass=shown(f"{given}-2"),
            )
        elif given is not None:
            taken[given] = path.rstrip(".")


@rule(PodsArgs)
def _files_fit_into_their_objects(args: PodsArgs) -> Iterator[Fault]:
    given: dict[str, tuple[str, Any]] = {"": ("", args)}
    for path, each in _placed(args):
        given.setdefault(each.get("name", path), (path, each))
    yield from workload.files_fit(given)


@rule(PodsArgs)
def _volumes_have_names_of_their_own(args: PodsArgs) -> Iterator[Fault]:
    yield from inside("volumes", volumes.names_are_free(args.get("volumes", [])))


@rule(PodsArgs)
def _mounts_are_of_volumes_at_paths_of_their_own(args: PodsArgs) -> Iterator[Fault]:
    known = [volume["name"] for volume in args.get("volumes", []) if "name" in volume]
    for path, each in [("", args), *_placed(args)]:
        taken = [*each.get("files", {}), *each.get("secret_files", {})]
        for index, mount in enumerate(each.get("mounts", [])):
            at = f"{path}mounts[{index}]"
            if "volume" in mount and mount["volume"] not in known:
                yield Fault(
                    input=f"{at}.volume",
                    value=shown(mount["volume"]),
                    rule="must be the name of one of `volumes`",
                    source="Kubernetes API, VolumeMount",
                    would_pass=shown(known[0])
                    if known
                    else f"with volumes = {shown([volumes.SCRATCH])}, {shown(volumes.SCRATCH['name'])}",
                )
            if mount.get("path") in taken:
                yield Fault(
                    input=f"{at}.path",
                    value=shown(mount["path"]),
                    rule="must not be the path of another mount or file of the container",
                    source="Kubernetes API, VolumeMount",
                    would_pass=shown(f"{mount['path']}.1"),
                )
            elif "path" in mount:
                taken.append(mount["path"])


def pod(name: str, args: PodsArgs, timed: Fields, read: Sources, health_port: int | None) -> Fields:
    """The pod's spec: `timed`, which the rollout decides, joined with everything else.

    The kubelet itself sleeps in preStop, so that no image needs a shell (Kubernetes 1.30 and newer). Every container
    that could take part in an answer does so for as long as the serving one: all ordinary ones, which would get SIGTERM
    at once, and the sidecars that have a port. A sidecar gets SIGTERM only when the ordinary containers have ended.
    Source: kubernetes.io, Sidecar Containers; kubernetes/kubernetes pkg/kubelet/kuberuntime.
    """
    (serving_times,) = timed["containers"]
    lifecycle = {"lifecycle": serving_times["lifecycle"]} if "lifecycle" in serving_times else {}
    read_only_root = args.get("read_only_root_filesystem", False)
    serving = {**workload.container(name, args, read, read_only_root=read_only_root), **serving_times}
    if health_port:
        serving["ports"].append({"name": HEALTH_PORT_NAME, "containerPort": health_port, "protocol": "TCP"})

    def further(each: Any) -> Fields:
        restricted = "run_as_user" in args
        return containers.further(each, read, restricted=restricted, read_only_root=read_only_root)

    # Sidecars come first: what runs to its end before the pod starts may need a proxy too.
    before = [
        *(
            {
                **further(each),
                "restartPolicy": "Always",
                **_started(each, serving_times),
                **(lifecycle if "port" in each else {}),
            }
            for each in args.get("sidecars", [])
        ),
        *(further(each) for each in args.get("init_containers", [])),
    ]
    shared = volumes.volumes(args, read)
    return {
        **timed,
        "automountServiceAccountToken": False,
        "securityContext": _security(args),
        **({"initContainers": before} if before else {}),
        "containers": [
            containers.with_mounts(serving, args.get("mounts", [])),
            *({**further(each), **lifecycle} for each in args.get("containers", [])),
        ],
        **({"volumes": shared} if shared else {}),
    }


def _security(args: PodsArgs) -> Fields:
    """Claims take the group of the stated user; their files would belong to root alone."""
    security = workload.pod_security(args)
    if "run_as_user" in args and any("claim" in volume for volume in args.get("volumes", [])):
        security |= {"fsGroup": args["run_as_user"], "fsGroupChangePolicy": "OnRootMismatch"}
    return security


def _started(sidecar: SidecarArgs, serving_times: Fields) -> Fields:
    """The sidecar's start-up probe, which leaves it as long as the serving container has."""
    if "startup_check" not in sidecar:
        return {}
    check = sidecar["startup_check"]
    return {
        "startupProbe": {
            **{key: value for key, value in serving_times["startupProbe"].items() if key != "httpGet"},
            "httpGet": {"path": check["path"], "port": check["port"]},
        }
    }
