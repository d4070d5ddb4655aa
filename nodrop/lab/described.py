"""What a run says of itself beside its counts: what was rehearsed, and under which conditions."""

from nodrop.lab import load_generator
from nodrop.lab.controllers.neg import has_readiness_gate
from nodrop.lab.job import Job
from nodrop.lab.lab import Lab
from nodrop.lab.left_out import left_out
from nodrop.lab.pace import FORCED
from nodrop.lab.results import NFTABLES, Conditions, Subject


def subject_of(lab: Lab) -> Subject:
    """What is rehearsed, as its manifests and the pods that are there say."""
    path = lab.job.path
    return Subject(
        variant=lab.job.variant,
        path=path.name,
        backend=path.backend.value,
        replicas=path.replicas,
        pre_stop_seconds=path.pre_stops.term_seconds or path.pre_stops.of(path.container).seconds,
        readiness_gate=any(has_readiness_gate(pod) for pod in lab.store.list("Pod")),
        keep_alive=lab.job.application.behaviour.keep_alive_timeout_seconds > 0,
        accepted=lab.job.accepted,
        unjudged=lab.job.unjudged,
        left_out=left_out(lab.job),
        differs=lab.job.differs,
    )


def conditions_of(lab: Lab) -> Conditions:
    """The inputs of the run."""
    settings, application = lab.job.settings, lab.job.application
    return Conditions(
        speed_up=settings.speed_up,
        pace=settings.pace or FORCED,
        speed_up_is_forced=settings.speed_up_is_forced,
        speed_up_is_bounded=settings.speed_up_is_bounded,
        allowance_real_seconds=settings.allowance_real_seconds,
        seed=settings.seed,
        requests_per_second=settings.requests_per_second,
        attach_lag_seconds=settings.attach_lags_seconds,
        detach_lag_seconds=settings.detach_lags_seconds,
        kube_proxy_lag_seconds=settings.kube_proxy_lags_seconds(len(lab.fabric.nodes)),
        longest_request_seconds=application.behaviour.longest_request_seconds,
        startup_seconds=application.behaviour.startup_seconds,
        keep_alive_timeout_seconds=application.behaviour.keep_alive_timeout_seconds,
        on_term=application.behaviour.on_term.value,
        stand_in=application.name,
        control_plane=lab.control_plane,
        retries=lab.backend.retries.value,
        proxy_mode=_proxy_mode(lab.job),
        client_ports=settings.client_ports,
        requests=application.requests.value,
        load_generator=load_generator.name_of(lab.job),
    )


def _proxy_mode(job: Job) -> str:
    if job.ipvs is None:
        return NFTABLES
    whose = "kube-proxy itself" if job.settings.control_plane == "kubernetes" else "kube-proxy's arithmetic"
    return f"{job.ipvs.told} with servers from {whose}"
