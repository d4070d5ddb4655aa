"""What `nodrop check` says to write instead: where it stands, and that values add up."""

from tests.cli.conftest import GATEWAY, SHOP, check

SUMS = "each value under `instead` is right on its own"


def said(text: str) -> str:
    return " ".join(check("-", stdin=text).stdout.split())


def test_what_no_backend_config_states_yet_is_told_with_the_field_that_would():
    told = said(SHOP.read_text().replace('    cloud.google.com/backend-config: \'{"default": "web"}\'\n', ""))
    of = "of a BackendConfig that the Service's annotation cloud.google.com/backend-config names"
    assert f"instead 30, as spec.connectionDraining.drainingTimeoutSec {of}" in told
    assert f"instead /healthz, as spec.healthCheck.requestPath {of}" in told


def test_the_page_s_headline_does_not_say_that_a_number_belongs_into_annotations():
    bare = SHOP.read_text().replace('    cloud.google.com/backend-config: \'{"default": "web"}\'\n', "")
    page = check("-", "--format", "html", stdin=bare).stdout.replace("<wbr>", "")
    assert "Timeout" in page
    assert "30, as spec.connectionDraining.drainingTimeoutSec of a BackendConfig" in page
    assert "metadata.annotations: 30" not in page


def test_what_no_policy_states_yet_behind_a_gateway_is_told_with_the_policy_that_would():
    told = said(GATEWAY + "---" + "---".join(SHOP.read_text().split("---")[1:]))
    assert "Gateway front" in told
    draining = "spec.default.connectionDraining.drainingTimeoutSec of a GCPBackendPolicy that targets the Service"
    assert f"instead 30, as {draining}" in told
    assert "instead /healthz, as requestPath of a HealthCheckPolicy that targets the Service" in told


def test_what_an_object_states_is_told_without_another():
    assert "instead 60 warning" in said(SHOP.read_text())


def test_that_values_pass_together_only_by_a_plan_is_told_where_there_are_several(shop):
    assert SUMS in check(SHOP).stderr
    assert "--fix or --patch edits" in check(SHOP).stderr
    assert "together, and --patch edits" in check("-", stdin=SHOP.read_text()).stderr  # --fix refuses standard input
    assert check(shop(("GracePeriodSeconds: 20", "GracePeriodSeconds: 95"))).stderr == ""
    assert SUMS not in check(SHOP, "--format", "github").stderr
