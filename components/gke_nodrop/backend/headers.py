"""Headers that an Ingress's load balancer adds to requests and responses: their shape, limits and rules.

Not here: those of a Gateway, which are filters of its routes.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, TypedDict

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, Limit, Secret
from gke_nodrop.inputs.faults import Fault, fault

SOURCE = "Google, Create custom headers in backend services"
TOKEN = r"[-!#$%&'*+.^_`|~0-9A-Za-z]+"  # noqa: S105 - the token of RFC 7230
"""What a header's name is made of."""
_RESERVED = (
    r"(?i)(?!x-google|x-goog-|x-gfe|x-amz-)"
    r"(?!(authority|cdn-loop|connection|keep-alive|proxy-authenticate|proxy-authorization|te|trailer|transfer-encoding"
    r"|upgrade|x-user-ip)$)"
)
MAX_HEADERS = 16
MAX_BYTES = 8192
"""Of all names and values together. Source, of both: Google, Create custom headers in backend services."""


HeaderToken = Annotated[
    str,
    limits.matching(
        _RESERVED + TOKEN, "a header's name, none of those that the load balancer or each hop sets", SOURCE
    ),
    Example("X-Client-Region"),
]
HeaderText = Annotated[
    str,
    limits.matching(r"([!-~]([\t -~]*[!-~])?)?", "a header's value in ASCII, on one line", SOURCE),
    Secret(),
    Example("{client_region}"),
]


class CustomHeaderArgs(TypedDict):
    """One header."""

    name: HeaderToken
    """Its name."""
    value: HeaderText
    """Its value; `{client_region}` and the like stand for what the load balancer knows of the client."""


def _fit(headers: list[dict[str, Any]]) -> bool:
    size = sum(len(text) for header in headers for text in header.values() if isinstance(text, str))
    return len(headers) <= MAX_HEADERS and size <= MAX_BYTES


CustomHeaders = Annotated[
    list[CustomHeaderArgs],
    Limit(holds=_fit, rule=f"at most {MAX_HEADERS} headers of {MAX_BYTES} bytes together", source=SOURCE),
]


def each_once(path: str, headers: Iterable[CustomHeaderArgs]) -> Iterator[Fault]:
    """No name twice, in whatever case."""
    seen: set[str] = set()
    for index, header in enumerate(headers):
        name = header.get("name", "").lower()
        if name and name in seen:
            said = "must not be added twice"
            yield fault(f"{path}[{index}].name", header["name"], said, SOURCE, "one header, with both values")
        seen.add(name)


def lines(headers: Iterable[CustomHeaderArgs]) -> list[str]:
    """The headers as the APIs take them."""
    return [f"{header['name']}:{header['value']}" for header in headers]
