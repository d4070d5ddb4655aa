"""Which rules a Deployment's owner waives, read from its annotation. Whether such rules exist is not looked at here."""

from nodrop.gke.applications import ACCEPT, read_accept
from nodrop.paths.fields import Manifest, whole
from nodrop.rollout.text import one_line


def accepted(deployment: Manifest) -> dict[str, str]:
    """Reason by rule name, each in one line; empty where the Deployment states none.

    Raises:
        ReadingError: the annotation is not a JSON object of reasons.
    """
    annotation = whole(deployment)["metadata"]["annotations"][ACCEPT]
    text = annotation.text()
    if text is None:
        return {}
    try:
        reasons = read_accept(text)
    except ValueError as error:
        raise annotation.error(str(error)) from None
    return {one_line(name): one_line(reason) for name, reason in reasons.items()}
