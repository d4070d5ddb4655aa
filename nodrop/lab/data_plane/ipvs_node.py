"""One node whose NodePort translation is a real kernel's IPVS: a User-mode Linux in the node's place on the VPC.

The kernel is an ordinary process, joined to the network by raw packets on a veth pair; it needs neither KVM nor TUN. It
holds the node's address, and forwards to the pods by way of the node's namespace. It ends with the process that started
it. Everything here must run outside an event loop, as the topology's calls.
"""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from nodrop.lab.controllers import ipvs
from nodrop.lab.controllers.ipvs import Change, Server
from nodrop.lab.controllers.kube_proxy import NodePorts
from nodrop.lab.data_plane import ipvs_guest, ipvs_packages
from nodrop.lab.data_plane.ipvs_guest import KubeProxyProgram
from nodrop.lab.data_plane.namespaces import NetNamespace, die_with_parent
from nodrop.lab.data_plane.topology import GUEST_INTERFACE, NODE_NETWORK, Fabric, Node
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Ipvs

BOOT_REAL_SECONDS = 60
"""How long a kernel may take until it answers; 2 to 3 s is usual."""
MEMORY, MEMORY_WITH_KUBE_PROXY = "96M", "320M"
"""Of one kernel. Source: chosen, enough for its programs."""
_SAID_CHARACTERS = 2000


@dataclass
class IpvsNode:
    """The running kernel of one node."""

    node: Node
    mode: Ipvs
    load_balancer: NetNamespace
    """From which the kernel is reached."""
    folder: Path
    """For its console and memory; made here."""
    packages: Path
    speed_up: float
    kube_proxy: KubeProxyProgram | None = None
    """The real one that changes the kernel's servers; None: the lab does."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def boot(self, nodes: Sequence[Node]) -> None:
        """Starts the kernel; `connect` waits until it answers."""
        if self.node.guest is None:
            raise LabFailedError(f"{self.node.name} has no place for a kernel")
        self.folder.mkdir()
        setup = ipvs_guest.Setup(
            address=f"{self.node.address}/{NODE_NETWORK.prefixlen}",
            gateway=str(NODE_NETWORK[1]),
            routes={str(each.pod_range): each.host_address for each in nodes},
            sysctls={
                "net/ipv4/ip_forward": "1",
                "net/ipv4/conf/all/rp_filter": "0",
                "net/ipv4/vs/conntrack": str(self.mode.conntrack),
                "net/ipv4/vs/conn_reuse_mode": str(self.mode.conn_reuse_mode),
                "net/ipv4/vs/expire_nodest_conn": str(self.mode.expire_nodest_conn),
                "net/ipv4/vs/expire_quiescent_template": "1",
            },
            speed_up=self.speed_up,
            packages=str(self.packages),
            kube_proxy=self.kube_proxy,
        )
        file = self.folder / "setup.json"
        file.touch(mode=0o600)  # it may hold a token
        file.write_text(json.dumps(asdict(setup)))
        memory = MEMORY_WITH_KUBE_PROXY if self.kube_proxy else MEMORY
        command = [
            *(str(self.packages / ipvs_packages.KERNEL), f"mem={memory}", "root=/dev/root", "rootfstype=hostfs"),
            *("rootflags=/", "ro", "con=null", "con0=null,fd:1", "quiet", "panic=-1", f"uml_dir={self.folder}"),
            f"vec0:transport=raw,ifname={GUEST_INTERFACE},depth=64",
            *(f"init={sys.executable}", "--", "-P", "-m", ipvs_guest.__name__, str(file)),
        ]
        with self.node.guest.entered(), self._console.open("wb") as console:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=console,
                stderr=console,
                env={"TMPDIR": str(self.folder), "HOME": str(self.folder), "PATH": os.environ.get("PATH", "")},
                preexec_fn=die_with_parent,
            )

    @property
    def _console(self) -> Path:
        return self.folder / "console"

    def connect(self) -> None:
        """Returns when the kernel takes changes.

        Raises:
            LabFailedError: it ended, or it does not answer within `BOOT_REAL_SECONDS`.
        """
        end = time.monotonic() + BOOT_REAL_SECONDS
        while True:
            if self._process.poll() is not None or time.monotonic() > end:
                why = f"ended with {self._process.returncode}" if self._process.returncode else "does not answer"
                said = self._console.read_text(errors="replace")[-_SAID_CHARACTERS:]
                raise LabFailedError(f"the kernel of {self.node.name} {why}; its console:\n{said}")
            try:
                with self.load_balancer.entered():
                    connection = socket.create_connection((self.node.address, ipvs_guest.CONTROL_PORT), timeout=1)
            except OSError:
                time.sleep(0.05)
                continue
            connection.settimeout(BOOT_REAL_SECONDS)
            self._lines = connection.makefile("rw")
            return

    def program(self, node_ports: NodePorts) -> None:
        """Brings the virtual servers to what kube-proxy's sync would make of them."""
        with self._lock:
            self._apply(ipvs.changes(node_ports, self._apply([]), delete_at_once=self.mode.delete_at_once))

    def servers(self) -> list[Server]:
        """Those of all node ports, as the kernel has them."""
        with self._lock:
            return self._apply([])

    def node_ports(self) -> NodePorts:
        """What new connections are translated to: servers whose weight is not 0."""
        servers = self.servers()
        ports = {server.node_port for server in servers}
        return {
            port: tuple(sorted((each.address, each.port) for each in servers if each.node_port == port and each.weight))
            for port in ports
        }

    def delete_ended(self) -> None:
        """What kube-proxy does every `ipvs.CHECK_SECONDS`."""
        with self._lock:
            self._apply(ipvs.ended(self._apply([])))

    def pinned_flows(self, address: str) -> int:
        """How many connections the kernel still keeps with the pod `address`: also those in TIME_WAIT."""
        return sum(server.connections for server in self.servers() if server.address == address)

    def _apply(self, changes: Sequence[Change]) -> list[Server]:
        """Makes the changes, and returns the servers that there are then."""
        try:
            print(json.dumps(changes), file=self._lines, flush=True)
            answer = self._lines.readline()
        except OSError as error:
            answer = f"{error}"
        if not answer.startswith("["):
            said = self._console.read_text(errors="replace")[-_SAID_CHARACTERS:]
            raise LabFailedError(f"the kernel of {self.node.name} no longer answers: {answer}\n{said}")
        return [Server(*each) for each in json.loads(answer)]


def boot_all(
    fabric: Fabric,
    mode: Ipvs,
    folder: Path,
    speed_up: float,
    kube_proxies: Mapping[str, KubeProxyProgram] | None = None,
) -> tuple[IpvsNode, ...]:
    """A kernel for each node, side by side; with each a real kube-proxy, where they are given by the nodes' names.

    Raises:
        LabFailedError: one of them does not start.
    """
    packages = Path(mode.packages)
    kernels = tuple(
        IpvsNode(
            node,
            mode,
            fabric.load_balancer,
            folder / f"ipvs-{node.name}",
            packages,
            speed_up,
            kube_proxies[node.name] if kube_proxies else None,
        )
        for node in fabric.nodes
    )
    for kernel in kernels:
        kernel.boot(fabric.nodes)
    for kernel in kernels:
        kernel.connect()
    return kernels
