"""Cutting what one proxy still has open to one endpoint: the end of connection draining.

The kernel closes the sockets (SOCK_DESTROY, as `ss --kill` does), because Envoy itself lets requests to a removed
endpoint run on without limit. Asked in a few bytes of netlink's own (sock_diag(7)): a proxy has thousands of
connections, and a library that reads each field of each would keep the controllers waiting.
"""

import errno
import os
import socket
import struct
from collections.abc import Iterator

from nodrop.lab.data_plane.namespaces import NetNamespace

_ESTABLISHED, _SYN_SENT, _CLOSE_WAIT = 1, 2, 8
_OPEN_STATES = 1 << _ESTABLISHED | 1 << _SYN_SENT | 1 << _CLOSE_WAIT
"""Those in which an answer may still come (include/net/tcp_states.h)."""

_SOCK_DIAG = 4
_BY_FAMILY, _DESTROY = 20, 21
_REQUEST, _ACK, _DUMP = 0x1, 0x4, 0x300
_ERROR, _DONE = 2, 3
_HEAD = struct.Struct("=IHHII")
"""struct nlmsghdr: length, type, flags, sequence, port."""
_QUERY = struct.Struct("=BBBxI48s")
"""struct inet_diag_req_v2: family, protocol, extensions, states, and an identity."""
_IDENTITY = struct.Struct(">HH4s12x4s12x4s8s")
"""struct inet_diag_sockid of IPv4: ports, addresses, interface, cookie."""
_MESSAGE = struct.Struct("=4x48s")
"""The beginning of struct inet_diag_msg: an identity follows family, state, timer and retransmissions."""
_ANY = bytes(4)


def cut(namespace: NetNamespace, source: str, address: str, port: int) -> int:
    """Closes every TCP connection in `namespace` from `source` to `address`:`port`; returns how many there were.

    Raises:
        OSError: the kernel cannot close sockets (it was built without CONFIG_INET_DIAG_DESTROY).
    """
    with namespace.entered():
        netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _SOCK_DIAG)
    with netlink:
        towards = _IDENTITY.pack(0, port, _ANY, _ANY, _ANY, bytes(8))
        found = [_MESSAGE.unpack_from(each)[0] for each in _asked(netlink, _BY_FAMILY, _DUMP, towards)]
        ends = socket.inet_aton(source), socket.inet_aton(address)
        open_ones = [identity for identity in found if _IDENTITY.unpack(identity)[2:4] == ends]
        for identity in open_ones:
            for _ in _asked(netlink, _DESTROY, _ACK, identity):
                pass
    return len(open_ones)


def _asked(netlink: socket.socket, kind: int, flags: int, identity: bytes) -> Iterator[bytes]:
    """What the kernel answers, message by message; raises OSError, but not where a connection is gone already."""
    query = _QUERY.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, _OPEN_STATES, identity)
    netlink.send(_HEAD.pack(_HEAD.size + len(query), kind, _REQUEST | flags, 0, 0) + query)
    while True:
        answer = netlink.recv(1 << 18)
        at = 0
        while at < len(answer):
            length, answered, *_ = _HEAD.unpack_from(answer, at)
            body = answer[at + _HEAD.size : at + length]
            at += (length + 3) & ~3
            if answered == _DONE:
                return
            if answered != _ERROR:
                yield body
                continue
            (code,) = struct.unpack_from("=i", body)
            if code == -errno.EOPNOTSUPP:
                raise OSError(-code, "the kernel cannot close sockets: it lacks CONFIG_INET_DIAG_DESTROY")
            if code not in (0, -errno.ENOENT):
                raise OSError(-code, os.strerror(-code))
            return
