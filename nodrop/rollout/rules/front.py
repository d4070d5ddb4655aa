"""Changes of what clients meet of a load balancer: schemes, redirect, certificates, address, who is let in.

Two rollouts behind the same entry; where the entry itself is another one, `entry_stays` has said all there is to say.
"""

from collections.abc import Iterator

from nodrop.rollout.diagnostics import Diagnostic, Severity, Value
from nodrop.rollout.registry import change_rule
from nodrop.rollout.sources import (
    ADDRESSES,
    ARMOR,
    CERTIFICATE_SYNC,
    GATEWAY_POLICIES,
    GOOGLE_IAP,
    INGRESS_FEATURES,
    MANAGED_CERTIFICATES,
    SSL_POLICIES,
)
from nodrop.rollout.timing import Rollout
from nodrop.rollout.wiring import Front


def _fronts(before: Rollout, after: Rollout) -> Iterator[tuple[Front, Front]]:
    """Both versions of the same load balancer; none where it is another one, or unknown."""
    one, other = before.wiring, after.wiring
    if one and other and one.front and other.front and one.entry == other.entry:
        yield one.front, other.front


@change_rule(
    severity=Severity.ERROR,
    source=INGRESS_FEATURES,
    goes_wrong="Clients of the scheme are refused, including those that a redirect once sent there.",
    cure="Send clients to the scheme that stays, and remove the other when it is idle.",
    given={"wiring.front.schemes": ("HTTP", "HTTPS"), "wiring.front.certificates": ("Secret tls",)},
    breaks={"wiring.front.schemes": ("HTTP",)},
    keeps={"wiring.front.schemes": ("HTTP", "HTTPS")},
)
def schemes_stay(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """What answers HTTP or HTTPS keeps answering."""
    for old, new in _fronts(before, after):
        gone = [scheme for scheme in old.schemes if scheme not in new.schemes]
        if gone:
            yield _finding(
                rule="schemes-stay",
                field="schemes",
                value=new.schemes,
                seen=f"was {', '.join(old.schemes)}",
                why=f"clients of {' and '.join(gone)} are refused, including those that a redirect once sent there",
                source=INGRESS_FEATURES,
                would_pass=(
                    f"{', '.join(old.schemes)}, until no request comes by {' and '.join(gone)}; in two steps: 1. send "
                    "clients to what stays (a redirect, links); 2. then drop the other, with this rule waived"
                ),
            )


@change_rule(
    severity=Severity.ERROR,
    source=MANAGED_CERTIFICATES,
    goes_wrong="HTTP redirects clients to HTTPS, which does not answer until the certificate is issued.",
    cure="Add the certificates first, and turn the redirect on when HTTPS answers for every host.",
    breaks={"wiring.front.schemes": ("HTTP", "HTTPS"), "wiring.front.redirects": True},
    keeps={"wiring.front.schemes": ("HTTP", "HTTPS"), "wiring.front.redirects": False},
)
def redirect_comes_after_https(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Clients are redirected to HTTPS only once it answers."""
    for old, new in _fronts(before, after):
        if new.redirects and not old.redirects and "HTTPS" not in old.schemes:
            yield _finding(
                rule="redirect-comes-after-https",
                field="redirects",
                value=True,
                seen="HTTPS is new, and HTTP redirects to it at once",
                why="a certificate takes minutes, a managed one up to an hour, and until then every request fails",
                source=MANAGED_CERTIFICATES,
                would_pass=(
                    "redirect_to_https = false, in two steps: 1. add the certificates alone, and wait until HTTPS "
                    "answers for every host; 2. then turn the redirect on"
                ),
            )


@change_rule(
    severity={
        Severity.ERROR: "no existing certificate stays",
        Severity.WARNING: "some host loses its own",
    },
    source=MANAGED_CERTIFICATES,
    goes_wrong="Until a managed certificate is issued, up to an hour, its hosts have none or another host's.",
    cure="Add the new certificates beside the old ones, and remove these when the new ones are Active.",
    given={"wiring.front.schemes": ("HTTP", "HTTPS"), "wiring.front.managed_hosts": ("a.example.com", "b.example.com")},
    breaks={"wiring.front.managed_hosts": ("c.example.com",)},
    warns={"wiring.front.managed_hosts": ("a.example.com",)},
    keeps={"wiring.front.managed_hosts": ("a.example.com", "b.example.com", "c.example.com")},
)
def certificates_stay(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """HTTPS keeps an existing certificate, and every host keeps its own."""
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
                why="a managed certificate takes up to an hour, and until then no host has one",
                source=MANAGED_CERTIFICATES,
                would_pass=(
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
                would_pass=f"{', '.join(hosts)} too, until no request uses it; then remove it, with this rule waived",
            )


@change_rule(
    severity=Severity.ERROR,
    source=CERTIFICATE_SYNC,
    goes_wrong="The certificate is deleted and issued again; until then none of its hosts has one.",
    cure="Create a second certificate with the new domains, wait until it is Active, then remove the first.",
    given={
        "wiring.front.schemes": ("HTTP", "HTTPS"),
        "wiring.front.managed_certificates": (("shop", ("a.example.com",)),),
    },
    breaks={"wiring.front.managed_certificates": (("shop", ("a.example.com", "b.example.com")),)},
    keeps={"wiring.front.managed_certificates": (("shop", ("a.example.com",)), ("second", ("b.example.com",)))},
)
def managed_certificates_stay(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """The domains of a ManagedCertificate never change: any difference creates a new certificate."""
    for old, new in _fronts(before, after):
        later = dict(new.managed_certificates)
        for name, domains in old.managed_certificates:
            becomes = later.get(name, domains)
            if set(becomes) != set(domains):
                yield _finding(
                    rule="managed-certificates-stay",
                    field="managed_certificates",
                    value=becomes,
                    seen=f"ManagedCertificate {name} was of {', '.join(domains)}",
                    why=(
                        "it is deleted and issued again, which takes up to an hour; until then none of its hosts has "
                        "HTTPS"
                    ),
                    source=CERTIFICATE_SYNC,
                    would_pass=(
                        f"{', '.join(domains)}, in three steps: 1. create a second ManagedCertificate with the new "
                        "domains, beside the first on the load balancer, and wait until it is Active; 2. then take the "
                        f"first off the load balancer; 3. then remove {name}"
                    ),
                )


@change_rule(
    severity=Severity.ERROR,
    source=ADDRESSES,
    goes_wrong="The old address stops working at once, and clients know no other until DNS does.",
    cure="Add a second entry with the new address, and move the traffic to it.",
    given={"wiring.front.address": "web"},
    breaks={"wiring.front.address": "other"},
    keeps={"wiring.front.address": "web"},
)
def address_stays(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Clients find the load balancer at the address in DNS.

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
                why="the old address stops working at once, and clients know no other until DNS does",
                source=ADDRESSES,
                would_pass=(
                    f"{old.address or 'none stated'}; for another one side by side, in three steps: 1. add a second "
                    "entry with it, and probe it; 2. then move the traffic (DNS) to it; 3. then remove the first when "
                    "it is idle"
                ),
            )


@change_rule(
    severity={
        Severity.ERROR: "IAP is turned on, or global access off",
        Severity.WARNING: "another Cloud Armor or SSL policy, whose refusals are not in the objects",
    },
    source=(GOOGLE_IAP, GATEWAY_POLICIES, ARMOR, SSL_POLICIES),
    goes_wrong="Clients that were admitted are refused from then on.",
    cure="Apply it to a separate host first, or check in the log that no client would be refused.",
    breaks={"wiring.front.iap": True},
    warns={"wiring.front.security_policy": "edge"},
    keeps={"wiring.front.redirects": False},
)
def clients_stay_admitted(before: Rollout, after: Rollout) -> Iterator[Diagnostic]:
    """Clients that were admitted still are."""
    for old, new in _fronts(before, after):
        if new.iap and not old.iap:
            yield _finding(
                rule="clients-stay-admitted",
                field="iap",
                value=True,
                seen="was off",
                why=(
                    "every client that has not logged in is refused from then on, including programs and third-party "
                    "checks"
                ),
                source=GOOGLE_IAP,
                would_pass=(
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
                source=GATEWAY_POLICIES,
                would_pass=(
                    "True, in two steps: 1. move the clients of other regions elsewhere; 2. then turn it off, with "
                    "this rule waived"
                ),
            )
        policies = {"security_policy": ARMOR, **({"ssl_policy": SSL_POLICIES} if "HTTPS" in old.schemes else {})}
        for field, source in policies.items():
            was, becomes = getattr(old, field), getattr(new, field)
            if becomes is not None and becomes != was:
                yield _finding(
                    rule="clients-stay-admitted",
                    severity=Severity.WARNING,
                    field=field,
                    value=becomes,
                    seen=f"was {was or 'none'}",
                    why="the objects do not show whom the policy refuses",
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
