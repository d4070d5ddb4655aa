"""Policies that are not read: which of them concern a serving path, so that it is not judged.

Source: GoogleCloudPlatform/gke-gateway-api config/crd at fc40d60, targetRefs; kubernetes-sigs/gateway-api
apis/v1/backendtlspolicy_types.go and policy_types.go, sectionName; Cilium, Network policy, Rule basics, and
pkg/policy/api/rule_validation.go; Calico, Network policy, selector and types; kubernetes-sigs/network-policy-api
apis, Subject.
"""

import re
from collections.abc import Collection, Iterator, Mapping

from nodrop.judge.judgement import Unjudged
from nodrop.judge.passed_over import reason_of
from nodrop.paths import Manifest, ReadingError, ServingPath
from nodrop.paths.fields import Field, is_unknown_or_masked, whole
from nodrop.paths.index import namespace_of, namespaces_of
from nodrop.paths.selector_index import SelectorIndex
from nodrop.paths.selectors import may_select_namespace, selects

_TARGETING = (
    "BackendTLSPolicy",
    "GCPAuthzPolicy",
    "GCPClientTLSPolicy",
    "GCPRoutingExtension",
    "GCPServerTLSPolicy",
    "GCPSessionAffinityPolicy",
    "GCPTrafficDistributionPolicy",
    "GCPTrafficExtension",
)
"""Kinds that name what they concern, in their own namespace."""
_SELECTING = ("CiliumNetworkPolicy", "CiliumClusterwideNetworkPolicy")
_OF_SUBJECTS = ("AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy")
_OF_CALICO = ("NetworkPolicy", "GlobalNetworkPolicy")
_OF_CLUSTER = ("CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", *_OF_SUBJECTS)
_CLUSTER = ""
"""Stands for the namespace of what has none."""
_LABEL_SOURCES = ("k8s:", "any:")
"""What Cilium lets stand before the key of a pod's label."""
_CALICO_EQUALITY = re.compile(r"""\s*([\w./-]+)\s*==\s*(?:'([^']*)'|"([^"]*)")\s*""")
_OWN_LABELS = ("io.kubernetes.", "io.cilium.")
"""How labels begin that Cilium gives to pods itself; a colon stands before those of other sources."""


class OtherPolicies:
    """All of them, to find those of one path."""

    def __init__(self, objects: Collection[Manifest]) -> None:
        self._namespaces = namespaces_of(objects)
        kinds = (*_TARGETING, *_SELECTING, *_OF_SUBJECTS, *_OF_CALICO)
        given = [whole(each) for each in objects if each.get("kind") in kinds and reason_of(each)]
        self._policies = SelectorIndex(each for policy in given for each in _filed(policy))

    def over(self, path: ServingPath) -> Iterator[Unjudged]:
        """Why a path is not judged, one reason a policy. Raises ReadingError."""
        pods = whole(path.deployment)["spec"]["template"]["metadata"]["labels"].mapping()
        named = {each.kind: each.name for each in (whole(path.entry).object, whole(path.service).object)}
        places = (_CLUSTER, namespace_of(whole(path.entry)), path.namespace)
        found = [each for place in places for each in self._policies.candidates(place, {**pods, **named})]
        for policy in {each.object: each for each in found}.values():
            if _may_concern(policy, path, self._namespaces):
                yield Unjudged(policy.object, "spec", f"{reason_of(policy.mapping())}")
        for http_route in path.http_routes:
            for extension in _extensions(whole(http_route)):
                yield Unjudged(extension.object, extension.path, "what the extension does to requests is not modelled")


def _filed(policy: Field) -> Iterator[tuple[str, Mapping[str, object], Field]]:
    """A policy in its place, once for each of what it wants; one that cannot be read may want anything."""
    try:
        place = _CLUSTER if policy["kind"].value in _OF_CLUSTER else namespace_of(policy)
    except ReadingError:
        return
    try:
        wants = list(_wants(policy))
    except ReadingError:
        wants = [{}]
    yield from ((place, each, policy) for each in wants)


def _wants(policy: Field) -> Iterator[Mapping[str, object]]:
    """Labels of pods, or a kind with a name, for each target or rule. Raises ReadingError."""
    spec, kind = policy["spec"], policy["kind"].value
    if kind in _SELECTING:
        yield from (_wanted(rule["endpointSelector"]) for rule in _rules(policy))
    elif kind in _OF_CALICO:
        yield _wanted_of_calico(spec["selector"])
    elif kind in _OF_SUBJECTS:
        yield spec["subject"]["pods"]["podSelector"]["matchLabels"].mapping()
    else:
        for target in _targets(policy):
            by_name = target["kind"].value in ("Service", "Gateway")
            yield {str(target["kind"].value): target["name"].value} if by_name else {}


def _targets(policy: Field) -> list[Field]:
    return policy["spec"]["targetRefs"].entries() or [policy["spec"]["targetRef"]]


def _rules(policy: Field) -> list[Field]:
    return [policy["spec"], *policy["specs"].entries()]


def _may_concern(policy: Field, path: ServingPath, namespaces: Mapping[str, Field]) -> bool:
    """Whether a policy is, or may be, one of the path's load balancer, Service or pods."""
    spec, kind = policy["spec"], policy["kind"].value
    try:
        if kind in _TARGETING:
            return any(_is_target(each, namespace_of(policy), path) for each in _targets(policy))
        pods = whole(path.deployment)["spec"]["template"]["metadata"]["labels"].mapping()
        if kind in _OF_CALICO:
            return _restricts_by_calico(spec) and _wanted_of_calico(spec["selector"]).items() <= pods.items()
        if kind in _OF_SUBJECTS:
            subject, of_pods = spec["subject"], spec["subject"]["pods"]
            selector = subject["namespaces"] if of_pods.value is None else of_pods["namespaceSelector"]
            return may_select_namespace(selector, path.namespace, namespaces) and selects(of_pods["podSelector"], pods)
        return any(
            _restricts(each) and _wanted(each["endpointSelector"]).items() <= pods.items() for each in _rules(policy)
        )
    except ReadingError:
        return True


def _is_target(target: Field, namespace: str, path: ServingPath) -> bool:
    """Whether a policy of that namespace has the path, or may have it, among its targets."""
    kind, name = target["kind"].value, target["name"].value
    if kind == "Service" and _names_other_port(target["sectionName"], path):
        return False
    if kind in ("Service", "Gateway"):
        named = whole(path.service if kind == "Service" else path.entry)
        return path.by_gateway and (namespace_of(named), named["metadata"]["name"].value) == (namespace, name)
    if namespace != path.namespace:
        return False
    if kind == "Pod":
        return selects(target["selector"], whole(path.deployment)["spec"]["template"]["metadata"]["labels"].mapping())
    return True


def _names_other_port(section: Field, path: ServingPath) -> bool:
    """Whether a section of a Service is another port than the path's; its ports are its sections."""
    stated = section.value
    return not (stated is None or is_unknown_or_masked(stated)) and stated != path.service_port.get("name")


def _restricts(rule: Field) -> bool:
    """Whether a rule of Cilium's decides, or may decide, what pods receive: not one of egress alone, or of nodes."""
    if rule["endpointSelector"].value is None and rule["nodeSelector"].value is not None:
        return False
    denies = rule["enableDefaultDeny"]["ingress"].value not in (None, False)
    return denies or bool(rule["ingress"].entries() or rule["ingressDeny"].entries())


def _restricts_by_calico(spec: Field) -> bool:
    """Whether a policy of Calico's decides what pods receive; without `types`, the rules that it has say so."""
    types = [each.value for each in spec["types"].entries()]
    return "Ingress" in types or (not types and (spec["ingress"].value is not None or spec["egress"].value is None))


def _wanted_of_calico(selector: Field) -> dict[str, object]:
    """The labels that Calico's selector wants of pods, where it is a chain of equalities; none where it may take any.

    Raises:
        ReadingError: it is no text.
    """
    found = [_CALICO_EQUALITY.fullmatch(each) for each in (selector.text() or "").split("&&")]
    if not all(found):
        return {}
    equalities = {each[1]: each[2] if each[3] is None else each[3] for each in found if each}
    return {key: value for key, value in equalities.items() if not key.startswith("projectcalico.org/")}


def _wanted(selector: Field) -> dict[str, object]:
    """The labels that Cilium's selector wants of pods, without those that Cilium gives, which are not known."""
    return {
        bare: value
        for key, value in selector["matchLabels"].mapping().items()
        if not (bare := _bare(str(key))).startswith(_OWN_LABELS) and ":" not in bare
    }


def _bare(key: str) -> str:
    source = next((each for each in _LABEL_SOURCES if key.startswith(each)), "")
    return key.removeprefix(source)


def _extensions(http_route: Field) -> Iterator[Field]:
    """Filters of a route that stand for an object of another kind. Raises ReadingError."""
    for rule in http_route["spec"]["rules"].entries():
        for holder in (rule, *rule["backendRefs"].entries()):
            for each in holder["filters"].entries():
                if each["extensionRef"].value is not None:
                    yield each["extensionRef"]
