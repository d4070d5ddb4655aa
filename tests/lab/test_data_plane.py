"""The network, the NodePort translation and the cutting of connections, on real packets."""

import http.client
import os
import pickle
import socket
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from nodrop.lab.data_plane import connections, namespaces, netfilter, topology
from nodrop.lab.data_plane.namespaces import NetNamespace

pytestmark = pytest.mark.lab

PORT = 8080
NODE_PORT = 30080


def isolated(work: Callable[[], Any]) -> Any:
    """What `work` returns when it runs as root of namespaces of its own."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if not child:
        try:
            uid, gid = os.geteuid(), os.getegid()
            namespaces.unshare(namespaces.CLONE_NEWUSER | namespaces.CLONE_NEWNET | namespaces.CLONE_NEWPID)
            namespaces.map_to_root(uid, gid)
            first = os.fork()
            if not first:
                outcome = pickle.dumps(work())
                with os.fdopen(write_end, "wb") as file:
                    file.write(outcome)
            else:
                os.waitpid(first, 0)
        except BaseException:
            traceback.print_exc()
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as file:
        outcome = file.read()
    os.waitpid(child, 0)
    assert outcome, "the isolated work failed"
    return pickle.loads(outcome)


def serve_own_address(address: str, pod: NetNamespace) -> None:
    script = f"""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def log_message(self, *_): pass
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "{len(address)}")
        self.end_headers()
        self.wfile.write(b"{address}")
ThreadingHTTPServer(("", {PORT}), Handler).serve_forever()
"""
    with pod.entered():
        subprocess.Popen([sys.executable, "-c", script])


def ask(connection: http.client.HTTPConnection) -> str:
    connection.request("GET", "/")
    return connection.getresponse().read().decode()


class Cluster:
    """Two nodes, one pod each, and what a load balancer sees of them."""

    def __init__(self) -> None:
        self.fabric = topology.build(proxies=2)
        self.pods = [node.add_pod() for node in self.fabric.nodes]
        for address, pod in self.pods:
            serve_own_address(address, pod)
        for node in self.fabric.nodes:
            netfilter.prepare(node.namespace)
        self.first, self.second = (address for address, _ in self.pods)
        for address, _ in self.pods:
            self.wait_for(address)

    def wait_for(self, address: str) -> None:
        for _ in range(100):
            try:
                ask(self.connect(address, PORT))
            except OSError:
                time.sleep(0.02)
            else:
                return

    def connect(self, address: str, port: int, proxy: int = 0) -> http.client.HTTPConnection:
        source = (topology.proxy_address(proxy), 0)
        connection = http.client.HTTPConnection(address, port, timeout=2, source_address=source)
        with self.fabric.load_balancer.entered():
            connection.connect()
        return connection

    def via_node(self) -> http.client.HTTPConnection:
        return self.connect(self.fabric.nodes[0].address, NODE_PORT)

    def translate_to(self, *pods: str) -> None:
        for node in self.fabric.nodes:
            netfilter.program(node.namespace, {NODE_PORT: tuple((pod, PORT) for pod in pods)})

    def pinned(self, pod: str) -> int:
        return netfilter.pinned_flows(self.fabric.nodes[0].namespace, pod)


def test_the_load_balancer_reaches_every_pod_by_its_own_address() -> None:
    def work() -> tuple[list[str], list[str]]:
        cluster = Cluster()
        addresses = [address for address, _ in cluster.pods]
        return addresses, [ask(cluster.connect(address, PORT)) for address in addresses]

    addresses, answers = isolated(work)
    assert answers == addresses


def test_a_node_port_spreads_new_connections_over_pods_on_both_nodes() -> None:
    def work() -> Counter[str]:
        cluster = Cluster()
        cluster.translate_to(cluster.first, cluster.second)
        return Counter(ask(cluster.via_node()) for _ in range(60))

    answers = isolated(work)
    assert len(answers) == 2
    assert min(answers.values()) > 10


def test_an_open_connection_stays_with_its_pod_after_the_rules_have_changed() -> None:
    def work() -> tuple[str, str, str, int, int]:
        cluster = Cluster()
        cluster.translate_to(cluster.first)
        old = cluster.via_node()
        before = ask(old)
        cluster.translate_to(cluster.second)
        new = cluster.via_node()
        return before, ask(old), ask(new), cluster.pinned(cluster.first), cluster.pinned(cluster.second)

    before, after, fresh, pinned_to_first, pinned_to_second = isolated(work)
    assert before == after != fresh
    assert (pinned_to_first, pinned_to_second) == (1, 1)


def test_a_node_port_without_pods_refuses_new_connections() -> None:
    def work() -> str:
        cluster = Cluster()
        cluster.translate_to(cluster.first)
        ask(cluster.via_node())
        cluster.translate_to()
        try:
            return ask(cluster.via_node())
        except ConnectionRefusedError:
            return "refused"

    assert isolated(work) == "refused"


def test_a_node_port_without_a_local_pod_drops_new_connections() -> None:
    def work() -> bool:
        cluster = Cluster()
        netfilter.program(cluster.fabric.nodes[0].namespace, {NODE_PORT: None})
        with cluster.fabric.load_balancer.entered():
            try:
                socket.create_connection((cluster.fabric.nodes[0].address, NODE_PORT), timeout=0.5)
            except TimeoutError:
                return True
        return False

    assert isolated(work)


def test_a_removed_pods_address_is_unreachable_at_once() -> None:
    def work() -> tuple[str, float]:
        cluster = Cluster()
        cluster.fabric.nodes[0].remove_pod(cluster.first)
        begin = time.monotonic()
        try:
            ask(cluster.connect(cluster.first, PORT))
        except OSError as error:
            return os.strerror(error.errno or 0), time.monotonic() - begin
        return "answered", 0.0

    why, seconds = isolated(work)
    assert why == "No route to host"
    assert seconds < 0.5


def test_cutting_closes_the_connections_of_one_proxy_to_one_endpoint_and_no_others() -> None:
    def work() -> tuple[int, list[str]]:
        cluster = Cluster()
        opened = [cluster.connect(cluster.first, PORT, 0), cluster.connect(cluster.first, PORT, 1)]
        opened.append(cluster.connect(cluster.second, PORT, 0))
        count = connections.cut(cluster.fabric.load_balancer, topology.proxy_address(0), cluster.first, PORT)

        def state(connection: http.client.HTTPConnection) -> str:
            assert isinstance(connection.sock, socket.socket)
            connection.auto_open = 0
            try:
                return ask(connection)
            except OSError:
                return "cut"

        return count, [state(connection) for connection in opened]

    count, (cut, other_proxy, other_pod) = isolated(work)
    assert count == 1
    assert cut == "cut"
    assert {other_proxy, other_pod}.isdisjoint({"cut", ""})
