"""The lab's parts: network, proxies, store, controllers, and what is real in the controllers' hands.

`running` has its life. Everything started here ends with the sandbox.
"""

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from nodrop.lab import certificate, protocols
from nodrop.lab.admitted import deployment_of, service_of
from nodrop.lab.clock import Clock
from nodrop.lab.controllers import Controller
from nodrop.lab.controllers.deployment import DeploymentController
from nodrop.lab.controllers.endpoint_slice import EndpointSliceController
from nodrop.lab.controllers.ipvs import CHECK_SECONDS
from nodrop.lab.controllers.kube_proxy import KubeProxy, NodePorts
from nodrop.lab.controllers.kubelet import Kubelet
from nodrop.lab.controllers.load_balancer import LoadBalancer, NetworkEndpoint
from nodrop.lab.controllers.neg import NegController, ReadinessReflector, inject_readiness_gate
from nodrop.lab.controllers.replica_set import ReplicaSetController
from nodrop.lab.controllers.scheduler import Scheduler
from nodrop.lab.counting import Cut
from nodrop.lab.data_plane import connections
from nodrop.lab.data_plane.backend_service import SYNS_OF_A_REQUEST_REAL_SECONDS, BackendService
from nodrop.lab.data_plane.envoy import Envoy
from nodrop.lab.data_plane.envoy_configuration import Configuration
from nodrop.lab.data_plane.namespaces import NetNamespace
from nodrop.lab.data_plane.topology import Fabric, Node, proxy_address
from nodrop.lab.data_plane.translation import Translation
from nodrop.lab.deployer import Deployer
from nodrop.lab.job import Job
from nodrop.lab.kubernetes.api_store import ApiStore
from nodrop.lab.kubernetes.cluster import Cluster, with_neg_status
from nodrop.lab.latency import Latencies
from nodrop.lab.node_runtime import NodeRuntime
from nodrop.lab.protocols import Requests
from nodrop.lab.recorder import Recorder
from nodrop.lab.results import EMBEDDED
from nodrop.lab.retries import retries_of
from nodrop.lab.routing import Routing
from nodrop.lab.store import Manifest, Store
from nodrop.paths import Backend

POLL_REAL_SECONDS = 0.05
"""How often the lab asks what no event announces: what Envoy's health checks found, which rules a node has."""


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
            folder: where the lab's files go.
            spawn: runs a task for as long as the lab lives; if it fails, so does the lab.
            cluster: whose controllers take the place of the embedded ones; None: these work.
        """
        settings, path = job.settings, job.path
        self.job = job
        self.fabric = fabric
        self.translations = translations
        self.folder = folder
        self.spawn = spawn
        self.clock = Clock(settings.speed_up, allowance_real_seconds=settings.allowance_real_seconds)
        self.recorder = Recorder(self.clock)
        self.latencies = Latencies(settings.allowance_real_seconds)
        self.backend = backend_of(job, self.clock)
        self.envoy = Envoy(Configuration(self.clock, folder / "envoy", self.backend, settings.proxies))
        self.pod_networks: dict[str, NetNamespace] = {}
        self.certificate = certificate.self_signed()
        self.cuts: list[Cut] = []
        self.cluster = cluster
        self.store = self._store()
        self.balancer = LoadBalancer(
            time=self.clock,
            attach_lag_seconds=settings.attach_lags_seconds,
            detach_lag_seconds=settings.detach_lags_seconds,
            draining_timeout_seconds=path.draining_timeout_seconds,
            program=self._program_proxy,
            cut=self._cut,
            health=lambda endpoint: self.routing.healthy_anywhere(endpoint),
            at_once=True,  # until the pods serve
        )
        self.routing = Routing(job, fabric.nodes, self.recorder, self.balancer.known)
        self.deployer: Deployer | None = None
        """Who makes and changes the objects; None: the lab does."""
        self.service: Manifest = {}
        self.controllers: list[Controller] = []

    async def declare(self) -> None:
        """Has the objects made, and takes control of them as soon as the Service is there.

        Raises:
            LabFailedError: the deployer makes no Service.
        """
        job = self.job
        if job.deployer and self.cluster:
            kubeconfig = self.cluster.plane.kubeconfig_file
            self.deployer = await Deployer.start(job.deployer, kubeconfig, self.folder / "deployer.log")
            key = "Service", job.path.namespace, job.path.service["metadata"]["name"]
            await self.deployer.until(lambda: self.store.has(*key), f"there was a Service {job.path.name}")
            self.service = self.store.get(*key)
        else:
            service = service_of(job)
            self.service = self.store.create(
                with_neg_status(service, injects_gate=job.gates_are_injected) if self.cluster else service
            )
            self.store.create(deployment_of(job))
        self.controllers = self._controllers()

    @property
    def deployment(self) -> Manifest:
        """The Deployment as it is now."""
        return self.store.get(*self.deployment_key)

    @property
    def deployment_key(self) -> tuple[str, str, str]:
        """The Deployment's kind, Namespace and name."""
        return "Deployment", self.job.path.namespace, self.job.path.deployment["metadata"]["name"]

    def _store(self) -> Store:
        if self.cluster is None:
            return Store(
                self.clock, inject_readiness_gate if self.job.gates_are_injected else lambda _store, _object: None
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
                pre_stop_seconds=self.job.slept_pre_stop_seconds,
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
                        self.fabric.nodes,
                        self.job.settings.kube_proxy_lags_seconds(len(self.fabric.nodes)),
                        self.translations,
                        strict=True,
                    )
                ),
            ]
        else:
            works = []
            self.spawn(self._follow_kube_proxy(self.cluster.read_node_ports))
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
        self.routing.observe()

    def _cut(self, proxy: int, endpoint: NetworkEndpoint) -> None:
        async def cut() -> None:
            source = proxy_address(proxy)
            await asyncio.sleep(self.clock.allowance_real_seconds)
            begin = time.monotonic()
            await asyncio.to_thread(connections.cut, self.fabric.load_balancer, source, endpoint.address, endpoint.port)
            self.cuts.append(Cut(f"{endpoint.address}:{endpoint.port}", begin, time.monotonic()))

        self.spawn(cut())

    def _queue_for(self, node: Node, translation: Translation) -> Callable[[NodePorts], None]:
        queue: asyncio.Queue[NodePorts] = asyncio.Queue()

        async def program_in_order() -> None:
            while True:
                node_ports = await queue.get()
                await asyncio.to_thread(translation.program, node_ports)
                self.routing.translated(node, node_ports)

        async def delete_what_ended() -> None:
            while True:
                await self.clock.sleep(CHECK_SECONDS)
                await asyncio.to_thread(translation.delete_ended)

        self.spawn(program_in_order())
        self.spawn(delete_what_ended())
        return queue.put_nowait

    async def _follow_kube_proxy(self, reads: Sequence[Callable[[], NodePorts | None]]) -> None:
        """Keeps up with what kube-proxy has each node translate."""
        while True:
            for node, read in zip(self.fabric.nodes, reads, strict=True):
                node_ports = await asyncio.to_thread(read)
                if node_ports is not None and node_ports != self.routing.node_ports.get(node.name):
                    self.routing.translated(node, node_ports)
            await asyncio.sleep(POLL_REAL_SECONDS)


def backend_of(job: Job, clock: Clock) -> BackendService:
    """The backend service of the job's path.

    Unless it is to end the longest requests, the backend timeout gets on top what is not compressed: the machine's
    latency, and for each try a SYN that is sent again; what stays open has but the latency.
    """
    path, timeout = job.path, job.path.backend_timeout_seconds
    real_seconds = clock.real(timeout) if job.outlasts_backend_timeout else clock.real_timeout(timeout)
    is_late = job.drops_syns and not job.outlasts_backend_timeout
    waits = SYNS_OF_A_REQUEST_REAL_SECONDS if is_late else 0
    requests = job.application.requests
    return BackendService(
        path.health_check,
        real_seconds + waits,
        tls=protocols.backend_speaks_tls(path),
        http2=protocols.backend_speaks_http2(path),
        grpc=requests is Requests.GRPC,
        kept_open=requests.kept_open,
        connection_real_seconds=real_seconds if protocols.connections_end_at_timeout(path, requests) else None,
        check_service=protocols.check_service(path),
        retries=retries_of(path),
        drops_syns=job.drops_syns,
    )
