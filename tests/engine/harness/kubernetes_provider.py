"""Stands in for the kubernetes provider, over a real API server.

Creates (POST), updates by server-side apply, each first as a dry run at preview, with strict field validation, which
refuses what the real provider only warns of; names objects; says what changes and what replaces; waits as
kubernetes_awaits.py says; keeps objects that do not become ready; imports. Source: pulumi/pulumi-kubernetes at
94977969d, provider/pkg.

Does not: Helm, Kustomize and YAML files, Patch and List resources, generateName, rendering to YAML, deprecation
warnings, settings of the provider other than kubeconfig, context, clusterIdentifier, namespace, deleteUnreachable.
"""

import hashlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import grpc
from pulumi.runtime.proto import provider_pb2 as pb

from harness import kubernetes_awaits as awaits
from harness import kubernetes_cluster as cluster
from harness import kubernetes_login as login
from harness import kubernetes_objects as objects
from harness.diffs import changes, response
from harness.provider import Empty, InitFailedError, Provider, ProviderError, answers
from harness.rest import ApiError, Client, Object
from harness.wire import UNKNOWN, contains, decode, encode, plain

AUTONAMED = "pulumi.com/autonamed"
PROPAGATION = "pulumi.com/deletionPropagationPolicy"
NOT_READY = "the Kubernetes API server reported that it failed to fully initialize or become live"
POLL_SECONDS = 0.1
UNREACHABLE = "configured Kubernetes cluster is unreachable"


class KubernetesProvider(Provider):
    """One instance."""

    name, version = "kubernetes", version("pulumi-kubernetes")

    def __init__(
        self,
        *,
        path: str = os.defpath,
        roots: bytes = b"",
        record: Callable[[str, str, str], None] = lambda *_: None,
        settle_seconds: float = 0.5,
        retry_seconds: float = 0.2,
    ) -> None:
        self.path, self.roots, self.record = path, roots, record
        self.settle_seconds, self.retry_seconds = settle_seconds, retry_seconds
        self.config: Object = {}
        self.unreachable = "the provider is not configured"
        self._client: Client | None = None
        self._cancelled = threading.Event()

    @property
    def client(self) -> Client:
        if self._client is None:
            raise ProviderError(f"{UNREACHABLE}: {self.unreachable}")
        return self._client

    @answers
    def DiffConfig(self, request: pb.DiffRequest) -> pb.DiffResponse:  # noqa: N802
        old, new = decode(request.old_inputs or request.olds), plain(decode(request.news))
        old = plain(old)
        identifiers = old.get("clusterIdentifier"), new.get("clusterIdentifier")
        unknown = any(new.get(key) == UNKNOWN for key in ("kubeconfig", "context", "cluster"))

        def replaces(path: str) -> bool:
            if path == "clusterIdentifier":
                return None not in identifiers  # neither adding nor removing it replaces anything
            if identifiers[1] is not None and identifiers[0] == identifiers[1]:
                return False
            if path not in ("kubeconfig", "context", "cluster"):
                return False
            return unknown or _cluster_of(old) != _cluster_of(new)

        return response(changes(old, new), replaces)

    @answers
    def Configure(self, request: pb.ConfigureRequest) -> pb.ConfigureResponse:  # noqa: N802
        self.config = plain(decode(request.args))
        kubeconfig = self.config.get("kubeconfig")
        try:
            if not kubeconfig:
                raise login.LoginError("no kubeconfig is given, and the stand-in takes none from the environment")
            context = self.config.get("context")
            self._client = login.client(kubeconfig, path=self.path, roots=self.roots, context=context)
            self._client.request("GET", "/version")
        except (login.LoginError, ApiError, OSError) as error:
            self._client, self.unreachable = None, str(error)
        return pb.ConfigureResponse(acceptSecrets=True, supportsPreview=True)

    def Cancel(self, request: Any, context: grpc.ServicerContext) -> Empty:  # noqa: N802
        self._cancelled.set()
        return Empty()

    @answers
    def Check(self, request: pb.CheckRequest) -> pb.CheckResponse:  # noqa: N802
        old, inputs = decode(request.olds), decode(request.news)
        _supported(request.urn, inputs)
        metadata: Object = dict(plain(inputs.get("metadata")) or {})
        if not metadata.get("name"):
            if old and awaits.annotation(plain(old), AUTONAMED):
                metadata["name"] = plain(old)["metadata"]["name"]
            elif not old:
                metadata["name"] = _autoname(request.urn, request.randomSeed)
            metadata["annotations"] = {**(metadata.get("annotations") or {}), AUTONAMED: "true"}
            inputs["metadata"] = metadata
        namespace = self.config.get("namespace")
        if namespace and not metadata.get("namespace") and cluster.is_namespaced(self._client, inputs):
            inputs["metadata"] = {**metadata, "namespace": namespace}
        return pb.CheckResponse(inputs=encode(objects.secret_inputs(inputs, inputs)))

    @answers
    def Diff(self, request: pb.DiffRequest) -> pb.DiffResponse:  # noqa: N802
        old_inputs, live, _ = objects.parse_checkpoint(decode(request.olds))
        new = objects.normalised(plain(decode(request.news)))
        new = objects.without_dropped_zeros(new, objects.normalised(old_inputs), live)
        old = objects.pruned(live, objects.normalised(old_inputs))
        old = objects.normalised({**old, "apiVersion": live["apiVersion"], "kind": live["kind"]})
        for one in (old, new):
            one["metadata"].setdefault("namespace", "default")
        if not cluster.is_namespaced(self._client, new):
            for one in (old, new):
                del one["metadata"]["namespace"]
        old["metadata"]["name"] = live["metadata"]["name"]

        def same_fixed_name() -> bool:
            places = [(one["metadata"]["name"], one["metadata"].get("namespace")) for one in (old, new)]
            return awaits.annotation(new, AUTONAMED) != "true" and places[0] == places[1]

        ignored = tuple(request.ignoreChanges)
        found = [one for one in changes(old, new) if not one[0].startswith(ignored)]
        return response(iter(found), lambda path: objects.replaced_by(new, path), same_fixed_name)

    @answers
    def Create(self, request: pb.CreateRequest) -> pb.CreateResponse:  # noqa: N802
        manager = f"{objects.CREATOR}-{hashlib.sha256(request.urn.encode()).hexdigest()[:8]}"
        wanted = objects.Wanted(decode(request.properties), manager)
        if request.preview and self._cannot_preview(wanted.manifest):
            return pb.CreateResponse(properties=request.properties)
        try:
            live = cluster.create(
                self.client, wanted.manifest, preview=request.preview, retry_seconds=self.retry_seconds
            )
        except ApiError as error:
            if request.preview and (cluster.is_no_namespace(error) or error.status in (403, 409)):
                return pb.CreateResponse(properties=request.properties)
            raise ProviderError(
                f'resource "{request.urn}" was not successfully created by the Kubernetes API server: {error.message}'
            ) from None
        if request.preview:
            live.pop("status", None)
            return pb.CreateResponse(properties=encode(wanted.checkpoint(live)))
        told = f'resource "{request.urn}" was successfully created, but {NOT_READY}'
        live = self._await(wanted, live, None, request.timeout, told)
        self.record("create", _token(request.urn), live["metadata"]["name"])
        return pb.CreateResponse(id=objects.identity(live), properties=encode(wanted.checkpoint(live)))

    @answers
    def Read(self, request: pb.ReadRequest) -> pb.ReadResponse:  # noqa: N802
        if self._client is None and self.config.get("deleteUnreachable") in (True, "true"):
            return pb.ReadResponse()
        client, given, state = self.client, decode(request.inputs), decode(request.properties)
        old_inputs, _, manager = objects.parse_checkpoint(state)
        inputs = plain(given) or old_inputs
        namespace, _, name = request.id.rpartition("/")
        imported = "kind" not in inputs
        if imported:
            inputs = objects.identified(_token(request.urn), name, namespace)
        live = cluster.find(client, (inputs["apiVersion"], inputs["kind"], name, namespace))
        if live is None:
            return pb.ReadResponse()
        missing: list[str] = []
        judge = None if awaits.is_skipped(inputs) else awaits.built_in(live)
        if judge:
            missing = judge(client, live, awaits.Course())
        live_inputs = objects.live_inputs(live, objects.normalised(inputs))
        if imported:
            manager = f"{objects.CREATOR}-{hashlib.sha256(request.urn.encode()).hexdigest()[:8]}"
            live_inputs = objects.imported_inputs(live, live_inputs, custom=cluster.is_custom(client, live))
        found = objects.secret_inputs(live_inputs, given)
        outputs = objects.Wanted(found, manager).checkpoint(live)
        if missing:
            raise InitFailedError(request.id, outputs, missing, found)
        return pb.ReadResponse(id=request.id, properties=encode(outputs), inputs=encode(found))

    @answers
    def Update(self, request: pb.UpdateRequest) -> pb.UpdateResponse:  # noqa: N802
        _, old, manager = objects.parse_checkpoint(decode(request.olds))
        wanted = objects.Wanted(decode(request.news), manager)
        if request.preview and self._cannot_preview(wanted.manifest):
            return pb.UpdateResponse(properties=request.news)
        place = cluster.place_of(old)
        told = f'{NOT_READY} ("{request.id}")'
        try:
            before = self.client.get(*place)
            live = cluster.apply(
                self.client, wanted, before, place, preview=request.preview, ignore_changes=request.ignoreChanges
            )
        except ApiError as error:
            if request.preview and error.status == 403:
                return pb.UpdateResponse(properties=request.news)
            present = cluster.find(self.client, place)
            if present is None:
                raise ProviderError(f'update of resource "{request.urn}" failed: {error.message}') from None
            # The real provider keeps the new inputs in this case too, with the object as it was.
            raise InitFailedError(request.id, wanted.checkpoint(present), [f"{told}: {error.message}"]) from None
        if not request.preview:
            live = self._await(wanted, live, before, request.timeout, told)
            self.record("update", _token(request.urn), live["metadata"]["name"])
        return pb.UpdateResponse(properties=encode(wanted.checkpoint(live)))

    @answers
    def Delete(self, request: pb.DeleteRequest) -> Empty:  # noqa: N802
        if self._client is None and self.config.get("deleteUnreachable") in (True, "true"):
            return Empty()
        inputs, live, manager = objects.parse_checkpoint(decode(request.properties))
        namespace, _, name = request.id.rpartition("/")
        place = (live["apiVersion"], live["kind"], name, namespace or None)
        policy = awaits.annotation(inputs, PROPAGATION).capitalize() or "Foreground"
        try:
            self.client.delete(*place, propagation_policy=policy)
        except ApiError as error:
            if error.status != 404:
                raise ProviderError(error.message) from None
        end = time.monotonic() + awaits.timeout_seconds(request.timeout, inputs)
        while not awaits.is_deletion_skipped(inputs):
            left = cluster.find(self.client, place)
            if left is None or left["metadata"]["uid"] != live["metadata"]["uid"]:
                break
            if time.monotonic() >= end or self._cancelled.is_set():
                reason = "cancelled" if self._cancelled.is_set() else "timed out waiting for the condition"
                told = f"finalizers might be preventing deletion ({', '.join(left['metadata'].get('finalizers', []))})"
                state = objects.Wanted(inputs, manager).checkpoint(left)
                raise InitFailedError(request.id, state, [f"{reason}: {told}"])
            time.sleep(POLL_SECONDS)
        self.record("delete", _token(request.urn), name)
        return Empty()

    def _await(self, wanted: objects.Wanted, live: Object, before: Object | None, timeout: float, told: str) -> Object:
        """The object once it is ready. One that does not get ready in time is kept, as failed."""
        judge = awaits.judge(wanted.manifest, live)
        if judge is None:
            return live
        course = awaits.Course(before, settle_seconds=self.settle_seconds)
        end = time.monotonic() + awaits.timeout_seconds(timeout, wanted.manifest)
        while True:
            live = cluster.find(self.client, cluster.place_of(live)) or live
            missing = judge(self.client, live, course)
            if not missing:
                return live
            late, cancelled = time.monotonic() >= end, self._cancelled.is_set()
            if late or cancelled:
                reason = "timed out" if late else "was cancelled"
                what = f"{told}: '{live['metadata']['name']}' {reason} waiting to be initialized"
                raise InitFailedError(objects.identity(live), wanted.checkpoint(live), [what, *missing])
            time.sleep(POLL_SECONDS)

    def _cannot_preview(self, manifest: Object) -> bool:
        """Unknown values, an unreachable cluster or an unknown kind: the inputs are all that can be said."""
        return contains(manifest, UNKNOWN) or self._client is None or not cluster.knows(self._client, manifest)


def _token(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _supported(urn: str, inputs: Mapping[str, Any]) -> None:
    token = _token(urn)
    kind = token.rpartition(":")[2]
    if "helm.sh" in token or "/yaml" in token or kind.endswith(("Patch", "List")) or "kind" not in inputs:
        raise ProviderError(f"the stand-in for kubernetes does not do {token}")


def _autoname(urn: str, seed: bytes) -> str:
    return f"{urn.rpartition('::')[2]}-{hashlib.sha256(seed or urn.encode()).hexdigest()[:8]}"


def _cluster_of(config: Mapping[str, Any]) -> Any:
    try:
        return login.active_cluster(config.get("kubeconfig") or "", config.get("context"))
    except login.LoginError:
        return None
