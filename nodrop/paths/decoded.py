"""Annotations of an object, decoded as the controller does that reads them."""

from collections.abc import Callable
from typing import TypeVar

from nodrop.gke.decoding import DecodingError
from nodrop.paths.fields import SECRET, UNKNOWN, Field
from nodrop.paths.problems import ProblemKind, ReadingError

T = TypeVar("T")


def annotation_of(given: Field, *keys: str) -> Field:
    """The annotation of the first key that is there, even with an empty text; that of the last key if none is."""
    annotations = given["metadata"]["annotations"]
    return next((annotations[key] for key in keys if annotations[key].value is not None), annotations[keys[-1]])


def decoded(annotation: Field, read: Callable[[str], T]) -> T | None:
    """What the annotation says; None if it is absent.

    Raises:
        ReadingError: `read` refuses the text, or there is none.
    """
    if annotation.value is None:
        return None
    if not isinstance(annotation.value, str) or annotation.value in (UNKNOWN, SECRET):
        raise annotation.error("a string")
    try:
        return read(annotation.value)
    except DecodingError as error:
        raise refused(annotation, error) from None


def refused(field: Field, error: DecodingError) -> ReadingError:
    """That a controller refuses what stands there."""
    return field.error(error.wanted, ProblemKind.REFUSED, error.source)
