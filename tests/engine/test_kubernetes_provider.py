"""What else people do with the Kubernetes provider and a component's objects, and what comes of it.

docs/operations.md says it, under "Beside the components"; what is quoted there is matched here.
"""

import base64
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as k8s
import pytest
import yaml

from gke_nodrop import WebService
from harness.cli import Checkout
from harness.cloud import PROJECT, Cloud
from harness.control_plane import ControlPlane
from harness.engine import Engine, OperationError, Outcome, Program
from harness.manifests import pod, service
from harness.own_stacks import Running, documented, settled
from harness.waiting import until
from harness.worlds import GkeWorld
from nodrop.judge import Verdict, judge
from nodrop.lab.kubernetes.rest import ApiError, Client, Object
from stacks.programs import run

pytestmark = pytest.mark.engine
SPACE, NAME = "container-native", "web"
DEPLOYMENT, BACKEND_CONFIG = "kubernetes:apps/v1:Deployment", "kubernetes:cloud.google.com/v1:BackendConfig"
BUDGET = "kubernetes:policy/v1:PodDisruptionBudget"
CONFLICT = "Apply failed with 1 conflict: conflict with "
FORCE = "pulumi.com/patchForce"
CHART = {
    "Chart.yaml": "{apiVersion: v2, name: cache, version: 0.1.0}",
    "values.yaml": "{app: cache}",
    "templates/cache.yaml": """
apiVersion: apps/v1
kind: Deployment
metadata: {name: cache, namespace: {{ .Release.Namespace }}}
spec:
  selector: {matchLabels: {app.kubernetes.io/name: {{ .Values.app }}, part: cache}}
  template:
    metadata: {labels: {app.kubernetes.io/name: {{ .Values.app }}, part: cache}}
    spec:
      securityContext: {runAsNonRoot: true, runAsUser: 1000, seccompProfile: {type: RuntimeDefault}}
      containers:
      - {name: cache, image: "cache:1", ports: [{name: http, containerPort: 6379}], securityContext: {
          allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
""",
}


def adding(world: GkeWorld, add: Callable[[pulumi.ResourceOptions], object], *, to: Program = run) -> Program:
    """A program that adds something to the cluster, beside the stack's own program or alone."""

    def program() -> None:
        to()
        kubeconfig = pulumi.Output.secret(world.plane.kubeconfig())
        provider = k8s.Provider("beside", kubeconfig=kubeconfig, cluster_identifier="tests")
        add(pulumi.ResourceOptions(provider=provider))

    return program


def alone() -> None:
    """A program of nothing."""


def misspelling(token: str) -> Program:
    """The stack's program, with a field that nobody knows in objects of one kind."""

    def add(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
        if args.type_ != token:
            return None
        spec: Any = args.props["spec"]
        return pulumi.ResourceTransformResult({**args.props, "spec": {**spec, "mispelt": 1}}, args.opts)

    def program() -> None:
        pulumi.runtime.register_resource_transform(add)
        run()

    return program


def live(world: GkeWorld, api_version: str = "apps/v1", kind: str = "Deployment") -> Object:
    """The component's object of that kind."""
    return world.client.get(api_version, kind, NAME, SPACE)


def updates(outcome: Outcome) -> list[str]:
    return [step.resource for step in outcome.steps if step.operation == "update"]


def test_a_misspelt_field_of_a_built_in_kind_is_dropped_without_a_word(running: Running) -> None:
    """The provider reads such kinds into its own types, and leaves out what they do not have."""
    misspelt = misspelling(DEPLOYMENT)
    running.stack.preview(misspelt, expect_no_changes=True)
    running.stack.up(misspelt, expect_no_changes=True)


def test_a_misspelt_field_of_gkes_own_kinds_is_refused_by_the_preview(running: Running) -> None:
    with pytest.raises(OperationError, match=documented(".spec.mispelt: field not declared in schema")):
        running.stack.preview(misspelling(BACKEND_CONFIG))


def test_a_patch_of_what_the_component_leaves_open_stays_and_is_no_drift(running: Running) -> None:
    patch: Any = {"metadata": {"annotations": {"team": "shop"}}}

    def add(opts: pulumi.ResourceOptions) -> None:
        metadata: Any = {"name": NAME, "namespace": SPACE}
        k8s.apps.v1.DeploymentPatch("team", metadata=metadata, spec={"template": patch}, opts=opts)

    patching = running.engine.stack("open", adding(running.world, add, to=alone))
    patching.up()
    running.stack.up(refresh=True, expect_no_changes=True)
    assert live(running.world)["spec"]["template"]["metadata"]["annotations"]["team"] == "shop"
    patching.destroy()
    assert "team" not in live(running.world)["spec"]["template"]["metadata"].get("annotations", {})
    until(lambda: settled(running.world))
    running.stack.up(refresh=True, expect_no_changes=True)


def test_a_patch_of_what_the_component_states_is_a_conflict_and_by_force_it_leaves_a_default_behind(
    running: Running,
) -> None:
    world, stack = running.world, running.stack

    def patch(**annotations: str) -> Program:
        def add(opts: pulumi.ResourceOptions) -> None:
            metadata: Any = {"name": NAME, "namespace": SPACE, "annotations": annotations}
            k8s.apps.v1.DeploymentPatch("more", metadata=metadata, spec={"replicas": 3}, opts=opts)

        return adding(world, add, to=alone)

    patching = running.engine.stack("stated", patch())
    with pytest.raises(OperationError, match=documented(CONFLICT)):
        patching.up()
    assert documented(FORCE)
    patching.up(patch(**{FORCE: "true"}))
    assert live(world)["spec"]["replicas"] == 3
    patching.destroy()
    assert live(world)["spec"]["replicas"] == 1  # the API server's default: nobody states it any more
    until(lambda: settled(world))
    stack.up(expect_no_changes=True)
    assert updates(stack.up(refresh=True)) == [f"{DEPLOYMENT} {NAME}"]
    assert live(world)["spec"]["replicas"] == 2


def test_a_list_of_the_backend_config_cannot_be_patched(running: Running) -> None:
    def add(opts: pulumi.ResourceOptions) -> None:
        metadata: Any = {"name": NAME, "namespace": SPACE}
        spec = {"customResponseHeaders": {"headers": ["Via: shop"]}}
        kind = {"api_version": "cloud.google.com/v1", "kind": "BackendConfig"}
        k8s.apiextensions.CustomResourcePatch("headers", **kind, metadata=metadata, spec=spec, opts=opts)

    with pytest.raises(OperationError, match=documented(CONFLICT)):
        running.engine.stack("headers", adding(running.world, add, to=alone)).up()


def written(chart: dict[str, str], folder: Path) -> str:
    for name, text in chart.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return str(folder)


def test_what_a_chart_brings_must_keep_the_namespaces_pod_security(running: Running) -> None:
    with pytest.raises(ApiError, match=documented("violates PodSecurity")):
        running.world.client.create(pod(SPACE), dry_run=True)


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_a_helm_chart_comes_stays_and_goes_beside_a_component(running: Running, version: str, tmp_path: Path) -> None:
    chart, stack, world = written(CHART, tmp_path), running.stack, running.world
    before = live(world)["metadata"]["generation"]

    def add(opts: pulumi.ResourceOptions) -> None:
        if version == "v3":
            k8s.helm.v3.Release("cache", chart=chart, namespace=SPACE, opts=opts)
        else:
            k8s.helm.v4.Chart("cache", chart=chart, namespace=SPACE, opts=opts)

    with_chart = adding(world, add)
    assert set(stack.up(with_chart).operations()) == {"create"}
    assert world.client.get("apps/v1", "Deployment", "cache", SPACE)["status"]["availableReplicas"] == 1
    stack.up(with_chart, refresh=True, expect_no_changes=True)
    assert set(stack.up().operations()) == {"delete"}
    assert world.client.find("apps/v1", "Deployment", "cache", SPACE) is None
    assert live(world)["metadata"]["generation"] == before


def test_pods_of_a_chart_that_have_the_components_name_get_its_traffic(running: Running, tmp_path: Path) -> None:
    world, chart = running.world, written(CHART, tmp_path)

    def add(opts: pulumi.ResourceOptions) -> None:
        k8s.helm.v3.Release("cache", chart=chart, namespace=SPACE, values={"app": NAME}, opts=opts)

    def served() -> int:
        slices = world.client.list(
            "discovery.k8s.io/v1", "EndpointSlice", SPACE, labelSelector=f"kubernetes.io/service-name={NAME}"
        )
        return sum(len(each["endpoints"] or []) for each in slices)

    until(lambda: served() == 2)
    running.stack.up(adding(world, add))
    until(lambda: served() == 3)
    running.stack.up()
    until(lambda: served() == 2)


def test_refresh_takes_drift_into_the_state_and_the_next_preview_stops_at_it(running: Running) -> None:
    stack, world = running.stack, running.world
    place = "v1", "Service", NAME, SPACE
    right = live(world, "v1", "Service")["metadata"]["annotations"]["cloud.google.com/backend-config"]
    key = "cloud.google.com/backend-config"
    world.client.patch(*place, {"metadata": {"annotations": {key: '{"default": "other"}'}}})
    stack.preview(expect_no_changes=True)
    stack.refresh()
    with pytest.raises(OperationError, match=documented(CONFLICT)):
        stack.preview()
    world.client.patch(*place, {"metadata": {"annotations": {key: right}}})
    stack.refresh()
    stack.up(expect_no_changes=True)


def test_rendered_files_are_the_objects_with_secrets_in_clear_and_no_order(engine: Engine, cloud: Cloud) -> None:
    folder = engine.folder / "rendered"

    def program() -> None:
        provider = k8s.Provider("files", render_yaml_to_directory=str(folder))
        opts = pulumi.ResourceOptions(providers={"kubernetes": provider})
        rollout: Any = {"keep_alive_timeout_seconds": 620}
        args: Any = {"image": "shop:1", "namespace": "shop", "secret_env": {"TOKEN": "hunter2"}, "rollout": rollout}
        WebService("shop", args, opts)

    stack = engine.stack("rendered", program)
    assert re.search(documented("rendered YAML will contain a secret value in plaintext"), stack.up().output)
    stack.up(expect_no_changes=True)
    with pytest.raises(OperationError, match=documented("configured Kubernetes cluster is unreachable")):
        stack.refresh()

    objects = {one["kind"]: one for file in folder.rglob("*.yaml") for one in yaml.safe_load_all(file.read_text())}
    kinds = "Namespace", "BackendConfig", "Service", "Ingress", "Secret", "Deployment", "PodDisruptionBudget"
    assert sorted(objects) == sorted(kinds)
    assert {file.parent.name for file in folder.rglob("*.yaml")} == {"1-manifest"}
    assert objects["Secret"]["data"] == {"TOKEN": base64.b64encode(b"hunter2").decode()}
    assert judge(objects.values()).verdict is Verdict.CLEAN

    stack.destroy()
    assert list(folder.rglob("*.yaml")) == []


def test_an_object_that_is_there_already_is_taken_over_by_a_creation(
    engine: Engine, control_plane: ControlPlane, client: Client, namespace: str
) -> None:
    """By this version of the provider; since 4.29 it says that the object exists (its source), hence `import`."""
    given: Any = service(namespace, annotations={"pulumi.com/skipAwait": "true"})
    client.create({**given, "metadata": {**given["metadata"], "labels": {"of": "another"}}})

    def program() -> None:
        provider = k8s.Provider("cluster", kubeconfig=control_plane.kubeconfig(), cluster_identifier="tests")
        opts = pulumi.ResourceOptions(provider=provider)
        k8s.core.v1.Service("web", metadata=given["metadata"], spec=given["spec"], opts=opts)

    engine.stack("taker", program).up()
    assert client.get("v1", "Service", "web", namespace)["metadata"]["labels"]["of"] == "another"


def test_what_the_state_has_lost_is_imported_below_its_component(engine: Engine, cloud: Cloud) -> None:
    checkout = Checkout(engine, SPACE, **{"gcp:project": PROJECT, "deletion_protection": "false"})

    def pulumi_(*argv: str) -> str:
        done = checkout.run(*argv)
        assert done.exit_code == 0, done.output
        return done.stdout

    try:
        pulumi_("up", "--yes", "--skip-preview")
        resources = checkout.state()["resources"]
        (lost,) = [one for one in resources if one["type"] == BUDGET]
        pulumi_("state", "delete", "--yes", lost["urn"])
        argv = ("import", BUDGET, NAME, f"{SPACE}/{NAME}", "--yes", "--skip-preview", "--generate-code=false")
        argv += ("--protect=false",)
        provider = lost["provider"].rpartition("::")[0]

        pulumi_(*argv, "--provider", f"cluster={provider}")  # at the top: another URN than the component's child
        planned = json.loads(pulumi_("preview", "--json"))["steps"]
        urns = {step["op"]: step["urn"] for step in planned if step["op"] != "same"}
        assert urns == {"create": lost["urn"], "delete": urns["delete"]}
        (top,) = [one for one in checkout.state()["resources"] if one["type"] == BUDGET]
        pulumi_("state", "delete", "--yes", top["urn"])

        pulumi_(*argv, "--provider", f"cluster={provider}", "--parent", f"component={lost['parent']}")
        pulumi_("up", "--yes", "--skip-preview", "--expect-no-changes")
    finally:
        checkout.stop()
