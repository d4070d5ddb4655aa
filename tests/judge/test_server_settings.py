"""What a container tells its server takes the place of what is assumed of the application."""

import pytest

from nodrop.judge import Facts, Verdict, judge
from nodrop.rollout import OnTerm
from tests.judge.edits import clean

RULE = "keep-alive-outlasts-load-balancer"
KEEP_ALIVE, ON_TERM = "gke-nodrop/keep-alive-timeout-seconds", "gke-nodrop/on-term"
UVICORN = ["uvicorn", "app:app", "--timeout-keep-alive", "5"]


def written(annotations=(), *, command=None, args=None, **env):
    """The clean objects, whose Deployment says nothing of keep-alive and TERM, with that in the serving container."""
    objects = clean("ingress")
    deployment = next(each for each in objects if each["kind"] == "Deployment")
    metadata = deployment["metadata"]
    kept = {key: value for key, value in metadata["annotations"].items() if key not in (KEEP_ALIVE, ON_TERM)}
    metadata["annotations"] = kept | dict(annotations)
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    container |= {"env": [{"name": name, "value": value} for name, value in env.items()]}
    container |= {key: value for key, value in (("command", command), ("args", args)) if value is not None}
    return objects


def path_of(objects, **stated):
    [path] = judge(objects, **stated).paths
    return path


def keep_alive(path):
    return path.rollout.keep_alive_timeout_seconds


@pytest.mark.parametrize(
    ("objects", "seconds", "field"),
    [
        (written(command=UVICORN), 5, "command[3]"),
        (written(args=UVICORN), 5, "args[3]"),
        (written(command=["/usr/bin/python3", "-m", *UVICORN]), 5, "command[5]"),
        (written(command=["poetry", "run", *UVICORN, "--timeout-keep-alive=65"]), 65, "command[6]"),
        (written(command=["tini", "--"], args=UVICORN), 5, "args[3]"),
        (written(command=["uvicorn"], args=["app:app", "--timeout-keep-alive=75"]), 75, "args[1]"),
        (written(command=["hypercorn", "--keep-alive", "9", "app:app"]), 9, "command[2]"),
        (written(command=["gunicorn", "-k", "gthread", "--keep-alive", "4", "app"]), 4, "command[4]"),
        (written(GUNICORN_CMD_ARGS="--keep-alive=7 --worker-class=gevent"), 7, "env[0].value"),
        (
            written(command=["gunicorn", "--keep-alive=8"], GUNICORN_CMD_ARGS="--keep-alive 3 -k gthread"),
            8,
            "command[1]",
        ),
        (written(command=["npx", "next", "start", "--keepAliveTimeout", "70000"]), 70, "command[4]"),
        (written(SERVER_TOMCAT_KEEPALIVETIMEOUT="5s"), 5, "env[0].value"),
        (written(SERVER_TOMCAT_KEEP_ALIVE_TIMEOUT="20000"), 20, "env[0].value"),
        (written(command=["java", "-jar", "app.jar"], SERVER_TOMCAT_KEEPALIVETIMEOUT="1m"), 60, "env[0].value"),
    ],
)
def test_a_keep_alive_that_the_container_states_is_judged_where_it_stands(objects, seconds, field):
    path = path_of(objects)
    [found] = path.diagnostics
    at = f"spec.template.spec.containers[0].{field}"
    assert (path.verdict, keep_alive(path)) == (Verdict.DROPS, seconds)
    assert (found.rule, found.field, found.value, found.would_pass) == (RULE, at, f"{seconds} s", "620 s")
    assert [str(each) for each in path.assumptions if each.name == "keep-alive"] == [f"keep-alive {seconds} s ({at})"]


@pytest.mark.parametrize(
    "objects",
    [
        written(command=["sh", "-c", "uvicorn app:app --timeout-keep-alive 5"]),
        written(command=["/entrypoint.sh", *UVICORN]),
        written(command=["uvicorn", "app:app", "--timeout-keep-alive", "$(KEEP_ALIVE)"]),
        written(command=["uvicorn", "app:app", "--timeout-keep-alive"]),
        written(command=["uvicorn", "app:app", "--timeout-keep-alive", "0"]),
        written(command=["uvicorn", "app:app"], GUNICORN_CMD_ARGS="--keep-alive=5 -k gthread"),
        written(command=["gunicorn", "--keep-alive", "5"]),
        written(command=["gunicorn", "--keep-alive", "5", "-k", "shop.Worker"]),
        written(GUNICORN_CMD_ARGS="--keep-alive '5"),
        written(command=["next", "build", "--keepAliveTimeout", "5"]),
        written(command=["/app"], SERVER_TOMCAT_KEEPALIVETIMEOUT="5s"),
        written(SERVER_TOMCAT_KEEPALIVETIMEOUT="-1"),
        written(command=["java", "-Dserver.tomcat.keep-alive-timeout=620s"], SERVER_TOMCAT_KEEPALIVETIMEOUT="5s"),
        written(JAVA_TOOL_OPTIONS="-Dserver.tomcat.keep-alive-timeout=620s", SERVER_TOMCAT_KEEPALIVETIMEOUT="5s"),
    ],
)
def test_what_is_not_certain_leaves_the_assumption(objects):
    path = path_of(objects)
    assert (path.verdict, keep_alive(path)) == (Verdict.CLEAN, 620)


def test_a_value_that_lasts_is_clean_and_no_assumption():
    path = path_of(written(command=["uvicorn", "app:app", "--timeout-keep-alive", "620"]))
    assert path.verdict is Verdict.CLEAN
    assert [each.origin for each in path.assumptions if each.name == "keep-alive"] == ["container"]


@pytest.mark.parametrize(("value", "on_term"), [("immediate", OnTerm.EXIT), ("GRACEFUL", OnTerm.DRAIN)])
def test_what_spring_does_on_term_is_read(value, on_term):
    path = path_of(written(SERVER_SHUTDOWN=value))
    assert path.rollout.on_term is on_term
    assert [each.place for each in path.assumptions if each.name == "on TERM"] == [
        "spec.template.spec.containers[0].env[0].value"
    ]
    assert ("exit-on-term-cuts-no-request" in {each.rule for each in path.diagnostics}) is (on_term is OnTerm.EXIT)


def test_only_the_serving_container_is_asked():
    objects = written()
    deployment = next(each for each in objects if each["kind"] == "Deployment")
    deployment["spec"]["template"]["spec"]["containers"][1]["args"] = UVICORN
    assert keep_alive(path_of(objects)) == 620


def test_an_option_for_all_workloads_gives_way_to_the_container():
    path = path_of(written(args=UVICORN), defaults=Facts(keep_alive_timeout_seconds=620))
    assert (path.verdict, keep_alive(path)) == (Verdict.DROPS, 5)


@pytest.mark.parametrize(
    ("annotations", "facts", "who"),
    [({KEEP_ALIVE: "620"}, {}, KEEP_ALIVE), ({}, {"shop/web": Facts(keep_alive_timeout_seconds=620)}, "nodrop.yaml")],
)
def test_a_statement_that_contradicts_the_container_is_told(annotations, facts, who):
    path = path_of(written(annotations, args=UVICORN), facts=facts)
    assert path.verdict is Verdict.NOT_JUDGED
    [reason] = path.not_judged
    assert f"containers[0].args[3]: says keep-alive 5 s, and {who} says 620 s" in reason


def test_one_that_agrees_is_what_counts():
    path = path_of(written({KEEP_ALIVE: "5"}, args=UVICORN))
    [found] = path.diagnostics
    assert (path.not_judged, found.field) == ((), f"metadata.annotations[{KEEP_ALIVE}]")
