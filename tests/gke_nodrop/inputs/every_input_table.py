"""What a walk through the types cannot know of an input: which values break its limit, what stands beside it."""

import re
from typing import Any

from tests.gke_nodrop.inputs.every_input import MINIMAL, Input

LABEL = ["", "Web", "-web", "w" * 64]
"""No DNS labels."""
NAME = ["", "Web", "8web", "web-", "w" * 64]
"""No names of Google Cloud's, nor of Services."""
OBJECT = ["", "Web", "-web", "web..x", "w" * 254]
"""No names of Kubernetes' objects."""
BLANK = ["", "a b"]
COUNT = [-1, 2**31]
NO_PATH = ["", "path", "/a b"]
NO_ROUTE = [*NO_PATH, "/a//b", "/a/../b", "/a%2Fb", "/a?b"]
NO_RANGE = ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "fd00::/64"]
NO_HEADER = ["", "X A", "X:A", "X\n"]
NO_KEY = ["", "key", "projects/my-project/keyRings/gke/cryptoKeys/etcd"]
NO_MOMENT = ["", "2026-12-20", "2026-12-20T00:00:00+01:00"]
SIXTEEN = [f"name-{number}" for number in range(16)]
OUTSIDE: dict[str, list[Any]] = {
    "accept{key}": ["no-such-rule"],
    "accept{value}": ["", " ", "x" * 1001],
    "access.authorized_networks{value}": [*NO_RANGE, "0.0.0.0/0"],
    "access.google_groups": ["", "gke-security-groups", "team@example.com"],
    "address": NAME,
    "autoscaling.cpu_percent": [0, 2**31],
    "autoscaling.external_metrics[].average_value": ["", "0", "many", "1.2345"],
    "autoscaling.external_metrics[].name": BLANK,
    "autoscaling.external_metrics[].value": ["", "0", "many", "1.2345"],
    "autoscaling.max_nodes": [0, 2**31],
    "autoscaling.max_replicas": [0, 2**31],
    "autoscaling.memory_percent": [0, 100],
    "autoscaling.min_nodes": COUNT,
    "autoscaling.min_replicas": [0, 2**31],
    "autoscaling.scale_down_stabilization_seconds": [-1, 3601],
    "autoscaling.scale_up_stabilization_seconds": [-1, 3601],
    "backend.cdn.bypass_on_request_headers": [SIXTEEN[:6]],
    "backend.cdn.bypass_on_request_headers[]": NO_HEADER,
    "backend.cdn.cache_key.ignored_query_parameters[]": BLANK,
    "backend.cdn.cache_key.query_parameters[]": BLANK,
    "backend.cdn.client_ttl_seconds": [-1, 31_622_401],
    "backend.cdn.default_ttl_seconds": [-1, 31_622_401],
    "backend.cdn.max_ttl_seconds": [-1, 31_622_401],
    "backend.cdn.negative_caching_policy[].code": [200, 0],
    "backend.cdn.negative_caching_policy[].ttl_seconds": [-1, 1801],
    "backend.cdn.serve_while_stale_seconds": [-1, 604_801],
    "backend.iap.client_id": BLANK,
    "backend.iap.client_secret": BLANK,
    "backend.logging.sample_rate": [-0.1, 1.1, float("nan")],
    "backend.request_headers": [[{"name": f"X-{number}", "value": ""} for number in range(17)]],
    "backend.request_headers[].name": [*NO_HEADER, "Connection", "X-Google-A"],
    "backend.request_headers[].value": ["a\nb", " a", "é"],
    "backend.response_headers": [[{"name": "X-A", "value": "a" * 8192}]],
    "backend.response_headers[].name": [*NO_HEADER, "Connection", "X-Google-A"],
    "backend.response_headers[].value": ["a\nb", " a", "é"],
    "backend.security_policy": NAME[1:],
    "backend.session_affinity.cookie_ttl_seconds": [-1, 1_209_601],
    "certificates.certificate_manager": [[], SIXTEEN],
    "certificates.certificate_manager[]": NAME,
    "certificates.certificate_map": NAME,
    "certificates.managed[]": ["", "example", "*.example.com", "Example.com"],
    "certificates.pre_shared[]": NAME,
    "certificates.secrets[]": OBJECT,
    "cluster": BLANK,
    "command": [[]],
    "default_service": NAME,
    "disk.key": NO_KEY,
    "disk.size_gb": [9, 2**31],
    "disk.type": ["floppy"],
    "env{key}": ["", "1A", "A B"],
    "existing_namespace": LABEL,
    "exposed_ports[].name": NAME,
    "exposed_ports[].port": [79, 8080],
    "files{key}": ["", "a", "/", "/a/../b", "/a b"],
    "gpu.count": [0, 17],
    "gpu.type": BLANK,
    "health_check.check_interval_seconds": [0, 301],
    "health_check.healthy_threshold": [0, 11],
    "health_check.liveness_path": NO_PATH,
    "health_check.path": NO_PATH,
    "health_check.port": [0, 65536],
    "health_check.timeout_seconds": [0, 301],
    "health_check.unhealthy_threshold": [0, 11],
    "hosts": [[], ["a.example.com", "a.example.com"], [f"a{number}.example.com" for number in range(101)]],
    "hosts[]": ["", "Example.com", "a..example.com", "192.0.2.1", "a" * 191],
    "image": BLANK,
    "resource_labels{key}": ["", "Team", "8team", "t" * 64],
    "resource_labels{value}": ["Shop", "a b", "s" * 64],
    "load_balancer_ports": [[]],
    "flow_log_sample_rate": [-0.1, 1.1, float("nan")],
    "load_balancer_ports[]": ["", "http", "0", "9-1", "1-2-3", "65536", "²"],
    "location": ["", "Iowa", "us-central1-b-c"],
    "machine_type": BLANK,
    "mounts[].path": ["", "cache", "/", "/a/../b"],
    "mounts[].volume": LABEL,
    "name": LABEL,
    "namespace": LABEL,
    "nat_addresses": [[]],
    "nat_addresses[]": BLANK,
    "network": BLANK,
    "network.network": BLANK,
    "network.pods_range": BLANK,
    "network.services_range": BLANK,
    "network.subnetwork": BLANK,
    "network.pods_per_node": [7, 257],
    "network_policy.pods[].labels{key}": ["", "-a", "a b", "/a"],
    "network_policy.pods[].labels{value}": ["-a", "a b", "a" * 64],
    "network_policy.pods[].namespace": LABEL,
    "network_policy.proxy_only_range": NO_RANGE,
    "network_policy.ranges[]": NO_RANGE,
    "node_labels{key}": ["", "-a", "a b", "/a"],
    "node_labels{value}": ["-a", "a b", "a" * 64],
    "operations.backup.key": NO_KEY,
    "operations.backup.retain_days": [0, 366],
    "operations.backup.schedule": ["", "daily", "0 3 * *"],
    "operations.logs": [[], ["workloads"], ["system-components", "system-components"]],
    "operations.metrics": [[], ["pod"], ["system-components", "system-components"]],
    "paths": [[]],
    "paths[]": NO_ROUTE,
    "plan.growth_percent": [-1, 10_001],
    "plan.nodes": [0, 65_001],
    "plan.pods_per_node": [7, 257],
    "plan.services": [0, 65_537],
    "plan.taken[]": NO_RANGE,
    "plan.within": NO_RANGE,
    "pods_per_node": [7, 257],
    "pods_range": BLANK,
    "port": [0, 65536],
    "proxies_range": [*NO_RANGE, "10.40.0.0/27"],
    "ranges.nodes": NO_RANGE,
    "ranges.pods": NO_RANGE,
    "ranges.proxies": [*NO_RANGE, "10.40.0.0/27"],
    "ranges.services": NO_RANGE,
    "readiness_path": NO_PATH,
    "region": ["", "Iowa", "us-central1-b"],
    "replicas": [0, 2**31],
    "resources.cpu": ["", "0", "0.0", "0m", "1.2345", "1 CPU"],
    "resources.memory": ["", "0", "0Mi", "1.5", "1 GB"],
    "rollout.backend_timeout_seconds": [0, 2**31],
    "rollout.draining_timeout_seconds": [-1, 3601],
    "rollout.keep_alive_timeout_seconds": [*COUNT, float("nan"), float("inf")],
    "rollout.longest_request_seconds": [*COUNT, float("nan"), float("inf")],
    "rollout.max_surge": [0, 2**31],
    "rollout.min_ready_seconds": COUNT,
    "rollout.pre_stop_seconds": COUNT,
    "rollout.progress_deadline_seconds": [0, 2**31],
    "rollout.rolled_out_within_seconds": [0, 2**31, float("nan"), float("inf")],
    "rollout.start_delay_seconds": [*COUNT, float("nan"), float("inf")],
    "rollout.startup_seconds": [*COUNT, float("nan"), float("inf")],
    "rollout.termination_grace_period_seconds": [0, 2**31],
    "rollout.zones": [0, 2**31],
    "routes": [[]],
    "routes[].backends[].service": NAME,
    "routes[].backends[].weight": [-1, 1001],
    "routes[].filters.redirect.host": ["", "*.example.com", "Example.com"],
    "routes[].filters.redirect.path": NO_ROUTE,
    "routes[].filters.redirect.prefix": NO_ROUTE,
    "routes[].filters.redirect.status_code": [200, 308],
    "routes[].filters.rewrite.host": ["", "*.example.com", "Example.com"],
    "routes[].filters.rewrite.prefix": NO_ROUTE,
    "routes[].headers": [[], [{"name": f"X-{number}", "value": "a"} for number in range(17)]],
    "routes[].headers[].name": NO_HEADER,
    "routes[].headers[].value": ["", "a\nb", " a"],
    "routes[].hosts": [[], ["a.example.com", "a.example.com"]],
    "routes[].path": NO_ROUTE,
    "rules": [[{"host": f"a{number}.example.com", "paths": [{"service": "web"}]} for number in range(51)]],
    "rules[].host": ["", "a.*.com", "Example.com"],
    "rules[].paths": [[]],
    "rules[].paths[].path": NO_ROUTE,
    "rules[].paths[].service": NAME,
    "run_as_user": [0, 2**31],
    "secret_env{key}": ["", "1A", "A B"],
    "secret_files{key}": ["", "a", "/", "/a/../b", "/a b"],
    "security.disks_key": NO_KEY,
    "security.image_repositories": [[]],
    "security.image_repositories[]": ["", "shop", "europe-docker.pkg.dev/my-project/shop"],
    "security.secrets_key": NO_KEY,
    "selects": [*NAME, "w" * 41],
    "service_account": BLANK,
    "spot.shutdown_seconds": [29, 121],
    "services_range": BLANK,
    "shared_vpc.host_project": ["", "Shop", "shop"],
    "shared_vpc.service_project_number": ["", "0", "shop"],
    "ssl_policy": NAME,
    "startup_check.path": NO_PATH,
    "startup_check.port": [0, 65536],
    "subnetwork": BLANK,
    "taints": [[]],
    "taints[].key": ["", "-a", "a b", "/a"],
    "taints[].value": ["-a", "a b", "a" * 64],
    "upgrades.batch_nodes": [0, 2**31],
    "upgrades.batch_soak_seconds": [-1, 604_801],
    "upgrades.exclusions{value}.end": NO_MOMENT,
    "upgrades.exclusions{value}.start": NO_MOMENT,
    "upgrades.max_surge": COUNT,
    "upgrades.max_unavailable": COUNT,
    "upgrades.notifications": ["", "gke", "projects/my-project/gke"],
    "upgrades.pool_soak_seconds": [-1, 604_801],
    "upgrades.wait_for_drain_seconds": [-1, 604_801],
    "upgrades.window.days": [[], ["monday", "monday"]],
    "upgrades.window.hours": [3, 25],
    "upgrades.window.start": ["", "9:00", "24:00"],
    "volumes[].claim": OBJECT,
    "volumes[].config_map": OBJECT,
    "volumes[].empty_dir.size": ["", "0", "1.5", "1 GB"],
    "volumes[].name": LABEL,
    "volumes[].secret": OBJECT,
    "workload_identity.cluster_project": ["", "Shop", "shop"],
    "workload_identity.service_account": ["", "web", "someone@example.com"],
    "zones": [["us-central1-b"], ["us-central1-b", "us-central1-b"]],
    "zones[]": ["", "us-central1"],
    **{
        f"routes[].filters.{group}.{kind}": values
        for group in ("request_headers", "response_headers")
        for kind, values in {
            "set": [[]],
            "set[].name": NO_HEADER,
            "set[].value": ["", "a\nb"],
            "add": [[]],
            "add[].name": NO_HEADER,
            "add[].value": ["", "a\nb"],
            "remove": [[]],
            "remove[]": NO_HEADER,
        }.items()
    },
}
"""Values that break an input's limit, by the end of its pattern; the longest that fits counts."""
ANY = {
    "access.authorized_networks{key}",
    "args[]",
    "autoscaling.external_metrics[].labels{key}",
    "autoscaling.external_metrics[].labels{value}",
    "command[]",
    "env{value}",
    "files{value}",
    "secret_env{value}",
    "secret_files{value}",
    "upgrades.exclusions{key}",
}
"""Texts without a limit, by the end of their pattern."""
ACCESS = {
    "access.endpoint": {"access": {"authorized_networks": {"office": "203.0.113.0/24"}}},
    "access.authorized_networks.*": {"access": {"endpoint": "ip"}},
}
BACKEND = {
    "backend.session_affinity.cookie_ttl_seconds": {"backend": {"session_affinity": {"type": "GENERATED_COOKIE"}}},
    "backend.iap[.].*": {"backend": {"iap": {"client_id": "it", "client_secret": "pssst"}}},
}
GATEWAY = {
    "region": {"gateway_class": "gke-l7-regional-external-managed"},
    "subnetwork": {"gateway_class": "gke-l7-rilb", "region": "us-central1"},
    "allow_global_access": {"gateway_class": "gke-l7-rilb", "address": "shop"},
    "certificates.certificate_manager.*": {"gateway_class": "gke-l7-rilb", "address": "shop", "ssl_policy": "modern"},
    "redirect_to_https|ssl_policy": {"certificates": {"secrets": ["tls"]}},
}
INGRESS = {
    "region": {"scope": "regional-external"},
    "subnetwork": {"scope": "internal"},
    "redirect_to_https|redirect_code|ssl_policy": {"certificates": {"secrets": ["tls"]}},
}
METRIC = {"autoscaling": {"external_metrics": [{"value": "30"}]}}
PODS = {
    ".*mounts.*": {"volumes": [{"name": "cache", "empty_dir": {"size": "1Gi"}}]},
    "volumes\\[\\].name": {"volumes": [{"empty_dir": {"size": "1Gi"}}]},
    "autoscaling.external_metrics\\[\\][.](name|labels.*)": METRIC,
}
BESIDE: dict[str, dict[str, Any]] = {
    "AutopilotCluster": ACCESS,
    "ExistingNetwork": {"(?!subnetwork).*": {"subnetwork": "projects/p/regions/r/subnetworks/s"}},
    "Gateway": {
        **GATEWAY,
        "routes\\[\\][.](?!.*redirect).*": {"routes": MINIMAL["routes"]},
        ".*redirect.status_code": {"routes": [{"filters": {"redirect": {"host": "www.example.com"}}}]},
    },
    "Ingress": INGRESS,
    "NegService": {**BACKEND, "exposed_ports.*": {"for_ingress": False}},
    "NodePool": {
        "gpu.*": {"machine_type": "g2-standard-4"},
        "upgrades[.](batch|pool).*": {"upgrades": {"strategy": "blue-green"}},
        "upgrades[.]wait.*": {"upgrades": {"strategy": "autoscaled-blue-green"}},
    },
    "RollingDeployment": PODS,
    "StandardCluster": {**ACCESS, "zones\\[\\]": {"zones": ["us-central1-f", "us-central1-c"]}},
    "WebService": {
        **BACKEND,
        **PODS,
        "backend.iap.*": {"hosts": ["www.example.com"]},
        **{f"gateway[.]({key})": {"gateway": needed} for key, needed in GATEWAY.items()},
        **{f"ingress[.]({key})": {"ingress": needed} for key, needed in INGRESS.items()},
    },
}
"""What inputs need beside them to be right, by regular expressions for their patterns."""


def entry_for(pattern: str, table: Any) -> Any:
    """The entry of a table that fits the most of a pattern's end; None if there is none."""
    fits = [end for end in table if pattern == end or pattern.endswith(f".{end}")]
    return max(fits, key=len, default=None)


def right(component: type, each: Input, value: Any) -> dict[str, Any]:
    """Args with a value that is right where what it needs stands beside it."""
    needed: dict[str, Any] = {}
    for pattern, more in BESIDE.get(component.__name__, {}).items():
        if re.fullmatch(pattern, each.pattern):
            needed = merged(needed, more)
    return merged(needed, each.put(value))


def merged(under: Any, over: Any) -> Any:
    """Both; where both say something, what is over holds."""
    if isinstance(under, dict) and isinstance(over, dict):
        return {**under, **over, **{key: merged(under[key], over[key]) for key in under if key in over}}
    if isinstance(under, list) and isinstance(over, list) and under and over:
        return [merged(under[0], over[0]), *under[1:]]
    return over
