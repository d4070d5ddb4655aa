"""`nodrop check`: what it says of YAML, in which format, and with which exit code."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nodrop.cli import main

DROPPING = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
---
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
  annotations:
    cloud.google.com/neg: '{"ingress": true}'
    cloud.google.com/backend-config: '{"default": "web"}'
spec:
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
---
apiVersion: cloud.google.com/v1
kind: BackendConfig
metadata: {name: web, namespace: shop}
spec:
  connectionDraining: {drainingTimeoutSec: 30}
  healthCheck: {requestPath: /healthz, type: HTTP}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  replicas: 3  # one a zone
  progressDeadlineSeconds: 599
  strategy: {rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      # long enough for the slowest report
      terminationGracePeriodSeconds: 20
      containers:
        - name: web
          image: example/web:1
          ports: [{containerPort: 8080}]
          readinessProbe: {httpGet: {path: /healthz, port: 8080}}
          lifecycle:
            preStop:
              sleep: {seconds: 5}
"""


def nodrop(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=stdin)


@pytest.fixture
def dropping(tmp_path) -> Path:
    file = tmp_path / "web.yaml"
    file.write_text(DROPPING)
    return file


def test_requests_that_drop_end_with_1_and_say_where_what_why_and_what_would_pass(dropping):
    done = nodrop(dropping)
    assert done.exit_code == 1
    assert "drops  shop/web: Ingress web > Service web:80 > NEG > Deployment web" in done.stdout
    assert "error  pre-stop-outlasts-deprogramming" in done.stdout
    assert "seen        5: " in done.stdout
    assert "instead     60" in done.stdout
    assert done.stdout.endswith("\n1 serving path: 1 drops. 1 error, 1 warning.\n")


def test_json_holds_the_same_findings(dropping):
    document = json.loads(nodrop(dropping, "--format", "json").stdout)
    (path,) = document["paths"]
    assert (document["verdict"], path["name"], path["verdict"]) == ("drops", "shop/web", "drops")
    assert "pre-stop-outlasts-deprogramming" in {each["rule"] for each in path["findings"]}
