"""A small synchronous client of the Kubernetes API: plain JSON objects, TLS verified, one connection a thread."""

import contextlib
import http.client
import json
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode, urlsplit

Object = dict[str, Any]
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
TIMEOUT_SECONDS = 60
BUSY_RETRIES, BUSY_SECONDS = 50, 0.1


class ApiError(Exception):
    """The API server said no; `status` is the HTTP status, `reason` the Status object's, such as NotFound."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(f"{status} {reason}: {message}")
        self.status, self.reason, self.message = status, reason, message


class Client:
    """Talks to one API server. Thread-safe."""

    def __init__(self, url: str, ca: bytes, token: str) -> None:
        self.url, self.ca, self.token = url, ca, token
        self._tls = ssl.create_default_context(cadata=ca.decode())
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "gke-nodrop"}
        self._local = threading.local()
        self._plurals: dict[tuple[str, str], tuple[str, bool]] = {}

    def get(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object:
        """One object; ApiError 404 where there is none."""
        return self.request("GET", self.path(api_version, kind, namespace, name))

    def find(self, api_version: str, kind: str, name: str, namespace: str | None = None) -> Object | None:
        """One object or None."""
        try:
            return self.get(api_version, kind, name, namespace)
        except ApiError as error:
            if error.status == 404:
                return None
            raise

    def list(self, api_version: str, kind: str, namespace: str | None = None, **query: str) -> list[Object]:
        """All of one namespace or of all; query as in the API (resourceVersion 0: quick, but maybe stale)."""
        answer = self.request("GET", self.path(api_version, kind, namespace), query=query)
        return [{"apiVersion": api_version, "kind": kind, **item} for item in answer["items"]]

    def create(self, manifest: Object, *, dry_run: bool = False) -> Object:
        """POST; unknown and duplicate fields are refused."""
        path = self.path(manifest["apiVersion"], manifest["kind"], _namespace(manifest))
        return self.request("POST", path, manifest, query=_strict(dry_run))

    def replace(self, manifest: Object) -> Object:
        """PUT of a whole object."""
        return self.request("PUT", self._path_of(manifest), manifest, query=_strict())

    def apply(self, manifest: Object, *, field_manager: str, dry_run: bool = False, force: bool = False) -> Object:
        """Server-side apply: creates, or changes the fields that the manager owns. ApiError 409 on a conflict."""
        query = {**_strict(dry_run), "fieldManager": field_manager, "force": str(force).lower()}
        return self.request("PATCH", self._path_of(manifest), manifest, query=query, content_type=APPLY)

    def patch(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None,
        change: Object | Sequence[Object],
        *,
        content_type: str = MERGE,
        subresource: str = "",
    ) -> Object:
        """A merge patch, or of another type; of a subresource such as status."""
        path = self.path(api_version, kind, namespace, name) + (f"/{subresource}" if subresource else "")
        return self.request("PATCH", path, change, content_type=content_type)

    def delete(
        self,
        api_version: str,
        kind: str,
        name: str,
        namespace: str | None = None,
        *,
        grace_period_seconds: int | None = None,
        uid: str | None = None,
    ) -> Object:
        """Begins a deletion; finalizers and graceful termination may keep the object for a while."""
        options: Object = {"apiVersion": "v1", "kind": "DeleteOptions"}
        if grace_period_seconds is not None:
            options["gracePeriodSeconds"] = grace_period_seconds
        if uid:
            options["preconditions"] = {"uid": uid}
        return self.request("DELETE", self.path(api_version, kind, namespace, name), options)

    def watch(
        self,
        api_version: str,
        kind: str,
        namespace: str | None = None,
        *,
        name: str | None = None,
        resource_version: str = "",
        timeout_seconds: int = 60,
    ) -> Iterator[tuple[str, Object]]:
        """Events (ADDED, MODIFIED, DELETED, with the object) until the time is up; on a connection of its own."""
        query = {"watch": "true", "timeoutSeconds": str(timeout_seconds)}
        if resource_version:
            query["resourceVersion"] = resource_version
        if name:
            query["fieldSelector"] = f"metadata.name={name}"
        path = f"{self.path(api_version, kind, namespace)}?{urlencode(query)}"
        with contextlib.closing(self._connect(timeout_seconds + 10)) as connection:
            connection.request("GET", path, headers=self._headers)
            response = connection.getresponse()
            if response.status != 200:
                raise _error(response.status, response.read())
            for line in response:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    status = event["object"]
                    raise ApiError(status.get("code", 0), status.get("reason", ""), status.get("message", ""))
                yield event["type"], event["object"]

    def path(self, api_version: str, kind: str, namespace: str | None = None, name: str | None = None) -> str:
        """The URL's path; asks the API server for the kind's plural once. ApiError 404 for an unknown kind."""
        plural, namespaced = self._resource(api_version, kind)
        parts = [_root(api_version)]
        if namespaced and namespace:
            parts += ["namespaces", namespace]
        elif namespaced and name:
            parts += ["namespaces", "default"]
        return "/".join([*parts, plural, *([name] if name else [])])

    def request(
        self,
        method: str,
        path: str,
        body: Object | Sequence[Object] | None = None,
        *,
        query: dict[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Object:
        """Any request; the answer's JSON."""
        url = path + (f"?{urlencode(query)}" if query else "")
        data = None if body is None else json.dumps(body)
        headers = {**self._headers, "Content-Type": content_type}
        status, content = self._send(method, url, data, headers)
        for _ in range(BUSY_RETRIES if method == "GET" else 0):
            if status != 429:
                break
            time.sleep(BUSY_SECONDS)  # the cache of a new kind of objects is being filled
            status, content = self._send(method, url, data, headers)
        if status >= 300:
            raise _error(status, content)
        return json.loads(content) if content.startswith(b"{") else {"text": content.decode()}

    def close(self) -> None:
        """Closes this thread's connection."""
        if connection := getattr(self._local, "connection", None):
            connection.close()

    def _send(self, method: str, url: str, data: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """Over this thread's connection; once more over a new one where the server had closed it meanwhile."""
        kept: http.client.HTTPSConnection | None = getattr(self._local, "connection", None)
        connection = kept or self._connect(TIMEOUT_SECONDS)
        self._local.connection = None  # unless all goes well
        try:
            connection.request(method, url, data, headers)
            response = connection.getresponse()
            answer = response.status, response.read()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
            connection.close()
            if not kept:
                raise
            return self._send(method, url, data, headers)
        self._local.connection = connection
        return answer

    def _connect(self, timeout_seconds: float) -> http.client.HTTPSConnection:
        address = urlsplit(self.url)
        host = str(address.hostname)
        return http.client.HTTPSConnection(host, address.port, timeout=timeout_seconds, context=self._tls)

    def _path_of(self, manifest: Object) -> str:
        name = manifest["metadata"]["name"]
        return self.path(manifest["apiVersion"], manifest["kind"], _namespace(manifest), name)

    def _resource(self, api_version: str, kind: str) -> tuple[str, bool]:
        if (api_version, kind) not in self._plurals:
            for resource in self.request("GET", _root(api_version))["resources"]:
                if "/" not in resource["name"]:
                    self._plurals[api_version, resource["kind"]] = resource["name"], resource["namespaced"]
        if (api_version, kind) not in self._plurals:
            raise ApiError(404, "NotFound", f'no matches for kind "{kind}" in version "{api_version}"')
        return self._plurals[api_version, kind]


def _root(api_version: str) -> str:
    return f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"


def _namespace(manifest: Object) -> str | None:
    return manifest["metadata"].get("namespace", "default")


def _strict(dry_run: bool = False) -> dict[str, str]:
    return {"fieldValidation": "Strict"} | ({"dryRun": "All"} if dry_run else {})


def _error(status: int, content: bytes) -> ApiError:
    try:
        answer = json.loads(content)
        return ApiError(status, answer.get("reason", ""), answer.get("message", ""))
    except ValueError:
        return ApiError(status, "", content.decode(errors="replace").strip())
