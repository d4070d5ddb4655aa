"""An edit of a component, and what the edits of several inputs have in common."""

from dataclasses import dataclass, field
from typing import Any

Args = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Edit:
    component: str
    input: str
    old: Any
    new: Any
    given: Args = field(default_factory=dict)
    told: dict[str, str] = field(default_factory=dict)
    """What is told of it, severity by rule; nothing: it is harmless."""
    goes: frozenset[str] = frozenset()
    """Kinds of which an object goes, once what took its place, or did without it, has been rolled out."""
    refused: str = ""
    """Input that the component itself refuses then; empty: it does not."""

    def args(self, value: Any) -> Args:
        return placed(self.given, self.input, value)


def placed(args: Any, path: str, value: Any) -> Args:
    """`args` with the value at a path such as `containers[].image`, in the first item of a list."""
    if value is None:
        return args
    head, _, rest = path.partition(".")
    key, in_list = head.removesuffix("[]"), head.endswith("[]")
    if not rest:
        return {**args, key: value}
    if in_list:
        items = args.get(key) or [{}]
        return {**args, key: [placed(items[0], rest, value), *items[1:]]}
    return {**args, key: placed(args.get(key, {}), rest, value)}


def web(at: str, old: Any, new: Any, given: Args | None = None, told: Args | None = None, **more: Any) -> Edit:
    return Edit(component="WebService", input=at, old=old, new=new, given=given or {}, told=told or {}, **more)


def edit(component: str, at: str, old: Any, new: Any, given: Args | None = None, **told: str) -> Edit:
    rules = {rule.replace("_", "-"): severity for rule, severity in told.items()}
    return Edit(component=component, input=at, old=old, new=new, given=given or {}, told=rules)


FILES, SECRET = frozenset({"ConfigMap"}), frozenset({"Secret"})


TLS = {"hosts": ["www.example.com"]}


SECRETS = {"certificates": {"secrets": ["tls"]}}


INTERNAL = {"ingress": {"scope": "internal"}}


SUBNET = "projects/shop/regions/us-central1/subnetworks/shop"


GLOBAL = {"gateway": {"certificates": {"certificate_map": "shop"}}}


RILB = {"gateway": {"gateway_class": "gke-l7-rilb", "address": "shop"}}


IAP = {"client_id": "a.apps.googleusercontent.com", "client_secret": "hunter2"}


ADDRESS = {"address-stays": "error"}


ROUTE, MOVED = {"routes-keep-their-service": "warning"}, {"routes-keep-their-service": "error"}


CERTIFICATES, HOSTS = {"certificates-stay": "error"}, {"certificates-stay": "warning"}


ANOTHER, REPLACED = {"entry-stays": "error"}, {"objects-stay": "error"}


ADMITTED, CUT_OFF = {"clients-stay-admitted": "warning"}, {"clients-stay-admitted": "error"}


PEERS = {"peers-stay-admitted": "warning"}


RESTRICTED = {"old-pods-stay-admitted": "warning"}


REDIRECT, SCHEMES = {"redirect-comes-after-https": "error"}, {"schemes-stay": "error"}


PROTOCOL = {"protocol-stays": "error", "health-check-type-stays": "error"}


CHECK_PATH, CHECK_PORT = {"health-check-path-stays": "error"}, {"health-check-port-stays": "error"}


SHORTER = {"requests-of-old-pods-fit": "error"}
