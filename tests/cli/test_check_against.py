"""`nodrop check --against`: the change from another version."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CLEAN, check


def test_the_change_from_another_version_is_judged_too(shop, tmp_path):
    before = tmp_path / "before"
    before.mkdir()
    (before / "web.yaml").write_text(shop(*CLEAN).read_text())
    after = shop(
        *CLEAN, ("{port: 80, targetPort: 8080}", "{port: 80, targetPort: 9090}"), ("Port: 8080}]", "Port: 9090}]")
    )
    alone, compared = check(after), check(after, "--against", before)
    assert "target-port-stays" not in alone.stdout
    assert compared.exit_code == 1
    assert f"drops  the change from {before}" in compared.stdout
    line = after.read_text().splitlines().index("kind: Service")
    assert f"{after}:{line} Service shop/web" in " ".join(compared.stdout.split())
    document = json.loads(check(after, "--against", before, "--format", "json").stdout)
    assert [each["rule"] for each in document["against"]["findings"]] == ["target-port-stays"]
    assert document["verdict"] == document["against"]["verdict"] == "drops"


def test_no_change_is_harmless_and_says_what_was_compared(shop):
    file = shop(*CLEAN)
    done = check(file, "--against", file, "--fail-on", "warning")
    assert done.exit_code == 0
    assert "No change that is known to drop requests. Compared: serving path shop/web; " in done.stdout
    assert done.stdout.endswith("The change: clean. 1 serving path: 1 clean.\n")


def test_a_change_that_could_not_be_compared_fails_where_that_is_asked_for(shop, tmp_path):
    nothing = tmp_path / "nothing.yaml"
    nothing.write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n")
    file = shop(*CLEAN)
    assert check(file, "--against", nothing).exit_code == 0
    assert check(file, "--against", nothing, "--fail-on", "not-judged").exit_code == 1
    assert f"there is no serving path in {nothing}" in " ".join(check(file, "--against", nothing).stdout.split())


POLICY = """apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web, namespace: shop}
spec: {podSelector: {}, policyTypes: [Ingress], ingress: [{}]}
"""
PATCH = """kind: Kustomization
patches:
- target: {kind: NetworkPolicy}
  patch: '[{op: remove, path: /spec/ingress}]'
"""


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"kustomization.yaml": PATCH}, "kustomization.yaml changes it"),
        ({"a.yaml": POLICY.replace("[{}]", "[]")}, "is given more than once, and not alike"),
    ],
    ids=["kustomization", "repeat"],
)
def test_a_change_is_not_compared_where_the_version_is_not_judged(shop, tmp_path, files, told):
    before, after = tmp_path / "before.yaml", tmp_path / "after"
    before.write_text(shop(*CLEAN).read_text() + "---\n" + POLICY)
    after.mkdir()
    for name, text in {"b.yaml": before.read_text(), **files}.items():
        (after / name).write_text(text)
    assert told in " ".join(check(after).stdout.split())
    for one, other in ((after, before), (before, after)):
        change = json.loads(check(one, "--against", other, "--format", "json").stdout)["against"]
        [reason] = change["not_compared"]
        assert reason.startswith("NetworkPolicy shop/web: ")
        assert told in reason


def test_a_change_is_not_compared_where_a_kustomization_parts_the_objects_of_a_path(shop, tmp_path):
    for place, text, more in (
        ("base", shop(*CLEAN).read_text(), "namespace: other\n"),
        ("prod", POLICY, "resources: [../base, objects.yaml]\n"),
    ):
        (tmp_path / place).mkdir()
        (tmp_path / place / "objects.yaml").write_text(text)
        (tmp_path / place / "kustomization.yaml").write_text("resources: [objects.yaml]\n" * (place == "base") + more)
    folders = (tmp_path / "base", tmp_path / "prod")
    document = json.loads(check(*folders, "--against", tmp_path, "--format", "json").stdout)
    [reason] = document["against"]["not_compared"]
    [told] = document["paths"][0]["not_judged"]
    assert told.endswith(reason)
    assert str(tmp_path / "base/kustomization.yaml") in reason


MOVED = (("{port: 80, targetPort: 8080}", "{port: 80, targetPort: 9090}"), ("Port: 8080}]", "Port: 9090}]"))


def accepted(file: Path, before: Path, *options: object) -> list[tuple[str, str]]:
    """Reason, and who states it, of what is accepted of the change."""
    document = json.loads(check(file, "--against", before, "--format", "json", *options).stdout)
    return [(each["waiver"], each["waived_by"]) for each in document["against"]["accepted"]]


def test_a_change_is_accepted_for_the_workload_that_nodrop_yaml_names_and_for_no_other(shop, tmp_path):
    before = tmp_path / "before.yaml"
    before.write_text(shop(*CLEAN).read_text())
    after = shop(*CLEAN, *MOVED)
    stated = tmp_path / "stated.yaml"
    for workload, expected in (("shop/web", [("while nobody calls", "nodrop.yaml")]), ("shop/other", [])):
        stated.write_text(f"workloads:\n  {workload}:\n    accept:\n      target-port-stays: while nobody calls\n")
        assert accepted(after, before, "--settings", stated) == expected
        assert check(after, "--against", before, "--settings", stated).exit_code == (0 if expected else 1)


def test_a_change_is_accepted_by_the_annotation_of_the_second_version_before_nodrop_yaml(shop, tmp_path):
    annotation = (
        """{annotations: {gke-nodrop/accept: '{"target-port-stays": "at night"}'}, name: web, namespace: shop}"""
    )
    waived = ("kind: Deployment\nmetadata: {name: web, namespace: shop}", f"kind: Deployment\nmetadata: {annotation}")
    before = tmp_path / "before.yaml"
    before.write_text(shop(*CLEAN).read_text())
    stated = tmp_path / "stated.yaml"
    stated.write_text("accept: {target-port-stays: another reason}\n")
    after = shop(*CLEAN, *MOVED, waived)
    assert accepted(after, before, "--settings", stated) == [("at night", "annotation")]
    before.write_text(shop(*CLEAN, waived).read_text())
    assert accepted(shop(*CLEAN, *MOVED), before) == []


LONG = (("GracePeriodSeconds: 20", "GracePeriodSeconds: 900"), ("{seconds: 5}", "{seconds: 700}"))


def requests_that_are_cut(*options: object) -> list[str]:
    document = json.loads(check(*options, "--format", "json").stdout)
    return [each["seen"] for each in document["against"]["findings"] if each["rule"] == "requests-of-old-pods-fit"]


def test_a_longest_request_that_an_option_or_nodrop_yaml_states_is_one_of_the_old_pods(shop, tmp_path):
    before, settings = tmp_path / "before.yaml", tmp_path / "settings.yaml"
    before.write_text(shop(*LONG, ("TimeoutSec: 30", "TimeoutSec: 300")).read_text())
    after = shop(*LONG, ("TimeoutSec: 30", "TimeoutSec: 100"))
    seen = ["was 300, and a request to the old pods may take 200 s"]
    settings.write_text("workloads:\n  shop/*: {longest_request_seconds: 200}\n")
    assert requests_that_are_cut(after, "--against", before) == []
    assert requests_that_are_cut(after, "--against", before, "--longest-request-seconds", 90) == []
    assert requests_that_are_cut(after, "--against", before, "--longest-request-seconds", 200) == seen
    by_file = (after, "--against", before, "--settings", settings)
    assert requests_that_are_cut(*by_file) == seen
    assert requests_that_are_cut(*by_file, "--longest-request-seconds", 90) == seen


def test_what_is_left_to_gke_before_a_change_may_be_replaced_by_it(shop, tmp_path):
    neg, service = """cloud.google.com/neg: '{"ingress": true}'""", "spec:\n  selector: {app: web}"
    before = tmp_path / "before.yaml"
    unstated = (neg, "team: shop"), (service, service.replace("spec:", "spec:\n  type: NodePort"))
    before.write_text(shop(*CLEAN, *unstated).read_text())
    document = json.loads(check(shop(*CLEAN), "--against", before, "--format", "json").stdout)
    assert [(each["rule"], each["severity"]) for each in document["against"]["findings"]] == [
        ("entry-stays", "warning")
    ]


@pytest.mark.parametrize(
    ("annotations", "name"),
    [("{kubernetes.io/ingress.class: nginx}", ""), ("{}", "ingressClassName: nginx, ")],
)
def test_another_controllers_ingress_beside_is_nothing_that_could_not_be_compared(shop, annotations, name):
    other = (
        "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n"
        f"metadata: {{name: inner, namespace: shop, annotations: {annotations}}}\n"
        f"spec: {{{name}defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}}}\n"
    )
    file = shop(*CLEAN)
    file.write_text(file.read_text() + other)
    document = json.loads(check(file, "--against", file, "--format", "json").stdout)
    assert (document["against"]["not_compared"], document["against"]["verdict"]) == ([], "clean")
    assert (document["verdict"], len(document["paths"])) == ("clean", 1)
