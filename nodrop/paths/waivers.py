"""Which rules a Deployment's owner waives, read from its annotation. Whether such rules exist is not looked at here."""

from nodrop.gke.applications import ACCEPT
from nodrop.paths.fields import Manifest, whole
from nodrop.rollout.text import one_line

EXAMPLE = '{"draining-covers-longest-request": "websocket clients reconnect"}'


def accepted(deployment: Manifest) -> dict[str, str]:
    """Reason by rule name, each in one line; empty where the Deployment states none.

    Raises:
        ReadingError: the annotation is not a JSON object of reasons.
    """
    annotation = whole(deployment)["metadata"]["annotations"][ACCEPT]
    if annotation.text() is None:
        return {}
    waivers = annotation.parsed(EXAMPLE).value
    if not isinstance(waivers, dict):
        raise annotation.error(f"a JSON object such as {EXAMPLE}")
    reasons: dict[str, str] = {}
    for name, reason in waivers.items():
        if not isinstance(reason, str) or not one_line(reason):
            raise annotation.error(f"a reason for each rule, such as {EXAMPLE}")
        reasons[one_line(name)] = one_line(reason)
    return reasons
