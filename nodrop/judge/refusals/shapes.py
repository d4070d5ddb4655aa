"""Types of the fields of pods, as the API server decodes them, but for numbers that are read elsewhere.

Source: kubernetes/api core/v1 types.go.
"""

from typing import Any

TEXT, BOOLEAN, NUMBER, LONG_NUMBER = "text", "boolean", "number", "long number"
"""A number is an int32, a long one an int64."""
ANY = "*"
"""Stands for every key."""

Shape = str | list[Any] | dict[str, Any]
"""A type; the shape of a list's entries; or the shapes of some fields of an object by their names."""


def _texts(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, TEXT)


def _booleans(*names: str) -> dict[str, Shape]:
    return dict.fromkeys(names, BOOLEAN)


_EXPRESSIONS: Shape = [{**_texts("key", "operator"), "values": [TEXT]}]
SELECTOR: Shape = {"matchLabels": {ANY: TEXT}, "matchExpressions": _EXPRESSIONS}

_COMMAND: Shape = {"command": [TEXT]}
_REQUEST: Shape = {**_texts("host", "path", "scheme"), "httpHeaders": [_texts("name", "value")]}
_HOOK: Shape = {"exec": _COMMAND, "httpGet": _REQUEST, "sleep": {}, "tcpSocket": {}}
_PROBE: Shape = {"exec": _COMMAND, "httpGet": _REQUEST, "grpc": {"service": TEXT}, "tcpSocket": {}}

_OF_BOTH: dict[str, Shape] = {
    "runAsGroup": NUMBER,
    "runAsNonRoot": BOOLEAN,
    "runAsUser": NUMBER,
    "seLinuxOptions": {ANY: TEXT},
    "seccompProfile": _texts("localhostProfile", "type"),
}
_SECURITY: Shape = {
    **_OF_BOTH,
    **_booleans("allowPrivilegeEscalation", "privileged", "readOnlyRootFilesystem"),
    "capabilities": {"add": [TEXT], "drop": [TEXT]},
    "procMount": TEXT,
}
_POD_SECURITY: Shape = {
    **_OF_BOTH,
    "fsGroup": NUMBER,
    "fsGroupChangePolicy": TEXT,
    "supplementalGroups": [NUMBER],
    "sysctls": [_texts("name", "value")],
}
_KEY: Shape = {**_texts("key", "name"), "optional": BOOLEAN}
_SOURCE: Shape = {"name": TEXT, "optional": BOOLEAN}

_CONTAINER: Shape = {
    **_texts("image", "imagePullPolicy", "terminationMessagePath", "terminationMessagePolicy", "workingDir"),
    **_booleans("stdin", "stdinOnce", "tty"),
    "args": [TEXT],
    "command": [TEXT],
    "env": [
        {
            "name": TEXT,
            "valueFrom": {
                "configMapKeyRef": _KEY,
                "fieldRef": _texts("apiVersion", "fieldPath"),
                "resourceFieldRef": _texts("containerName", "resource"),
                "secretKeyRef": _KEY,
            },
        }
    ],
    "envFrom": [{"prefix": TEXT, "configMapRef": _SOURCE, "secretRef": _SOURCE}],
    "lifecycle": {"postStart": _HOOK, "preStop": _HOOK, "stopSignal": TEXT},
    **dict.fromkeys(("livenessProbe", "readinessProbe", "startupProbe"), _PROBE),
    "ports": [{**_texts("hostIP", "name", "protocol"), "hostPort": NUMBER}],
    "resources": {"limits": {}, "requests": {}},
    "securityContext": _SECURITY,
    "volumeDevices": [_texts("devicePath", "name")],
    "volumeMounts": [
        {**_texts("mountPath", "mountPropagation", "name", "subPath", "subPathExpr"), "readOnly": BOOLEAN}
    ],
}

_FILES: dict[str, Shape] = {
    "defaultMode": NUMBER,
    "items": [{**_texts("key", "path"), "mode": NUMBER}],
    "optional": BOOLEAN,
}
_VOLUME: Shape = {
    "name": TEXT,
    "configMap": {**_FILES, "name": TEXT},
    "csi": {**_texts("driver", "fsType"), "readOnly": BOOLEAN, "volumeAttributes": {ANY: TEXT}},
    "emptyDir": {"medium": TEXT},
    "gcePersistentDisk": {**_texts("fsType", "pdName"), "partition": NUMBER, "readOnly": BOOLEAN},
    "hostPath": _texts("path", "type"),
    "nfs": {**_texts("path", "server"), "readOnly": BOOLEAN},
    "persistentVolumeClaim": {"claimName": TEXT, "readOnly": BOOLEAN},
    "projected": {"defaultMode": NUMBER, "sources": [{}]},
    "secret": {**_FILES, "secretName": TEXT},
}

_TERM: Shape = {"matchExpressions": _EXPRESSIONS, "matchFields": _EXPRESSIONS}
_POD_TERM: Shape = {
    "labelSelector": SELECTOR,
    **{name: [TEXT] for name in ("matchLabelKeys", "mismatchLabelKeys", "namespaces")},
    "namespaceSelector": SELECTOR,
    "topologyKey": TEXT,
}
_REQUIRED, _PREFERRED = (f"{how}DuringSchedulingIgnoredDuringExecution" for how in ("required", "preferred"))
_POD_AFFINITY: Shape = {_REQUIRED: [_POD_TERM], _PREFERRED: [{"podAffinityTerm": _POD_TERM, "weight": NUMBER}]}

POD: Shape = {
    **_texts("dnsPolicy", "hostname", "nodeName", "preemptionPolicy", "priorityClassName", "restartPolicy"),
    **_texts("runtimeClassName", "schedulerName", "serviceAccount", "serviceAccountName", "subdomain"),
    **_booleans("automountServiceAccountToken", "enableServiceLinks", "hostIPC", "hostNetwork", "hostPID"),
    **_booleans("hostUsers", "setHostnameAsFQDN", "shareProcessNamespace"),
    "affinity": {
        "nodeAffinity": {
            _REQUIRED: {"nodeSelectorTerms": [_TERM]},
            _PREFERRED: [{"preference": _TERM, "weight": NUMBER}],
        },
        "podAffinity": _POD_AFFINITY,
        "podAntiAffinity": _POD_AFFINITY,
    },
    "containers": [_CONTAINER],
    "dnsConfig": {"nameservers": [TEXT], "options": [_texts("name", "value")], "searches": [TEXT]},
    "hostAliases": [{"hostnames": [TEXT], "ip": TEXT}],
    "imagePullSecrets": [{"name": TEXT}],
    "initContainers": [_CONTAINER],
    "nodeSelector": {ANY: TEXT},
    "priority": NUMBER,
    "readinessGates": [{"conditionType": TEXT}],
    "securityContext": _POD_SECURITY,
    "tolerations": [{**_texts("effect", "key", "operator", "value"), "tolerationSeconds": LONG_NUMBER}],
    "topologySpreadConstraints": [{"labelSelector": SELECTOR, "matchLabelKeys": [TEXT]}],
    "volumes": [_VOLUME],
}
