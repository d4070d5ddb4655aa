"""The helpers for users' tests, on programs such as users write."""

import re
import warnings
from pathlib import Path
from typing import Any

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop import AutopilotCluster, LegacyNodePortService, Network, WebService
from nodrop.paths import Behaviour
from nodrop.rollout import RULE_NAMES, OnTerm
from nodrop.rollout.waivers import UNWAIVABLE
from nodrop.testing import Evaluate, Program, assert_no_dropped_requests, assert_update_drops_no_requests

PROJECT = Path(__file__).parents[1]
STATED = Behaviour(longest_request_seconds=5, startup_seconds=2, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN)


def shop(**args: object) -> None:
    rollout = {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}
    web = WebService("web", {"image": "shop/web:1.4", "rollout": rollout, **args})  # ty: ignore[invalid-argument-type]
    pulumi.export("url", web.url)


def bare(annotations: dict[str, str], *, after_ingress: bool, draining_seconds: int | None = None) -> None:
    """A NEG service as many write it: no preStop, no timings."""
    name, labels = "web", {"app": "web"}
    policy = {}
    if draining_seconds is not None:
        policy = {"cloud.google.com/backend-config": '{"default": "web"}'}
        k8s.apiextensions.CustomResource(
            name,
            api_version="cloud.google.com/v1",
            kind="BackendConfig",
            metadata={"name": name},
            spec={"connectionDraining": {"drainingTimeoutSec": draining_seconds}},
        )
    service = k8s.core.v1.Service(
        name,
        metadata={"name": name, "annotations": {"cloud.google.com/neg": '{"ingress": true}', **policy}},
        spec={"selector": labels, "ports": [{"name": "http", "port": 80, "target_port": "http"}]},
    )
    ingress = k8s.networking.v1.Ingress(
        name,
        metadata={"name": name},
        spec={"default_backend": {"service": {"name": name, "port": {"name": "http"}}}},
        opts=pulumi.ResourceOptions(depends_on=[service]),
    )
    k8s.apps.v1.Deployment(
        name,
        metadata={"name": name, "annotations": annotations},
        spec={
            "selector": {"match_labels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "containers": [
                        {"name": "web", "image": "shop/web:1.4", "ports": [{"name": "http", "container_port": 8080}]}
                    ]
                },
            },
        },
        opts=pulumi.ResourceOptions(depends_on=[ingress] if after_ingress else []),
    )


def broken_rules(program: Program, stated: Behaviour | None = None) -> set[str]:
    with pytest.raises(AssertionError) as raised:
        assert_no_dropped_requests(program, stated=stated)
    return {line.split()[2] for line in str(raised.value).splitlines()}


def test_resource_is_found_by_kind_and_name(evaluated: Evaluate) -> None:
    made = evaluated(shop)
    deployment = made.one("Deployment", "web")
    assert deployment == made.one("kubernetes:apps/v1:Deployment")
    assert deployment.inputs["spec"]["replicas"] == 2
    assert made.outputs.keys() == {"url"}
    assert made.warnings == []


def in_a_namespace_of_another_stack() -> None:
    namespace = pulumi.StackReference("org/infra/dev").require_output("namespace")
    shop(existing_namespace=namespace)


def test_outputs_of_other_stacks_are_given(evaluated: Evaluate, tmp_path: Path) -> None:
    given = {"org/infra/dev": {"namespace": "shop"}}
    assert_no_dropped_requests(evaluated(in_a_namespace_of_another_stack, stack_outputs=given), "shop/web")
    with pytest.raises(AssertionError, match=r"give the outputs of org/infra/dev: .* in tests `stack_outputs`"):
        assert_no_dropped_requests(evaluated(in_a_namespace_of_another_stack))
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    main = 'import pulumi\npulumi.export("a", pulumi.StackReference("org/infra/dev").get_output("namespace"))\n'
    (tmp_path / "__main__.py").write_text(main)
    assert evaluated(tmp_path, stack_outputs=given).outputs == {"a": "shop"}
    with pytest.raises(ValueError, match=r"stack org/infra/dve, .* did you mean org/infra/dev"):
        evaluated(tmp_path, stack_outputs={"org/infra/dve": {}})


def test_what_a_function_returns_is_of_no_concern(evaluated: Evaluate) -> None:
    made = evaluated(lambda: WebService("web", {"image": "shop/web:1.4", "rollout": {"longest_request_seconds": 20}}))
    assert made.one("Deployment", "web")


def test_a_path_may_be_named_without_what_tells_it_from_others(evaluated: Evaluate) -> None:
    made = evaluated(lambda: shop(gateway={}))
    assert [each.name for each in made.paths] == ["web/web via Gateway web-gateway"]
    for name in ("web/web", "web/web via Gateway web-gateway"):
        assert made.path(name) == made.paths[0]
        assert_no_dropped_requests(made, name)
        assert_update_drops_no_requests(made, made, name)
    with pytest.raises(AssertionError, match=r"no path web/we; there are \['web/web via Gateway web-gateway'\]"):
        made.path("web/we")


def test_resource_that_is_not_there_is_answered_with_those_that_are(evaluated: Evaluate) -> None:
    made = evaluated(shop)
    with pytest.raises(AssertionError, match=r"no StatefulSet web; there are WebService web, .*Deployment web"):
        made.one("StatefulSet", "web")


def test_inventory_counts_every_kind(evaluated: Evaluate) -> None:
    inventory = evaluated(shop).inventory()
    assert inventory["Deployment"] == inventory["Ingress"] == 1
    assert {"Stack", "WebService"}.isdisjoint(inventory)


def test_needs_follow_dependencies_to_the_end(evaluated: Evaluate) -> None:
    made = evaluated(shop)
    needed = made.needs(made.one("Deployment"))
    assert {made.one(kind).urn for kind in ("Ingress", "Service", "BackendConfig", "Namespace")} <= needed
    assert made.one("Deployment").urn not in made.needs(made.one("Ingress"))


def test_web_service_drops_no_request(evaluated: Evaluate) -> None:
    assert_no_dropped_requests(evaluated(shop), "web/web")


def test_project_is_evaluated_from_its_folder(evaluated: Evaluate) -> None:
    made = evaluated(PROJECT, "container-native")
    assert [path.name for path in made.paths] == ["container-native/web"]
    assert_no_dropped_requests(made)


def test_config_reaches_a_function(evaluated: Evaluate) -> None:
    made = evaluated(lambda: pulumi.export("n", pulumi.Config("shop").require("n")), config={"shop:n": "3"})
    assert made.outputs == {"n": "3"}


def test_a_way_through_a_node_port_never_passes(evaluated: Evaluate) -> None:
    made = evaluated(lambda: _ignore(LegacyNodePortService("old", {"image": "shop/web:1.4"})))
    with pytest.raises(AssertionError, match=r"path old/old: not judged: .*NodePort"):
        assert_no_dropped_requests(made)


def test_what_its_program_stands_on_is_judged_with_a_path(evaluated: Evaluate) -> None:
    def main() -> None:
        network = Network("net", {"region": "europe-west1"})
        cluster = AutopilotCluster("main", {"location": "europe-west1", "network": network.cluster_network})
        opts = pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=[cluster])
        WebService("web", {"image": "shop/web:1", "port": 9090, "rollout": {"keep_alive_timeout_seconds": 620}}, opts)

    (path,) = evaluated(main).judged().paths
    assert [each.rule for each in path.diagnostics] == ["firewall-admits-the-ports"]


def test_plain_deployment_must_say_how_the_application_behaves(evaluated: Evaluate) -> None:
    made = evaluated(lambda: bare({}, after_ingress=True))
    with pytest.raises(AssertionError, match="how the application behaves is not known"):
        assert_no_dropped_requests(made)
    assert "pre-stop-outlasts-deprogramming" in broken_rules(made, STATED)


def test_pods_that_do_not_wait_for_the_load_balancer_are_found(evaluated: Evaluate) -> None:
    too_soon, in_order = (evaluated(lambda after=after: bare({}, after_ingress=after)) for after in (False, True))
    assert "load-balancer-before-pods" in broken_rules(too_soon, STATED)
    assert "load-balancer-before-pods" not in broken_rules(in_order, STATED)


def test_accepted_rule_fails_nothing(evaluated: Evaluate) -> None:
    rollout = {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620, "pre_stop_seconds": 20}
    rollout["termination_grace_period_seconds"] = 60
    accept = {"pre-stop-outlasts-deprogramming": "an internal tool", "draining-covers-longest-request": "as well"}
    made = evaluated(lambda: shop(rollout=rollout, accept=accept))
    assert_no_dropped_requests(made)


def test_what_nodrop_yaml_states_counts_as_for_check(evaluated: Evaluate, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = evaluated(lambda: bare({}, after_ingress=True))
    accept = "".join(f"  {rule}: a batch\n" for rule in RULE_NAMES & broken_rules(made, STATED) - set(UNWAIVABLE))
    facts = "workloads:\n  default/web: {longest_request_seconds: 5, startup_seconds: 2}\n"
    Path("nodrop.yaml").write_text(f"{facts}accept:\n{accept}")
    assert_no_dropped_requests(made)
    updated = evaluated(lambda: shop(health_check={"path": "/other"}))
    with pytest.raises(AssertionError, match="update of web/web: health-check-path-stays"):
        assert_update_drops_no_requests(evaluated(lambda: shop(health_check={"path": "/"})), updated, "web/web")
    Path("nodrop.yaml").write_text("accept: {health-check-path-stays: both answer}\n")
    assert_update_drops_no_requests(evaluated(lambda: shop(health_check={"path": "/"})), updated, "web/web")


def test_an_entry_of_nodrop_yaml_that_nearly_names_a_workload_is_a_warning(
    evaluated: Evaluate, tmp_path, monkeypatch
) -> None:
    (tmp_path / "nodrop.yaml").write_text("workloads:\n  wbe/web: {startup_seconds: 5}\n")
    monkeypatch.chdir(tmp_path)
    with pytest.warns(UserWarning, match="workloads.wbe/web matches no Deployment here; did you mean web/web"):
        assert_no_dropped_requests(evaluated(shop))


def test_program_without_a_path_is_no_success(evaluated: Evaluate) -> None:
    with pytest.raises(AssertionError, match="no serving path"):
        assert_no_dropped_requests(evaluated(lambda: None))


def test_update_that_moves_the_health_check_is_found(evaluated: Evaluate) -> None:
    before = evaluated(lambda: shop(health_check={"path": "/healthz"}))
    after = evaluated(lambda: shop(health_check={"path": "/ready"}))
    assert_update_drops_no_requests(
        before, evaluated(lambda: shop(health_check={"path": "/healthz"}, replicas=3)), "web/web"
    )
    with pytest.raises(AssertionError, match="health-check-path-stays"):
        assert_update_drops_no_requests(before, after, "web/web")


def test_update_without_a_path_is_one_of_every_path(evaluated: Evaluate) -> None:
    def both(path: str) -> None:
        shop()
        args = {"image": "shop/jobs:1", "health_check": {"path": path}, "rollout": {"keep_alive_timeout_seconds": 620}}
        WebService("jobs", args)  # ty: ignore[invalid-argument-type]

    before, after = evaluated(lambda: both("/healthz")), evaluated(lambda: both("/ready"))
    assert_update_drops_no_requests(before, before)
    assert_update_drops_no_requests(before, after, "web/web")
    with pytest.raises(AssertionError, match="update: health-check-path-stays"):
        assert_update_drops_no_requests(before, after)
    with pytest.raises(AssertionError, match="health-check-path-stays"):
        assert_update_drops_no_requests(before, evaluated(lambda: shop(health_check={"path": "/ready"})))
    nothing = evaluated(lambda: None)
    with pytest.raises(AssertionError, match="the program had no serving path"):
        assert_update_drops_no_requests(nothing, after)


def test_update_that_ends_pods_without_pre_stop_is_a_warning(evaluated: Evaluate) -> None:
    def without_pre_stop(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult:
        if args.type_ == "kubernetes:apps/v1:Deployment":
            props: Any = args.props
            del props["spec"]["template"]["spec"]["containers"][0]["lifecycle"]
        return pulumi.ResourceTransformResult(props=args.props, opts=args.opts)

    def bare_shop(image: str) -> None:
        rollout = {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}
        opts = pulumi.ResourceOptions(transforms=[without_pre_stop])
        WebService("web", {"image": image, "rollout": rollout}, opts)  # ty: ignore[invalid-argument-type]

    before = evaluated(lambda: bare_shop("shop/web:1.4"))
    for path in ("web/web", None):
        for after in (evaluated(shop), evaluated(lambda: bare_shop("shop/web:2"))):
            with pytest.warns(UserWarning, match="old-pods-drop-no-request"):
                assert_update_drops_no_requests(before, after, path)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert_update_drops_no_requests(before, before, path)


def test_update_is_judged_by_the_longest_request_of_nodrop_yaml(evaluated: Evaluate, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    before, after = (
        evaluated(lambda draining_seconds=each: bare({}, after_ingress=True, draining_seconds=draining_seconds))
        for each in (300, 100)
    )
    assert_update_drops_no_requests(before, after, "default/web")
    Path("nodrop.yaml").write_text("workloads: {default/web: {longest_request_seconds: 200}}\n")
    with pytest.raises(AssertionError, match="requests-of-old-pods-fit"):
        assert_update_drops_no_requests(before, after, "default/web")


def test_another_controllers_ingress_beside_a_path_is_passed_over_as_by_check(evaluated: Evaluate) -> None:
    def main() -> None:
        shop()
        k8s.networking.v1.Ingress(
            "other",
            metadata={"annotations": {"kubernetes.io/ingress.class": "nginx"}},
            spec={"default_backend": {"service": {"name": "other", "port": {"number": 80}}}},
        )

    made = evaluated(main)
    assert [path.name for path in made.paths] == ["web/web"]
    assert "Service web/web" in made.concerns("web/web")
    assert_no_dropped_requests(made)


def test_update_that_makes_other_objects_is_found(evaluated: Evaluate) -> None:
    before, after = evaluated(shop), evaluated(lambda: shop(namespace="shop"))
    with pytest.raises(AssertionError, match=r"objects-stay"):
        assert_update_drops_no_requests(before, after, "web/web")


@pytest.mark.parametrize(("kind", "group"), [(k8s.core.v1.ConfigMap, "data"), (k8s.core.v1.Secret, "string_data")])
@pytest.mark.parametrize("late", [pulumi.Output.from_input, pulumi.Output.secret])
def test_a_number_that_is_known_late_is_found_in_a_config_map_or_secret(evaluated, kind, group: str, late) -> None:
    def main() -> None:
        kind("held", metadata={"name": "held"}, **{group: {"port": late(5432)}})
        bare({}, after_ingress=True)

    found = evaluated(main)
    assert [each.seen for each in found.judged().objects] == ["is a number, not a text"]
    assert "5432" not in str(found.judged().objects)
    if late is pulumi.Output.secret or group == "string_data":
        assert "5432" not in str(found.objects)


def test_update_that_replaces_the_cluster_is_found(evaluated: Evaluate) -> None:
    def main(location: str) -> None:
        network = Network("net", {"region": "europe-west1"})
        cluster = AutopilotCluster("main", {"location": location, "network": network.cluster_network})
        opts = pulumi.ResourceOptions(provider=cluster.kubernetes_provider, depends_on=[cluster])
        WebService("web", {"image": "shop/web:1", "rollout": {"keep_alive_timeout_seconds": 620}}, opts)

    before, after = (evaluated(lambda to=to: main(to)) for to in ("europe-west1", "europe-west4"))
    assert_update_drops_no_requests(before, before, "web/web")
    with pytest.raises(AssertionError, match="infrastructure-stays"):
        assert_update_drops_no_requests(before, after, "web/web")


def test_what_an_update_leaves_uncompared_is_told_of_the_update_and_not_of_one_path(evaluated: Evaluate) -> None:
    def main(location: str, *, needed: bool) -> None:
        logs = gcp.storage.Bucket("logs", location=location)
        shop()
        opts = pulumi.ResourceOptions(depends_on=[logs] if needed else [])
        WebService("jobs", {"image": "shop/jobs:1", "rollout": {"keep_alive_timeout_seconds": 620}}, opts)

    for needed in (False, True):
        before, after = (evaluated(lambda to=to, needed=needed: main(to, needed=needed)) for to in ("EU", "US"))
        if needed:
            with pytest.raises(AssertionError) as raised:
                assert_update_drops_no_requests(before, after, "web/web")
            assert str(raised.value).startswith("update: not compared: gcp:storage/bucket:Bucket logs changes")
        else:
            assert_update_drops_no_requests(before, after, "web/web")


def test_an_object_on_no_path_that_is_refused_fails_a_program(evaluated: Evaluate) -> None:
    def main() -> None:
        shop()
        spec = k8s.policy.v1.PodDisruptionBudgetSpecArgs(
            min_available=1, max_unavailable=1, selector=k8s.meta.v1.LabelSelectorArgs(match_labels={"app": "batch"})
        )
        k8s.policy.v1.PodDisruptionBudget("batch", metadata={"name": "batch", "namespace": "web"}, spec=spec)

    made = evaluated(main)
    with pytest.raises(AssertionError, match="on no path: object-is-accepted"):
        assert_no_dropped_requests(made)
    assert_no_dropped_requests(made, "web/web")


def _ignore(_: object) -> None:
    """For lambdas that make something."""


@pytest.mark.slow
def test_the_documented_tests_pass_on_a_project_like_the_one_they_speak_of(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugin, tests, _ = re.findall(r"```python\n(.*?)```", (PROJECT / "docs" / "testing.md").read_text(), re.DOTALL)
    pytester.makeconftest(plugin)
    pytester.makepyfile(tests)
    pytester.makefile(".yaml", Pulumi="name: shop\nruntime: python\nconfig: {replicas: {type: integer, default: 4}}\n")
    (pytester.path / "__main__.py").write_text(
        "import pulumi\n"
        "from gke_nodrop import WebService\n"
        "rollout = {'longest_request_seconds': 20, 'keep_alive_timeout_seconds': 620}\n"
        "replicas = pulumi.Config().require_int('replicas')\n"
        "WebService('web', {'image': 'shop/web:1.4', 'replicas': replicas, 'rollout': rollout})\n"
    )
    monkeypatch.chdir(pytester.path)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=3)


@pytest.mark.slow
def test_the_documented_test_with_plain_mocks_passes(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    *_, tests = re.findall(r"```python\n(.*?)```", (PROJECT / "docs" / "testing.md").read_text(), re.DOTALL)
    pytester.makepyfile(tests)
    program = "from gke_nodrop import WebService\nweb = WebService('web', {'image': 'shop/web:1.4', 'replicas': 4})\n"
    (pytester.path / "shop.py").write_text(program)
    monkeypatch.chdir(pytester.path)
    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=2)
