"""What a Deployment's manifest cannot say about its application and its owner's decisions, as annotations on it.

The components write them; every later package reads them from the object itself. They are on the Deployment and not on
its pod template, so that stating a fact never starts a rollout.
"""

import json
from collections.abc import Mapping
from math import isfinite

PREFIX = "gke-nodrop/"
"""Of all keys here."""

LONGEST_REQUEST_SECONDS = f"{PREFIX}longest-request-seconds"
"""Longest request the application serves, in seconds (R of the rules)."""

STARTUP_SECONDS = f"{PREFIX}startup-seconds"
"""Seconds from the container's start until its readiness endpoint answers 200."""

KEEP_ALIVE_TIMEOUT_SECONDS = f"{PREFIX}keep-alive-timeout-seconds"
"""Idle seconds after which the application closes a kept-alive connection; 0: it closes after every response."""

ON_TERM = f"{PREFIX}on-term"
"""What the application does on SIGTERM, one of `OnTerm`'s values."""

ACCEPT = f"{PREFIX}accept"
"""Rules that the owner waives: a JSON object of reasons by rule name."""

_ACCEPT_EXAMPLE = '{"draining-covers-longest-request": "websocket clients reconnect"}'


def behaviour(
    *, longest_request_seconds: float, startup_seconds: float, keep_alive_timeout_seconds: float, on_term: str
) -> dict[str, str]:
    """How the application behaves, as annotations; `on_term` is one of `OnTerm`'s values."""
    return {
        LONGEST_REQUEST_SECONDS: write_seconds(longest_request_seconds),
        STARTUP_SECONDS: write_seconds(startup_seconds),
        KEEP_ALIVE_TIMEOUT_SECONDS: write_seconds(keep_alive_timeout_seconds),
        ON_TERM: str(on_term),
    }


def read_seconds(text: str) -> float:
    """Seconds as an annotation states them, in text. Raises ValueError where it is no number of 0 or more."""
    seconds = float(text)
    if not isfinite(seconds) or seconds < 0:
        raise ValueError("not a number of 0 or more")
    return seconds


def write_seconds(seconds: float) -> str:
    """Seconds as an annotation's text, whole ones without a point."""
    return str(int(seconds)) if float(seconds).is_integer() else repr(float(seconds))


def read_accept(text: str) -> dict[str, str]:
    """Reason by rule name. Raises ValueError, which says what is wanted, where it is no JSON object of reasons."""
    try:
        reasons = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"JSON such as {_ACCEPT_EXAMPLE}") from None
    if not isinstance(reasons, dict):
        raise ValueError(f"a JSON object such as {_ACCEPT_EXAMPLE}")
    if not all(isinstance(reason, str) and _says_something(reason) for reason in reasons.values()):
        raise ValueError(f"a reason for each rule, such as {_ACCEPT_EXAMPLE}")
    return reasons


def write_accept(reasons: Mapping[str, str]) -> str:
    """The annotation's text."""
    return json.dumps(reasons, sort_keys=True, ensure_ascii=False)


def _says_something(reason: str) -> bool:
    return any(each.isprintable() and not each.isspace() for each in reason)
