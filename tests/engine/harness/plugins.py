"""Stand-ins for provider plugins, as the engine starts them: executables that ask the test process for a fresh server.

Each plugin process holds a connection to the test process; when the engine ends the process, its server goes too. So
instances are independent, as with real plugins, while cloud and faults are the test's.
"""

import contextlib
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from harness.provider import Provider, Server

PLUGIN = """#!{python} -IS
import os, select, socket
parent = os.getppid()
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
print(connection.makefile().readline().strip(), flush=True)
while os.getppid() == parent and not select.select([connection], [], [], 0.5)[0]:
    pass  # until the engine, also one that was killed, or the test process ends
"""


class StandIn:
    """One plugin, of one engine."""

    def __init__(self, program: Path, make: Callable[[], Provider], *, address: Path) -> None:
        """Writes the executable; `address` is where its processes find this one."""
        self.make = make
        self.servers: list[Server] = []
        """Of the plugin processes that live now."""
        self._address = str(address)
        program.write_text(PLUGIN.format(python=sys.executable, address=self._address))
        program.chmod(0o755)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._address)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True, name="plugin processes").start()

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
        with connection:
            server = Server(self.make())
            self.servers.append(server)
            try:
                connection.sendall(f"{server.port}\n".encode())
                connection.recv(1)
            except OSError:
                pass  # killed
            finally:
                self.servers.remove(server)
                server.stop()
