"""Headers that an Ingress's load balancer adds to requests and responses: their shape, limits and rules.

Not here: those of a Gateway, which are filters of its routes.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypedDict

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, Limit, shown

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


class CustomHeaderArgs(TypedDict):
    """One header."""

    name: str
    """Its name."""
    value: str
    """Its value; `{client_region}` and the like stand for what the load balancer knows of the client."""


REQUEST_EXAMPLE: list[CustomHeaderArgs] = [{"name": "X-Client-Region", "value": "{client_region}"}]
RESPONSE_EXAMPLE: list[CustomHeaderArgs] = [{"name": "Strict-Transport-Security", "value": "max-age=31536000"}]


def header_limits(path: str) -> dict[str, Limit]:
    """Limits of the list of headers at a path."""
    return {
        path: Limit(holds=_fit, rule=f"at most {MAX_HEADERS} headers of {MAX_BYTES} bytes together", source=SOURCE),
        f"{path}[].name": limits.matching(
            _RESERVED + TOKEN, "a header's name, none of those that the load balancer or each hop sets", SOURCE
        ),
        f"{path}[].value": limits.matching(
            r"([!-~]([\t -~]*[!-~])?)?", "a header's value in ASCII, on one line", SOURCE
        ),
    }


def _fit(headers: list[dict[str, Any]]) -> bool:
    size = sum(len(text) for header in headers for text in header.values() if isinstance(text, str))
    return len(headers) <= MAX_HEADERS and size <= MAX_BYTES


def each_once(path: str, headers: Iterable[CustomHeaderArgs]) -> Iterator[Fault]:
    """No name twice, in whatever case."""
    seen: set[str] = set()
    for index, header in enumerate(headers):
        name = header.get("name", "").lower()
        if name and name in seen:
            yield Fault(
                input=f"{path}[{index}].name",
                value=shown(header["name"]),
                rule="must not be added twice",
                source=SOURCE,
                would_pass="one header, with both values",  # noqa: S106 - not a password
            )
        seen.add(name)


def lines(headers: Iterable[CustomHeaderArgs]) -> list[str]:
    """The headers as the APIs take them."""
    return [f"{header['name']}:{header['value']}" for header in headers]
