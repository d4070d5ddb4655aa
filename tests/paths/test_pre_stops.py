import pytest

from nodrop.paths import ReadingError, resolve
from nodrop.paths.pre_stops import PreStops


def pre_stops_of(objects) -> PreStops:
    (path,) = resolve(objects.all).paths
    return path.pre_stops


@pytest.mark.parametrize(
    ("hook", "seconds"),
    [
        ({"sleep": {"seconds": 60}}, 60),
        ({"sleep": {"seconds": 60.0}}, 60),
        ({"exec": {"command": ["sleep", "60"]}}, 60),
        ({"exec": {"command": ["/bin/sleep", "60s"]}}, 60),
        ({"exec": {"command": ["/bin/sh", "-c", "sleep 60"]}}, 60),
        ({"exec": {"command": ["bash", "-c", "  sleep 1.5m; nginx -s quit"]}}, 90),
        ({"exec": {"command": ["sh", "-c", "exec sleep 2m"]}}, 120),
        ({"exec": {"command": ["sh", "-c", "sleep 60 && kill -QUIT 1"]}}, 60),
        ({"exec": {"command": ["sh", "-c", "sleep 60 & wait"]}}, None),
        ({"exec": {"command": ["sh", "-c", "sleep $DELAY"]}}, None),
        ({"exec": {"command": ["sh", "-c", "nginx -s quit"]}}, 0),
        ({"exec": {"command": ["/usr/sbin/nginx", "-s", "quit"]}}, 0),
        ({"exec": {"command": ["sleep"]}}, 0),
        ({"exec": {"command": ["sleepy", "60"]}}, None),
        ({"exec": {}}, None),
        ({"httpGet": {"path": "/quit", "port": 80}}, None),
        ({}, None),
    ],
)
def test_pre_stop_is_as_long_as_its_sleep(objects, hook, seconds):
    objects.web["lifecycle"] = {"preStop": hook}
    pre_stops = pre_stops_of(objects)
    assert pre_stops.of("web").seconds == seconds
    assert pre_stops.containers_without == (() if hook else ("web",))


def test_a_container_that_does_not_exist_has_no_pre_stop_to_read(objects):
    with pytest.raises(ReadingError, match="Deployment demo/web: has no container called sidecar"):
        pre_stops_of(objects).of("sidecar")
