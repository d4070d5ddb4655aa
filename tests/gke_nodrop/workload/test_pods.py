"""The pods of a `RollingDeployment`: containers, what they read, and how they are probed and stopped."""

from typing import Any

import pulumi
import pytest
from pulumi.runtime.rpc import unwrap_rpc_secret

from gke_nodrop.shared.protocols import Protocol
from gke_nodrop.workload.rolling_deployment import RollingDeployment
from nodrop.paths import Behaviour, behaviour, read_rollout, resolve
from nodrop.rollout import OnTerm
from tests.gke_nodrop.workload.declared_pods import MINIMAL, PROXY, containers, pod, web

IDENTITY: Any = {"service_account": "web-pods@the-project.iam.gserviceaccount.com"}


def as_manifest(value: Any) -> Any:
    """Inputs with whole numbers as such, where the wire has floats only, and secrets in clear."""
    if isinstance(value, dict):
        value = unwrap_rpc_secret(value)
        return {key: as_manifest(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_manifest(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def test_every_container_that_takes_part_in_an_answer_goes_on_as_long_as_the_serving_one(deploy):
    deployed = deploy(
        web(
            sidecars=[PROXY, {"name": "shipper", "image": "example/shipper:1"}],
            containers=[{"name": "cache", "image": "example/cache:1"}],
            init_containers=[{"name": "migrate", "image": "example/migrate:1"}],
        )
    )
    sleeps = {
        name: container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds")
        for name, container in containers(deployed).items()
    }
    assert sleeps == {"web": 60, "cache": 60, "database-proxy": 60, "shipper": None, "migrate": None}


def test_sidecars_restart_always_and_have_started_before_what_runs_to_its_end(deploy):
    deployed = deploy(web(init_containers=[{"name": "migrate", "image": "m:1"}], sidecars=[PROXY]))
    before = [(container["name"], container.get("restartPolicy")) for container in pod(deployed)["initContainers"]]
    assert before == [("database-proxy", "Always"), ("migrate", None)]


def test_what_comes_after_a_sidecar_waits_for_its_startup_check_as_long_as_the_application_may_take(deploy):
    check = {"path": "/startup", "port": 9801}
    rollout = {"keep_alive_timeout_seconds": 620, "startup_seconds": 100}
    deployed = deploy(web(sidecars=[{**PROXY, "startup_check": check}], rollout=rollout))
    probe = containers(deployed)["database-proxy"]["startupProbe"]
    assert probe["httpGet"] == {"path": "/startup", "port": 9801}
    assert probe["periodSeconds"] * probe["failureThreshold"] == 300
    assert "startupProbe" not in containers(deploy(web(sidecars=[PROXY])))["database-proxy"]


def test_the_tools_find_the_pods_as_they_are_declared(deploy):
    component: list[RollingDeployment] = []

    def program() -> None:
        args: Any = {**MINIMAL, "sidecars": [PROXY], "containers": [{"name": "cache", "image": "example/cache:1"}]}
        component.append(RollingDeployment("web", args))

    deployment = as_manifest(deploy(program).inputs("Deployment"))
    metadata = {"name": "web", "namespace": "shop"}
    neg = {"cloud.google.com/neg": '{"ingress": true}'}
    service = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {**metadata, "annotations": neg},
        "spec": {
            "selector": {"app.kubernetes.io/name": "web"},
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}],
        },
    }
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {**metadata, "annotations": {"kubernetes.io/ingress.class": "gce"}},
        "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
    }
    (path,) = resolve([service, ingress, deployment]).paths
    unstated = Behaviour(
        longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT
    )
    read = read_rollout(path, behaviour(path.deployment, unstated))
    solved = component[0].rollout
    for name in (
        "containers_that_stop_early",
        "native_sidecars",
        "pre_stop_seconds",
        "termination_grace_period_seconds",
        "readiness_probe",
        "startup_probe",
        "liveness_probe",
        "longest_request_seconds",
    ):
        assert getattr(read, name) == getattr(solved, name), name
    assert read.native_sidecars == ("database-proxy",)


def test_containers_beside_the_serving_one_have_variables_secrets_and_files_of_their_own(deploy):
    proxy = {**PROXY, "env": {"A": "1"}, "secret_env": {"PIN": "proxy's"}, "files": {"/etc/a.conf": "proxy's"}}
    deployed = deploy(web(secret_env={"PIN": "web's"}, files={"/etc/a.conf": "web's"}, sidecars=[proxy]))
    assert deployed.inputs("ConfigMap")["data"] == {
        "etc_a.conf": "web's",
        "database-proxy.etc_a.conf": "proxy's",
    }
    assert set(as_manifest(deployed.inputs("Secret"))["stringData"]) == {"PIN", "database-proxy.PIN"}
    seen = containers(deployed)["database-proxy"]
    (mount,) = seen["volumeMounts"]
    assert (mount["mountPath"], mount["subPath"]) == ("/etc/a.conf", "database-proxy.etc_a.conf")
    named = {variable["name"]: variable for variable in seen["env"]}
    assert named["PIN"]["valueFrom"]["secretKeyRef"]["key"] == "database-proxy.PIN"
    assert named["A"]["value"] == "1"


def test_secret_files_are_mounted_as_files_are_from_a_secret_that_pulumi_names(deploy):
    proxy = {**PROXY, "secret_files": {"/etc/key": "proxy's"}}
    deployed = deploy(web(files={"/etc/conf": "a"}, secret_files={"/etc/key": "web's"}, sidecars=[proxy]))
    secret = deployed.inputs("Secret")
    assert as_manifest(secret)["stringData"] == {"etc_key": "web's", "database-proxy.etc_key": "proxy's"}
    assert secret["immutable"] is True
    assert "name" not in secret["metadata"]
    files, secrets = pod(deployed)["volumes"]
    assert (files["name"], secrets["name"], set(secrets["secret"])) == ("files", "secret-files", {"secretName"})
    mounts = {name: each["volumeMounts"] for name, each in containers(deployed).items()}
    web_s = {"name": "secret-files", "mountPath": "/etc/key", "subPath": "etc_key", "readOnly": True}
    assert mounts["web"][1] == web_s
    assert mounts["database-proxy"] == [{**web_s, "subPath": "database-proxy.etc_key"}]


def test_a_changed_file_of_any_container_makes_a_second_config_map_and_so_a_rollout(deploy):
    def names(text: str) -> tuple[str, str]:
        deployed = deploy(web(sidecars=[{**PROXY, "files": {"/etc/a.conf": text}}]))
        (volume,) = pod(deployed)["volumes"]
        return deployed.inputs("ConfigMap")["metadata"]["name"], volume["configMap"]["name"]

    (made, mounted), (made_then, mounted_then) = names("old"), names("new")
    assert made == mounted
    assert made_then == mounted_then
    assert made != made_then


def test_secrets_are_immutable_and_named_by_pulumi_so_that_a_changed_one_is_a_rollout(deploy):
    secret = deploy(web(sidecars=[{**PROXY, "secret_env": {"PIN": "4711"}}])).inputs("Secret")
    assert secret["immutable"] is True
    assert "name" not in secret["metadata"]


def test_volumes_come_from_scratch_space_and_from_objects_that_exist(deploy):
    volumes: Any = [
        {"name": "cache", "empty_dir": {"size": "1Gi"}},
        {"name": "settings", "config_map": pulumi.Output.from_input("web-settings")},
        {"name": "certificate", "secret": "web-certificate"},
        {"name": "uploads", "claim": "web-uploads"},
    ]
    mounts = [{"volume": "cache", "path": "/cache"}, {"volume": "uploads", "path": "/uploads", "read_only": True}]
    deployed = deploy(web(volumes=volumes, mounts=mounts, files={"/a": "b"}))
    assert pod(deployed)["volumes"][1:] == [
        {"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}},
        {"name": "settings", "configMap": {"name": "web-settings"}},
        {"name": "certificate", "secret": {"secretName": "web-certificate"}},
        {"name": "uploads", "persistentVolumeClaim": {"claimName": "web-uploads"}},
    ]
    assert containers(deployed)["web"]["volumeMounts"][1:] == [
        {"name": "cache", "mountPath": "/cache"},
        {"name": "uploads", "mountPath": "/uploads", "readOnly": True},
    ]


def test_a_stated_user_makes_every_container_meet_the_standard_restricted(deploy):
    deployed = deploy(
        web(
            run_as_user=65532,
            sidecars=[PROXY],
            init_containers=[{"name": "migrate", "image": "m:1"}],
            containers=[{"name": "cache", "image": "c:1"}],
        )
    )
    assert pod(deployed)["securityContext"] == {
        "runAsUser": 65532,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    for container in containers(deployed).values():
        assert container["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def test_stock_images_run_unless_told_otherwise(deploy):
    deployed = deploy(web(sidecars=[{**PROXY, "run_as_user": 100}]))
    assert "runAsNonRoot" not in pod(deployed)["securityContext"]
    stock, proxy = (containers(deployed)[name]["securityContext"] for name in ("web", "database-proxy"))
    assert stock == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["NET_RAW"]}}
    assert (proxy["runAsUser"], proxy["runAsNonRoot"], proxy["capabilities"]) == (100, True, {"drop": ["ALL"]})


def test_all_containers_may_be_kept_from_writing_beside_their_volumes(deploy):
    deployed = deploy(web(read_only_root_filesystem=True, sidecars=[PROXY]))
    assert [each["securityContext"]["readOnlyRootFilesystem"] for each in containers(deployed).values()] == [True] * 2


def test_a_claims_files_belong_to_the_stated_user(deploy):
    volumes = [{"name": "uploads", "claim": "web-uploads"}]
    assert pod(deploy(web(run_as_user=1000, volumes=volumes)))["securityContext"]["fsGroup"] == 1000
    assert "fsGroup" not in pod(deploy(web(volumes=volumes)))["securityContext"]


def test_no_token_is_mounted_whoever_the_pods_are(deploy):
    assert pod(deploy(web()))["automountServiceAccountToken"] is False
    assert pod(deploy(web(workload_identity=IDENTITY)))["automountServiceAccountToken"] is False


@pytest.mark.parametrize(("protocol", "scheme"), [("HTTP", None), ("HTTPS", "HTTPS"), ("HTTP2", "HTTPS")])
def test_probes_ask_in_the_protocol_that_the_container_speaks(deploy, protocol, scheme):
    check = {"path": "/ready/", "liveness_path": "/live/"}
    container = containers(deploy(web(protocol=Protocol(protocol), health_check=check)))["web"]
    asked = {kind: container[kind]["httpGet"] for kind in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert {each.get("scheme") for each in asked.values()} == {scheme}
    assert {each["port"] for each in asked.values()} == {"http"}
    assert [each["path"] for each in asked.values()] == ["/ready/", "/ready/", "/live/"]


def test_a_grpc_server_is_asked_on_another_port_in_plain_http(deploy):
    check = {"path": "/ready/", "port": 8081}
    container = containers(deploy(web(protocol=Protocol.GRPC, health_check=check)))["web"]
    assert [(port["name"], port["containerPort"]) for port in container["ports"]] == [("http", 8080), ("health", 8081)]
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready/", "port": "health"}
    assert container["startupProbe"]["httpGet"] == {"path": "/ready/", "port": "health"}
    assert container["livenessProbe"]["tcpSocket"] == {"port": "http"}


def test_a_server_that_says_goodbye_needs_no_keep_alive_timeout(deploy, monkeypatch):
    said: list[str] = []
    monkeypatch.setattr(pulumi.log, "warn", lambda message, resource: said.append(message))
    deploy(web(protocol=Protocol.GRPC, health_check={"port": 8081}, rollout={}))
    assert said == []
    deploy(web(protocol=Protocol.HTTPS, rollout={}))
    assert ["keep_alive_timeout_seconds is not stated" in message for message in said] == [True]


def test_pods_spread_over_zones_strictly_and_over_nodes_where_possible(deploy):
    spread = pod(deploy(web()))["topologySpreadConstraints"]
    assert [(each["topologyKey"], each["whenUnsatisfiable"]) for each in spread] == [
        ("topology.kubernetes.io/zone", "DoNotSchedule"),
        ("kubernetes.io/hostname", "ScheduleAnyway"),
    ]
    assert all(each["matchLabelKeys"] == ["pod-template-hash"] for each in spread)
    assert all(each["labelSelector"] == {"matchLabels": {"app.kubernetes.io/name": "web"}} for each in spread)
