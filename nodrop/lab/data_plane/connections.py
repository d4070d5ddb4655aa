"""Cutting what one proxy still has open to one endpoint: the end of connection draining.

The kernel closes the sockets (SOCK_DESTROY, as `ss --kill` does), because Envoy itself lets requests to a removed
endpoint run on without limit. Must run outside an event loop, as pyroute2's synchronous calls run one of their own.
"""

import errno
import socket
import struct
from typing import Any

from pyroute2.netlink import NLM_F_ACK, NLM_F_MATCH, NLM_F_REQUEST, NLM_F_ROOT
from pyroute2.netlink.diag import SOCK_DESTROY, SOCK_DIAG_BY_FAMILY, DiagSocket, inet_diag_req

from nodrop.lab.data_plane.namespaces import NetNamespace

_ESTABLISHED, _SYN_SENT, _CLOSE_WAIT = 1, 2, 8
_OPEN_STATES = 1 << _ESTABLISHED | 1 << _SYN_SENT | 1 << _CLOSE_WAIT
"""Those in which an answer may still come (include/net/tcp_states.h)."""


def cut(namespace: NetNamespace, source: str, address: str, port: int) -> int:
    """Closes every TCP connection in `namespace` from `source` to `address`:`port`; returns how many there were.

    Raises:
        OSError: the kernel cannot close sockets (it was built without CONFIG_INET_DIAG_DESTROY).
    """

    def dump() -> list[Any]:
        query = _request(idiag_states=_OPEN_STATES, idiag_dport=port)
        found = diag.nlm_request(query, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_ROOT | NLM_F_MATCH)
        return [each for each in found if (each["idiag_src"], each["idiag_dst"]) == (source, address)]

    with namespace.entered(), DiagSocket() as diag:
        diag.bind()
        open_ones = dump()
        for each in open_ones:
            connection = _request(
                idiag_src=_words(source),
                idiag_dst=_words(address),
                idiag_sport=each["idiag_sport"],
                idiag_dport=port,
                idiag_cookie=each["idiag_cookie"],
            )
            tuple(diag.nlm_request(connection, SOCK_DESTROY, NLM_F_REQUEST | NLM_F_ACK))
        if open_ones and {_cookie(each) for each in dump()} & {_cookie(each) for each in open_ones}:
            # the reply's error is lost in pyroute2's reading of this protocol
            raise OSError(errno.EOPNOTSUPP, "the kernel cannot close sockets: it lacks CONFIG_INET_DIAG_DESTROY")
    return len(open_ones)


def _request(**fields: Any) -> Any:
    request = inet_diag_req()
    request["sdiag_family"], request["sdiag_protocol"] = socket.AF_INET, socket.IPPROTO_TCP
    for name, value in fields.items():
        request[name] = value
    return request


def _cookie(connection: Any) -> int:
    return connection["idiag_cookie"]


def _words(address: str) -> tuple[int, int, int, int]:
    (first,) = struct.unpack(">I", socket.inet_aton(address))
    return first, 0, 0, 0
