"""One question from inside a network namespace: an HTTP request, or whether a port can be connected to."""

import asyncio
import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp

from nodrop.lab.data_plane.namespaces import NetNamespace


@dataclass(frozen=True)
class Reply:
    """What came of it: a status, or what there was instead."""

    status: int | None
    """None: no answer; 0: connected, where no more was asked."""
    said: str
    """Such as "answered 301", "refused" or "gave no answer in time"."""


async def get(
    namespace: NetNamespace, url: str, *, timeout_real_seconds: float, headers: Mapping[str, str] | None = None
) -> Reply:
    """A GET over a fresh connection; redirects are not followed, certificates not verified."""

    def inside(info: aiohttp.AddrInfoType) -> socket.socket:
        with namespace.entered():
            return socket.socket(info[0], info[1], info[2])

    connector = aiohttp.TCPConnector(socket_factory=inside, force_close=True)
    never = aiohttp.ClientTimeout(total=None)  # aiohttp's own swallows a cancellation that comes at the same moment
    try:
        async with (
            asyncio.timeout(timeout_real_seconds),
            aiohttp.ClientSession(connector=connector, timeout=never, headers=headers) as session,
            session.get(url, allow_redirects=False, ssl=False) as response,
        ):
            return Reply(response.status, f"answered {response.status}")
    except TimeoutError:
        return LATE
    except aiohttp.ClientOSError as error:
        return Reply(None, words(error))
    except aiohttp.ClientError:
        return Reply(None, "was answered with something other than HTTP")


async def connect(namespace: NetNamespace, address: str, port: int, *, timeout_real_seconds: float) -> Reply:
    """Whether a TCP connection can be opened."""
    with namespace.entered():
        opened = socket.socket()
    opened.setblocking(False)
    try:
        async with asyncio.timeout(timeout_real_seconds):
            await asyncio.get_running_loop().sock_connect(opened, (address, port))
    except TimeoutError:
        return LATE
    except OSError as error:
        return Reply(None, words(error))
    finally:
        opened.close()
    return Reply(0, "connected")


LATE = Reply(None, "gave no answer in time")


def words(error: OSError) -> str:
    """Why a connection cannot be opened, or ended."""
    return "refused" if error.errno == errno.ECONNREFUSED else f"failed: {error.strerror or error}"
