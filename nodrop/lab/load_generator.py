"""Who sends a job's requests, and how many of them in a second of wall clock: a process in Python, or vegeta. Pure.

vegeta sends what the process in Python sends: GETs and POSTs, long and short, over kept and (fewer) fresh connections,
by the same draw. Calls of gRPC and connections that are kept open are Python's alone. Where requests wait for one of
vegeta's connections, the run is void (`vegeta_traffic`).
"""

from nodrop.lab.job import Job
from nodrop.lab.kubernetes.programs import VEGETA
from nodrop.lab.protocols import Requests
from nodrop.lab.results import PYTHON

PYTHON_HOLDS = 1000
"""Requests in a second of wall clock. Source: measured on two cores, where 1,500 were held and 5,000 were not."""
VEGETA_HOLDS = 5000
"""Requests in a second of wall clock, with Envoy and two stand-ins beside it. Source: measured on two idle cores for
22 s with 40 ms of latency at most, and for 74 s with 449 ms, after two void runs; docs/scale.md."""
VEGETA_FROM = 500
"""Requests in a second of wall clock from which it sends, where it is there, or from what Python holds if that is less.
Source: chosen, above what the default load is at the highest speed (360), so that a run without further options is the
same with and without it."""
FEW_PODS, MANY_PODS = 2, 90
"""Beside so many pods it was measured what is held."""
SHARE_BESIDE_MANY = 0.24
"""Of what is held beside `FEW_PODS`, beside `MANY_PODS`; in between it falls evenly, which is an assumption. Source:
measured with vegeta on two cores, where 1,200 requests were held for 163 s, and 3,400 were not; docs/scale.md. That it
is the same share for Python, of which 132 were held, is an assumption."""
GET_IT = "`make vegeta` in a checkout of gke-nodrop builds one"


def could_be_vegeta(job: Job) -> bool:
    """Whether vegeta is there, and sends what the job asks for."""
    return job.settings.vegeta is not None and job.application.requests is Requests.HTTP


def vegeta_of(job: Job) -> str | None:
    """The path of the vegeta that sends the job's requests; None: the process in Python does."""
    settings = job.settings
    most = min(VEGETA_FROM, _beside_pods(job, PYTHON_HOLDS))
    enough = settings.requests_per_second * settings.speed_up >= most
    return settings.vegeta if could_be_vegeta(job) and enough else None


def name_of(job: Job) -> str:
    """PYTHON or VEGETA."""
    return VEGETA if vegeta_of(job) else PYTHON


def holds(job: Job) -> int:
    """Requests in a second of wall clock that the best load generator for the job holds beside its pods."""
    return _beside_pods(job, VEGETA_HOLDS if could_be_vegeta(job) else PYTHON_HOLDS)


def _beside_pods(job: Job, requests: int) -> int:
    more = max(0, job.path.replicas - FEW_PODS) / (MANY_PODS - FEW_PODS)
    return round(requests * (1 - more * (1 - SHARE_BESIDE_MANY)))


def told(job: Job) -> str:
    """The bound in words, such as "the load generator holds 1,000 in a second of wall clock", with what raises it."""
    pods = job.path.replicas
    beside = f" beside {pods} pods" if pods > FEW_PODS else ""
    held = f"the load generator holds {holds(job):,} in a second of wall clock{beside}"
    if could_be_vegeta(job):
        return f"{held} (vegeta)"
    if job.application.requests is Requests.HTTP:
        return f"{held}, vegeta {_beside_pods(job, VEGETA_HOLDS):,}: {GET_IT}"
    return held
