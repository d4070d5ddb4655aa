"""Why a request was not answered with 200: in the words of the load balancer's log, or the application's own answer."""

import math
from collections.abc import Mapping

from nodrop.lab.data_plane.envoy_configuration import ATTEMPTS_HEADER

TIMEOUT = "backend_timeout"
TIMEOUT_AT_RETRY = f"{TIMEOUT} at the second try"
"""Cause of a request whose first try failed; both share the backend timeout."""
_FLAG_CAUSES = {
    "UF": "failed_to_connect_to_backend",
    "UC": "backend_connection_closed_before_data_sent_to_client",
    "UH": "failed_to_pick_backend",
    "UT": TIMEOUT,
}
"""Envoy's response flags in the words of Google's load balancer logs (statusDetails)."""
APPLICATION_ANSWERED = "application answered"
"""Begins the cause of a response other than 200 that is the application's own."""
OWN_ERROR = "load generator"
"""Begins the cause of a request that failed between the load generator and a proxy: no rollout takes part there."""
CLOSED_WITHIN = "backend_connection_closed_after_partial_response_sent"


def cause_of_answer(status: int, body: str, headers: Mapping[str, str]) -> str:
    """Why a request was not answered with 200, and empty where it was."""
    cause = "" if status == 200 else cause_of(status, body)
    if cause == TIMEOUT and number_in(headers.get(ATTEMPTS_HEADER, "")) > 1:
        cause = TIMEOUT_AT_RETRY
    if stopped := headers.get("X-Stopped"):
        cause += f": container {stopped} had stopped"
    return cause


def cause_by_grpc(status: int, headers: Mapping[str, str]) -> str:
    """Empty for grpc-status 0; a proxy that answers itself says why in grpc-message."""
    answered, message = headers.get("grpc-status", ""), headers.get("grpc-message", "")
    if answered == "0":
        return ""
    flags = cause_of(status, message)
    return (
        flags if not flags.startswith(APPLICATION_ANSWERED) else f"{APPLICATION_ANSWERED} grpc-status {answered or '-'}"
    )


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
    return next((_FLAG_CAUSES[flag] for flag in flags if flag in _FLAG_CAUSES), f"{APPLICATION_ANSWERED} {status}")
