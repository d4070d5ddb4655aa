"""Which containers beside the serving one requests need, as far as names and ports tell.

Proxies by the names that their projects give their images and programs: Cloud SQL Auth Proxy, Envoy, Istio, OAuth2
Proxy, PgBouncer, NGINX, HAProxy, Traefik and the like. What carries metrics, logs or files away, or renews them, is
none of them, whatever it is named after; no request needs it where its image or program says so. Chosen from these
names; a container that no name tells may be either.
"""

import re

from nodrop.paths.containers import container_called, sidecars_of
from nodrop.paths.fields import Field
from nodrop.paths.pre_stop import program_of

_PROXY = re.compile(
    r"proxy|envoy|nginx|openresty|traefik|pgbouncer|pgpool|pgcat|odyssey|twemproxy|nutcracker|mcrouter|caddy|varnish"
    r"|tunnel|httpd|apache2|endpoints-runtime|squid|kong"
)
_BESIDE = re.compile(
    r"(?<![a-z])(?:exporter|metrics?|statsd|telegraf|collector|otel|agent|prometheus|fluent(?:d|bit)?|filebeat|vector"
    r"|logs?|logger|logging|logrotate|sync|syncer|reload|reloader|watch|watcher|refresher|backup|rbac)(?![a-z])"
)
"""Whole words of such a name: `log-shipper`, and not `login`."""

_CARRIES_AWAY = re.compile(
    r"(?<![a-z])(?:exporter|statsd|telegraf|(?:otel|opentelemetry)-?collector|otelcol|promtail|fluent-?(?:d|bit)|filebeat"
    r"|vector\Z|logrotate|git-sync|config(?:map)?-reload(?:er)?)(?![a-z])"
)
"""Images and programs of projects that work for no request. A `logs` may be anybody's, and an agent one that requests
ask, such as Vault's."""
_AGENT_OF_METRICS = re.compile(r"(?:^|/)(?:datadog|grafana)/agent(?:[:@]|\Z)")
"""Images of agents that requests do not ask; what else stands before an image's name is its owner's."""

_SERVES = re.compile(r"(?<![a-z])(?:api|app|web|www|server|service|frontend|backend|ui|http|grpc)(?![a-z])")
"""Whole words in names of what may serve, whatever else it is called after."""

_APPLICATION_SERVER = re.compile(r"(?<![a-z])(?:(?:php-?)?fpm|uwsgi|gunicorn|uvicorn|unicorn|puma)(?![a-z])")
"""Whole words of images, tags and commands of what answers behind a proxy, often on a socket that no port declares."""

_TO_DATABASES = re.compile(r"sql|database|alloydb|pgbouncer|pgpool|pgcat|odyssey|twemproxy|nutcracker|mcrouter")
"""In names of proxies to which the application connects, and no load balancer."""


def is_needed(pod: Field, serving: str, container: Field) -> bool:
    """Whether the objects tell that requests to the serving container need this one. Raises ReadingError.

    They do where its names are a proxy's; and where the serving container is a proxy itself, or a native sidecar, which
    passes requests on, and this one declares ports or is an application server.
    """
    if _is_beside(container):
        return False
    if _is_proxy(container):
        return True
    passes_on = any(_PROXY.search(each) for each in _names(container_called(pod, serving))) or any(
        each["name"].value == serving for each in sidecars_of(pod)
    )
    return passes_on and (bool(container["ports"].entries()) or _is_application_server(container))


def serves_no_request(container: Field) -> bool:
    """Whether its image or program tells that no request needs the container. Raises ReadingError.

    What the owner calls it tells nothing.
    """
    programs, image = _names(container)[1:], (container["image"].text() or "").lower()
    carries_away = any(map(_CARRIES_AWAY.search, programs)) or _AGENT_OF_METRICS.search(image)
    return bool(carries_away) and not any(map(_SERVES.search, programs))


def may_serve(container: Field) -> bool:
    """Whether a load balancer may send requests to a container that declares no port. Raises ReadingError.

    It may, unless its image or program is called after what serves none. What the owner calls the container tells
    nothing, and neither does a `logs-api`.
    """
    programs = _names(container)[1:]
    if any(_SERVES.search(each) for each in programs):
        return True
    return not any(_BESIDE.search(each) or _TO_DATABASES.search(each) for each in programs)


def _is_proxy(container: Field) -> bool:
    return not _is_beside(container) and any(_PROXY.search(each) for each in _names(container))


def _is_application_server(container: Field) -> bool:
    words = [word.text() or "" for key in ("command", "args") for word in container[key].entries()]
    image = (container["image"].text() or "").partition("@")[0].rpartition("/")[2]
    programs = [container["name"].text() or "", image, *(program_of([word]) for word in words)]
    return any(_APPLICATION_SERVER.search(each.lower()) for each in programs)


def _is_beside(container: Field) -> bool:
    return any(_BESIDE.search(each) for each in _names(container))


def _names(container: Field) -> list[str]:
    """The container's own name, its image's without folder and tag, and its program's."""
    image = (container["image"].text() or "").partition("@")[0].rpartition("/")[2].partition(":")[0]
    words = [word.text() or "" for word in container["command"].entries()]
    return [each.lower() for each in (container["name"].text() or "", image, program_of(words))]
