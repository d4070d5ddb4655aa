"""What the Kubernetes API refuses of autoscalers, budgets, claims and NetworkPolicies.

Source: kubernetes/kubernetes pkg/apis/autoscaling, core, policy and networking, validation.go.
"""

from collections.abc import Iterator
from ipaddress import ip_network

from nodrop.gke.kinds import group_of
from nodrop.judge.refusals.refusal import Refusal, is_beyond_all, of_metadata, one_of, or_absent
from nodrop.judge.refusals.selectors import of_selector
from nodrop.paths.fields import Field, is_unknown_or_masked
from nodrop.paths.quantities import amount
from nodrop.paths.scale_targets import GROUPS, WITHOUT_OTHERS_WORKLOADS, is_in_its_group, kinds_of
from nodrop.paths.vertical_scaling import MODES, mode_of
from nodrop.paths.volumes import ACCESS_MODES, OF_ONE_POD

_SCALE_TARGETS = "kubernetes/kubernetes#86032; hashicorp/terraform-provider-kubernetes#562"
_VERTICAL = "kubernetes/autoscaler, vertical-pod-autoscaler, v1 types.go"


def of_autoscaler(autoscaler: Field) -> Iterator[Refusal]:
    """What is refused of a HorizontalPodAutoscaler. Raises ReadingError."""
    yield from of_metadata(autoscaler["metadata"])
    spec = autoscaler["spec"]
    yield from _of_scale_target(spec["scaleTargetRef"])
    least, most = spec["minReplicas"].integer(default=1), spec["maxReplicas"].integer(default=0)
    if least == 0:
        yield Refusal(spec["minReplicas"], "is 0, which a cluster takes only with the feature HPAScaleToZero", "2")
    if most < max(1, least):
        yield Refusal(spec["maxReplicas"], f"is less than minReplicas = {least}", f"{max(1, least)} or more")


def _of_scale_target(target: Field) -> Iterator[Refusal]:
    """A workload of Kubernetes in a group that has no such kind: the API takes it, and the controller finds nothing."""
    kind, version = target["kind"], target["apiVersion"]
    group = group_of(version.value)
    if is_unknown_or_masked(kind.value) or is_unknown_or_masked(version.value) or not isinstance(kind.value, str):
        return
    why = f"the autoscaler scales nothing (FailedGetScale), and the {kind.value} keeps the replicas that it has"
    if not is_in_its_group(target) and group in WITHOUT_OTHERS_WORKLOADS:
        seen = f"there is no kind {kind.value} in the {group or 'core'} API group"
        if version.value and not group and version.value != "v1":
            seen = f"without /version it is read as a version of the core API group, and {seen}"
        wanted = f"{GROUPS[str(kind.value)]}/v1".removeprefix("/")
        yield Refusal(version, seen, wanted, _SCALE_TARGETS, why=why)
    elif kind.value not in GROUPS and (kinds := kinds_of(group)):
        seen = f"the {group or 'core'} API group has no kind {kind.value} whose replicas could be set"
        yield Refusal(kind, seen, " or ".join(kinds), _SCALE_TARGETS, why=why)


def of_vertical_autoscaler(autoscaler: Field) -> Iterator[Refusal]:
    """What is refused of a VerticalPodAutoscaler: YAML reads an `Off` without quotation marks as false.

    Raises ReadingError. Source: kubernetes/autoscaler, vertical-pod-autoscaler, v1 types.go.
    """
    yield from of_metadata(autoscaler["metadata"])
    policies = autoscaler["spec"]["resourcePolicy"]["containerPolicies"].entries()
    modes = [(mode_of(autoscaler), MODES), *((each["mode"], ("Auto", "Off")) for each in policies)]
    for mode, names in modes:
        if mode.value is False:
            yield Refusal(mode, "is false, not a text", '"Off", in quotation marks', _VERTICAL)
        else:
            yield from one_of(mode, names, _VERTICAL)


def of_budget(budget: Field) -> Iterator[Refusal]:
    """What is refused of a PodDisruptionBudget. Raises ReadingError."""
    yield from of_metadata(budget["metadata"])
    spec = budget["spec"]
    if spec["minAvailable"].value is not None and spec["maxUnavailable"].value is not None:
        yield Refusal(spec["minAvailable"], "is set together with maxUnavailable", "one of the two")
    for key in ("minAvailable", "maxUnavailable"):
        value = spec[key].value
        if is_beyond_all(value):
            yield Refusal(spec[key], f"is {value}", "100% or less")
        if isinstance(value, int) and value < 0:
            yield Refusal(spec[key], f"is {value}", "1")
    yield from of_selector(spec["selector"])
    yield from one_of(spec["unhealthyPodEvictionPolicy"], ("AlwaysAllow", "IfHealthyBudget"))


def of_claim(claim: Field) -> Iterator[Refusal]:
    """What is refused of a PersistentVolumeClaim. Raises ReadingError.

    Source: pkg/apis/core/validation, ValidatePersistentVolumeClaimSpec.
    """
    yield from of_metadata(claim["metadata"])
    yield from of_spec_of_claim(claim["spec"])


def of_spec_of_claim(spec: Field) -> Iterator[Refusal]:
    """The same of its `spec`, which pods state of claims of their own, too. Raises ReadingError."""
    modes = spec["accessModes"]
    if not modes.entries():
        yield Refusal(modes, f"is {or_absent(modes)}", " or ".join(f"[{mode}]" for mode in ACCESS_MODES))
    for mode in modes.entries():
        yield from one_of(mode, ACCESS_MODES)
    if len(modes.entries()) > 1 and OF_ONE_POD in [mode.value for mode in modes.entries()]:
        yield Refusal(modes, f"has {OF_ONE_POD} beside others", f"[{OF_ONE_POD}]")
    yield from one_of(spec["volumeMode"], ("Filesystem", "Block"))
    storage = spec["resources"]["requests"]["storage"]
    size = amount(storage.value)
    if (size is None or size <= 0) and not is_unknown_or_masked(storage.value):
        yield Refusal(storage, f"is {or_absent(storage)}", "such as 10Gi")


def of_network_policy(policy: Field) -> Iterator[Refusal]:
    """What is refused of a NetworkPolicy's way in. Raises ReadingError."""
    yield from of_metadata(policy["metadata"])
    yield from of_selector(policy["spec"]["podSelector"])
    for kind in policy["spec"]["policyTypes"].entries():
        yield from one_of(kind, ("Ingress", "Egress"))
    for rule in policy["spec"]["ingress"].entries():
        for port in rule["ports"].entries():
            first, last = port["port"].number(), port["endPort"].number()
            if last is not None and (first is None or last < first):
                yield Refusal(port["endPort"], f"is {last}, with port = {port['port'].value}", "no less than port")
        for peer in rule["from"].entries():
            yield from _of_peer(peer)


def _of_peer(peer: Field) -> Iterator[Refusal]:
    for key in ("podSelector", "namespaceSelector"):
        yield from of_selector(peer[key])
    block = peer["ipBlock"]
    others = [key for key in ("podSelector", "namespaceSelector") if peer[key].value is not None]
    if block.value is None:
        return
    if others:
        yield Refusal(block, f"is set together with {' and '.join(others)}", "a peer of its own for each")
    try:
        network = ip_network(str(block["cidr"].value), strict=False)
    except ValueError:
        return
    if "/" not in str(block["cidr"].value):
        yield Refusal(block["cidr"], f"is {block['cidr'].value}, without a length", f"{block['cidr'].value}/32")
    for each in block["except"].entries():
        try:
            but = ip_network(str(each.value), strict=False)
        except ValueError:
            yield Refusal(each, f"is {each.value}", f"a range within {network}")
            continue
        if but.version != network.version or but == network or not but.subnet_of(network):  # ty: ignore[invalid-argument-type]
            yield Refusal(each, f"is {each.value}, not within {network}", f"a range within {network}")
