"""The kernel module of IPVS with its timeouts divided: the kernel's clock cannot be sped up, what it waits for can."""

import struct

from nodrop.lab.errors import LabUnavailableError

HZ = 100
"""Of Debian's User-mode Linux (CONFIG_HZ)."""
TCP_TIMEOUT_SECONDS = (2, 900, 120, 60, 120, 120, 10, 60, 30, 120, 120, 2)
"""For each state from NONE to LAST (net/netfilter/ipvs/ip_vs_proto_tcp.c, tcp_timeouts)."""


def with_timeouts_divided(image: bytes, speed_up: float) -> bytes:
    """The module whose table of TCP timeouts is divided by the speed-up, to a tick (10 ms) at least.

    Raises:
        LabUnavailableError: the module has no such table, or more than one.
    """
    ticks = [seconds * HZ for seconds in TCP_TIMEOUT_SECONDS]
    table = _packed(ticks)
    if image.count(table) != 1:
        raise LabUnavailableError(
            f"the module ip_vs has {image.count(table)} tables of TCP timeouts as Linux 6.1 has them, not one"
        )
    return image.replace(table, _packed([max(1, round(each / speed_up)) for each in ticks]))


def _packed(ticks: list[int]) -> bytes:
    return struct.pack(f"<{len(ticks)}i", *ticks)
