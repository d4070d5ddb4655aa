"""What GKE's Ingress controller refuses of a BackendConfig's `spec`, once its types are right.

Source: kubernetes/ingress-gce at acbcf5d6, pkg/backendconfig/validation.go; for the health check's type
pkg/translator/healthchecks.go, merge.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from nodrop.gke.decoding import DecodingError
from nodrop.gke.services import PROTOCOLS

KIND = "BackendConfig"

AFFINITIES = ("NONE", "CLIENT_IP", "GENERATED_COOKIE")
MAX_COOKIE_SECONDS = 86_400
IAP_SECRET_KEYS = ("client_id", "client_secret")
SIGNED_URL_SECRET_KEY = "key_value"  # noqa: S105 - the key's name

_VALIDATION = "kubernetes/ingress-gce pkg/backendconfig/validation.go, Validate"
_CHECK_TYPE = "kubernetes/ingress-gce pkg/translator/healthchecks.go, merge"


def refusals(spec: Mapping[str, Any], *, regional: bool) -> Iterator[tuple[str, DecodingError]]:
    """Each refused field's path below `spec` with what would pass; `regional`: class gce-regional-external."""
    iap, cdn = _at(spec, "iap", "enabled") is True, _at(spec, "cdn", "enabled") is True
    if iap and cdn:
        yield "iap.enabled", DecodingError("false where cdn.enabled is true: one of the two", _VALIDATION)
    for name, enabled in (("iap", iap), ("cdn", cdn)):
        if enabled and regional:
            wanted = "false: a regional external Ingress supports neither IAP nor CDN"
            yield f"{name}.enabled", DecodingError(wanted, _VALIDATION)
    affinity, seconds = (_at(spec, "sessionAffinity", key) for key in ("affinityType", "affinityCookieTtlSec"))
    if affinity not in (None, "", *AFFINITIES):
        yield "sessionAffinity.affinityType", DecodingError(f"one of {', '.join(AFFINITIES)}", _VALIDATION)
    if _is_number(seconds) and not 0 <= seconds <= MAX_COOKIE_SECONDS:
        wanted = f"0 to {MAX_COOKIE_SECONDS} seconds"
        yield "sessionAffinity.affinityCookieTtlSec", DecodingError(wanted, _VALIDATION)
    rate = _at(spec, "logging", "sampleRate")
    if _is_number(rate) and not 0 <= rate <= 1:
        yield "logging.sampleRate", DecodingError("0.0 to 1.0", _VALIDATION)
    check = _at(spec, "healthCheck", "type")
    if check not in (None, *PROTOCOLS):
        yield "healthCheck.type", DecodingError(f"one of {', '.join(PROTOCOLS)}, in capitals", _CHECK_TYPE)


def needed_secrets(spec: Mapping[str, Any]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Path below `spec`, name and keys of each Secret of the BackendConfig's namespace that must be there."""
    name = _at(spec, "iap", "oauthclientCredentials", "secretName")
    if _at(spec, "iap", "enabled") is True and isinstance(name, str) and name:
        yield "iap.oauthclientCredentials.secretName", name, IAP_SECRET_KEYS
    keys = _at(spec, "cdn", "signedUrlKeys")
    if _at(spec, "cdn", "enabled") is True and isinstance(keys, list):
        for number, key in enumerate(keys):
            name = _at(key, "secretName")
            if isinstance(name, str) and name:
                yield f"cdn.signedUrlKeys[{number}].secretName", name, (SIGNED_URL_SECRET_KEY,)


def missing_key(wanted: str) -> DecodingError:
    """That a Secret does not hold what the controller takes from it."""
    return DecodingError(wanted, _VALIDATION)


def _at(value: object, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
