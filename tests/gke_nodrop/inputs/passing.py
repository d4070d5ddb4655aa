"""Args of every component, with as many inputs as go together, that pass."""

from typing import Any

_CLUSTER: dict[str, Any] = {
    "location": "us-central1",
    "network": {
        "network": "vpc",
        "subnetwork": "subnet",
        "pods_range": "pods",
        "services_range": "services",
        "pods_per_node": 32,
        "dual_stack": True,
    },
    "access": {
        "endpoint": "ip",
        "authorized_networks": {"office": "203.0.113.0/24"},
        "google_groups": "gke-security-groups@example.com",
    },
    "upgrades": {
        "release_channel": "regular",
        "window": {"days": ["tuesday", "thursday"], "start": "09:00", "hours": 6},
        "exclusions": {
            "sale": {"start": "2026-11-26T00:00:00Z", "end": "2026-12-02T00:00:00Z", "scope": "no-upgrades"}
        },
        "notifications": "projects/my-project/topics/gke",
    },
    "security": {
        "secrets_key": "projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/etcd",
        "binary_authorization": True,
        "image_repositories": ["projects/my-project/locations/us-central1/repositories/shop"],
        "disks_key": "projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/disks",
    },
    "operations": {
        "logs": ["system-components", "workloads"],
        "metrics": ["system-components", "deployment"],
        "dataplane_observability": True,
        "backup": {
            "schedule": "0 3 * * *",
            "retain_days": 30,
            "key": "projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/etcd",
        },
    },
    "resource_labels": {"team": "shop"},
    "deletion_protection": True,
}
"""What both kinds of cluster take."""

_BEHAVIOUR: dict[str, Any] = {
    "longest_request_seconds": 30,
    "startup_seconds": 10,
    "keep_alive_timeout_seconds": 620,
    "on_term": "drain",
}
_ROLLOUT: dict[str, Any] = {
    **_BEHAVIOUR,
    "zones": 3,
    "start_delay_seconds": 0,
    "rolled_out_within_seconds": 600,
    "mode": "pod-readiness-feedback",
    "max_surge": 1,
    "pre_stop_seconds": 60,
    "termination_grace_period_seconds": 95,
    "min_ready_seconds": 0,
    "progress_deadline_seconds": 599,
    "backend_timeout_seconds": 35,
    "draining_timeout_seconds": 30,
}
_HEALTH_CHECK: dict[str, Any] = {
    "path": "/ready/",
    "check_interval_seconds": 5,
    "timeout_seconds": 5,
    "healthy_threshold": 2,
    "unhealthy_threshold": 2,
    "liveness_path": "/live/",
    "port": 8081,
}
_BACKEND: dict[str, Any] = {
    "session_affinity": {"type": "GENERATED_COOKIE", "cookie_ttl_seconds": 3600},
    "request_headers": [{"name": "X-Client-Region", "value": "{client_region}"}],
    "response_headers": [{"name": "Strict-Transport-Security", "value": "max-age=31536000"}],
    "logging": {"sample_rate": 1.0},
    "iap": {"client_id": "123-abc.apps.googleusercontent.com", "client_secret": "…"},
    "security_policy": "edge",
}
_CONTAINER: dict[str, Any] = {
    "image": "python:3.13-slim",
    "port": 8080,
    "replicas": 2,
    "command": ["python", "/app/server.py"],
    "args": ["--port=8080"],
    "env": {"LOG_LEVEL": "info"},
    "secret_env": {"API_TOKEN": "…"},
    "files": {"/app/server.py": "print()"},
    "secret_files": {"/etc/web/token": "…"},
    "resources": {"cpu": "250m", "memory": "256Mi"},
    "run_as_user": 65532,
}
"""The serving container and how many pods of it."""
_BESIDE: dict[str, Any] = {
    "image": "example/migrate:1",
    "command": ["/migrate"],
    "args": ["--wait"],
    "env": {"LOG_LEVEL": "info"},
    "secret_env": {"DATABASE_PASSWORD": "…"},
    "files": {"/etc/migrate.conf": "lock=true"},
    "secret_files": {"/etc/migrate.password": "…"},
    "resources": {"cpu": "50m", "memory": "64Mi"},
    "mounts": [{"volume": "cache", "path": "/cache", "read_only": False}],
    "run_as_user": 65532,
}
"""A container beside it."""
_WORKLOAD: dict[str, Any] = {
    **_CONTAINER,
    "protocol": "HTTPS",
    "mounts": [{"volume": "cache", "path": "/cache", "read_only": False}],
    "init_containers": [
        {
            "name": "migrate",
            **_BESIDE,
        }
    ],
    "sidecars": [
        {
            "name": "database-proxy",
            **_BESIDE,
            "port": 9091,
            "startup_check": {"path": "/startup", "port": 9801},
        }
    ],
    "containers": [
        {
            "name": "metrics",
            **_BESIDE,
            "port": 9090,
        }
    ],
    "volumes": [{"name": "cache", "empty_dir": {"size": "1Gi"}}],
    "read_only_root_filesystem": False,
    "workload_identity": {
        "service_account": "web-pods@the-project.iam.gserviceaccount.com",
        "cluster_project": "the-project",
    },
    "network_policy": {
        "proxy_only_range": "10.40.0.0/23",
        "ranges": ["10.50.0.0/24"],
        "pods": [{"namespace": "monitoring", "labels": {"app.kubernetes.io/name": "collector"}}],
    },
    "health_check": _HEALTH_CHECK,
    "rollout": _ROLLOUT,
    "accept": {"draining-covers-longest-request": "websocket clients reconnect"},
    "namespace": "web",
}
"""Pods, and what a load balancer is told of them."""

PASSING: dict[str, Any] = {
    "AutopilotCluster": {
        **_CLUSTER,
    },
    "ExistingNetwork": {
        "network": "projects/shop-network/global/networks/shop",
        "subnetwork": "projects/shop-network/regions/us-central1/subnetworks/shop",
        "pods_range": "pods",
        "services_range": "services",
        "pods_per_node": 32,
        "dual_stack": True,
        "proxies_range": "10.40.0.0/23",
        "load_balancer_ports": ["8080"],
        "shared_vpc": {"host_project": "shop-network", "service_project_number": "123456789012"},
        "changes_network": True,
    },
    "Gateway": {
        "gateway_class": "gke-l7-global-external-managed",
        "address": "shop",
        "certificates": {"certificate_map": "shop"},
        "redirect_to_https": True,
        "ssl_policy": "modern",
        "namespace": "shop",
        "hosts": ["shop.example.com"],
        "routes": [
            {
                "hosts": ["www.example.com"],
                "path": "/basket",
                "path_type": "PathPrefix",
                "headers": [{"name": "X-Canary", "value": "1"}],
                "backends": [{"service": "basket", "weight": 90}],
                "filters": {
                    "request_headers": {"set": [{"name": "X-Shop", "value": "1"}], "remove": ["X-Debug"]},
                    "response_headers": {"add": [{"name": "Strict-Transport-Security", "value": "max-age=31536000"}]},
                    "rewrite": {"host": "basket.example.com", "prefix": "/"},
                },
            },
            {"backends": [{"service": "web", "weight": 90}, {"service": "canary", "weight": 10}]},
        ],
    },
    "Ingress": {
        "scope": "external",
        "namespace": "shop",
        "default_service": "web",
        "rules": [
            {"host": "www.example.com", "paths": [{"path": "/basket", "path_type": "Prefix", "service": "basket"}]}
        ],
        "address": "shop",
        "certificates": {"managed": ["www.example.com"], "secrets": ["www-example-com-tls"]},
        "redirect_to_https": True,
        "redirect_code": "MOVED_PERMANENTLY_DEFAULT",
        "ssl_policy": "modern",
        "allow_http": True,
    },
    "LegacyNodePortService": {
        **_CONTAINER,
        "namespace": "web",
        "paths": ["/"],
        "readiness_path": "/ready/",
        "rollout": _BEHAVIOUR,
    },
    "Namespace": {"name": "shop"},
    "NegService": {
        "namespace": "web",
        "selects": "web",
        "protocol": "HTTP2",
        "health_check": _HEALTH_CHECK,
        "rollout": _ROLLOUT,
        "accept": {"draining-covers-longest-request": "websocket clients reconnect"},
        "backend": _BACKEND,
        "exposed_ports": [{"port": 80}],
        "for_ingress": True,
        "for_gateway": False,
    },
    "Network": {
        "region": "us-central1",
        "ranges": {
            "nodes": "10.10.0.0/20",
            "pods": "10.20.0.0/16",
            "services": "10.30.0.0/20",
            "proxies": "10.40.0.0/23",
        },
        "pods_per_node": 32,
        "load_balancer_ports": ["8080"],
        "nat_addresses": ["nat-1"],
        "flow_log_sample_rate": 0.1,
        "shared_vpc": {"host_project": "shop-network", "service_project_number": "123456789012"},
    },
    "NodePool": {
        "cluster": "projects/my-project/locations/us-central1/clusters/main",
        "service_account": "gke-nodes@my-project.iam.gserviceaccount.com",
        "machine_type": "g2-standard-4",
        "autoscaling": {"min_nodes": 1, "max_nodes": 3, "location_policy": "balanced"},
        "disk": {
            "size_gb": 50,
            "type": "pd-balanced",
            "key": "projects/my-project/locations/us-central1/keyRings/gke/cryptoKeys/disks",
        },
        "upgrades": {"strategy": "blue-green", "batch_nodes": 1, "batch_soak_seconds": 60, "pool_soak_seconds": 3600},
        "spot": {"shutdown_seconds": 120},
        "gpu": {"type": "nvidia-l4", "count": 1},
        "image_streaming": True,
        "node_labels": {"example.com/role": "serving"},
        "taints": [{"key": "example.com/role", "value": "serving", "effect": "NoSchedule"}],
        "resource_labels": {"team": "shop"},
    },
    "RollingDeployment": _WORKLOAD,
    "StandardCluster": {
        **_CLUSTER,
        "zones": ["us-central1-b", "us-central1-c"],
        "datapath": "dataplane-v2",
    },
    "WebService": {
        **_WORKLOAD,
        "hosts": ["www.example.com"],
        "backend": _BACKEND,
        "ingress": {"ssl_policy": "modern"},
    },
}
