"""What is refused of the objects that make a load balancer: Ingress, Gateway, HTTPRoute, and what they name.

Source: kubernetes/kubernetes pkg/apis/networking/validation/validation.go; kubernetes-sigs/gateway-api apis/v1;
GoogleCloudPlatform/gke-managed-certs deploy/managedcertificates-crd.yaml; kubernetes/ingress-gce pkg/apis.
"""

import re
from collections.abc import Iterator

from nodrop.gke.ingresses import CLASS
from nodrop.gke.kinds import VERSIONS
from nodrop.judge.refusals.refusal import Refusal, between, of_host, of_metadata, one_of
from nodrop.paths.fields import Field, is_unknown_or_masked

_GATEWAY_API = "kubernetes-sigs/gateway-api apis/v1, validation"
_GATEWAY_CERTIFICATES = "Google, Secure a Gateway"
_CERTIFICATES = "GoogleCloudPlatform/gke-managed-certs deploy/managedcertificates-crd.yaml"
_FRONTEND = "kubernetes/ingress-gce pkg/apis/frontendconfig/v1beta1/types.go"
_REDIRECTS = ("MOVED_PERMANENTLY_DEFAULT", "FOUND", "SEE_OTHER", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT")
_DOMAIN = re.compile(r"(([a-z0-9]+|[a-z0-9][-a-z0-9]*[a-z0-9])\.)+[a-z][-a-z0-9]*[a-z0-9]")
_MOST_DOMAINS, _LONGEST_DOMAIN = 100, 63


def of_ingress(ingress: Field) -> Iterator[Refusal]:
    """What is refused of an Ingress. Raises ReadingError."""
    yield from of_metadata(ingress["metadata"])
    yield from _of_class(ingress["metadata"]["annotations"][CLASS], ingress["spec"]["ingressClassName"])
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


def of_gateway(gateway: Field) -> Iterator[Refusal]:
    """What is refused of a Gateway. Raises ReadingError."""
    yield from of_metadata(gateway["metadata"])
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
