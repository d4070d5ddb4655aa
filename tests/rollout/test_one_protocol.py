"""Who asks a port by gRPC, and who by HTTP/1.1: the load balancer's check, probes, requests."""

from dataclasses import replace

import pytest

from nodrop.judge import judge
from nodrop.rollout import Rollout, Severity
from nodrop.rollout.rules.ports import port_speaks_one_protocol
from tests.judge.edits import clean


@pytest.fixture(scope="module")
def rollout() -> Rollout:
    (path,) = judge(clean("gateway")).paths
    assert path.rollout is not None
    return path.rollout


@pytest.mark.parametrize(
    ("check", "port", "protocol", "serving", "checked", "severity"),
    [
        ("GRPC", None, "HTTP", (), (), Severity.WARNING),
        ("GRPC", None, "HTTP", ("HTTP",), (), Severity.WARNING),
        ("GRPC", None, "HTTP2 in clear", ("HTTP",), (), Severity.WARNING),
        ("GRPC", None, "HTTP2 in clear", ("GRPC",), (), None),
        ("GRPC", None, "HTTP2 in clear", (), (), None),
        ("HTTP", None, "HTTP2 in clear", ("GRPC",), (), Severity.WARNING),
        ("HTTP", None, "HTTP2 in clear", ("HTTP",), (), None),
        ("HTTP", None, "HTTP", ("GRPC",), (), Severity.WARNING),
        ("GRPC", 9000, "HTTP", ("HTTP",), ("GRPC",), None),
        ("GRPC", 9000, "HTTP", ("HTTP",), ("HTTP",), Severity.WARNING),
        ("HTTP", 9000, "HTTP", ("HTTP",), ("GRPC",), Severity.WARNING),
        ("HTTPS", 9000, "HTTP", ("HTTP",), ("GRPC",), Severity.ERROR),
        ("TCP", None, "HTTP", ("HTTP",), (), None),
    ],
)
def test_grpc_and_http_1_on_one_port(rollout, check, port, protocol, serving, checked, severity):
    wiring = replace(
        rollout.wiring, protocol=protocol, serving_port_schemes=serving, check_port_schemes=checked, serving_port=8080
    )
    given = replace(rollout, wiring=wiring, health_check=replace(rollout.health_check, type=check, port=port))
    assert [each.severity for each in port_speaks_one_protocol(given)] == ([severity] if severity else [])
