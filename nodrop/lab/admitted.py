"""Deployment and Service of a path as the API server holds them, with the defaults that controllers need. Pure."""

from nodrop.lab.job import Job
from nodrop.paths import Backend, Manifest
from nodrop.paths.fields import Field, ref_of
from nodrop.paths.ports import target_port_of

DEFAULT_NODE_PORT = 30080
"""Given to a NodePort Service that names none, as the API server would choose one from 30000 to 32767."""


def deployment_of(job: Job) -> Manifest:
    """With its namespace, its number of replicas and the template's metadata."""
    deployment = job.path.deployment
    template = {"metadata": {}, **deployment["spec"]["template"]}
    return {
        **_placed(job, deployment),
        "spec": {**deployment["spec"], "replicas": job.path.replicas, "template": template},
    }


def service_of(job: Job) -> Manifest:
    """With its namespace, and a node port for each port where requests pass nodes."""
    service = job.path.service
    ports = []
    for number, port in enumerate(service["spec"]["ports"]):
        given = {"nodePort": DEFAULT_NODE_PORT + number} if job.path.backend is Backend.INSTANCE_GROUP else {}
        ports.append({**given, **port, "targetPort": target_port_of(Field(port, ref_of(service))).value})
    return {**_placed(job, service), "spec": {**service["spec"], "ports": ports}}


def _placed(job: Job, manifest: Manifest) -> Manifest:
    return {**manifest, "metadata": {**manifest["metadata"], "namespace": job.path.namespace}}
