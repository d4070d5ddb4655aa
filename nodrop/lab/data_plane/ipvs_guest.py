"""The first process of a node's kernel: it sets the kernel's IPVS up, then changes it as it is told to.

Runs inside User-mode Linux as `python -P -m nodrop.lab.data_plane.ipvs_guest FILE`, where the machine's files are seen
read-only; FILE holds a `Setup` as JSON. Takes the lab's connection on `CONTROL_PORT`; each line of it is a list of
changes (`controllers.ipvs.Change`) as JSON, and each answer the list of all servers. Where the setup names a
kube-proxy, that one changes the servers, and nobody else.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from nodrop.lab.data_plane import ipvs_packages
from nodrop.lab.data_plane.ipvs_modules import with_timeouts_divided

CONTROL_PORT = 7000
INTERFACE = "vec0"
MODULES = ("ip_vs", "ip_vs_rr", "iptable_nat", "xt_MASQUERADE")
KUBE_PROXY_MODULES = (
    *("dummy", "iptable_filter", "ipt_REJECT", "nf_conntrack_netlink", "xt_tcpudp"),
    *("xt_addrtype", "xt_comment", "xt_conntrack", "xt_mark", "xt_set", "ip_set_bitmap_port"),
    *("ip_set_hash_ip", "ip_set_hash_ipport", "ip_set_hash_ipportip", "ip_set_hash_ipportnet", "ip_set_hash_net"),
)
"""What kube-proxy's interface, rules and sets need: nothing here loads a module when it is wanted."""
KUBE_PROXY_REAL_SECONDS = 40
"""Within which kube-proxy has its first servers; 1 to 2 s are usual. Source: chosen."""
_FOLDER = Path("/run")
_SAID_CHARACTERS = 1500
_CONNTRACK_SECONDS = {
    "syn_sent": 120,
    "syn_recv": 60,
    "fin_wait": 120,
    "close_wait": 60,
    "last_ack": 30,
    "time_wait": 120,
    "close": 10,
}
"""The kernel's own (net/netfilter/nf_conntrack_proto_tcp.c, tcp_timeouts)."""


@dataclass(frozen=True, kw_only=True)
class KubeProxyProgram:
    """A real kube-proxy in IPVS mode."""

    program: str
    """Its path."""
    configuration: Mapping[str, Any]
    """A KubeProxyConfiguration without clientConnection."""
    kubeconfig: str
    """The text of one; it holds a token."""


@dataclass(frozen=True, kw_only=True)
class Setup:
    """What one node's kernel is given."""

    address: str
    """The node's own, with the length of its network: 10.130.0.2/20."""
    gateway: str
    routes: Mapping[str, str]
    """Next hop by network: where the pods are."""
    sysctls: Mapping[str, str]
    """Value by path below /proc/sys."""
    speed_up: float
    """The kernel's TCP timeouts are divided by it, as its clock runs with the wall clock."""
    packages: str
    """The folder with kernel modules, iptables and ipset."""
    kube_proxy: KubeProxyProgram | None = None
    """What changes the servers; None: the lab does."""

    @classmethod
    def from_json(cls, text: str) -> "Setup":
        """The setup whose fields (dataclasses.asdict) are in the text."""
        fields = json.loads(text)
        kube_proxy = fields.pop("kube_proxy")
        return cls(**fields, kube_proxy=KubeProxyProgram(**kube_proxy) if kube_proxy else None)


def _mount(kind: str, target: str) -> None:
    if ctypes.CDLL(None, use_errno=True).mount(kind.encode(), target.encode(), kind.encode(), 0, None):
        raise OSError(ctypes.get_errno(), f"mount {kind} on {target}")


def _load_modules(setup: Setup) -> None:
    folder = next((Path(setup.packages) / "usr/lib/uml/modules").iterdir())
    depends = dict(line.split(":", 1) for line in (folder / "modules.dep").read_text().splitlines())
    path_of = {Path(path).name.removesuffix(".ko"): path for path in depends}
    libc, done = ctypes.CDLL(None, use_errno=True), set()
    for wanted in (*MODULES, *(KUBE_PROXY_MODULES if setup.kube_proxy else ())):
        own = path_of[wanted]
        for path in [*reversed(depends[own].split()), own]:
            if path in done:
                continue
            done.add(path)
            image = (folder / path).read_bytes()
            if Path(path).name == "ip_vs.ko":
                image = with_timeouts_divided(image, setup.speed_up)
            if libc.syscall(175, image, ctypes.c_ulong(len(image)), b""):  # init_module, x86_64
                raise OSError(ctypes.get_errno(), f"init_module {path}")


def _environment(setup: Setup) -> dict[str, str]:
    """In which the programs of the packages find their libraries."""
    libraries = Path(setup.packages) / ipvs_packages.LIBRARIES
    return {"LD_LIBRARY_PATH": str(libraries), "XTABLES_LIBDIR": str(libraries / "xtables")}


def _masquerade(setup: Setup) -> None:
    """Every flow that this kernel forwards is a NodePort's, which kube-proxy masquerades."""
    program = str(Path(setup.packages) / ipvs_packages.IPTABLES)
    rule = ["-t", "nat", "-A", "POSTROUTING", "-p", "tcp", "-j", "MASQUERADE", "--random-fully"]
    subprocess.run([program, "iptables", *rule], env=_environment(setup), check=True)


def _prepare(setup: Setup) -> None:
    from pyroute2.iproute.linux import IPRoute

    _load_modules(setup)
    conntrack = {
        f"net/netfilter/nf_conntrack_tcp_timeout_{state}": str(max(1, round(seconds / setup.speed_up)))
        for state, seconds in _CONNTRACK_SECONDS.items()
    }
    _set({**conntrack, **setup.sysctls})
    with IPRoute() as ip:
        for name, address in (("lo", "127.0.0.1/8"), (INTERFACE, setup.address)):
            (index,) = ip.link_lookup(ifname=name)
            host, _, length = address.partition("/")
            ip.addr("add", index=index, address=host, prefixlen=int(length))
            ip.link("set", index=index, state="up")
        ip.route("add", dst="default", gateway=setup.gateway)
        for network, hop in setup.routes.items():
            ip.route("add", dst=network, gateway=hop)


def _set(sysctls: Mapping[str, str]) -> None:
    for name, value in sysctls.items():
        Path("/proc/sys", name).write_text(value)


class _Running:
    """kube-proxy, beside this process."""

    def __init__(self, setup: Setup, kube_proxy: KubeProxyProgram) -> None:
        """Returns when it has its first servers. Raises SystemExit with what it said where it does not get there."""
        programs = _FOLDER / "bin"
        programs.mkdir()
        iptables = ("iptables", "iptables-save", "iptables-restore", "ip6tables", "ip6tables-save", "ip6tables-restore")
        for name, path in {**dict.fromkeys(iptables, ipvs_packages.IPTABLES), "ipset": ipvs_packages.IPSET}.items():
            (programs / name).symlink_to(Path(setup.packages) / path)
        kubeconfig, configuration, self.log = _FOLDER / "kubeconfig", _FOLDER / "kube-proxy.json", _FOLDER / "log"
        kubeconfig.write_text(kube_proxy.kubeconfig)
        connection = {"clientConnection": {"kubeconfig": str(kubeconfig)}}
        configuration.write_text(json.dumps({**kube_proxy.configuration, **connection}))
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [kube_proxy.program, f"--config={configuration}"],
                env={**_environment(setup), "PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(_FOLDER)},
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + KUBE_PROXY_REAL_SECONDS
        while "TCP" not in Path("/proc/net/ip_vs").read_text():  # the API server's own Service at least
            if time.monotonic() > end:
                raise SystemExit(self._said("has made no virtual server"))
            self.check()
            time.sleep(0.1)
        _set(setup.sysctls)  # kube-proxy has set its own

    def check(self) -> None:
        """Raises SystemExit where it has ended."""
        if self.process.poll() is not None:
            raise SystemExit(self._said(f"has ended with {self.process.returncode}"))

    def _said(self, what: str) -> str:
        return f"kube-proxy {what}:\n{self.log.read_text(errors='replace')[-_SAID_CHARACTERS:]}"


class _Table:
    """The kernel's virtual servers: one for each node port, at the node's address."""

    def __init__(self, address: str) -> None:
        from pyroute2 import IPVS

        self.address = address
        self.ipvs = IPVS()

    def _ports(self) -> list[int]:
        """Those for which there is a virtual server."""
        services = (dict(message.get("IPVS_CMD_ATTR_SERVICE")["attrs"]) for message in self.ipvs.service("dump"))
        return sorted(of["IPVS_SVC_ATTR_PORT"] for of in services if of.get("IPVS_SVC_ATTR_ADDR") == self.address)

    def _service(self, node_port: int) -> Any:
        from pyroute2 import IPVSService

        return IPVSService(addr=self.address, port=node_port, protocol=socket.IPPROTO_TCP, sched_name="rr")

    def change(self, do: str, node_port: int, address: str, port: int) -> None:
        from pyroute2 import IPVSDest

        service = self._service(node_port)
        if node_port not in self._ports():
            self.ipvs.service("add", service=service)
        command, weight = {"add": ("add", 1), "drain": ("set", 0), "delete": ("del", 0)}[do]
        self.ipvs.dest(command, service=service, dest=IPVSDest(addr=address, port=port, weight=weight, fwd_method=0))

    def servers(self) -> list[tuple[int, str, int, int, int]]:
        found = []
        for node_port in self._ports():
            for message in self.ipvs.dest("dump", service=self._service(node_port)):
                of = dict(message.get("IPVS_CMD_ATTR_DEST")["attrs"])
                connections = of["IPVS_DEST_ATTR_ACTIVE_CONNS"] + of["IPVS_DEST_ATTR_INACT_CONNS"]
                address, port = of["IPVS_DEST_ATTR_ADDR"], of["IPVS_DEST_ATTR_PORT"]
                found.append((node_port, address, port, of["IPVS_DEST_ATTR_WEIGHT"], connections))
        return found


def _serve(setup: Setup) -> None:
    host = setup.address.partition("/")[0]
    table = _Table(host)
    kube_proxy = _Running(setup, setup.kube_proxy) if setup.kube_proxy else None
    if not kube_proxy:
        _masquerade(setup)
    with socket.create_server((host, CONTROL_PORT)) as listening:
        for line, answers in lines_of_lab(listening):
            if kube_proxy:
                kube_proxy.check()
            for change in json.loads(line):
                table.change(*change)
            print(json.dumps(table.servers()), file=answers, flush=True)


def lines_of_lab(listening: socket.socket) -> Iterator[tuple[str, TextIO]]:
    """Each line that the lab sends, and where its answer goes, until the lab ends.

    A connection that says nothing is one whose handshake took longer than the lab waited; it connects again.
    """
    has_spoken = False
    while not has_spoken:
        connection, _ = listening.accept()
        with suppress(ConnectionError), connection, connection.makefile("rw") as lines:
            for line in lines:
                has_spoken = True
                yield line, lines


def main() -> None:
    """Never returns while the lab holds its connection; the kernel stops when this process ends."""
    setup = Setup.from_json(Path(sys.argv[1]).read_text())
    _mount("proc", "/proc")
    _mount("tmpfs", str(_FOLDER))  # for the lock of iptables, and kube-proxy's files
    os.environ["PATH"] = "/usr/bin:/bin"
    _prepare(setup)
    _serve(setup)


if __name__ == "__main__":
    main()
