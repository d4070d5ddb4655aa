"""The properties of a GCP resource that Google Cloud, or the provider, fills in.

Only those that a program is likely to read; the others stay absent.
"""

import base64
from collections.abc import Mapping
from typing import Any

from harness.cloud import ADDRESS, CLUSTER, REGIONAL_ADDRESS, Resource
from harness.gcp_table import KINDS
from harness.wire import Object, Secret, plain

API = {"compute": "https://www.googleapis.com/compute/v1", "container": "https://container.googleapis.com/v1"}


def defaulted(token: str, inputs: Mapping[str, Any], config: Mapping[str, str]) -> Object:
    """Plain inputs with the provider's own project and region where the resource has such properties."""
    values = {key: value for key, value in plain(dict(inputs)).items() if key != "__defaults"}
    path = KINDS[token].path
    values.setdefault("project", config.get("project"))
    if "{region}" in path:
        values.setdefault("region", config.get("region"))
    if "{location}" in path:
        cluster = values.get("cluster", "")
        values.setdefault("location", cluster.split("/")[3] if "/" in cluster else config.get("region"))
    return values


def identity(token: str, values: Mapping[str, Any]) -> str:
    """The id, unique among all resources."""
    path = KINDS[token].path.format(**{**values, "cluster": str(values.get("cluster", "")).rpartition("/")[2]})
    return f"projects/{values['project']}/{path}"


def computed(resource: Resource) -> Object:
    """What is added to the inputs."""
    own, identity = resource.properties, resource.id
    outputs: Object = {}
    service = resource.token.split(":")[1].partition("/")[0]
    if service in API:
        outputs["selfLink"] = f"{API[service]}/{identity}"
    if resource.token == CLUSTER:
        outputs |= _cluster(resource)
    elif resource.token in (ADDRESS, REGIONAL_ADDRESS):
        outputs |= {"address": resource.address, "creationTimestamp": "2026-01-01T00:00:00.000-00:00"}
    elif resource.token == "gcp:serviceaccount/account:Account":
        email = f"{own['accountId']}@{own['project']}.iam.gserviceaccount.com"
        outputs |= {"email": email, "member": f"serviceAccount:{email}", "uniqueId": str(resource.number % 10**21)}
        outputs["name"] = f"projects/{own['project']}/serviceAccounts/{email}"
    elif resource.token.lower().endswith("iammember"):
        outputs["etag"] = f"{resource.number:x}"[:12]
    return outputs


def _cluster(resource: Resource) -> Object:
    world = resource.world
    server, dns = (world.server, world.dns_server) if world else ("192.0.2.1", f"gke-{resource.name}.gke.goog")
    ca = base64.b64encode(world.ca if world else b"none").decode()
    given = resource.properties.get("controlPlaneEndpointsConfig", {})
    dns_config = {**given.get("dnsEndpointConfig", {}), "endpoint": dns}
    private = {**resource.properties.get("privateClusterConfig", {}), "publicEndpoint": server}
    return {
        "endpoint": server,
        "masterAuth": {
            "clusterCaCertificate": ca,
            "clientCertificate": "",
            "clientKey": Secret(""),
            "clientCertificateConfig": {"issueClientCertificate": False},
        },
        "controlPlaneEndpointsConfig": {**given, "dnsEndpointConfig": dns_config},
        "privateClusterConfig": private,
        "masterVersion": "1.34.4-gke.1000000",
        "clusterIpv4Cidr": "10.20.0.0/16",
    }
