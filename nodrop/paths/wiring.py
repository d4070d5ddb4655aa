"""A serving path as a `Wiring`: how requests find its pods, as the objects state it.

The firewall and the order of creation are no part of the objects, and are left unsaid; of who is let in, only what
NetworkPolicies say.
"""

import json
from collections.abc import Iterable, Iterator

from nodrop.gke.service_accounts import GOOGLE_ACCOUNT
from nodrop.gke.services import (
    ALPHA_APP_PROTOCOLS,
    BACKEND_CONFIG,
    BETA_BACKEND_CONFIG,
    NEG,
    read_app_protocols,
    read_backend_configs,
)
from nodrop.gke.services import APP_PROTOCOLS as APP_PROTOCOLS_KEY
from nodrop.paths.admission import admits, admitted_ranges, common_ranges
from nodrop.paths.containers import container_called, containers_of
from nodrop.paths.decoded import annotation_of, decoded
from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.front import read_front
from nodrop.paths.gateways import entry_of
from nodrop.paths.index import namespace_of
from nodrop.paths.network_policies import is_network_policy
from nodrop.paths.ports import asked_port, declared_twice, listening_ports, names_of, schemes_asked, target_port_of
from nodrop.paths.scale_targets import is_in_its_group
from nodrop.paths.selectors import selects
from nodrop.paths.serving_path import Backend, ServingPath
from nodrop.rollout import Wiring
from nodrop.rollout.facts import LOAD_BALANCER_RANGES
from nodrop.rollout.wiring import Admission

BESIDE = (
    "HorizontalPodAutoscaler",
    "NetworkPolicy",
    "ServiceAccount",
    "ManagedCertificate",
    "FrontendConfig",
    "GCPGatewayPolicy",
)
"""Kinds of the objects beside a path that concern it."""


def read_wiring(path: ServingPath, objects: Iterable[Manifest] = ()) -> Wiring:
    """The wiring of the path; `objects` are those that it was found among, for what else concerns its pods: autoscaler,
    NetworkPolicies, ServiceAccount, and what makes the load balancer.

    Raises:
        ReadingError: a field has no readable value.
    """
    service, deployment = whole(path.service), whole(path.deployment)
    port = Field(path.service_port, service.object, "spec.ports[]")
    pod = deployment["spec"]["template"]["spec"]
    container = container_called(pod, path.container)
    entry = entry_of(path.entry, path.http_routes)
    others = [whole(each) for each in objects if isinstance(each, dict) and each.get("kind") in BESIDE]
    by_proxies = _is_by_proxies(entry.name)
    return Wiring(
        entry=entry.name,
        container_native=path.backend is Backend.NEG,
        container_native_is_assumed=path.neg_is_assumed,
        routes=entry.services,
        neg_annotation=service["metadata"]["annotations"][NEG].text(),
        selector=_texts(service["spec"]["selector"]),
        pod_labels=_texts(deployment["spec"]["template"]["metadata"]["labels"]),
        target_port=_stated(port),
        listening_ports=listening_ports(pod),
        readiness_port=asked_port(container, "readinessProbe"),
        check_port_schemes=_check_port_schemes(path, pod),
        serving_port_schemes=schemes_asked(container, path.target_port),
        ports_declared_twice=declared_twice(pod),
        service_ports=tuple(_service_ports(service)),
        backend_config_ports_unknown=() if path.by_gateway else tuple(_unknown_ports(service)),
        app_protocol_ports_unknown=() if path.by_gateway else tuple(_without_protocol(service)),
        external_traffic_policy=service["spec"]["externalTrafficPolicy"].text(),
        by_proxies=by_proxies,
        admitted_ranges=_admitted_ranges(path, pod, others, by_proxies=by_proxies),
        serving_port=path.target_port if path.backend is Backend.NEG else port["nodePort"].number(),
        service_port=port["port"].number(),
        publishes_not_ready_addresses=service["spec"]["publishNotReadyAddresses"].value is True,
        states_replicas=deployment["spec"]["replicas"].value is not None,
        autoscaled=any(_scales(each, deployment) for each in others if each["kind"].value == "HorizontalPodAutoscaler"),
        front=read_front(path, others),
        protocol=path.protocol,
        peers=_peers(path, others),
        google_identity=_google_identity(deployment, others),
    )


_BY_PROXIES = ("internal", "rilb", "regional")
"""In the names of the classes whose requests come from a proxy-only subnet."""


def _is_by_proxies(entry: str) -> bool:
    return any(word in entry for word in _BY_PROXIES)


def _check_port_schemes(path: ServingPath, pod: Field) -> tuple[str, ...]:
    port = path.health_check.port
    if port in (None, path.target_port):
        return ()
    return tuple(dict.fromkeys(scheme for each in containers_of(pod) for scheme in schemes_asked(each, port)))


def _service_ports(service: Field) -> Iterator[str]:
    for port in service["spec"]["ports"].entries():
        if name := port["name"].text():
            yield name
        yield str(port["port"].number())


def _unknown_ports(service: Field) -> Iterator[str]:
    """Keys of the annotation that attaches BackendConfigs which are neither name nor number of a port."""
    stated = decoded(annotation_of(service, BACKEND_CONFIG, BETA_BACKEND_CONFIG), read_backend_configs)
    known = set(_service_ports(service))
    yield from (key for key in (stated.ports if stated else ()) if key not in known)


def _without_protocol(service: Field) -> Iterator[str]:
    """Names in the annotation that states protocols which are no port's."""
    stated = decoded(annotation_of(service, ALPHA_APP_PROTOCOLS, APP_PROTOCOLS_KEY), read_app_protocols) or {}
    names = {port["name"].text() for port in service["spec"]["ports"].entries()}
    yield from (name for name in stated if name not in names)


def _admitted_ranges(
    path: ServingPath, pod: Field, others: Iterable[Field], *, by_proxies: bool
) -> tuple[str, ...] | None:
    """From where both the port of requests and the one of the health check can be reached.

    Where proxies of a subnet send the requests, and the port of these admits no health check, each has its own ranges.
    """
    if path.backend is not Backend.NEG:
        return None
    labels = whole(path.deployment)["spec"]["template"]["metadata"]["labels"].mapping()
    policies = [
        each
        for each in others
        if is_network_policy(each.mapping())
        and namespace_of(each) == path.namespace
        and selects(each["spec"]["podSelector"], labels)
    ]
    ports = dict.fromkeys((path.target_port, path.health_check.port or path.target_port))
    found = [admitted_ranges(policies, port, names_of(pod, port)) for port in ports]
    both = [ranges for ranges in found if ranges is not None]
    if len(both) < 2:
        return both[0] if both else None
    of_requests, of_check = both
    if by_proxies and not common_ranges(of_requests, LOAD_BALANCER_RANGES):
        return (*common_ranges(of_check, LOAD_BALANCER_RANGES), *of_requests)
    return common_ranges(of_requests, of_check)


def admission_of(path: ServingPath, objects: Iterable[Manifest]) -> Admission | None:
    """Whom the NetworkPolicies among the objects let reach the path's pods, on the ports that they have; None: all.

    Raises:
        ReadingError: a field has no readable value.
    """
    others = [whole(each) for each in objects if is_network_policy(each)]
    by_proxies = _is_by_proxies(entry_of(path.entry, path.http_routes).name)
    ranges, peers = _admitted_ranges(path, path.pod, others, by_proxies=by_proxies), _peers(path, others)
    return None if ranges is None and peers is None else Admission(port=path.target_port, ranges=ranges, peers=peers)


def _peers(path: ServingPath, others: Iterable[Field]) -> tuple[str, ...] | None:
    """Whom the NetworkPolicies of the pods let connect to the port of requests."""
    deployment, names = whole(path.deployment), names_of(path.pod, path.target_port)
    labels = deployment["spec"]["template"]["metadata"]["labels"].mapping()
    policies = [
        each["spec"]
        for each in others
        if is_network_policy(each.mapping())
        and namespace_of(each) == namespace_of(deployment)
        and _isolates(each["spec"], labels)
    ]
    entries = (rule for spec in policies for rule in spec["ingress"].entries())
    rules = (rule for rule in entries if admits(rule, path.target_port, names))
    return tuple(dict.fromkeys(peer for rule in rules for peer in _admitted(rule))) if policies else None


def _isolates(spec: Field, labels: Manifest) -> bool:
    types = [kind.value for kind in spec["policyTypes"].entries()]
    return selects(spec["podSelector"], labels) and "Ingress" in (types or ["Ingress"])


def _admitted(rule: Field) -> Iterator[str]:
    peers = rule["from"].entries()
    if not peers:
        yield "anyone"
    for peer in peers:
        if peer["ipBlock"].value is not None:
            but = [str(each.value) for each in peer["ipBlock"]["except"].entries()]
            yield str(peer["ipBlock"]["cidr"].value) + (f" except {', '.join(but)}" if but else "")
        else:
            selectors = (peer[key].value for key in ("namespaceSelector", "podSelector"))
            yield f"pods {json.dumps([each for each in selectors if each is not None], sort_keys=True)}"


def _google_identity(deployment: Field, others: Iterable[Field]) -> tuple[str, str] | None:
    name = deployment["spec"]["template"]["spec"]["serviceAccountName"].value
    for each in others:
        if each["kind"].value == "ServiceAccount" and each["metadata"]["name"].value == name:
            account = each["metadata"]["annotations"][GOOGLE_ACCOUNT].value
            if namespace_of(each) == namespace_of(deployment) and account is not None:
                return str(name), str(account)
    return None


def _texts(labels: Field) -> dict[str, str]:
    return {key: labels[key].text() or "" for key in labels.mapping()}


def _stated(port: Field) -> int | str:
    """The target as a number or a name; the port's own number where none is stated."""
    target = target_port_of(port)
    number = target.number()
    return number if number is not None else target.text() or ""


def _scales(autoscaler: Field, deployment: Field) -> bool:
    target, same = autoscaler["spec"]["scaleTargetRef"], deployment["metadata"]
    return (
        target["kind"].value == "Deployment"
        and is_in_its_group(target)
        and target["name"].value == same["name"].value
        and (autoscaler["metadata"]["namespace"].value or "default") == (same["namespace"].value or "default")
    )
