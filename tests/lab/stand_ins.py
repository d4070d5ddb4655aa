"""The stand-in for a container, run on loopback as the tests ask it."""

import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from importlib import resources

from nodrop.lab import certificate

SCRIPT = str(resources.files("nodrop.lab") / "ready_test.py")


class Stand:
    """One running stand-in."""

    def __init__(self, process, port):
        self.process = process
        self.port = port

    def connect(self):
        return HTTPConnection("127.0.0.1", self.port, timeout=5)

    def get(self, path="/", connection=None, method="GET", body=None, **headers):
        """Status, body and headers."""
        connection = connection or self.connect()
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers

    def listens(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def wait_until_it_listens(self):
        """It listens on one of its ports after the other."""
        while not self.listens():
            assert self.process.poll() is None, "the stand-in has ended"
            time.sleep(0.02)


@contextmanager
def running(*options, listening=True, tls=False, **environment):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    arguments = [sys.executable, "-I", "-S", SCRIPT, f"--port={port}", *options]
    if tls:
        arguments.append(f"--tls-port={port}")
        environment["READY_TEST_CERTIFICATE"] = certificate.self_signed()
    with subprocess.Popen(arguments, env={"POD_NAME": "pod-1", **environment}) as process:
        stand = Stand(process, port)
        try:
            if listening:
                stand.wait_until_it_listens()
            yield stand
        finally:
            process.kill()


def closed_by_server(connection):
    """Whether the server closes the connection without another byte."""
    return connection.sock.recv(1) == b""


def until_closed(stand, request):
    """All that the server says until it closes the connection itself."""
    with socket.create_connection(("127.0.0.1", stand.port), timeout=5) as raw:
        raw.sendall(request)
        return b"".join(iter(lambda: raw.recv(1000), b"")).decode()
