"""What the Pod Security Standard of a Namespace refuses of pods.

Source: kubernetes.io, Pod Security Standards; kubernetes/pod-security-admission policy. Of Baseline, what its labels,
SELinux types, sysctls and AppArmor profiles refuse is not looked at.
"""

from collections.abc import Iterator

from nodrop.judge.refusals.refusal import Refusal, one_of
from nodrop.paths.containers import every_container_of
from nodrop.paths.fields import Field
from nodrop.rollout.sources import POD_SECURITY

ENFORCE = "pod-security.kubernetes.io/enforce"
_LEVELS = ("privileged", "baseline", "restricted")
_ADDED_BY_BASELINE = frozenset(
    [
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    ]
)
_VOLUMES = frozenset(
    [
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
        "name",
    ]
)


def of_pod_security(namespace: Field, deployment: Field) -> Iterator[Refusal]:
    """What of a Deployment's pods its Namespace refuses. Raises ReadingError."""
    level = namespace["metadata"]["labels"][ENFORCE].value
    pod = deployment["spec"]["template"]["spec"]
    if level in _LEVELS[1:]:
        yield from _baseline(pod)
    if level == _LEVELS[2]:
        yield from _restricted(pod)


def of_levels(namespace: Field) -> Iterator[Refusal]:
    """A level that there is not: the API refuses the Namespace. Raises ReadingError."""
    yield from one_of(namespace["metadata"]["labels"][ENFORCE], _LEVELS, POD_SECURITY)


def _baseline(pod: Field) -> Iterator[Refusal]:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod[key].value is True:
            yield Refusal(pod[key], "is true, which the Namespace's standard forbids", "false", POD_SECURITY)
    for volume in pod["volumes"].entries():
        if volume["hostPath"].value is not None:
            yield Refusal(volume["hostPath"], "is what the Namespace's standard forbids", "emptyDir", POD_SECURITY)
    for container in every_container_of(pod):
        context = container["securityContext"]
        if context["privileged"].value is True:
            yield Refusal(
                context["privileged"], "is true, which the Namespace's standard forbids", "false", POD_SECURITY
            )
        for added in context["capabilities"]["add"].entries():
            if str(added.value) not in _ADDED_BY_BASELINE:
                yield Refusal(
                    added, f"adds {added.value}, which the Namespace's standard forbids", "none", POD_SECURITY
                )
        for port in container["ports"].entries():
            if port["hostPort"].value not in (None, 0):
                yield Refusal(port["hostPort"], "is what the Namespace's standard forbids", "none", POD_SECURITY)


def _restricted(pod: Field) -> Iterator[Refusal]:
    for volume in pod["volumes"].entries():
        for kind in volume.mapping():
            if kind not in _VOLUMES and kind != "hostPath":
                yield Refusal(volume[kind], "is what the Namespace's standard forbids", "emptyDir", POD_SECURITY)
    of_pod = pod["securityContext"]
    for container in every_container_of(pod):
        own = container["securityContext"]
        if own["allowPrivilegeEscalation"].value is not False:
            yield _needed(own["allowPrivilegeEscalation"], "false")
        if "ALL" not in [each.value for each in own["capabilities"]["drop"].entries()]:
            yield _needed(own["capabilities"]["drop"], "[ALL]")
        for added in own["capabilities"]["add"].entries():
            if str(added.value) in _ADDED_BY_BASELINE - {"NET_BIND_SERVICE"}:
                yield Refusal(
                    added, f"adds {added.value}, which the Namespace's standard forbids", "none", POD_SECURITY
                )
        root = own["runAsNonRoot"] if own["runAsNonRoot"].value is not None else of_pod["runAsNonRoot"]
        if root.value is not True:
            yield _needed(own["runAsNonRoot"], "true")
        profile = own["seccompProfile"]["type"]
        profile = profile if profile.value is not None else of_pod["seccompProfile"]["type"]
        if profile.value not in ("RuntimeDefault", "Localhost"):
            yield _needed(own["seccompProfile"]["type"], "RuntimeDefault")


def _needed(field: Field, would_pass: str) -> Refusal:
    return Refusal(
        field, f"is not {would_pass}, as the Namespace's Pod Security Standard demands", would_pass, POD_SECURITY
    )
