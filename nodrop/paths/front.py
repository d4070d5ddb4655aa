"""What clients meet of a load balancer, read from the objects that make it: its `Front`.

A Gateway's policies of its Services and the BackendConfig are the path's; certificates, FrontendConfig and
GCPGatewayPolicy are looked up among all objects. What cannot be read counts as not stated: other readings report it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from nodrop.gke.decoding import DecodingError
from nodrop.gke.gateways import (
    CERTIFICATE_MAP,
    TLS_MANAGER_CERTIFICATES,
    TLS_PRE_SHARED_CERTIFICATES,
    takes_certificate_maps,
)
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
    static_address,
)
from nodrop.gke.kinds import GATEWAY_API
from nodrop.paths.decoded import refused
from nodrop.paths.fields import Field, Manifest, whole
from nodrop.paths.problems import ReadingError
from nodrop.paths.serving_path import ServingPath
from nodrop.rollout.wiring import Front

_TLS_OPTIONS = (TLS_PRE_SHARED_CERTIFICATES, TLS_MANAGER_CERTIFICATES)


def read_front(path: ServingPath, objects: Iterable[Field]) -> Front:
    """What clients meet of the path's load balancer; `objects` are those that it was found among."""
    entry, others = whole(path.entry), list(objects)
    governed = path.backend_policy if path.by_gateway else path.backend_config
    backend = _at(governed, "spec", "default") if path.by_gateway else _at(governed, "spec")
    policy = _at(backend, "securityPolicy") if path.by_gateway else _at(backend, "securityPolicy", "name")
    front = _of_gateway(path, others) if path.by_gateway else _of_ingress(entry, others)
    return replace(front, iap=_at(backend, "iap", "enabled") is True, security_policy=_text(policy))


def refused_addresses(ingress: Field) -> Iterator[ReadingError]:
    """An error where an Ingress names a global and a regional address, for then it gets neither."""
    annotations = ingress["metadata"]["annotations"]
    named = [annotations[key] for key in (GLOBAL_STATIC_ADDRESS, REGIONAL_STATIC_ADDRESS)]
    try:
        static_address(*(str(each.value or "") for each in named))
    except DecodingError as error:
        yield refused(named[1], error)


def _of_ingress(ingress: Field, others: list[Field]) -> Front:
    annotations = _at(ingress.value, "metadata", "annotations")
    names = _managed(ingress)
    frontend = _find(others, "FrontendConfig", _at(annotations, FRONTEND_CONFIG), ingress)
    schemes = schemes_of(ingress)
    http, https = ("HTTP" in schemes), ("HTTPS" in schemes)
    possible = _at(annotations, CLASS) != CLASS_INTERNAL
    redirects = possible and _at(frontend, "spec", "redirectToHttps", "enabled") is True
    return Front(
        schemes=schemes,
        redirects=http and https and redirects,
        redirects_nowhere=http and not https and redirects,
        address=_text(_at(annotations, REGIONAL_STATIC_ADDRESS)) or _text(_at(annotations, GLOBAL_STATIC_ADDRESS)),
        managed_hosts=tuple(host for name in names for host in _domains(name, ingress, others) or [name]),
        managed_certificates=tuple(
            (name, tuple(domains)) for name in names if (domains := _domains(name, ingress, others))
        ),
        certificates=_stated_certificates(ingress),
        ssl_policy=_text(_at(frontend, "spec", "sslPolicy")) if https else None,
    )


def schemes_of(ingress: Field) -> tuple[str, ...]:
    """What an Ingress listens for."""
    annotations = _at(ingress.value, "metadata", "annotations")
    http = read_allow_http(str(_at(annotations, ALLOW_HTTP)))
    https = bool(_managed(ingress) or _stated_certificates(ingress))
    return (*(["HTTP"] if http else []), *(["HTTPS"] if https else []))


def named_certificates(entry: Manifest) -> tuple[str, ...]:
    """The certificates of Google Cloud that an Ingress or Gateway names."""
    pre_shared = _names(_at(entry, "metadata", "annotations", PRE_SHARED_CERTIFICATES))
    listeners = [each for each in _list(_at(entry, "spec", "listeners")) if _at(each, "protocol") == "HTTPS"]
    options = [_names(_at(each, "tls", "options", key)) for each in listeners for key in _TLS_OPTIONS]
    found = pre_shared if _at(entry, "kind") == "Ingress" else chain.from_iterable(options)
    return tuple(dict.fromkeys(found))


def _managed(ingress: Field) -> list[str]:
    """ManagedCertificates of an Ingress; none where its proxy is a region's, which takes none of them."""
    annotations = _at(ingress.value, "metadata", "annotations")
    return [] if _at(annotations, CLASS) in REGIONAL_CLASSES else _names(_at(annotations, MANAGED_CERTIFICATES))


def _stated_certificates(ingress: Field) -> tuple[str, ...]:
    """Those of an Ingress that GKE does not manage."""
    pre_shared = _names(_at(ingress.value, "metadata", "annotations", PRE_SHARED_CERTIFICATES))
    secrets = [_text(_at(each, "secretName")) for each in _list(_at(ingress.value, "spec", "tls"))]
    return (*(f"SslCertificate {name}" for name in pre_shared), *(f"Secret {name}" for name in secrets))


def _domains(certificate: str, ingress: Field, others: list[Field]) -> list[str]:
    """Domains of a ManagedCertificate; none where it is not among the objects."""
    domains = _list(_at(_find(others, "ManagedCertificate", certificate, ingress), "spec", "domains"))
    return [str(domain) for domain in domains]


def _of_gateway(path: ServingPath, others: list[Field]) -> Front:
    gateway = whole(path.entry)
    listeners = _list(_at(gateway.value, "spec", "listeners"))
    takes_map = takes_certificate_maps(str(_at(gateway.value, "spec", "gatewayClassName")))
    certificate_map = takes_map and _text(_at(gateway.value, "metadata", "annotations", CERTIFICATE_MAP))
    tls = [_at(each, "tls") for each in listeners]
    references = [reference for each in tls for reference in _list(_at(each, "certificateRefs"))]
    options = [_names(_at(each, "options", key)) for each in tls for key in _TLS_OPTIONS]
    target = {"group": GATEWAY_API, "kind": "Gateway", "name": _at(gateway.value, "metadata", "name")}
    policy = next(
        (
            _at(each.value, "spec", "default")
            for each in others
            if _at(each.value, "kind") == "GCPGatewayPolicy"
            and _namespace(each) == _namespace(gateway)
            and all(_at(each.value, "spec", "targetRef", key) == value for key, value in target.items())
        ),
        None,
    )
    certificates = (
        *([f"CertificateMap {certificate_map}"] if certificate_map else []),
        *(f"Secret {_at(each, 'name')}" for each in references),
        *(f"certificate {name}" for names in options for name in names),
    )
    answers = [str(_at(each, "protocol")) for each in listeners]
    http = {_at(each, "name") for each in listeners if _at(each, "protocol") == "HTTP"}
    return Front(
        schemes=tuple(dict.fromkeys(each for each in answers if each != "HTTPS" or certificates)),
        redirects=any(_sends_on(each, http) for each in path.http_routes),
        address=next((_text(_at(each, "value")) for each in _list(_at(gateway.value, "spec", "addresses"))), None),
        certificates=certificates,
        ssl_policy=_text(_at(policy, "sslPolicy")),
        global_access=_at(policy, "allowGlobalAccess") is True,
    )


def _sends_on(http_route: Manifest, http: set[object]) -> bool:
    """Whether an HTTPRoute of a listener for HTTP sends requests on to HTTPS."""
    parents = _list(_at(http_route, "spec", "parentRefs"))
    filters = [each for rule in _list(_at(http_route, "spec", "rules")) for each in _list(_at(rule, "filters"))]
    return any(_at(each, "sectionName") in http for each in parents) and any(
        _at(each, "requestRedirect", "scheme") == "https" for each in filters
    )


def _find(others: list[Field], kind: str, name: object, near: Field) -> object:
    for each in others:
        same = _at(each.value, "kind") == kind and _at(each.value, "metadata", "name") == name
        if same and _namespace(each) == _namespace(near):
            return each.value
    return None


def _namespace(given: Field) -> object:
    return _at(given.value, "metadata", "namespace") or "default"


def _names(annotation: object) -> list[str]:
    return read_names(str(annotation or ""))


def _at(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
