"""What is refused of the objects that make a load balancer: Ingress, Gateway, HTTPRoute, and what they name.

Source: kubernetes/kubernetes pkg/apis/networking/validation/validation.go; kubernetes-sigs/gateway-api apis/v1;
GoogleCloudPlatform/gke-managed-certs deploy/managedcertificates-crd.yaml; kubernetes/ingress-gce at acbcf5d6 pkg/apis,
pkg/loadbalancers.
"""

import re
from collections.abc import Iterable, Iterator

from nodrop.gke.gateways import CERTIFICATE_MAP, takes_certificate_maps
from nodrop.gke.ingresses import (
    ALLOW_HTTP,
    CLASS,
    CLASS_INTERNAL,
    FRONTEND_CONFIG,
    GLOBAL_STATIC_ADDRESS,
    MANAGED_CERTIFICATES,
    PRE_SHARED_CERTIFICATES,
    REGIONAL_CLASSES,
    REGIONAL_STATIC_ADDRESS,
    read_allow_http,
    read_names,
)
from nodrop.gke.kinds import VERSIONS
from nodrop.judge.refusals.refusal import Refusal, between, of_host, of_metadata, one_of
from nodrop.paths.fields import Field, is_unknown_or_masked

_GATEWAY_API = "kubernetes-sigs/gateway-api apis/v1, validation"
_GATEWAY_CERTIFICATES = "Google, Secure a Gateway"
_MAPS = "kubernetes-sigs/gateway-api#1932"
_MAPS_OF_PROXIES = "GoogleCloudPlatform/magic-modules TargetHttpsProxy, certificateMap; terraform-provider-google#16864"
_EDGE_HOP = "kubernetes/ingress-gce pkg/loadbalancers/l7.go, edgeHop"
_REDIRECT = "kubernetes/ingress-gce pkg/loadbalancers/url_maps.go, ensureRedirectURLMap"
_OF_REGION = (
    "Google, Using Google-managed SSL certificates on GKE; kubernetes/ingress-gce pkg/translator/translator.go, "
    "ToCompositeSSLCertificates"
)
_AFTER_BACKENDS = (
    "the controller updates the backends, then ends with an error before routes and certificates: a new Ingress "
    "serves nothing, and one that is there keeps the routes and certificates that it had"
)
_AFTER_ROUTES = (
    "the controller updates backends and routes, then ends with an error before it makes what listens: a new Ingress "
    "gets no address, and one that is there keeps the ports and certificates that it had"
)
_NO_HTTPS = "HTTPS never answers with it"
_CERTIFICATES = "GoogleCloudPlatform/gke-managed-certs deploy/managedcertificates-crd.yaml"
_FRONTEND = "kubernetes/ingress-gce pkg/apis/frontendconfig/v1beta1/types.go"
_REDIRECTS = ("MOVED_PERMANENTLY_DEFAULT", "FOUND", "SEE_OTHER", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT")
_DOMAIN = re.compile(r"(([a-z0-9]+|[a-z0-9][-a-z0-9]*[a-z0-9])\.)+[a-z][-a-z0-9]*[a-z0-9]")
_MOST_DOMAINS, _LONGEST_DOMAIN = 100, 63


def of_ingress(ingress: Field) -> Iterator[Refusal]:
    """What is refused of an Ingress. Raises ReadingError."""
    yield from of_metadata(ingress["metadata"])
    yield from _of_class(ingress["metadata"]["annotations"][CLASS], ingress["spec"]["ingressClassName"])
    yield from _of_certificates(ingress)
    for rule in ingress["spec"]["rules"].entries():
        yield from of_host(rule["host"])
        paths = rule["http"]["paths"]
        if rule["http"].value is not None and not paths.entries():
            yield Refusal(paths, "has no entry", "a path with its backend")
        for each in paths.entries():
            path, kind = each["path"], each["pathType"]
            if kind.value is None:
                yield Refusal(kind, "is absent", "Prefix, Exact or ImplementationSpecific")
            if kind.value in ("Prefix", "Exact") and not str(path.value or "").startswith("/"):
                yield Refusal(path, "does not begin with /", "/")
            port = each["backend"]["service"]["port"]
            if port["name"].value and port["number"].value:
                yield Refusal(port, "has both name and number", "one of the two")


def _of_class(annotation: Field, name: Field) -> Iterator[Refusal]:
    """Of an Ingress that is made; one that is there already may keep both. Source: ValidateIngressCreate."""
    both = annotation.value, name.value
    if None not in both and annotation.value != name.value and not any(map(is_unknown_or_masked, both)):
        yield Refusal(annotation, f"differs from ingressClassName = {name.value}", "one of the two")


def _of_certificates(ingress: Field) -> Iterator[Refusal]:
    """Of an Ingress whose load balancer is a region's; the controller fails when the backends are made already.

    Source: kubernetes/ingress-gce pkg/sync/sync.go, Sync; pkg/loadbalancers/l7.go, edgeHop.
    """
    annotations = ingress["metadata"]["annotations"]
    if annotations[CLASS].value not in REGIONAL_CLASSES:
        return
    managed = annotations[MANAGED_CERTIFICATES]
    if isinstance(managed.value, str) and read_names(managed.value):
        seen = f"beside class {annotations[CLASS].value}: the certificates are global, and the proxy is a region's"
        wanted = "absent, with Secrets or pre-shared certificates of the region"
        yield Refusal(managed, seen, wanted, _OF_REGION, why=_NO_HTTPS)
    secrets = any(each["secretName"].value for each in ingress["spec"]["tls"].entries())
    encrypts = secrets or bool(read_names(str(annotations[PRE_SHARED_CERTIFICATES].value or "")))
    http = annotations[ALLOW_HTTP]
    has_address = any(annotations[key].value for key in (GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS))
    if annotations[CLASS].value == CLASS_INTERNAL and encrypts and not has_address and read_allow_http(str(http.value)):
        seen = "beside certificates: an internal Ingress answers both HTTP and HTTPS on a reserved address only"
        wanted = f'"false", or an address of purpose SHARED_LOADBALANCER_VIP by {REGIONAL_STATIC_ADDRESS}'
        yield Refusal(http, seen, wanted, _EDGE_HOP, why=_AFTER_BACKENDS)


def of_frontend(ingress: Field, beside: Iterable[Field]) -> Iterator[Refusal]:
    """What the controller refuses of an Ingress for its FrontendConfig, if that is `beside`. Raises ReadingError."""
    annotations = ingress["metadata"]["annotations"]
    if ingress["kind"].value != "Ingress" or annotations[CLASS].value != CLASS_INTERNAL:
        return
    for config in beside:
        redirects = config["spec"]["redirectToHttps"]["enabled"].value is True
        if redirects and (config["kind"].value, config["metadata"]["name"].value) == (
            "FrontendConfig",
            annotations[FRONTEND_CONFIG].value,
        ):
            seen = "has redirectToHttps, which an internal Ingress cannot have"
            wanted = "absent, or one without redirectToHttps"
            yield Refusal(annotations[FRONTEND_CONFIG], seen, wanted, _REDIRECT, why=_AFTER_ROUTES)


def of_gateway(gateway: Field) -> Iterator[Refusal]:
    """What is refused of a Gateway. Raises ReadingError."""
    yield from of_metadata(gateway["metadata"])
    yield from _of_certificate_map(gateway)
    for listener in gateway["spec"]["listeners"].entries():
        yield from of_host(listener["hostname"])
        yield from between(listener["port"], 1, 65535, _GATEWAY_API)
        if listener["protocol"].value == "HTTPS":
            yield from one_of(listener["tls"]["mode"], ("Terminate",), _GATEWAY_API)
        for reference in listener["tls"]["certificateRefs"].entries():
            yield from one_of(reference["kind"], ("Secret",), _GATEWAY_CERTIFICATES)
            if reference["group"].value not in (None, "") and not is_unknown_or_masked(reference["group"].value):
                seen = f"is {reference['group'].value}, in which GKE looks for no certificate"
                yield Refusal(reference["group"], seen, "absent, with kind = Secret", _GATEWAY_CERTIFICATES)


def _of_certificate_map(gateway: Field) -> Iterator[Refusal]:
    """Source: the events GWCER105 of GKE's controller, as reported; the proxies' fields."""
    named, given = gateway["metadata"]["annotations"][CERTIFICATE_MAP], gateway["spec"]["gatewayClassName"].value
    if not named.value:
        return
    if not takes_certificate_maps(str(given)):
        seen = f"beside class {given}, whose proxy takes no certificate map"
        wanted = "absent, with certificates in each listener's tls"
        yield Refusal(named, seen, wanted, _MAPS_OF_PROXIES, why=_NO_HTTPS)
        return
    for listener in gateway["spec"]["listeners"].entries():
        if listener["tls"].value is not None:
            seen = f"stands beside the annotation {CERTIFICATE_MAP}, with which GKE takes none (GWCER105)"
            yield Refusal(listener["tls"], seen, "absent, or without the annotation", _MAPS, shown="stated")


def of_http_route(route: Field) -> Iterator[Refusal]:
    """What is refused of an HTTPRoute. Raises ReadingError."""
    yield from of_metadata(route["metadata"])
    for host in route["spec"]["hostnames"].entries():
        yield from of_host(host)
    for rule in route["spec"]["rules"].entries():
        filters = [each["type"].value for each in rule["filters"].entries()]
        if "RequestRedirect" in filters and rule["backendRefs"].entries():
            seen = "is set together with a RequestRedirect"
            yield Refusal(rule["backendRefs"], seen, "one of the two", _GATEWAY_API)
        for match in rule["matches"].entries():
            kind, value = match["path"]["type"], match["path"]["value"]
            yield from one_of(kind, ("PathPrefix", "Exact", "RegularExpression"), _GATEWAY_API)
            absolute = str(value.value or "/").startswith("/")
            if kind.value in (None, "PathPrefix", "Exact") and not absolute:
                yield Refusal(value, f"is {value.value!r}, which does not begin with /", "/", _GATEWAY_API)


def of_frontend_config(config: Field) -> Iterator[Refusal]:
    """What is refused of a FrontendConfig. Raises ReadingError."""
    yield from one_of(config["apiVersion"], VERSIONS["FrontendConfig"], _FRONTEND)
    yield from one_of(config["spec"]["redirectToHttps"]["responseCodeName"], _REDIRECTS, _FRONTEND)


def of_managed_certificate(certificate: Field) -> Iterator[Refusal]:
    """What is refused of a ManagedCertificate. Raises ReadingError."""
    domains = certificate["spec"]["domains"]
    given = domains.entries()
    if not given:
        yield Refusal(domains, "names no domain", "[www.example.com]", _CERTIFICATES)
    if len(given) > _MOST_DOMAINS:
        yield Refusal(domains, f"has {len(given)} domains", f"{_MOST_DOMAINS} or fewer", _CERTIFICATES)
    for domain in given:
        name = domain.value
        known = isinstance(name, str) and not is_unknown_or_masked(name)
        if known and (len(str(name)) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(str(name).removesuffix("."))):
            yield Refusal(domain, f"is {name!r}", "a host name such as www.example.com, without *", _CERTIFICATES)
