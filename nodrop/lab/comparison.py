"""What `nodrop compare` runs: one application, and one thing changed from row to row. Pure: makes jobs.

Both sides are the NEG path: its Deployment, its BackendConfig, its application's behaviour; behind a NodePort the
Service alone is another. Where pods turn unready there, one row keeps the NEG's health check; the others have what GKE
infers, which asks too rarely to see anything of them. A Deployment with the readiness gate loses its `minReadySeconds`:
old pods that stay for it hide what preStop and gate are good for. Without the gate it stays, as it is what a rollout
waits for. The NodePort stack as it is declared, with its own application, has rows of its own.
"""

from dataclasses import replace

from nodrop.gke.services import NEG, NO_NEG, READINESS_GATE, WITH_NEG
from nodrop.lab import variants
from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment, Ipvs, Job
from nodrop.paths import Backend, ServingPath

CLOSES = 0
"""A keep-alive timeout of 0: `Connection: close` after every response."""
SLOW_ATTACH_SECONDS = (80.0, 100.0)
"""Attach lags above every detach lag that was measured: an assumption, for it is then that the gate does its work."""


CLIENT_PORTS = 64
"""So few source ports that each is reused within the 120 s for which IPVS remembers a connection that has ended: a
busy gateway does the same with many. Source: chosen."""


_SLEPT, _SHORT, _IPVS = "NodePort, preStop", "short connections", "IPVS"
_TODAY, _OF_1_21, _BEFORE, _CURED = "today", "of kube-proxy 1.21", "before Linux 5.16", "of kube-proxy 1.21 + agent"
ROWS_WITH_IPVS = (
    f"{_SLEPT}, {_SHORT}",
    f"{_SLEPT}, {_SHORT}, {CLIENT_PORTS} ports",
    *(f"{_SLEPT}, {_IPVS} {each}" for each in (_TODAY, _OF_1_21, _BEFORE, _CURED)),
)
"""The rows that are there only where there is a kernel with IPVS."""


class ComparisonError(ValueError):
    """The two paths are not what is compared: the message names the path and what it would need."""


def comparison(
    neg: Job,
    node_port: Job,
    replicas: int | None = None,
    declared: str = "as declared",
    ipvs: Ipvs | None = None,
) -> list[Job]:
    """Rollouts behind NEGs with neither, preStop, gate, both, and behind a NodePort, where nobody looks at the gate,
    with and without preStop; the gate where attaching is slow; pods that turn unready; the NodePort path as declared.
    Where there is a kernel for it, also what IPVS adds behind a gateway with few ports.

    Args:
        neg: a rollout, as declared, of a path with NEG backends: what is rehearsed on both sides.
        node_port: the same of a path with instance group backends.
        replicas: of every rollout; None: as declared.
        declared: names the rows of `node_port` as it is declared, after "NodePort, ".
        ipvs: nodes that translate by IPVS, with what kube-proxy sets today; None: there is no kernel for it.

    Raises:
        ComparisonError: a path has the wrong kind of backend, or leaves it to GKE; or `neg` is behind a Gateway or has
            no preStop of known duration.
    """
    path, settings = neg.path, neg.settings
    pre_stop = path.pre_stops.term_seconds
    for each, wanted, annotation in (
        (path, Backend.NEG, WITH_NEG),
        (node_port.path, Backend.INSTANCE_GROUP, NO_NEG),
    ):
        if each.neg_is_assumed:
            told = f"{each.name} leaves to GKE whether it has NEGs"
            raise ComparisonError(f"{told}; wanted its Service's annotation {NEG}: {annotation}")
        if each.backend is not wanted:
            raise ComparisonError(f"{each.name} has {each.backend} backends; the comparison needs {wanted} there")
    if path.by_gateway:
        raise ComparisonError(f"{path.name} is behind a Gateway, which reaches NEGs only; wanted an Ingress")
    if not pre_stop:
        raise ComparisonError(f"{path.name} has no preStop that sleeps, so there is nothing to compare with")
    if path.pre_stops.open_before_term:
        raise ComparisonError(f"{path.name} has a preStop of unknown duration; the comparison needs one that sleeps")
    if READINESS_GATE in path.readiness_gates:
        path = variants.without_min_ready(path)
    moved = variants.behind_node_port(path)
    asked_rarely = variants.with_inferred_health_check(moved)
    rows, own = _Rows(neg, pre_stop), _Rows(node_port, pre_stop)
    quick = rows.unready_with_its_check(moved)
    return [
        *(rows.rollout(_sized(moved, replicas), slept=slept, gated=False) for slept in (False, True)),
        *(
            rows.rollout(_sized(path, replicas), slept=slept, gated=gated)
            for slept in (False, True)
            for gated in (False, True)
        ),
        *(rows.slow_attach(_sized(path, replicas), gated=gated) for gated in (False, True)),
        own.rollout_as_declared(_sized(node_port.path, replicas), declared),
        rows.unready(asked_rarely, 1, keep_alive=True, differs="NodePort, keep-alive, 2 pods, but one pod"),
        rows.unready(
            asked_rarely, 1, keep_alive=False, differs="NodePort, keep-alive, 1 pod, but each response closes"
        ),
        rows.unready(path, 1, keep_alive=True, differs="NEG, keep-alive, 2 pods, but one pod"),
        rows.unready(asked_rarely, 2, keep_alive=True, differs=f"{quick.variant}, but {_INFERRED}"),
        quick,
        rows.unready(path, 2, keep_alive=True, differs=""),
        own.unready_as_declared(node_port.path, declared),
        *(rows.behind_gateway(_sized(moved, replicas), ipvs) if ipvs and not settings.ipvs else ()),
    ]


def _sized(path: ServingPath, replicas: int | None) -> ServingPath:
    return path if replicas is None else variants.with_replicas(path, replicas)


class _Rows:
    """Makes the rows of one application."""

    def __init__(self, as_declared: Job, pre_stop_seconds: int) -> None:
        self.as_declared = as_declared
        self.stated = as_declared.application.behaviour
        self.settings = as_declared.settings
        self.pre_stop_seconds = pre_stop_seconds

    def rollout(self, path: ServingPath, *, slept: bool, gated: bool) -> Job:
        slept_path = path if slept else variants.without_pre_stop(path)
        return replace(
            self.as_declared,
            variant=f"{path.backend}, {_helps(slept=slept, gated=gated)}",
            path=variants.with_gate(slept_path) if gated else variants.without_gate(slept_path),
            inject_gate=gated,
            steady_first=self.stated.has_keep_alive_races,
            differs=self._differs(path.backend, slept=slept, gated=gated),
        )

    def _differs(self, backend: Backend, *, slept: bool, gated: bool) -> str:
        """Each row names the one that it has one thing more than, or is behind something else than."""
        if gated:
            return f"{backend}, {_helps(slept=slept, gated=False)}, but with the readiness gate"
        if slept:
            return f"{backend}, neither, but with a preStop of {self.pre_stop_seconds} s"
        return _BASE if backend is Backend.NEG else f"{Backend.NEG}, neither, but behind a NodePort"

    def slow_attach(self, path: ServingPath, *, gated: bool) -> Job:
        job = self.rollout(path, slept=True, gated=gated)
        least, most = SLOW_ATTACH_SECONDS
        return replace(
            job,
            variant=f"{job.variant}, slow attach",
            settings=replace(self.settings, attach_lag_seconds=SLOW_ATTACH_SECONDS),
            differs=f"{job.variant}, but with attach lags of {least:g} to {most:g} s",
        )

    def rollout_as_declared(self, path: ServingPath, declared: str) -> Job:
        return replace(
            self.as_declared,
            variant=f"{path.backend}, {declared}",
            path=path,
            steady_first=self.stated.has_keep_alive_races,
            differs=_OWN,
        )

    def behind_gateway(self, path: ServingPath, today: Ipvs) -> list[Job]:
        """Short connections from few ports, then through IPVS with one setting after the other changed.

        Before Linux 5.16 (c95c07836fa4, which stable series have too) `expire_nodest_conn` speaks of deleted servers
        only where `conn_reuse_mode` is 0: for those of weight 0 it is 0, whatever kube-proxy sets. The agent that
        deletes them at once is the lab's own, so a real control plane has none.
        """
        kept = self.rollout(path, slept=True, gated=False)
        short = replace(
            kept,
            variant=f"{kept.variant}, {_SHORT}",
            application=self._application(keep_alive=False),
            differs=f"{kept.variant}, but each response closes its connection",
        )
        gateway = replace(
            short,
            variant=f"{short.variant}, {CLIENT_PORTS} ports",
            settings=replace(self.settings, client_ports=CLIENT_PORTS),
            differs=f"{short.variant}, but with {CLIENT_PORTS} source ports a proxy",
        )

        def through(ipvs: Ipvs, name: str, other: Job, what: str) -> Job:
            settings = replace(gateway.settings, ipvs=ipvs)
            variant = f"{kept.variant}, {_IPVS} {name}"
            return replace(gateway, variant=variant, settings=settings, differs=f"{other.variant}, but {what}")

        reused = replace(today, conn_reuse_mode=0)
        kept_servers = replace(reused, expire_nodest_conn=0)
        agent = replace(reused, delete_at_once=True)
        of_today = through(today, _TODAY, gateway, f"through {today.told}")
        of_1_21 = through(reused, _OF_1_21, of_today, "with conn_reuse_mode=0")
        before = through(kept_servers, _BEFORE, of_1_21, "with expire_nodest_conn=0")
        cured = through(agent, _CURED, of_1_21, "an agent deletes servers of weight 0 at once")
        rows = [short, gateway, of_today, of_1_21, before]
        return rows if self.settings.control_plane == "kubernetes" else [*rows, cured]

    def unready(self, path: ServingPath, replicas: int, *, keep_alive: bool, differs: str) -> Job:
        return replace(
            self.as_declared,
            experiment=Experiment.UNREADY,
            variant=f"{path.backend}, {'keep-alive' if keep_alive else 'Connection: close'}, {_pods(replicas)}",
            path=variants.with_replicas(path, replicas),
            application=self._application(keep_alive=keep_alive),
            differs=differs,
        )

    def _application(self, *, keep_alive: bool) -> Application:
        application = self.as_declared.application
        stated = application.behaviour
        kept = stated if keep_alive else replace(stated, keep_alive_timeout_seconds=CLOSES)
        return replace(application, behaviour=kept)

    def unready_with_its_check(self, path: ServingPath) -> Job:
        """Two pods with the check of the NEG path, so that the backend alone changes.

        With one pod that check would fail at every node, and nothing would be sent to those any more.
        """
        job = self.unready(path, 2, keep_alive=True, differs="NEG, keep-alive, 2 pods, but behind a NodePort")
        return replace(job, variant=f"{job.variant}, NEG's check")

    def unready_as_declared(self, path: ServingPath, declared: str) -> Job:
        job = self.unready(path, 1, keep_alive=True, differs=_OWN)
        return replace(job, variant=f"{path.backend}, {declared}, 1 pod")


_INFERRED = "with the health check that GKE infers where none is stated"
_BASE = "the NEG stack as declared, but without preStop, readiness gate and the minReadySeconds beside a gate"
_OWN = "no other row, but the NodePort stack as it is declared: its own application, probes and health check"


def _helps(*, slept: bool, gated: bool) -> str:
    return " + ".join(name for name, there in (("preStop", slept), ("gate", gated)) if there) or "neither"


def _pods(replicas: int) -> str:
    return "1 pod" if replicas == 1 else f"{replicas} pods"
