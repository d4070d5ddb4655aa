"""The API server as pulumi-kubernetes uses it: what it creates, applies and finds. Source: pulumi/pulumi-kubernetes at
94977969d, provider/pkg/await (Creation, Update), provider/pkg/clients.
"""

import time
from collections.abc import Sequence

from harness import kubernetes_awaits as awaits
from harness import kubernetes_objects as objects
from harness.provider import ProviderError
from harness.rest import JSON_PATCH, ApiError, Client, Object
from harness.wire import plain

PATCH_FORCE = "pulumi.com/patchForce"
Place = tuple[str, str, str, str | None]
"""Version, kind, name and namespace."""
RETRIES = 5
"""Of a creation that meets a missing Namespace or kind."""


def create(client: Client, manifest: Object, *, preview: bool, retry_seconds: float) -> Object:
    """Client-side, and tried again where its Namespace or kind is missing as yet."""
    for attempt in range(RETRIES + 1):
        try:
            return client.create(manifest, dry_run=preview)
        except ApiError as error:
            if preview or error.status != 404 or attempt == RETRIES:
                raise
        time.sleep(retry_seconds * 2**attempt)
    raise AssertionError


def apply(
    client: Client,
    wanted: objects.Wanted,
    before: Object,
    place: Place,
    *,
    preview: bool,
    ignore_changes: Sequence[str],
) -> Object:
    """Server-side. Takes the creator's fields over first, or they could never be removed; at a preview it does not."""
    sent, manager = wanted.manifest, wanted.field_manager
    force = awaits.annotation(sent, PATCH_FORCE) == "true"
    if taken := objects.managed_by_applier(before, manager):
        change: list[Object] = [{"op": "replace", "path": "/metadata/managedFields", "value": taken}]
        if not preview:
            before = client.patch(*place, change, content_type=JSON_PATCH)
        force = force or preview
    for path in ignore_changes:
        sent = objects.ignoring(sent, before, path, objects.owned_by_others_only(before, path, manager))
    return client.apply(sent, field_manager=manager, dry_run=preview, force=force)


def find(client: Client, place: Place) -> Object | None:
    """The live object."""
    api_version, kind, name, namespace = place
    found = client.find(api_version, kind, name, namespace or None)
    return found and {"apiVersion": api_version, "kind": kind, **found}


def knows(client: Client, manifest: Object) -> bool:
    """Whether the API server knows the kind."""
    try:
        client.path(manifest["apiVersion"], manifest["kind"])
    except ApiError:
        return False
    return True


def is_custom(client: Client, live: Object) -> bool:
    """Whether a CustomResourceDefinition defines the kind."""
    plural = client.path(live["apiVersion"], live["kind"]).rpartition("/")[2]
    group = live["apiVersion"].rpartition("/")[0]
    return client.find("apiextensions.k8s.io/v1", "CustomResourceDefinition", f"{plural}.{group}") is not None


def is_namespaced(client: Client | None, manifest: Object) -> bool:
    """An unknown kind is taken for one that is."""
    try:
        return client is None or client.namespaced(plain(manifest["apiVersion"]), plain(manifest["kind"]))
    except (ApiError, ProviderError):
        return True


def is_no_namespace(error: ApiError) -> bool:
    """Whether it says that the object's Namespace is missing."""
    return error.status == 404 and error.message.startswith("namespaces ")


def place_of(live: Object) -> Place:
    """Where the object is."""
    return live["apiVersion"], live["kind"], live["metadata"]["name"], live["metadata"].get("namespace")
