"""What a container's command, arguments and environment tell a well-known server of its keep-alive and of SIGTERM.

Only what is certain is read: nothing where a shell starts the server, or a ConfigMap holds the value.
"""

import re
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from nodrop.paths.fields import Field
from nodrop.rollout import OnTerm

KEEP_ALIVE, ON_TERM = "keep_alive_timeout_seconds", "on_term"
_STARTERS = re.compile(
    r"python[0-9.]*|-m|tini|dumb-init|-g|--|npx|poetry|pipenv|uv|run|ddtrace-run|opentelemetry-instrument"
)
"""What stands before a server and starts it as it is written."""
_FLAGS = {"gunicorn": "--keep-alive", "hypercorn": "--keep-alive", "uvicorn": "--timeout-keep-alive"}
"""Source: Gunicorn, Settings; Hypercorn, Configuration options; Uvicorn, Settings. Puma and Node.js have none."""
_NEXT_FLAG = "--keepAliveTimeout"
"""In milliseconds, of `next start`. Source: Next.js, CLI."""
_KEEPING = re.compile(r"gthread|gevent|eventlet|uvicorn(\.workers|_worker)\.Uvicorn(H11)?Worker")
"""Worker classes of Gunicorn that keep connections alive for as long as told; the default `sync` keeps none."""
_KEEP_ALIVES = ("SERVER_TOMCAT_KEEPALIVETIMEOUT", "SERVER_TOMCAT_KEEP_ALIVE_TIMEOUT")
"""Source: Spring Boot, Externalized Configuration, binding from environment variables; the second is the older form."""
_SHUTDOWNS = {"immediate": OnTerm.EXIT, "graceful": OnTerm.DRAIN}
"""Of SERVER_SHUTDOWN. Source: Spring Boot, Graceful Shutdown."""
_BEFORE_ENVIRONMENT = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "SPRING_APPLICATION_JSON")
"""Variables whose properties go before those of the environment."""
_DURATION = re.compile(r"([0-9]{1,9})(ms|s|m|h)?", re.IGNORECASE)
_UNIT_SECONDS = {"": 0.001, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
"""Tomcat's timeouts without a unit are milliseconds."""


class ServerSetting(NamedTuple):
    """One fact about the application, as its container states it."""

    fact: str
    """Such as `keep_alive_timeout_seconds`."""
    value: float | OnTerm
    field: Field
    """Where it stands."""


class _Word(NamedTuple):
    text: str
    field: Field


def server_settings(container: Field) -> Iterator[ServerSetting]:
    """What is certain of a container's server; nothing where a list is not known."""
    if not all(isinstance(container[key].value, list | None) for key in ("command", "args", "env")):
        return
    words = [_Word(_text(each), each) for key in ("command", "args") for each in container[key].entries()]
    environment = {_text(each["name"]): each["value"] for each in container["env"].entries()}
    server, arguments = _server(words)
    gunicorn = environment.get("GUNICORN_CMD_ARGS")
    if gunicorn is not None and (server == "gunicorn" or (not container["command"].entries() and not server)):
        yield from _of_gunicorn([*_split(gunicorn), *arguments])
    elif server == "gunicorn":
        yield from _of_gunicorn(arguments)
    elif server in _FLAGS:
        yield from _keep_alive(_last(arguments, _FLAGS[server]), 1)
    elif server == "next" and [each.text for each in arguments[:1]] == ["start"]:
        yield from _keep_alive(_last(arguments, _NEXT_FLAG), 0.001)
    elif server == "java" or not words:
        yield from _of_spring(words, environment)


def _server(words: Sequence[_Word]) -> tuple[str, Sequence[_Word]]:
    """The name of the program that serves, and its arguments; empty where another one may decide."""
    for number, each in enumerate(words):
        name = each.text.rpartition("/")[2]
        if name in (*_FLAGS, "next", "java"):
            return name, words[number + 1 :]
        if not _STARTERS.fullmatch(name):
            break
    return "", ()


def _of_gunicorn(arguments: Sequence[_Word]) -> Iterator[ServerSetting]:
    """Arguments go before GUNICORN_CMD_ARGS, and both before a file. Source: Gunicorn, Configuration Overview."""
    worker = _last(arguments, "--worker-class") or _last(arguments, "-k")
    if worker and _KEEPING.fullmatch(worker.text):
        yield from _keep_alive(_last(arguments, _FLAGS["gunicorn"]), 1)


def _of_spring(words: Sequence[_Word], environment: dict[str, Field]) -> Iterator[ServerSetting]:
    before = [_text(environment[key]) for key in _BEFORE_ENVIRONMENT if key in environment]
    if any("server" in each for each in (*before, *(word.text for word in words))):
        return
    for key in _KEEP_ALIVES:
        found = _DURATION.fullmatch(_text(environment[key]).strip()) if key in environment else None
        if found and int(found[1]):
            seconds = int(found[1]) * _UNIT_SECONDS[(found[2] or "").lower()]
            yield ServerSetting(KEEP_ALIVE, seconds, environment[key])
            break
    shutdown = environment.get("SERVER_SHUTDOWN")
    if shutdown is not None and (on_term := _SHUTDOWNS.get(_text(shutdown).strip().lower())):
        yield ServerSetting(ON_TERM, on_term, shutdown)


def _keep_alive(stated: _Word | None, unit_seconds: float) -> Iterator[ServerSetting]:
    """Of 0 the servers make different things."""
    if stated and re.fullmatch("[0-9]{1,9}", stated.text) and int(stated.text):
        yield ServerSetting(KEEP_ALIVE, int(stated.text) * unit_seconds, stated.field)


def _last(arguments: Sequence[_Word], flag: str) -> _Word | None:
    """The value of an option that is stated last, with its place."""
    found = None
    for number, each in enumerate(arguments):
        if each.text == flag:
            found = arguments[number + 1] if number + 1 < len(arguments) else None
        elif each.text.startswith(f"{flag}="):
            found = _Word(each.text.partition("=")[2], each.field)
    return found


def _split(variable: Field) -> list[_Word]:
    with suppress(ValueError):
        return [_Word(each, variable) for each in shlex.split(_text(variable))]
    return []


def _text(field: Field) -> str:
    return field.value if isinstance(field.value, str) else ""
