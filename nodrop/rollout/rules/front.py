"""Changes of what clients meet of a load balancer: schemes, redirect, certificates, address, who is let in.

Two rollouts behind the same entry; where the entry itself is another one, `entry_stays` has said all there is to say.
"""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity, Value
from nodrop.rollout.sources import ADDRESSES, ARMOR, INGRESS_FEATURES, MANAGED_CERTIFICATES, SSL_POLICIES
from nodrop.rollout.timing import Rollout
from nodrop.rollout.wiring import Front


def _fronts(before: Rollout, after: Rollout) -> Iterator[tuple[Front, Front]]:
    """Both versions of the same load balancer; none where it is another one, or nobody has said."""
    one, other = before.wiring, after.wiring
    if one and other and one.front and other.front and one.entry == other.entry:
        yield one.front, other.front


def schemes_stay(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """What answered HTTP, or HTTPS, goes on to."""
    for old, new in _fronts(before, after):
        gone = [scheme for scheme in old.schemes if scheme not in new.schemes]
        if gone:
            yield _finding(
                rule="schemes-stay",
                field="schemes",
                value=new.schemes,
                seen=f"was {', '.join(old.schemes)}",
                why=f"clients of {' and '.join(gone)} are refused, those too that a redirect once sent there",
                source=INGRESS_FEATURES,
                would_pass=(
                    f"{', '.join(old.schemes)}, until no request comes by {' and '.join(gone)}; in two steps: 1. send "
                    "clients to what stays (a redirect, links); 2. then drop the other, with this rule waived"
                ),
            )


def redirect_comes_after_https(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Clients are sent on to HTTPS only where it answers already."""
    for old, new in _fronts(before, after):
        if new.redirects and not old.redirects and "HTTPS" not in old.schemes:
            yield _finding(
                rule="redirect-comes-after-https",
                field="redirects",
                value=True,
                seen="HTTPS is new, and HTTP is sent on to it at once",
                why="a certificate takes minutes, a managed one up to an hour, and until then every request fails",
                source=MANAGED_CERTIFICATES,
                would_pass=(  # noqa: S106 - not a password
                    "redirect_to_https = false, in two steps: 1. add the certificates alone, and wait until HTTPS "
                    "answers for every host; 2. then turn the redirect on"
                ),
            )


def certificates_stay(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """HTTPS keeps a certificate that is there already, and every host its own."""
    for old, new in _fronts(before, after):
        if "HTTPS" not in old.schemes or "HTTPS" not in new.schemes:
            continue
        hosts = [host for host in old.managed_hosts if host not in new.managed_hosts]
        kept = new.certificates or [host for host in old.managed_hosts if host in new.managed_hosts]
        if not kept:
            yield _finding(
                rule="certificates-stay",
                field="certificates",
                value=tuple(f"ManagedCertificate of {host}" for host in new.managed_hosts),
                seen=f"was {', '.join([*old.certificates, *(f'ManagedCertificate of {one}' for one in hosts)])}",
                why="a managed certificate takes up to an hour, and until then no host has any",
                source=MANAGED_CERTIFICATES,
                would_pass=(  # noqa: S106 - not a password
                    "the old ones beside the new ones, in two steps: 1. add the new ones, and wait until each is "
                    "Active; 2. then drop the old ones. Where the two kinds cannot be together, add a second entry"
                ),
            )
        elif hosts:
            yield _finding(
                rule="certificates-stay",
                severity=Severity.WARNING,
                field="managed_hosts",
                value=new.managed_hosts,
                seen=f"was {', '.join(old.managed_hosts)}",
                why=f"clients of https://{hosts[0]}/ get the certificate of another host, unless a kept one covers it",
                source=MANAGED_CERTIFICATES,
                would_pass=f"{', '.join(hosts)} too, until no request asks for it; then drop it, with this rule waived",
            )


def address_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Clients find the load balancer where DNS says.

    An Ingress that names no address any more keeps the one it has (kubernetes/ingress-gce
    pkg/loadbalancers/forwarding_rules.go, checkForwardingRule).
    """
    is_ingress = after.wiring is not None and after.wiring.entry.startswith("Ingress ")
    for old, new in _fronts(before, after):
        if old.address != new.address and not (new.address is None and is_ingress):
            yield _finding(
                rule="address-stays",
                field="address",
                value=new.address or "an own one",
                seen=f"was {old.address or 'an own one'}",
                why="the old address is cut off at once, and clients know no other until DNS does",
                source=ADDRESSES,
                would_pass=(
                    f"{old.address or 'none stated'}; for another one side by side, in three steps: 1. add a second "
                    "entry with it, and probe it; 2. then move the traffic (DNS) to it; 3. then remove the first when "
                    "it is idle"
                ),
            )


def clients_stay_admitted(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Whoever was let in still is."""
    for old, new in _fronts(before, after):
        if new.iap and not old.iap:
            yield _finding(
                rule="clients-stay-admitted",
                field="iap",
                value=True,
                seen="was off",
                why="every client that has not logged in is refused from then on, programs and checks of others too",
                source="Google, Enabling IAP for GKE",
                would_pass=(  # noqa: S106 - not a password
                    "False for this service, in two steps: 1. add a second service with IAP and a host of its own, and "
                    "send the clients there that can log in; 2. then turn it on here, with this rule waived"
                ),
            )
        if old.global_access and not new.global_access:
            yield _finding(
                rule="clients-stay-admitted",
                field="global_access",
                value=False,
                seen="was True",
                why="clients of other regions are cut off",
                source="Google, Configure Gateway resources using Policies",
                would_pass=(  # noqa: S106 - not a password
                    "True, in two steps: 1. move the clients of other regions elsewhere; 2. then turn it off, with "
                    "this rule waived"
                ),
            )
        for field, source in (("security_policy", ARMOR), ("ssl_policy", SSL_POLICIES)):
            was, becomes = getattr(old, field), getattr(new, field)
            if becomes is not None and becomes != was:
                yield _finding(
                    rule="clients-stay-admitted",
                    severity=Severity.WARNING,
                    field=field,
                    value=becomes,
                    seen=f"was {was or 'none'}",
                    why="whom the policy refuses is not in the objects",
                    source=source,
                    would_pass=(
                        f"{was or 'none'}, in two steps: 1. find in the load balancer's log that the policy refuses no "
                        "client (Cloud Armor's rules have a preview mode; the log has the TLS versions); 2. then set "
                        "it, with this rule waived"
                    ),
                )


def _finding(
    *,
    rule: str,
    field: str,
    value: Value,
    seen: str,
    why: str,
    source: str,
    would_pass: str,
    severity: Severity = Severity.ERROR,
) -> Diagnostic:
    return Diagnostic(
        rule=rule,
        severity=severity,
        input=f"wiring.front.{field}",
        value=value,
        seen=seen,
        why=why,
        source=source,
        would_pass=would_pass,
    )
