"""Why a request was not answered with 200: in the words of the load balancer's log, or the application's own answer."""

import math
from collections.abc import Mapping

from nodrop.lab.data_plane.envoy_configuration import ATTEMPTS_HEADER

CLOSED_BEFORE = "backend_connection_closed_before_data_sent_to_client"
CLOSED_WITHIN = "backend_connection_closed_after_partial_response_sent"
TIMEOUT = "backend_timeout"
TIMEOUT_AT_RETRY = f"{TIMEOUT} at the second try"
"""Cause of a request whose first try failed; both share the backend timeout."""
_FLAG_CAUSES = {
    "UF": "failed_to_connect_to_backend",
    "UC": CLOSED_BEFORE,
    "UH": "failed_to_pick_backend",
    "UT": TIMEOUT,
}
"""Envoy's response flags in the words of Google's load balancer logs (statusDetails)."""
_APPLICATION_ANSWERED = "application answered"
_LOAD_GENERATOR = "load generator"
_INTERNAL_ERROR = 1011


def answered(cause: str) -> bool:
    """Whether the application answered itself: with 200 (no cause), or with what is the cause."""
    return not cause or cause.startswith(_APPLICATION_ANSWERED)


def not_as_asked(status: int, how: str) -> str:
    """Cause of a response that the application gives, and that is not what its client asked for."""
    return f"{_APPLICATION_ANSWERED} {status} {how}"


def own_error(why: str) -> str:
    """Cause of a request that failed between the load generator and a proxy: no rollout takes part there."""
    return f"{_LOAD_GENERATOR}: {why}"


def is_own_error(cause: str) -> bool:
    """Whether it is one of `own_error`."""
    return cause.startswith(_LOAD_GENERATOR)


def cause_of_answer(status: int, body: str, headers: Mapping[str, str]) -> str:
    """Why a request was not answered with 200, and empty where it was."""
    cause = "" if status == 200 else cause_of(status, body)
    if cause == TIMEOUT and number_in(headers.get(ATTEMPTS_HEADER, "")) > 1:
        cause = TIMEOUT_AT_RETRY
    if stopped := headers.get("X-Stopped"):
        cause += f": container {stopped} had stopped"
    return cause


def cause_of_close(code: int, reason: str) -> str:
    """Why a WebSocket connection ended with a close frame; empty where that says goodbye, and not an error (1011).

    Source: RFC 6455, 7.4.1.
    """
    return f"{_APPLICATION_ANSWERED} {code}: {reason}" if code == _INTERNAL_ERROR else ""


def cause_by_grpc(status: int, headers: Mapping[str, str]) -> str:
    """Empty for grpc-status 0; a proxy that answers itself says why in grpc-message."""
    grpc_status, message = headers.get("grpc-status", ""), headers.get("grpc-message", "")
    if grpc_status == "0":
        return ""
    cause = cause_of(status, message)
    return f"{_APPLICATION_ANSWERED} grpc-status {grpc_status or '-'}" if answered(cause) else cause


def number_in(text: str) -> float:
    """What a header of the lab's own says; 0 where it says none."""
    try:
        number = float(text)
    except ValueError:  # a header of the same name, of an application's own
        return 0.0
    return number if math.isfinite(number) else 0.0


def cause_of(status: int, body: str) -> str:
    """Why there is no 200, where a proxy that answers itself says why in the body."""
    flags = body.strip().split(",")
    return next((_FLAG_CAUSES[flag] for flag in flags if flag in _FLAG_CAUSES), f"{_APPLICATION_ANSWERED} {status}")
