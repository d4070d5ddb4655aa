"""Cutting what one proxy still has open to one endpoint: the end of connection draining.

The kernel closes the sockets (SOCK_DESTROY, as `ss --kill` does), because Envoy itself lets requests to a removed
endpoint run on without limit. The requests are packed here (sock_diag(7)), with pyroute2's constants alone: its
DiagSocket takes 41 ms of one core to list 1,000 connections, which keeps the controllers waiting, this 1.2 ms; and it
loses the error of a reply.
"""

import errno
import os
import socket
import struct
from collections.abc import Iterator

from pyroute2.netlink import (
    NETLINK_SOCK_DIAG,
    NLM_F_ACK,
    NLM_F_DUMP,
    NLM_F_REQUEST,
    NLMSG_DONE,
    NLMSG_ERROR,
)
from pyroute2.netlink.diag import SOCK_DESTROY, SOCK_DIAG_BY_FAMILY, SS_CLOSE_WAIT, SS_ESTABLISHED, SS_SYN_SENT

from nodrop.lab.data_plane.namespaces import NetNamespace

_OPEN_STATES = 1 << SS_ESTABLISHED | 1 << SS_SYN_SENT | 1 << SS_CLOSE_WAIT
"""Those in which an answer may still come, one bit each (include/net/tcp_states.h)."""

_HEAD = struct.Struct("=IHHII")
"""struct nlmsghdr (include/uapi/linux/netlink.h): length, type, flags, sequence, port."""
_QUERY = struct.Struct("=BBBxI48s")
"""struct inet_diag_req_v2 (include/uapi/linux/inet_diag.h): family, protocol, extensions, states, and an identity."""
_IDENTITY = struct.Struct(">HH4s12x4s12x4s8s")
"""struct inet_diag_sockid (there too) of IPv4: ports, addresses, interface, cookie."""
_MESSAGE = struct.Struct("=4x48s")
"""The beginning of struct inet_diag_msg (there too): an identity follows family, state, timer and retransmissions."""
_ANY = bytes(4)
"""Every address, or interface."""
_ANSWER_BYTES = 1 << 18
"""Read at a time; a part of the kernel's answer is at most 32 KiB (net/netlink/af_netlink.c)."""


def cut(namespace: NetNamespace, source: str, address: str, port: int) -> int:
    """Closes every TCP connection in `namespace` from `source` to `address`:`port`; returns how many there were.

    Raises:
        OSError: the kernel cannot close sockets (it was built without CONFIG_INET_DIAG_DESTROY).
    """
    with namespace.entered():
        netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_SOCK_DIAG)
    with netlink:
        towards = _IDENTITY.pack(0, port, _ANY, _ANY, _ANY, bytes(8))
        found = [_MESSAGE.unpack_from(each)[0] for each in _asked(netlink, SOCK_DIAG_BY_FAMILY, NLM_F_DUMP, towards)]
        ends = socket.inet_aton(source), socket.inet_aton(address)
        open_ones = [identity for identity in found if _IDENTITY.unpack(identity)[2:4] == ends]
        for identity in open_ones:
            for _ in _asked(netlink, SOCK_DESTROY, NLM_F_ACK, identity):
                pass
    return len(open_ones)


def _asked(netlink: socket.socket, kind: int, flags: int, identity: bytes) -> Iterator[bytes]:
    """What the kernel answers, message by message; raises OSError, but not where a connection is gone already."""
    query = _QUERY.pack(socket.AF_INET, socket.IPPROTO_TCP, 0, _OPEN_STATES, identity)
    netlink.send(_HEAD.pack(_HEAD.size + len(query), kind, NLM_F_REQUEST | flags, 0, 0) + query)
    while True:
        answer = netlink.recv(_ANSWER_BYTES)
        at = 0
        while at < len(answer):
            length, answered, *_ = _HEAD.unpack_from(answer, at)
            body = answer[at + _HEAD.size : at + length]
            at += (length + 3) & ~3
            if answered == NLMSG_DONE:
                return
            if answered != NLMSG_ERROR:
                yield body
                continue
            (code,) = struct.unpack_from("=i", body)
            if code == -errno.EOPNOTSUPP:
                raise OSError(-code, "the kernel cannot close sockets: it lacks CONFIG_INET_DIAG_DESTROY")
            if code not in (0, -errno.ENOENT):
                raise OSError(-code, os.strerror(-code))
            return
