"""The FrontendConfig of an Ingress: redirect to HTTPS and SSL policy."""

from enum import StrEnum
from typing import Literal

import pulumi
import pulumi_kubernetes as k8s

from nodrop.gke.kinds import api_version


class RedirectCode(StrEnum):
    """How HTTP requests are redirected to HTTPS."""

    MOVED_PERMANENTLY_DEFAULT = "MOVED_PERMANENTLY_DEFAULT"
    """301; a POST may come again as a GET."""
    FOUND = "FOUND"
    """302; a POST may be repeated as a GET; clients do not cache it."""
    TEMPORARY_REDIRECT = "TEMPORARY_REDIRECT"
    """307; the method stays; clients do not cache it."""
    PERMANENT_REDIRECT = "PERMANENT_REDIRECT"
    """308; the method stays."""


RedirectCodeText = Literal["MOVED_PERMANENTLY_DEFAULT", "FOUND", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT"]
"""The members of `RedirectCode` as plain text."""


def frontend_config(
    name: str,
    namespace: pulumi.Input[str],
    *,
    redirect: RedirectCode | None,
    ssl_policy: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> "k8s.apiextensions.CustomResource":
    """Both settings are always stated: one that is left out stays as it was at the load balancer.

    Source: kubernetes/ingress-gce pkg/translator/translator.go, sslPolicyLink.
    """
    redirection = {"enabled": True, "responseCodeName": redirect.value} if redirect else {"enabled": False}
    return k8s.apiextensions.CustomResource(
        name,
        api_version=api_version("FrontendConfig"),
        kind="FrontendConfig",
        metadata={"name": name, "namespace": namespace},
        spec={"redirectToHttps": redirection, "sslPolicy": ssl_policy},
        opts=opts,
    )
