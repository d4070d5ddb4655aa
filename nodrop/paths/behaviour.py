"""What a manifest cannot say about its application, read from the annotations on its Deployment.

Their keys are in `nodrop.gke.applications`. What holds for a Deployment without them is the caller's to state.
"""

from nodrop.gke.applications import (
    KEEP_ALIVE_TIMEOUT_SECONDS,
    LONGEST_REQUEST_SECONDS,
    ON_TERM,
    STARTUP_SECONDS,
    read_seconds,
)
from nodrop.paths.fields import Field, Manifest, whole
from nodrop.rollout import Behaviour, OnTerm


def behaviour(deployment: Manifest, defaults: Behaviour) -> Behaviour:
    """The behaviour that the Deployment's annotations state, each missing statement taken from `defaults`.

    Raises:
        ReadingError: an annotation is not a quoted number of 0 or more, or not a value of `OnTerm`.
    """
    annotations = whole(deployment)["metadata"]["annotations"]
    return Behaviour(
        longest_request_seconds=_seconds(annotations[LONGEST_REQUEST_SECONDS], defaults.longest_request_seconds),
        startup_seconds=_seconds(annotations[STARTUP_SECONDS], defaults.startup_seconds),
        keep_alive_timeout_seconds=_seconds(
            annotations[KEEP_ALIVE_TIMEOUT_SECONDS], defaults.keep_alive_timeout_seconds
        ),
        on_term=_on_term(annotations[ON_TERM], defaults.on_term),
    )


def _seconds(annotation: Field, default: float) -> float:
    text = annotation.text()
    if text is None:
        return default
    try:
        return read_seconds(text)
    except ValueError:
        raise annotation.error('a quoted number of seconds such as "30"') from None


def _on_term(annotation: Field, default: OnTerm) -> OnTerm:
    text = annotation.text()
    if text is None:
        return default
    try:
        return OnTerm(text)
    except ValueError:
        raise annotation.error(f"one of {', '.join(OnTerm)}") from None
