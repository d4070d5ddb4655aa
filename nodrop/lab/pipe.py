"""What passes through the sandbox's pipe: JSON of stated types and sizes, so that no code can come out of it.

The caller sends one job. The lab answers with phases, then with one result or one error.
"""

from multiprocessing.connection import Connection
from typing import Literal

import msgspec

from nodrop.lab.errors import LabFailedError, LabStalledError, LabUnavailableError
from nodrop.lab.job import Job
from nodrop.lab.results import Result, RolloutResult, UnreadyResult

ANSWER_BYTES = 16 * 1024 * 1024
"""Of one answer, at most. Source: chosen; the result of an hour at ten bins a second has about 1 MB."""
ErrorKind = Literal["unavailable", "stalled", "failed"]
_ERRORS = {"unavailable": LabUnavailableError, "stalled": LabStalledError, "failed": LabFailedError}
_RESULTS = {"rollout": RolloutResult, "unready": UnreadyResult}


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    kind: Literal["progress", "rollout", "unready"] | ErrorKind
    content: msgspec.Raw


def send_job(connection: Connection, job: Job) -> None:
    """Asks for the job; raises LabFailedError where its manifests hold what JSON cannot say."""
    try:
        content = msgspec.json.encode(job)
    except (TypeError, ValueError, RecursionError) as error:
        raise LabFailedError(f"{job.path.name}: its manifests hold what no JSON can say: {error}") from None
    connection.send_bytes(content)


def receive_job(connection: Connection) -> Job:
    """What the lab is asked for."""
    return msgspec.json.decode(connection.recv_bytes(), type=Job)


def send_progress(connection: Connection, phase: str) -> None:
    """Names the phase that begins."""
    _send(connection, "progress", phase)


def send_error(connection: Connection, kind: ErrorKind, message: str) -> None:
    """Says why there is no result."""
    _send(connection, kind, message)


def send_result(connection: Connection, result: Result) -> None:
    """Hands over what was measured."""
    _send(connection, result.experiment, result)


def _send(connection: Connection, kind: str, content: object) -> None:
    connection.send_bytes(msgspec.json.encode({"kind": kind, "content": content}))


def receive(connection: Connection) -> str | Result:
    """The lab's next answer: a phase's name, or the result.

    Raises:
        LabUnavailableError, LabStalledError, LabFailedError: that is the lab's answer.
        LabFailedError: the answer is too long, or not of the stated types.
        EOFError, ConnectionError: the other side is gone.
    """
    try:
        answer = msgspec.json.decode(connection.recv_bytes(ANSWER_BYTES), type=_Answer)
        content = msgspec.json.decode(answer.content, type=_RESULTS.get(answer.kind, str))
    except (EOFError, ConnectionError):
        raise
    except (msgspec.MsgspecError, UnicodeError, OSError) as error:  # OSError: longer than it may be
        raise LabFailedError(f"the lab's answer cannot be read: {error}") from None
    if answer.kind in _ERRORS:
        raise _ERRORS[answer.kind](content)
    return content
