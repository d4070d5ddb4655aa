"""`nodrop plan FILE`: a manifest's numbers beside the solved ones; `--load-balancer`."""

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from nodrop.cli import main
from tests.cli.conftest import GATEWAY, SHOP
from tests.cli.plans import plan


@pytest.fixture
def by_gateway(tmp_path: Path) -> Path:
    objects = [each for each in yaml.safe_load_all(SHOP.read_text()) if each["kind"] != "Ingress"]
    file = tmp_path / "gateway.yaml"
    file.write_text(yaml.safe_dump_all(objects) + "---" + GATEWAY)
    return file


def row(text: str, field: str) -> list[str]:
    return re.findall(rf"^  {re.escape(field)} +(\S+) +(\S+)", text, re.MULTILINE)[0]


def test_the_manifests_numbers_stand_beside_the_solved_ones_and_what_differs_is_marked():
    result = plan(SHOP)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("shop/web: 11 of 19 numbers differ from the solved ones (*)\n")
    assert row(result.stdout, "lifecycle.preStop.sleep.seconds") == ("5", "60*")
    assert row(result.stdout, "spec.replicas") == ("3", "3")
    assert row(result.stdout, "startupProbe.failureThreshold") == ("-", "12*")


def test_what_the_manifest_says_counts_where_no_option_does():
    assert row(plan(SHOP, "--replicas", 5).stdout, "spec.replicas") == ("3", "5*")


def test_facts_that_are_stated_are_called_so_and_the_others_assumed(shop):
    annotated = "annotations: {gke-nodrop/longest-request-seconds: '12'}"
    stated = shop(("kind: Deployment\nmetadata: {", f"kind: Deployment\nmetadata: {{{annotated}, "))
    said = " ".join(plan(stated).stdout.split())
    assert "Stated: longest request 12 s (annotation)." in said
    assert "Assumed, as neither object nor option states it: start-up 10 s, keep-alive 620 s, on TERM drain." in said
    assert "Stated: longest request 12 s (annotation); start-up 7 s (option)" in " ".join(
        plan(stated, "--startup-seconds", "7s").stdout.split()
    )


def test_standard_input_is_planned_as_files_are():
    done = CliRunner(env={"COLUMNS": "120"}).invoke(main, ["plan", "-"], input=SHOP.read_text())
    assert (done.exit_code, done.stdout) == (0, plan(SHOP).stdout)


def test_files_without_a_path_are_answered_with_where_the_way_ends(tmp_path):
    file = tmp_path / "web.yaml"
    objects = [each for each in yaml.safe_load_all(SHOP.read_text()) if each["kind"] in ("Deployment", "Service")]
    file.write_text(yaml.safe_dump_all(objects))
    done = plan(file)
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Found: 1 Deployment, 1 Service\n" in done.stderr
    assert "Service shop/web: no Ingress of GKE's" in done.stderr


def test_the_yaml_of_a_manifest_names_its_objects_and_cures_it(tmp_path):
    done = plan(SHOP, "--format", "yaml")
    patches = {each["kind"]: each for each in yaml.safe_load_all(done.stdout)}
    objects = {each["kind"]: each for each in yaml.safe_load_all(SHOP.read_text())}
    assert {kind: each["metadata"]["name"] for kind, each in patches.items()} == dict.fromkeys(patches, "web")
    assert {each["metadata"]["namespace"] for each in patches.values()} == {"shop"}
    pod, patch = objects["Deployment"]["spec"]["template"]["spec"], patches["Deployment"]["spec"]["template"]["spec"]
    pod["terminationGracePeriodSeconds"] = patch["terminationGracePeriodSeconds"]
    assert patch["containers"][0]["name"] == pod["containers"][0]["name"]
    pod["containers"][0] |= patch["containers"][0]
    file = tmp_path / "cured.yaml"
    file.write_text(yaml.safe_dump_all(objects.values()))
    cured = CliRunner().invoke(main, ["check", str(file)])
    assert "clean  shop/web" in cured.stdout


def test_behind_a_gateway_its_policies_hold_the_numbers(by_gateway):
    for result in (plan("--load-balancer", "gateway"), plan(by_gateway)):
        assert result.exit_code == 0, result.stderr
        assert "\nGCPBackendPolicy\n" in result.stdout
        assert "spec.default.connectionDraining.drainingTimeoutSec" in result.stdout
        assert "\nHealthCheckPolicy\n" in result.stdout
        assert "BackendConfig" not in result.stdout


def test_the_yaml_for_a_gateway_is_two_policies_that_name_the_service(by_gateway):
    for options in (("--load-balancer", "gateway"), (by_gateway,)):
        documents = list(yaml.safe_load_all(plan(*options, "--format", "yaml").stdout))
        assert [each["kind"] for each in documents] == ["Deployment", "GCPBackendPolicy", "HealthCheckPolicy"]
        for each in documents[1:]:
            assert each["spec"]["targetRef"] == {"group": "", "kind": "Service", "name": "web"}


def test_the_policies_of_the_yaml_cure_a_gateway(by_gateway, tmp_path):
    policies = plan(by_gateway, "--format", "yaml").stdout.partition("---\n")[2]
    file = tmp_path / "cured.yaml"
    file.write_text(f"{by_gateway.read_text()}---\n{policies}")
    rules = "draining-covers-longest-request"
    assert rules in CliRunner().invoke(main, ["check", str(by_gateway)]).stdout
    assert rules not in CliRunner().invoke(main, ["check", str(file)]).stdout


def test_the_json_has_each_number_with_the_manifests_and_its_reason():
    document = json.loads(plan(SHOP, "--json").stdout)
    (found,) = document["plans"]
    numbers = {each["field"]: each for each in found["numbers"]}
    assert found["path"] == "shop/web"
    assert numbers["lifecycle.preStop.sleep.seconds"]["declared"] == 5
    assert numbers["lifecycle.preStop.sleep.seconds"]["value"] == 60
    assert numbers["spec.strategy.rollingUpdate.maxSurge"]["rule"] == "rolls-without-unavailable"
    assert found["assumed"]["on_term"] == "drain"


def test_the_json_of_options_alone_has_no_path_and_the_expected_loss():
    (found,) = json.loads(plan("--json", "--requests-per-second", 100, "--on-term", "exit").stdout)["plans"]
    assert found["path"] is None
    assert found["expected_loss"]["planned"]["failed"] == 0
    assert found["expected_loss"]["by_default"]["failed"] > 0
    assert "on_term" not in found["assumed"]


def test_a_file_that_cannot_be_read_beside_a_good_one_ends_with_2_and_the_good_one_is_planned(tmp_path):
    broken = tmp_path / "broken.yaml"
    broken.write_text("kind: [")
    done = plan(SHOP, broken)
    assert (done.exit_code, done.stdout) == (2, plan(SHOP).stdout)
    assert f"not read: {broken}, line 1" in done.stderr


@pytest.mark.parametrize(
    ("kind", "old", "new", "told"),
    [
        ("Deployment", "maxSurge: 1", "maxSurge: many", "spec.strategy.rollingUpdate.maxSurge is 'many'"),
        ("Service", "selector: {app: web}", "selector: {app: x}", "selects no Deployment among the objects"),
        ("Ingress", "port: {number: 80}", "port: {number: 81}", "names port 81, which Service other/web does not have"),
    ],
)
def test_a_path_that_cannot_be_read_beside_one_that_is_planned_is_named_with_its_line(kind, old, new, told, tmp_path):
    text = SHOP.read_text()
    assert old in text
    file = tmp_path / "other.yaml"
    file.write_text(text.replace("namespace: shop", "namespace: other").replace(old, new, 1))
    done = plan(SHOP, file)
    assert (done.exit_code, done.stdout) == (2, plan(SHOP).stdout)
    assert re.search(rf"^not planned: {kind} other/web: {re.escape(str(file))}:\d+: .*{re.escape(told)}", done.stderr)


def test_what_a_shorter_backend_timeout_makes_of_the_assumption_is_what_is_told(shop):
    file = shop(("connectionDraining:", "timeoutSec: 12\n  connectionDraining:"))
    said = " ".join(plan(file).stdout.split())
    assert said.partition("Assumed, as neither object nor option states it: ")[2].startswith("longest request 12 s,")
    assert json.loads(plan(file, "--format", "json").stdout)["plans"][0]["assumed"]["longest_request_seconds"] == 12


def test_a_path_that_cannot_be_planned_costs_the_others_nothing(shop):
    other = SHOP.read_text().replace("shop/", "blog/").replace("namespace: shop", "namespace: blog")
    wrong = """annotations: {gke-nodrop/accept: '{"object-is-accepted": "no"}'}"""
    file = shop(("kind: Deployment\nmetadata: {", f"kind: Deployment\nmetadata: {{{wrong}, "))
    file.write_text(f"{file.read_text()}---\n{other}")
    done = plan(file)
    assert done.exit_code == 2
    assert "blog/web: " in done.stdout
    assert "shop/web: " not in done.stdout
    assert "not planned: " in done.stderr
    assert "object-is-accepted" in done.stderr


def test_what_is_passed_over_beside_a_path_is_named_as_check_does(tmp_path):
    (tmp_path / "shop.yaml").write_text(SHOP.read_text())
    (tmp_path / "values.yaml").write_text("replicas: 3\n")
    (tmp_path / "db.yaml").write_text("apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\n")
    (tmp_path / "kustomization.yaml").write_text("resources: [shop.yaml, ../gone]\n")
    done = plan(tmp_path)
    told = [each for each in done.stderr.splitlines() if each.startswith("passed over: ")]
    assert len(told) == 4
    assert told[1].startswith(f"passed over: {tmp_path}/values.yaml, line 1 (document 1): looks like the values")
    assert "kustomization.yaml:1, resources ../gone: not read: pipe" in told[2]
    assert "StatefulSet default/db: its pods are replaced" in told[3]
    assert done.exit_code == 0


def test_a_fact_that_stops_a_plan_is_told_with_its_place_where_no_option_takes_it():
    file_says = "image: example/web:1\n          args: [uvicorn, 'shop:app', --timeout-keep-alive, '5']"
    told = "stated, and no option changes it: keep-alive 5 s (<stdin>:43: spec.template.spec.containers[0].args[3])"
    text = SHOP.read_text().replace("image: example/web:1", file_says)
    done = CliRunner().invoke(main, ["plan", "-", "--keep-alive-timeout-seconds", "620"], input=text)
    assert done.exit_code != 0
    assert done.stderr.splitlines()[-1].strip() == told
    assert "no option changes" not in plan(SHOP, "--keep-alive-timeout-seconds", 5).stderr
