"""Which images hold no shell and no sleep, as far as their names say it."""

import re

_WITHOUT_SHELL = re.compile(r"(^|/)(distroless(/|-|$)|chainguard/static$|static-debian\d+$)")
"""Repositories. Source: GoogleContainerTools/distroless, README; images.chainguard.dev, static."""
_TAG_WITHOUT_SHELL = re.compile(r"(^|[-.])distroless($|[-.])")
"""Such as `distroless-v1.30.2` of envoyproxy/envoy."""
_CLOUD_SQL_PROXY = re.compile(r"(^|/)(cloud-sql-connectors/cloud-sql-proxy|cloudsql-docker/gce-proxy)$")
_FIRST_CLOUD_SQL_PROXY_WITHOUT_SHELL = [1, 16]
"""Source: GoogleCloudPlatform/cloud-sql-proxy#317, and README, Container Images: other tags have a shell."""


def holds_no_shell(image: str) -> bool:
    """Whether an image, by its name, holds nothing but a program; a `debug` image of distroless has a shell."""
    folder, slash, last = image.partition("@")[0].rpartition("/")
    name, _, tag = last.partition(":")
    repository = f"{folder}{slash}{name}"
    if _CLOUD_SQL_PROXY.search(repository):
        numbers = tag.split(".")
        return all(map(str.isdecimal, numbers)) and list(map(int, numbers)) >= _FIRST_CLOUD_SQL_PROXY_WITHOUT_SHELL
    named = _WITHOUT_SHELL.search(repository) or _TAG_WITHOUT_SHELL.search(tag)
    return named is not None and "debug" not in tag
