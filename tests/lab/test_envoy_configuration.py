"""What Envoy is told of the backend's protocol; whether it keeps to it, test_http2 shows on real packets."""

import json
from pathlib import Path

import pytest

from nodrop.lab.clock import Clock
from nodrop.lab.data_plane.envoy_configuration import BackendService, Configuration
from nodrop.rollout import HealthCheck

CHECK = HealthCheck(
    path="/", check_interval_seconds=5, timeout_seconds=5, healthy_threshold=1, unhealthy_threshold=2, type="HTTP"
)


def cluster(**backend):
    service = BackendService(health_check=CHECK, timeout_real_seconds=30, **backend)
    made = Configuration(Clock(10), Path("folder"), service, 1).bootstrap()
    (found,) = made["static_resources"]["clusters"]
    return found, json.dumps(made)


@pytest.mark.parametrize(
    ("http2", "options", "offered"),
    [(False, "http_protocol_options", "http/1.1"), (True, "http2_protocol_options", "h2")],
)
def test_the_backends_protocol_is_spoken_and_offered_over_tls(http2, options, offered):
    found, _ = cluster(http2=http2, tls=True)
    (protocol,) = found["typed_extension_protocol_options"].values()
    assert list(protocol["explicit_http_config"]) == [options]
    (tls,) = (each for each in found["transport_socket_matches"] if each["name"] == "tls")
    assert tls["transport_socket"]["typed_config"]["common_tls_context"] == {"alpn_protocols": [offered]}


def test_a_health_check_over_http_1_offers_that_whatever_the_backend_speaks():
    found, _ = cluster(http2=True, tls=True)
    (check,) = found["health_checks"]
    assert check["tls_options"] == {"alpn_protocols": ["http/1.1"]}
    assert check["http_health_check"]["codec_client_type"] == "HTTP1"


def test_trailers_of_grpc_reach_the_clients_where_they_call_by_grpc():
    assert "grpc_http1_bridge" in cluster(http2=True, grpc=True)[1]
    assert "grpc_http1_bridge" not in cluster(http2=True)[1]
