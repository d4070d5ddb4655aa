"""One node's netfilter: NodePort translation as kube-proxy's nftables mode writes it, and the tracked connections.

Translation is decided by a connection's first packet; conntrack repeats it for every later one. That is the first field
report's cause. Everything here must run outside an event loop, as pyroute2's synchronous calls run one of their own.
"""

import asyncio
import socket
import struct
from typing import Any

from pyroute2 import NFCTSocket
from pyroute2.netlink import NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_REQUEST, nlmsg
from pyroute2.netlink.nfnetlink import NFNL_SUBSYS_NFTABLES, nfgen_msg
from pyroute2.netlink.nfnetlink.nftsocket import (
    NFT_MSG_DELRULE,
    NFT_MSG_NEWCHAIN,
    NFT_MSG_NEWRULE,
    NFT_MSG_NEWTABLE,
    nft_chain_msg,
    nft_rule_msg,
    nft_table_msg,
)
from pyroute2.nftables.main import AsyncNFTables

from nodrop.lab.controllers.kube_proxy import NodePorts
from nodrop.lab.data_plane.namespaces import NetNamespace

_TABLE = "kube-proxy"
_NODE_PORTS = "nodeports"
_MASQUERADING = "masquerading"
_PREROUTING, _POSTROUTING = 0, 4
_PRIORITY_DSTNAT, _PRIORITY_SRCNAT = -100, 100
"""Hooks and priorities of include/uapi/linux/netfilter_ipv4.h."""
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
"""NFNL_MSG_BATCH_BEGIN and _END (include/uapi/linux/netfilter/nfnetlink.h)."""
_NETLINK_NETFILTER = 12
_NFT_MSG_GETGEN = 16
"""Asks for the generation of all rules (include/uapi/linux/netfilter/nf_tables.h)."""
_GENERATION_AT = 24
"""Where it stands in the answer: after the netlink header, nfgenmsg and the header of the first attribute."""
_MARK = 0x4000
"""The mark by which kube-proxy remembers what to masquerade (pkg/proxy/nftables/proxier.go, masqueradeBit 14)."""
_REGISTER_1, _REGISTER_2 = 1, 2
_TCP_ESTABLISHED = 3
"""TCP_CONNTRACK_ESTABLISHED (include/uapi/linux/netfilter/nf_conntrack_tcp.h)."""


def _expression(name: str, prefix: str, **attributes: Any) -> dict[str, Any]:
    data = [(f"NFTA_{prefix}_{key.upper()}", value) for key, value in attributes.items()]
    return {"attrs": [("NFTA_EXPR_NAME", name), ("NFTA_EXPR_DATA", {"attrs": data})]}


def _value(packed: bytes) -> dict[str, Any]:
    return {"attrs": [("NFTA_DATA_VALUE", packed)]}


def _equals(packed: bytes) -> dict[str, Any]:
    return _expression("cmp", "CMP", sreg=_REGISTER_1, op=0, data=_value(packed))


def _load(register: int, packed: bytes) -> dict[str, Any]:
    return _expression("immediate", "IMMEDIATE", dreg=register, data=_value(packed))


_META_L4PROTO = _expression("meta", "META", dreg=_REGISTER_1, key=16)
_META_MARK = _expression("meta", "META", dreg=_REGISTER_1, key=3)
_SET_MARK = _expression("meta", "META", key=3, sreg=_REGISTER_1)
_TCP_DPORT = _expression("payload", "PAYLOAD", dreg=_REGISTER_1, base=2, offset=2, len=2)
_MASQUERADE_FULLY_RANDOM = _expression("masq", "MASQ", flags={"NF_NAT_RANGE_PROTO_RANDOM_FULLY"})


_DROP = _expression(
    "immediate", "IMMEDIATE", dreg=0, data={"attrs": [("NFTA_DATA_VERDICT", {"attrs": [("NFTA_VERDICT_CODE", 0)]})]}
)
"""NF_DROP (include/uapi/linux/netfilter.h) into the verdict register."""


def _dnat(address: str, port: int) -> list[dict[str, Any]]:
    return [
        _load(_REGISTER_1, socket.inet_aton(address)),
        _load(_REGISTER_2, struct.pack("!H", port)),
        _expression("nat", "NAT", type=1, family=socket.AF_INET, reg_addr_min=_REGISTER_1, reg_proto_min=_REGISTER_2),
    ]


def _one_of(count: int) -> list[dict[str, Any]]:
    """True for a new connection with probability 1/count."""
    return [
        _expression("numgen", "NG", dreg=_REGISTER_1, modulus=count, type=1, offset=0),
        _equals(struct.pack("=I", 0)),
    ]


def _message(of_class: type[nlmsg], kind: int, flags: int, **attributes: Any) -> Any:
    message = of_class()
    message["attrs"] = [(of_class.name2nla(name), value) for name, value in attributes.items()]
    message["header"]["type"] = NFNL_SUBSYS_NFTABLES << 8 | kind
    message["header"]["flags"] = NLM_F_REQUEST | NLM_F_ACK | flags
    message["nfgen_family"] = socket.AF_INET
    return message


def _chain(name: str, hook: int, priority: int) -> Any:
    attachment = {"attrs": [("NFTA_HOOK_HOOKNUM", hook), ("NFTA_HOOK_PRIORITY", priority)]}
    return _message(nft_chain_msg, NFT_MSG_NEWCHAIN, NLM_F_CREATE, table=_TABLE, name=name, hook=attachment, type="nat")


def _rule(chain: str, expressions: list[dict[str, Any]]) -> Any:
    flags = NLM_F_CREATE | NLM_F_APPEND
    return _message(nft_rule_msg, NFT_MSG_NEWRULE, flags, table=_TABLE, chain=chain, expressions=expressions)


def _commit(namespace: NetNamespace, messages: list[Any]) -> None:
    """Sends the messages as one transaction: all of it takes effect at once, or nothing."""

    def boundary(kind: int) -> Any:
        message = nfgen_msg()
        message["res_id"] = NFNL_SUBSYS_NFTABLES
        message["header"]["type"] = kind
        message["header"]["flags"] = NLM_F_REQUEST
        return message

    async def send() -> None:
        nft = AsyncNFTables(nfgen_family=socket.AF_INET)
        await nft.setup_endpoint()
        try:
            batch = [boundary(_BATCH_BEGIN), *messages, boundary(_BATCH_END)]
            async for _ in nft.nlm_request_batch(batch):
                pass
        finally:
            nft.close()

    with namespace.entered():
        asyncio.run(send())


def prepare(namespace: NetNamespace) -> None:
    """Makes the empty chains of a node: translation on arrival, masquerading on departure."""
    marked = [_META_MARK, _equals(struct.pack("=I", _MARK)), _MASQUERADE_FULLY_RANDOM]
    _commit(
        namespace,
        [
            _message(nft_table_msg, NFT_MSG_NEWTABLE, NLM_F_CREATE, name=_TABLE),
            _chain(_NODE_PORTS, _PREROUTING, _PRIORITY_DSTNAT),
            _chain(_MASQUERADING, _POSTROUTING, _PRIORITY_SRCNAT),
            _rule(_MASQUERADING, marked),
        ],
    )


def program(namespace: NetNamespace, node_ports: NodePorts) -> None:
    """Replaces the node's translations by `node_ports`, in one transaction.

    A port without pods has no rule: nothing listens there, so the node refuses the connection, as kube-proxy's reject
    does.
    """
    messages = [_message(nft_rule_msg, NFT_MSG_DELRULE, 0, table=_TABLE, chain=_NODE_PORTS)]
    for port, pods in node_ports.items():
        match = [_META_L4PROTO, _equals(b"\x06"), _TCP_DPORT, _equals(struct.pack("!H", port))]
        if pods is None:
            messages.append(_rule(_NODE_PORTS, [*match, _DROP]))
            continue
        mark = [_load(_REGISTER_1, struct.pack("=I", _MARK)), _SET_MARK]
        for position, pod in enumerate(pods):
            messages.append(_rule(_NODE_PORTS, [*match, *_one_of(len(pods) - position), *mark, *_dnat(*pod)]))
    _commit(namespace, messages)


class RuleChanges:
    """Tells whether a node's rules have changed, by the number that the kernel gives each state of them."""

    def __init__(self, namespace: NetNamespace) -> None:
        with namespace.entered():  # the socket stays there
            self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER)
        self._seen: int | None = None

    def any(self) -> bool:
        """Whether the rules are others than when this was asked last; True when it is asked first."""
        asked = struct.pack("=IHHIIBBH", 20, NFNL_SUBSYS_NFTABLES << 8 | _NFT_MSG_GETGEN, NLM_F_REQUEST, 0, 0, 0, 0, 0)
        self._socket.send(asked)
        (generation,) = struct.unpack_from("!I", self._socket.recv(4096), _GENERATION_AT)
        changed = generation != self._seen
        self._seen = generation
        return changed


def pinned_flows(namespace: NetNamespace, address: str) -> int:
    """How many established connections the node still translates to the pod `address`."""
    with namespace.entered(), NFCTSocket() as conntrack:
        return sum(_translated_to(entry, address) for entry in conntrack.dump())


def _translated_to(entry: Any, address: str) -> bool:
    def addresses(direction: str) -> Any:
        return entry.get_attr(direction).get_attr("CTA_TUPLE_IP")

    info = entry.get_attr("CTA_PROTOINFO")
    tcp = info and info.get_attr("CTA_PROTOINFO_TCP")
    return (
        tcp is not None
        and tcp.get_attr("CTA_PROTOINFO_TCP_STATE") == _TCP_ESTABLISHED
        and addresses("CTA_TUPLE_REPLY").get_attr("CTA_IP_V4_SRC") == address
        and addresses("CTA_TUPLE_ORIG").get_attr("CTA_IP_V4_DST") != address
    )
