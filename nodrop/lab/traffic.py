"""The clients: a process of its own that sends requests at a steady rate and writes down what became of each.

An open loop: a slow answer delays no later request, or there is no result (`BehindError`). Every request draws its
proxy, method (GET or POST), connection (kept alive or fresh) and length by the seed. Nothing is retried here.

Runs as `python -m nodrop.lab.traffic`, takes a `TrafficPlan` as JSON on standard input, writes an empty line when it
begins, stops on SIGTERM and then writes its records as JSON, `LINE_RECORDS` a line. Where the plan names a vegeta, that
sends the requests (`vegeta_traffic`). Why there are no records is told on standard error: one line, or for `NO_ANSWER`
one for each request.
"""

import asyncio
import json
import random
import resource
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, NoReturn

import aiohttp

from nodrop.lab.causes import CLOSED_WITHIN, cause_by_grpc, cause_of_answer, number_in, own_error
from nodrop.lab.data_plane.envoy_configuration import ATTEMPTS_HEADER, UPSTREAM_HEADER
from nodrop.lab.errors import BehindError, BrokenError
from nodrop.lab.protocols import Requests
from nodrop.lab.ready_test import HEALTH_METHOD, SECONDS_HEADER

GRPC_METHOD = "gRPC"
"""Stands for the method in the records of calls of gRPC."""
OPEN, END = "opened", "ended"
"""Stand for it in those of connections that are kept open, each of which has one of both."""
_EMPTY_MESSAGE = bytes(5)
"""In the frame of gRPC."""
LONG_SHARE = 0.1
"""Share of the requests that last as long as the longest request. Source: chosen."""
_PATIENCE_SECONDS = 10
"""Wall-clock seconds that requests in flight get after SIGTERM beside the longest request: more than a proxy waits."""
GIVE_UP_SECONDS = 2
"""Wall-clock seconds behind its plan at which the load generator sends no more. Source: chosen."""
BEHIND = 76
"""Exit code where the load was less than asked for."""
LINE_RECORDS = 500
"""Records in one line of JSON, which the lab's loop parses without a pause. Source: chosen, for about a millisecond."""
LINE_BYTES = 2**22
"""The longest line that is read."""
NO_ANSWER = 75
"""Exit code where a request is still without an answer then, from a proxy as well: it is the machine that failed."""


@dataclass(frozen=True, kw_only=True)
class TrafficPlan:
    """What to send; all times in wall-clock seconds."""

    targets: tuple[str, ...]
    """Base URL of each proxy."""
    requests_per_second: float
    longest_request_seconds: float
    """0: all requests are short."""
    seed: int
    requests: Requests = Requests.HTTP
    connections: int = 0
    """That are kept open, where `requests.kept_open`."""
    connection_seconds: float | None = None
    """After which the load balancer ends one; None: it does not."""
    vegeta: str | None = None
    """Path of the vegeta that sends; None: this process does."""
    unreachable_seconds: float = 0.0
    """How long a proxy tries to reach pods that are gone, at most; of vegeta's connections so many more are allowed."""


class Drawn(NamedTuple):
    """What one request is to be."""

    base: str
    """Base URL of its proxy."""
    lasts: float
    """Wall-clock seconds; 0: it is short."""
    kept: bool
    """Whether its connection is kept."""
    method: str


def drawn(plan: TrafficPlan, draw: random.Random) -> Drawn:
    """The next request: its proxy, connection and method are equally likely, one in `1 / LONG_SHARE` is long.

    Draws from `draw` alone, which is changed by it: the same seed gives the same requests.
    """
    base = draw.choice(plan.targets)
    long = bool(plan.longest_request_seconds) and draw.random() < LONG_SHARE
    kept, method = draw.choice((True, False)), draw.choice(("GET", "POST"))
    return Drawn(base, plan.longest_request_seconds if long else 0.0, kept, method)


class Record(NamedTuple):
    """One request; times are readings of time.monotonic()."""

    start: float
    end: float
    pod: str
    """Who answered, by its own name; empty without an answer."""
    upstream: str
    """The address:port that the proxy sent it to; empty if none."""
    cause: str
    """Empty for 200, else why not."""
    late: float = 0.0
    """How many seconds later than planned it was sent."""
    stalled: float = 0.0
    """How late the answering process had woken up in the second before, at worst; 0 where it does not say."""
    method: str = "GET"
    attempts: int = 1
    """How often the proxy has sent it."""
    reused: bool = False
    """Whether it went over a connection that is kept, not over one of its own."""


def parse_records(text: str) -> list[Record]:
    """What a traffic process wrote to its standard output, or one line of that."""
    return [_shared(Record(*fields)) for line in text.splitlines() for fields in json.loads(line)]


def _shared(record: Record) -> Record:
    """The record with texts that all records share, as there may be a million."""
    pod, upstream, cause = map(sys.intern, (record.pod, record.upstream, record.cause))
    return record._replace(pod=pod, upstream=upstream, cause=cause, method=sys.intern(record.method))


def to_lines(records: Sequence[Record]) -> Iterator[str]:
    """The records as a traffic process writes them."""
    for first in range(0, len(records), LINE_RECORDS):
        yield json.dumps(records[first : first + LINE_RECORDS]) + "\n"


async def _send(plan: TrafficPlan, stop: asyncio.Event, unanswered: set[asyncio.Task[None]]) -> list[Record]:
    records: list[Record] = []
    draw = random.Random(plan.seed)
    timeout = aiohttp.ClientTimeout(total=None)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as kept,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True), timeout=timeout) as fresh,
        asyncio.TaskGroup() as tasks,
    ):
        # aiohttp has no public way to say so: else it sends a GET whose connection closes without an answer once more
        kept._retry_connection = fresh._retry_connection = False
        print(flush=True)  # an empty line: sending begins
        begin = time.monotonic()
        sent = 0
        while not stop.is_set():
            passed = time.monotonic() - begin
            if passed - (sent + 1) / plan.requests_per_second > GIVE_UP_SECONDS:
                raise BehindError(f"it was {GIVE_UP_SECONDS} s behind its plan")
            due = int(passed * plan.requests_per_second)
            for number in range(sent + 1, due + 1):
                planned = begin + number / plan.requests_per_second
                asked = drawn(plan, draw)
                session = kept if asked.kept else fresh
                method = GRPC_METHOD if plan.requests is Requests.GRPC else asked.method
                name = f"{method} {asked.base}, {'kept alive' if asked.kept else 'fresh'}"
                sending = _request(session, method, asked.base, records, planned, asked.lasts)
                request = tasks.create_task(sending, name=name)
                unanswered.add(request)
                request.add_done_callback(unanswered.discard)
            sent = due
            await asyncio.sleep(0.5 / plan.requests_per_second)
    return records


async def _request(
    session: aiohttp.ClientSession, method: str, base: str, records: list[Record], planned: float, lasts: float = 0
) -> None:
    start = time.monotonic()
    pod = upstream = ""
    stalled, attempts = 0.0, 1
    try:
        async with session.request(**_asked(method, base, lasts)) as response:
            pod = response.headers.get("X-Pod", "")
            upstream = response.headers.get(UPSTREAM_HEADER, "")
            stalled = number_in(response.headers.get("X-Stall", ""))
            attempts = round(number_in(response.headers.get(ATTEMPTS_HEADER, "1")))
            body = await response.text()
            if method == GRPC_METHOD:
                cause = cause_by_grpc(response.status, response.headers)
            else:
                cause = cause_of_answer(response.status, body, response.headers)
    except aiohttp.ClientPayloadError:
        cause = CLOSED_WITHIN
    except aiohttp.ClientError as error:
        cause = own_error(_why(error))
    late, reused = start - planned, session.connector is not None and not session.connector.force_close
    records.append(Record(start, time.monotonic(), pod, upstream, cause, late, stalled, method, attempts, reused))


def _asked(method: str, base: str, lasts: float) -> dict[str, Any]:
    """The arguments of one request that takes the stand-in so many seconds."""
    headers = {SECONDS_HEADER: f"{lasts}"}
    if method == GRPC_METHOD:
        headers |= {"content-type": "application/grpc", "te": "trailers"}
        return {"method": "POST", "url": base.rstrip("/") + HEALTH_METHOD, "data": _EMPTY_MESSAGE, "headers": headers}
    return {"method": method, "url": base, "data": POST_BODY if method == "POST" else None, "headers": headers}


POST_BODY = b"x"


def _why(error: aiohttp.ClientError) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return reason or type(error).__name__


async def _main() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))  # one for each request that is under way
    given = json.loads(sys.stdin.readline())
    plan = TrafficPlan(**given | {"requests": Requests(given["requests"])})
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    unanswered: set[asyncio.Task[None]] = set()
    if plan.requests.kept_open:
        from nodrop.lab.kept_open import keep_open
        from nodrop.lab.stream_traffic import stream
        from nodrop.lab.websocket_traffic import websocket

        connect = websocket if plan.requests is Requests.WEBSOCKET else stream
        sending = asyncio.create_task(keep_open(plan, connect, stop, unanswered))
    elif plan.vegeta is not None:
        from nodrop.lab.vegeta_traffic import attack

        sending = asyncio.create_task(attack(plan, plan.vegeta, stop, unanswered))
    else:
        sending = asyncio.create_task(_send(plan, stop, unanswered))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([sending, stopping], return_when=asyncio.FIRST_COMPLETED)
    await asyncio.wait([sending], timeout=plan.longest_request_seconds + _PATIENCE_SECONDS)
    if not sending.done() and unanswered:  # else what vegeta wrote down is being read
        if plan.vegeta is not None:
            _give_up(BEHIND, "requests of vegeta still waited to be sent when it was to end")
        _give_up(NO_ANSWER, *sorted(request.get_name() for request in unanswered))
    try:
        records = await sending
    except* BehindError as group:
        _give_up(BEHIND, *map(str, group.exceptions))
    except* BrokenError as group:
        _give_up(1, *map(str, group.exceptions))
    sys.stdout.writelines(to_lines(records))


def _give_up(code: int, *lines: str) -> NoReturn:
    print(*lines, sep="\n", file=sys.stderr)
    sys.exit(code)


def to_line(plan: TrafficPlan) -> bytes:
    """The plan as a traffic process reads it."""
    return json.dumps(asdict(plan)).encode() + b"\n"


if __name__ == "__main__":
    asyncio.run(_main())
