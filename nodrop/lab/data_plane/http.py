"""One HTTP request from inside a network namespace."""

import socket
from collections.abc import Mapping

import aiohttp

from nodrop.lab.data_plane.namespaces import NetNamespace


async def get(
    namespace: NetNamespace, url: str, *, timeout_real_seconds: float, headers: Mapping[str, str] | None = None
) -> int | None:
    """The status of a GET over a fresh connection, redirects not followed; None if no answer came in time."""

    def inside(info: aiohttp.AddrInfoType) -> socket.socket:
        with namespace.entered():
            return socket.socket(info[0], info[1], info[2])

    connector = aiohttp.TCPConnector(socket_factory=inside, force_close=True)
    timeout = aiohttp.ClientTimeout(total=timeout_real_seconds)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout, headers=headers) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            return response.status
    except (aiohttp.ClientError, TimeoutError):
        return None
