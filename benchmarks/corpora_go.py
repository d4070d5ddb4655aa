"""Rows of the tables in ingress-gce's unit tests: what its controller refuses, as objects with that in them.

Reads Go as gofmt writes it, and of Go no more than composite literals: a row of a table becomes a dict by its fields'
names. Compared are the tables whose rows say by themselves what is an error; rows that need a fake cloud are not.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nodrop.gke import ingresses, services
from nodrop.paths import Manifest

_PART = re.compile(r'`[^`]*`|"(?:[^"\\]|\\.)*"|//[^\n]*|[A-Za-z_][\w.]*|-?[0-9][\w.]*|[{}()\[\],:&*=+]')
_KEYS = {
    "NEGAnnotationKey": services.NEG,
    "GoogleServiceApplicationProtocolKey": services.APP_PROTOCOLS,
    "ServiceApplicationProtocolKey": services.ALPHA_APP_PROTOCOLS,
    "BackendConfigKey": services.BACKEND_CONFIG,
    "GlobalStaticIPNameKey": ingresses.GLOBAL_STATIC_ADDRESS,
    "RegionalStaticIPNameKey": ingresses.REGIONAL_STATIC_ADDRESS,
    "IngressClassKey": ingresses.CLASS,
    "AllowHTTPKey": ingresses.ALLOW_HTTP,
    "PreSharedCertKey": ingresses.PRE_SHARED_CERTIFICATES,
    "GceL7ILBIngressClass": ingresses.CLASS_INTERNAL,
}
_FIELDS = {"OAuthClientCredentials": "oauthclientCredentials"}
_NO_ERROR = (None, "nil", "false", "ErrBackendConfigAnnotationMissing")
_SECRET_KEY = re.compile(r'"(\w+)": *\[\]byte')

GoRow = tuple[str, str, bool, list[Manifest]]
"""Test, description, whether the controller refuses it, and the objects."""


def value_of(text: str) -> Any:
    """A Go literal: a composite one as a dict or a list, texts as str, all else as its words; a function is None."""
    return _value(_tokens(text))


def rows_of_table(source: str, test: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The rows of a test's table with their text, by the indentation of gofmt."""
    body = source.partition(f"func {test}(")[2].partition("\nfunc ")[0]
    for row in re.split(r"\n\t\t(?:\}, )?\{\n", body)[1:]:
        text = re.split(r"\n\t\t\}|\n\t\}", row)[0]
        yield value_of("{" + text + "\n}"), text


def ingress_gce_rows(package: Path) -> Iterator[GoRow]:
    """The rows of ingress-gce's `pkg`."""
    for file, test, error in (
        ("negannotation/negannotation_test.go", "TestNEGAnnotation", "expectError"),
        ("annotations/service_test.go", "TestService", "appProtocolsErr"),
        ("annotations/service_test.go", "TestBackendConfigs", "expectedErr"),
        ("annotations/ingress_test.go", "TestIngress", "wantErr"),
    ):
        for number, (row, _) in enumerate(rows_of_table((package / file).read_text(), test), 1):
            given = row.get("svc") or row.get("ing") or {}
            stated = given.get("ObjectMeta", {}).get("Annotations", {})
            annotations = {_KEYS[key]: _KEYS.get(text, text) for key, text in stated.items()}
            refused = row.get(error) not in _NO_ERROR
            yield test, row.get("desc", str(number)), refused, _objects(annotations, on_ingress="ing" in row)
    for row, _ in rows_of_table(
        (package / "controller/translator/translator_test.go").read_text(), "TestPathValidation"
    ):
        path = {"path": row["path"], "pathType": row["pathType"].rpartition("PathType")[2]}
        path = {key: text for key, text in path.items() if text}
        yield "TestPathValidation", row["desc"], row["expectValid"] == "false", _objects({}, path=path)
    yield from _validations((package / "backendconfig/validation_test.go").read_text())


def _validations(source: str) -> Iterator[GoRow]:
    named = {
        name: value_of(text)
        for name, text in re.findall(r"\t(\w+) += &?backendconfigv1\.BackendConfig(\{\n.*?\n\t\})", source, re.DOTALL)
    }
    for test in ("TestValidateIAP", "TestValidateSessionAffinity", "TestValidateLogging", "TestValidateCDN"):
        for row, text in rows_of_table(source, test):
            config = row["beConfig"] if isinstance(row["beConfig"], dict) else named[row["beConfig"]]
            regional = "L7XLBRegionalEnabled: true" in text
            annotations = {ingresses.CLASS: ingresses.CLASS_REGIONAL_EXTERNAL} if regional else {}
            objects = _objects({services.BACKEND_CONFIG: '{"default": "web"}'}, of_ingress=annotations)
            spec = _as_json(config["Spec"], _numbers(source))
            place = {"name": "web", "namespace": "default"}
            objects.append(
                {"apiVersion": "cloud.google.com/v1", "kind": "BackendConfig", "metadata": place, "spec": spec}
            )
            init = text.partition("init:")[2].partition("\n\t\t\t},")[0]
            if secret := re.search(r'Namespace: "([^"]*)",\s*Name: *"([^"]*)"', init):
                data = dict.fromkeys(_SECRET_KEY.findall(init), "eA==")
                made = {"namespace": secret[1], "name": secret[2]}
                objects.append({"apiVersion": "v1", "kind": "Secret", "metadata": made, "data": data})
            yield test, row["desc"], row["expectError"] == "true", objects


def _numbers(source: str) -> dict[str, int]:
    """Variables of the package such as `badTTL int64 = 86400 + 1`."""
    found = re.findall(r"\t(\w+) +int64 += ([0-9]+)(?: \+ ([0-9]+))?", source)
    return {name: int(one) + int(other or 0) for name, one, other in found}


def _as_json(value: Any, numbers: dict[str, int]) -> Any:
    """A Go struct as JSON has it: names begin small, numbers and truth values are such."""
    if isinstance(value, dict):
        return {_FIELDS.get(key, key[0].lower() + key[1:]): _as_json(each, numbers) for key, each in value.items()}
    if isinstance(value, list):
        return [_as_json(each, numbers) for each in value]
    if value in ("true", "false"):
        return value == "true"
    if isinstance(value, str) and value in numbers:
        return numbers[value]
    call = re.fullmatch(r"testutils\.\w+ToPtr (-?[0-9.]+)", str(value))
    return float(call[1]) if call else value


def _objects(
    annotations: dict[str, str],
    *,
    on_ingress: bool = False,
    of_ingress: dict[str, str] | None = None,
    path: dict[str, str] | None = None,
) -> list[Manifest]:
    """An Ingress, a Service and a Deployment with what the row is about."""
    backend = {"service": {"name": "web", "port": {"number": 80}}}
    rules = [{"http": {"paths": [{**path, "backend": backend}]}}] if path is not None else []
    meta: dict[str, Any] = {"name": "web", "namespace": "default"}
    of_service = {} if on_ingress else annotations
    ports: list[dict[str, Any]] = [{"port": 80, "targetPort": 8080}]
    exposed = re.findall(r'"([0-9]+)": *\{', annotations.get(services.NEG, ""))
    ports += [{"name": f"p{port}", "port": int(port)} for port in exposed if port != "80"]
    if exposed:
        ports[0]["name"] = "http"
    service_spec = {"type": "NodePort", "selector": {"app": "web"}, "ports": ports}
    container = {"name": "web", "image": "example/web:1", "ports": [{"containerPort": 8080}]}
    labels = {"app": "web"}
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": {**meta, "annotations": (annotations if on_ingress else of_ingress) or {}},
            "spec": {"rules": rules} if rules else {"defaultBackend": backend},
        },
        {"apiVersion": "v1", "kind": "Service", "metadata": {**meta, "annotations": of_service}, "spec": service_spec},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": meta,
            "spec": {
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
            },
        },
    ]


def _tokens(text: str) -> list[str]:
    """In the order of reading, the first last."""
    return [each for each in reversed(_PART.findall(text)) if not each.startswith("//")]


def _value(tokens: list[str]) -> Any:
    """The next value; what follows it stays in the list."""
    words: list[str] = []
    while tokens and tokens[-1] not in (",", "}", ":"):
        part = tokens.pop()
        if part == "func":
            _skip_function(tokens)
            return None
        if part == "{":
            return _composite(tokens)
        if part[0] in '`"':
            words.append(part[1:-1])
        elif part not in "&*()[]":
            words.append(part)
    return " ".join(words)


def _composite(tokens: list[str]) -> Any:
    fields: dict[str, Any] = {}
    entries: list[Any] = []
    while tokens and tokens[-1] != "}":
        value = _value(tokens)
        if tokens and tokens[-1] == ":":
            tokens.pop()
            fields[str(value)] = _value(tokens)
        elif value != "":
            entries.append(value)
        if tokens and tokens[-1] == ",":
            tokens.pop()
    if tokens:
        tokens.pop()
    return entries or fields


def _skip_function(tokens: list[str]) -> None:
    while tokens and tokens[-1] != "{":
        tokens.pop()
    depth = 0
    while tokens:
        depth += {"{": 1, "}": -1}.get(tokens.pop(), 0)
        if depth == 0:
            return
