"""The assembled lab: one serving path on real packets, kept in its declared state by the controllers.

Describe (a `Job`), build (`Lab.running`), measure (`experiments`). Everything started here ends with the sandbox.
"""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from nodrop.lab import certificate, protocols, traffic
from nodrop.lab.clock import Clock
from nodrop.lab.controllers import Controller
from nodrop.lab.controllers.deployment import DeploymentController, rolled_out
from nodrop.lab.controllers.endpoint_slice import EndpointSliceController
from nodrop.lab.controllers.ipvs import CHECK_SECONDS
from nodrop.lab.controllers.kube_proxy import KubeProxy, NodePorts
from nodrop.lab.controllers.kubelet import Kubelet
from nodrop.lab.controllers.load_balancer import LoadBalancer, NetworkEndpoint
from nodrop.lab.controllers.neg import NegController, ReadinessReflector, inject_readiness_gate
from nodrop.lab.controllers.replica_set import ReplicaSetController
from nodrop.lab.controllers.scheduler import Scheduler
from nodrop.lab.counting import Cut, with_draining_named
from nodrop.lab.data_plane import connections, netfilter
from nodrop.lab.data_plane.envoy import Envoy
from nodrop.lab.data_plane.envoy_configuration import FIRST_PORT, LATENCY_PATH, BackendService, Configuration
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.data_plane.topology import LOAD_BALANCER_ADDRESS, Fabric, Node, proxy_address
from nodrop.lab.data_plane.translation import Translation
from nodrop.lab.doubt import latency_doubts, most_latency
from nodrop.lab.errors import LabFailedError, LabStalledError
from nodrop.lab.job import Job
from nodrop.lab.kubernetes import nodes
from nodrop.lab.kubernetes.api_store import ApiStore
from nodrop.lab.kubernetes.cluster import Cluster, with_neg_status
from nodrop.lab.kubernetes.control_plane import ControlPlane
from nodrop.lab.node_runtime import NodeRuntime
from nodrop.lab.protocols import Requests, websockets_end_at_timeout
from nodrop.lab.recorder import Recorder
from nodrop.lab.results import EMBEDDED
from nodrop.lab.retries import retries_of
from nodrop.lab.store import Manifest, Store
from nodrop.lab.traffic import Record, TrafficPlan, parse_records, to_line
from nodrop.paths import Backend

HEALTH_POLL_REAL_SECONDS = 0.05
"""How often the lab asks Envoy what its health checks found."""
_STALL_WATCH_REAL_SECONDS = 0.02
CONNECTIONS_PER_REQUEST_RATE = 5
"""WebSocket connections that are kept open for each request per second that was asked for. Source: chosen."""
DEFAULT_NODE_PORT = 30080
"""Given to a NodePort Service that names none, as the API server would choose one from 30000 to 32767."""


class Lab:
    """One lab inside its sandbox."""

    def __init__(
        self,
        job: Job,
        fabric: Fabric,
        translations: Sequence[Translation],
        folder: Path,
        spawn: Callable[[Coroutine[Any, Any, None]], object],
        cluster: Cluster | None = None,
    ) -> None:
        """Must be made inside the event loop.

        Args:
            job: what to rehearse.
            fabric: the network, as topology.build made it.
            translations: what translates each node's NodePorts, in the order of the nodes.
            folder: where the proxies' files go.
            spawn: runs a task for as long as the lab lives; if it fails, so does the lab.
            cluster: whose controllers take the place of the embedded ones; None: these work.
        """
        settings, path = job.settings, job.path
        self.job = job
        self.fabric = fabric
        self.translations = translations
        self.spawn = spawn
        self.clock = Clock(settings.speed_up, allowance_real_seconds=settings.allowance_real_seconds)
        self.recorder = Recorder(self.clock)
        self.attach_lags = settings.spread(settings.attach_lag_seconds, settings.proxies, "attach")
        self.detach_lags = settings.spread(settings.detach_lag_seconds, settings.proxies, "detach")
        self.kube_proxy_lags = settings.spread(settings.kube_proxy_lag_seconds, len(fabric.nodes), "kube-proxy")
        backend = BackendService(
            path.health_check,
            self._timeout_real_seconds,
            tls=protocols.backend_speaks_tls(path),
            http2=protocols.backend_speaks_http2(path),
            grpc=job.application.requests is Requests.GRPC,
            websocket=job.application.requests is Requests.WEBSOCKET,
            connection_real_seconds=self._connection_real_seconds,
            check_service=protocols.check_service(path),
            retries=retries_of(path),
        )
        self.envoy = Envoy(Configuration(self.clock, folder / "envoy", backend, settings.proxies))
        self.health: dict[tuple[str, int], list[bool | None]] = {}
        self.node_ports: dict[str, NodePorts] = {}
        self.pod_networks: dict[str, NetNamespace] = {}
        self.latencies_real_seconds = {"controllers": 0.0, "proxies": 0.0}
        self.measuring = False
        self.certificate = certificate.self_signed()
        self.cuts: list[Cut] = []
        self.cluster = cluster
        self.store = self._store()
        self.balancer = LoadBalancer(
            time=self.clock,
            attach_lag_seconds=self.attach_lags,
            detach_lag_seconds=self.detach_lags,
            draining_timeout_seconds=path.draining_timeout_seconds,
            program=self._program_proxy,
            cut=self._cut,
            health=self._healthy_anywhere,
        )
        self.service = self.store.create(self._service())
        self.controllers = self._controllers()

    @property
    def _timeout_real_seconds(self) -> float:
        """The backend timeout, with the machine's latency on top unless it is to end the longest requests."""
        timeout = self.job.path.backend_timeout_seconds
        outlasted = self.job.application.behaviour.longest_request_seconds > timeout
        return self.clock.real(timeout) if outlasted else self.clock.real_timeout(timeout)

    @property
    def _connection_real_seconds(self) -> float | None:
        """How long the load balancer lets an active WebSocket connection last; None: longer than any run."""
        websockets = self.job.application.requests is Requests.WEBSOCKET
        return self._timeout_real_seconds if websockets and websockets_end_at_timeout(self.job.path) else None

    @property
    def _gates_are_injected(self) -> bool:
        return self.job.inject_gate and self.job.path.backend is Backend.NEG

    @property
    def deployment(self) -> Manifest:
        """The Deployment as it is now."""
        metadata = self.job.path.deployment["metadata"]
        return self.store.get("Deployment", self.job.path.namespace, metadata["name"])

    def _store(self) -> Store:
        if self.cluster is None:
            return Store(
                self.clock, inject_readiness_gate if self._gates_are_injected else lambda _store, _object: None
            )
        broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def watch() -> None:
            await broken

        def fail(error: BaseException) -> None:
            if not broken.done():
                broken.set_exception(error)

        self.spawn(watch())
        return ApiStore(self.cluster.plane.client, self.clock, fail)

    @property
    def control_plane(self) -> str:
        """Whose controllers work, in words."""
        return f"Kubernetes {self.cluster.version}" if self.cluster else EMBEDDED

    def _service(self) -> Manifest:
        service = self.job.path.service
        ports = []
        for number, port in enumerate(service["spec"]["ports"]):
            given = {"nodePort": DEFAULT_NODE_PORT + number} if self.job.path.backend is Backend.INSTANCE_GROUP else {}
            ports.append({**given, **port})
        metadata = {**service["metadata"], "namespace": self.job.path.namespace}
        declared = {**service, "metadata": metadata, "spec": {**service["spec"], "ports": ports}}
        return with_neg_status(declared, injects_gate=self._gates_are_injected) if self.cluster else declared

    @property
    def service_port(self) -> Manifest:
        """The serving path's port, as the Service in the store has it."""
        position = self.job.path.service["spec"]["ports"].index(self.job.path.service_port)
        return self.service["spec"]["ports"][position]

    def _controllers(self) -> list[Controller]:
        neg = None
        if self.job.path.backend is Backend.NEG:
            zones = {node.name: node.zone for node in self.fabric.nodes}
            neg = NegController(self.store, self.service, self.service_port, zones, self.balancer)
        else:
            for node in self.fabric.nodes:
                self.balancer.attach(NetworkEndpoint(node.address, self.service_port["nodePort"], node.zone, ""))
        kubelets = [
            Kubelet(
                store=self.store,
                clock=self.clock,
                node=node.name,
                runtime=NodeRuntime(self, node),
                recorder=self.recorder,
                serving_container=self.job.path.container,
                pre_stop_seconds=lambda container: self.job.path.pre_stop_seconds(container) or 0,
                spawn=self.spawn,
            )
            for node in self.fabric.nodes
        ]
        if self.cluster is None:
            works: list[Controller] = [
                DeploymentController(self.store, self.clock),
                ReplicaSetController(self.store, self.clock),
                Scheduler(self.store, tuple(node.name for node in self.fabric.nodes)),
                EndpointSliceController(self.store),
                *(
                    KubeProxy(self.store, self.clock, node.name, lag, self._queue_for(node, translation))
                    for node, lag, translation in zip(
                        self.fabric.nodes, self.kube_proxy_lags, self.translations, strict=True
                    )
                ),
            ]
        else:
            works = []
            self.spawn(self._read_rules(self.cluster.plane))
        return [
            *kubelets,
            *works,
            *([neg] if neg else []),
            ReadinessReflector(self.store, self.clock, neg),
            self.balancer,
        ]

    # What is real, handed to the controllers

    def _program_proxy(self, proxy: int, endpoints: frozenset[NetworkEndpoint]) -> None:
        self.envoy.program(proxy, endpoints)
        self._observe()

    def _cut(self, proxy: int, endpoint: NetworkEndpoint) -> None:
        async def cut() -> None:
            source = proxy_address(proxy)
            await asyncio.sleep(self.clock.allowance_real_seconds)
            begin = time.monotonic()
            await asyncio.to_thread(connections.cut, self.fabric.load_balancer, source, endpoint.address, endpoint.port)
            self.cuts.append(Cut(f"{endpoint.address}:{endpoint.port}", begin, time.monotonic()))

        self.spawn(cut())

    def _healthy_anywhere(self, endpoint: NetworkEndpoint) -> bool | None:
        verdicts = self.health.get((endpoint.address, endpoint.port), [])
        return None if all(verdict is None for verdict in verdicts) else any(verdicts)

    def _queue_for(self, node: Node, translation: Translation) -> Callable[[NodePorts], None]:
        queue: asyncio.Queue[NodePorts] = asyncio.Queue()

        async def program_in_order() -> None:
            while True:
                node_ports = await queue.get()
                await asyncio.to_thread(translation.program, node_ports)
                self.node_ports[node.name] = node_ports
                self._observe()

        async def delete_what_ended() -> None:
            while True:
                await self.clock.sleep(CHECK_SECONDS)
                await asyncio.to_thread(translation.delete_ended)

        self.spawn(program_in_order())
        self.spawn(delete_what_ended())
        return queue.put_nowait

    async def _read_rules(self, plane: ControlPlane) -> None:
        """Keeps `node_ports` up to date with the rules that kube-proxy has written on each node."""
        changes = {node.name: netfilter.RuleChanges(node.namespace) for node in self.fabric.nodes}
        while True:
            for node in [node for node in self.fabric.nodes if changes[node.name].any()]:
                rules = await asyncio.to_thread(nodes.ruleset, plane, node.namespace)
                self.node_ports[node.name] = nodes.node_ports_of(rules)
                self._observe()
            await asyncio.sleep(HEALTH_POLL_REAL_SECONDS)

    def _routable(self) -> set[str]:
        """Addresses of the pods to which any proxy (NEG) or node (NodePort) would send a new request or connection."""
        if self.job.path.backend is Backend.NEG:
            return {e.address for e in self.balancer.known() if self._healthy_anywhere(e)}
        return {pod for table in self.node_ports.values() for pods in table.values() for pod, _port in pods or ()}

    def _observe(self) -> None:
        routable = self._routable()
        for name, record in self.recorder.pods.items():
            if "removed" not in record.events and record.address:
                if record.address in routable:
                    self.recorder.event(name, "attached")
                elif "attached" in record.events:
                    self.recorder.event(name, "removed")

    # The loops

    async def manage(self) -> None:
        """Runs the controllers: all of them whenever an object changed or one of them asked to be called again."""
        while True:
            seen = self.store.resource_version
            wakeups = [wake for controller in self.controllers if (wake := controller.sync()) is not None]
            pause = self.clock.real(min(wakeups) - self.clock.now()) if wakeups else None
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(None if pause is None else max(0, pause)):
                    await self.store.watch(seen)  # not in wait_for: that of Python 3.11 may swallow the end of the lab

    async def poll_health(self) -> None:
        """Keeps `health` up to date with what the proxies' health checks find."""
        while True:
            with contextlib.suppress(aiohttp.ClientError):  # Envoy is not listening yet
                self.health = await self.envoy.health()
                self._observe()
            await asyncio.sleep(HEALTH_POLL_REAL_SECONDS)

    async def watch_stalls(self) -> None:
        """Notes how much later than asked this process wakes up."""
        while True:
            asleep = time.monotonic()
            await asyncio.sleep(_STALL_WATCH_REAL_SECONDS)
            self._note_latency("controllers", time.monotonic() - asleep - _STALL_WATCH_REAL_SECONDS)

    async def watch_proxies(self) -> None:
        """Notes how late the proxies answer what takes them no time."""
        url = f"http://{LOAD_BALANCER_ADDRESS}:{FIRST_PORT}{LATENCY_PATH}"
        async with aiohttp.ClientSession() as session:
            while True:
                asked = time.monotonic()
                with contextlib.suppress(aiohttp.ClientError):  # Envoy is not listening yet
                    async with session.get(url):
                        self._note_latency("proxies", time.monotonic() - asked)
                await asyncio.sleep(_STALL_WATCH_REAL_SECONDS)

    def _note_latency(self, part: str, real_seconds: float) -> None:
        self.latencies_real_seconds[part] = max(self.latencies_real_seconds[part], real_seconds)
        bound = most_latency(self.clock.allowance_real_seconds)
        if self.measuring and (doubts := latency_doubts(self.latencies_real_seconds, bound)):
            raise LabStalledError(doubts[0])

    def begin_measuring(self) -> None:
        """From now on a latency that spoils the result ends the run."""
        self.latencies_real_seconds = dict.fromkeys(self.latencies_real_seconds, 0.0)
        self.measuring = True

    async def settle(self) -> None:
        """Returns when the Deployment is rolled out and every proxy and node knows all of its pods.

        Raises:
            TimeoutError: that is not so when the Deployment's progress deadline has passed.
        """
        async with asyncio.timeout(self.clock.real(self.job.path.progress_deadline_seconds)):
            while not (rolled_out(self.deployment) and self.balancer.programmed() and self._all_healthy()):
                await asyncio.sleep(HEALTH_POLL_REAL_SECONDS)

    def _all_healthy(self) -> bool:
        """Every proxy finds each of its endpoints healthy, and every node translates to each pod."""
        pods = {record.address for record in self.recorder.pods.values() if "gone" not in record.events}
        endpoints = self._that_serve(self.balancer.known())
        checked = [verdict for e in endpoints for verdict in self.health.get((e.address, e.port), [])]
        healthy = len(checked) == len(endpoints) * self.job.settings.proxies and all(checked)
        if self.job.path.backend is Backend.NEG:
            return healthy and pods == {e.address for e in endpoints}
        return healthy and all(self._translates_to(node, pods) for node in self.fabric.nodes)

    def _that_serve(self, endpoints: frozenset[NetworkEndpoint]) -> frozenset[NetworkEndpoint]:
        """Without nodes that drop what arrives, as they have no pod of their own."""
        dropping = {
            node.address
            for node in self.fabric.nodes
            if any(pods is None for pods in self.node_ports.get(node.name, {}).values())
        }
        return frozenset(endpoint for endpoint in endpoints if endpoint.address not in dropping)

    def _translates_to(self, node: Node, pods: set[str]) -> bool:
        """Whether the node's rules name all these pods, or, with externalTrafficPolicy Local, its own of them."""
        if self.service["spec"].get("externalTrafficPolicy") == "Local":
            pods = {each.address for each in self.recorder.pods.values() if each.node == node.name} & pods
        return pods == {pod for each in self.node_ports.get(node.name, {}).values() for pod, _ in each or ()}

    @asynccontextmanager
    async def traffic(self, longest_request_seconds: float) -> AsyncGenerator[list[Record]]:
        """Sends requests while the body runs; the records are in the list that it yields once the body has ended."""
        settings = self.job.settings
        plan = TrafficPlan(
            targets=tuple(f"http://{LOAD_BALANCER_ADDRESS}:{FIRST_PORT + proxy}/" for proxy in range(settings.proxies)),
            requests_per_second=settings.requests_per_second * settings.speed_up,
            longest_request_seconds=self.clock.real(longest_request_seconds),
            requests=self.job.application.requests,
            connections=round(CONNECTIONS_PER_REQUEST_RATE * settings.requests_per_second),
            connection_seconds=self._connection_real_seconds,
            seed=settings.seed,
        )
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            "-m",
            traffic.__name__,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if process.stdin is None or process.stdout is None:
            raise LabFailedError("the traffic generator has no pipes")
        process.stdin.write(to_line(plan))
        records: list[Record] = []
        try:
            await process.stdout.readline()  # it has begun to send
            self.spawn(self._watch_traffic(process))
            yield records
        except BaseException:
            process.kill()
            raise
        with contextlib.suppress(ProcessLookupError):  # it has given up
            process.terminate()
        written, errors = await process.communicate()
        if process.returncode in (traffic.BEHIND, -signal.SIGTERM):  # or it was about to give up
            raise LabStalledError(self._behind)
        if process.returncode == traffic.NO_ANSWER:
            raise LabStalledError(f"no proxy answered these requests:\n{errors.decode().strip()}")
        if process.returncode:
            raise LabFailedError(
                f"the traffic generator ended with exit code {process.returncode}:\n{errors.decode().strip()}"
            )
        records += with_draining_named(parse_records(written.decode()), self.cuts, self.clock.allowance_real_seconds)

    async def _watch_traffic(self, process: asyncio.subprocess.Process) -> None:
        """Ends the run as soon as the load generator has given up."""
        if await process.wait() == traffic.BEHIND:
            raise LabStalledError(self._behind)

    @property
    def _behind(self) -> str:
        settings = self.job.settings
        return (
            f"the load generator could not keep up at {settings.requests_per_second:,g} requests/s on this machine: "
            f"it was {traffic.GIVE_UP_SECONDS} s behind its plan of "
            f"{settings.requests_per_second * settings.speed_up:,g} requests in a second of wall clock"
        )
