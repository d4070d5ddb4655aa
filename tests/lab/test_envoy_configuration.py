"""What Envoy is told of health check and protocol; test_declared and test_http2 show on packets that it keeps to it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS, Clock
from nodrop.lab.controllers.load_balancer import NetworkEndpoint
from nodrop.lab.data_plane.backend_service import SYN_AGAIN_REAL_SECONDS, BackendService
from nodrop.lab.data_plane.envoy_configuration import Configuration
from nodrop.lab.job import Experiment, Ipvs, Settings
from nodrop.lab.lab import backend_of
from nodrop.lab.protocols import Requests
from nodrop.rollout import HealthCheck
from tests.lab.jobs import job

CHECK = HealthCheck(
    path="/", check_interval_seconds=5, timeout_seconds=5, healthy_threshold=1, unhealthy_threshold=2, type="HTTP"
)


def configuration(check=CHECK, **backend):
    service = BackendService(health_check=check, timeout_real_seconds=30, **backend)
    return Configuration(Clock(10), Path("folder"), service, 1)


def cluster(check=CHECK, **backend):
    made = configuration(check, **backend).bootstrap()
    (found,) = made["static_resources"]["clusters"]
    return found, json.dumps(made)


def test_the_health_check_asks_what_is_declared_as_often_as_it_is_declared():
    declared = HealthCheck(
        path="/healthz",
        check_interval_seconds=40,
        timeout_seconds=20,
        healthy_threshold=3,
        unhealthy_threshold=4,
        type="HTTP",
        host="shop.example.com",
    )
    (check,) = cluster(declared)[0]["health_checks"]
    asks = check["http_health_check"]
    assert (asks["path"], asks["host"]) == ("/healthz", "shop.example.com")
    assert asks["expected_statuses"] == [{"start": 200, "end": 201}]
    assert check["interval"] == check["no_traffic_interval"] == "4.000000s"  # ten times as fast
    assert check["timeout"] == f"{2 + LATENCY_ALLOWANCE_REAL_SECONDS:.6f}s"
    assert (check["healthy_threshold"], check["unhealthy_threshold"]) == (3, 4)


@pytest.mark.parametrize(("port", "asked"), [(9090, {"port_value": 9090}), (None, None)])
def test_the_health_check_asks_each_endpoint_at_the_checks_port_or_the_serving_one(port, asked):
    made = configuration(replace(CHECK, port=port)).assignment(0, [NetworkEndpoint("10.0.30.2", 8080, "b", "web-1")])
    (endpoint,) = (each["endpoint"] for each in made["endpoints"][0]["lb_endpoints"])
    assert endpoint["address"]["socket_address"] == {"address": "10.0.30.2", "port_value": 8080}
    assert endpoint.get("health_check_config") == asked


def test_an_endpoint_that_is_held_back_gets_no_requests():
    endpoints = [NetworkEndpoint(f"10.0.30.{host}", 8080, "b", f"web-{host}") for host in (2, 3)]
    made = configuration(CHECK).assignment(0, endpoints, held={("10.0.30.3", 8080)})
    assert [each["health_status"] for each in made["endpoints"][0]["lb_endpoints"]] == ["UNKNOWN", "UNHEALTHY"]


@pytest.mark.parametrize(
    ("kind", "asks"),
    [("TCP", {"tcp_health_check": {}}), ("GRPC", {"grpc_health_check": {"service_name": "ready"}})],
)
def test_the_health_check_connects_or_calls_where_its_type_says_so(kind, asks):
    (check,) = cluster(replace(CHECK, type=kind), check_service="ready")[0]["health_checks"]
    assert {name: value for name, value in check.items() if name.endswith("_health_check")} == asks


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


@pytest.mark.parametrize(("speed_up", "drops_syns", "seconds"), [(10, False, 1.0), (30, True, 1.1), (1, True, 5.5)])
def test_a_syn_that_nodes_drop_is_sent_again_in_time(speed_up, drops_syns, seconds):
    service = BackendService(health_check=CHECK, timeout_real_seconds=30, drops_syns=drops_syns)
    made = Configuration(Clock(speed_up), Path("folder"), service, 1).bootstrap()
    (found,) = made["static_resources"]["clusters"]
    assert found["connect_timeout"] == f"{seconds:.6f}s"


def test_before_its_first_check_an_endpoint_is_told_apart_from_one_whose_check_failed():
    assert cluster()[0]["common_lb_config"]["ignore_new_hosts_until_first_hc"] is True


def test_what_stays_open_does_not_stay_longer_by_a_syn(node_port_path):
    made = job("any", Experiment.ROLLOUT, node_port_path, settings=Settings(speed_up=30, ipvs=Ipvs(packages="/ipvs")))

    def ends_after(longest):
        behaviour = replace(made.application.behaviour, longest_request_seconds=longest)
        streams = replace(made.application, behaviour=behaviour, requests=Requests.STREAM)
        return backend_of(replace(made, application=streams), Clock(30)).connection_real_seconds

    assert ends_after(1) == Clock(30).real_timeout(30)
    assert ends_after(900) == Clock(30).real(30)  # the timeout is to end them


def test_a_response_may_come_later_by_a_syn_that_is_sent_again_at_each_try(node_port_path):
    def timeout(ipvs, longest):
        settings = Settings(speed_up=30, ipvs=ipvs)
        made = job("any", Experiment.ROLLOUT, node_port_path, settings=settings)
        stated = replace(made.application.behaviour, longest_request_seconds=longest)
        application = replace(made.application, behaviour=stated)
        return backend_of(replace(made, application=application), Clock(30)).timeout_real_seconds

    dropping, keeping = Ipvs(packages="/ipvs"), Ipvs(packages="/ipvs", conn_reuse_mode=0, expire_nodest_conn=0)
    assert timeout(dropping, 1) == timeout(keeping, 1) + 2 * SYN_AGAIN_REAL_SECONDS
    assert timeout(dropping, 900) == timeout(keeping, 900)  # the timeout ends them, here and there
