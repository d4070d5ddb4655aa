"""Provider plugins as the engine finds them: executables that ask the test process for a fresh server.

Each plugin process holds a connection to the test process; when the engine ends the process, its server goes too. So
instances are independent, as with real plugins, while cloud and faults are the test's.
"""

import contextlib
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from harness.provider import Provider, Server

Factory = Callable[[str], Provider]
"""Makes a provider; is given the plugin's PATH, on which programs such as the auth plugin are found."""

PLUGIN = """#!{python} -IS
import json, os, select, socket
parent = os.getppid()
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
connection.sendall(json.dumps({{"name": {name!r}, "path": os.environ.get("PATH", "")}}).encode() + b"\\n")
print(connection.makefile().readline().strip(), flush=True)
while os.getppid() == parent and not select.select([connection], [], [], 0.5)[0]:
    pass  # until the engine, also one that was killed, or the test process ends
"""


class Plugins:
    """Plugins of one engine; `install` writes their executables."""

    def __init__(self, folder: Path, factories: Mapping[str, Factory]) -> None:
        self.factories = dict(factories)
        self.servers: list[Server] = []
        """Of the plugin processes that live now."""
        self._address = str(folder / "plugins.sock")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._address)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True, name="plugins").start()

    def install(self, home: Path, versions: Mapping[str, str]) -> None:
        """Writes $PULUMI_HOME/plugins/resource-NAME-vVERSION/pulumi-resource-NAME."""
        for name, version in versions.items():
            folder = home / "plugins" / f"resource-{name}-v{version}"
            folder.mkdir(parents=True, exist_ok=True)
            program = folder / f"pulumi-resource-{name}"
            program.write_text(PLUGIN.format(python=sys.executable, address=self._address, name=name))
            program.chmod(0o755)

    def stop(self) -> None:
        """Ends all servers."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        os.unlink(self._address)
        for server in list(self.servers):
            server.stop()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True, name="plugin").start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile() as lines:
            asked = json.loads(lines.readline())
            server = Server(self.factories[asked["name"]](asked["path"]))
            self.servers.append(server)
            try:
                connection.sendall(f"{server.port}\n".encode())
                connection.recv(1)
            except OSError:
                pass  # killed
            finally:
                self.servers.remove(server)
                server.stop()
