import pytest

from nodrop.preview import StateError, compare, evaluate, read_state
from tests.preview.shop import (
    API,
    AUTOSCALER,
    BOTH_LABELS,
    DEPLOY,
    DEPLOYMENT,
    GATEWAY,
    INGRESS,
    INGRESS_NAME,
    LABELS,
    MATCH,
    NEG,
    PORT,
    SHOP,
)

Edit = tuple[str, str]


def told(comparison):
    return [(each.rule, str(each.severity)) for each in comparison.diagnostics]


def waiver(rule) -> Edit:
    accept = f"""{{"gke-nodrop/accept": '{{"{rule}": "known"}}'}}"""
    return DEPLOYMENT, DEPLOYMENT.replace("WEB", f'WEB | {{"annotations": {accept}}}')


@pytest.fixture
def edited(evaluated, export):
    """Deploys the shop, or what becomes of it by the first edits, and compares that with the shop as edited."""

    def edited(*edits: Edit, after: tuple[Edit, ...] = (), backwards: bool = False):
        versions = []
        text = SHOP
        for step in [edits, after] if after else [(), edits]:
            for old, new in step:
                assert old in text
                text = text.replace(old, new)
            versions.append(evaluated(text))
        before, then = reversed(versions) if backwards else versions
        return compare(then, read_state(export(before), "state.json"))

    return edited


@pytest.mark.parametrize(
    "edits",
    [
        [("web:1", "web:2")],
        [('"replicas": 3', '"replicas": 5')],
        [('"requestPath": "/ready/"', '"requestPath": "/ready/", "checkIntervalSec": 20')],
        [("8080", "9090")],
        [('"/ready/"', '"/ready/", "port": 8080')],
        [(LABELS, BOTH_LABELS)],
        [('"replicas": 3', '"replicas": 3, "minReadySeconds": 60')],
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_harmless_edit_is_silent(edited, edits, backwards):
    comparison = edited(*edits, backwards=backwards)
    assert comparison.paths == ("shop/web",)
    assert comparison.diagnostics == ()


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(
    ("edits", "rules"),
    [
        ([('"/ready/"', '"/healthz/"')], {"health-check-path-stays"}),
        ([('"default": "web"', '"ports": {"none": "web"}')], {"health-check-path-stays"}),
        ([('"/ready/"', '"/ready/", "port": 9090')], {"health-check-port-stays"}),
        ([('"type": "HTTP"', '"type": "HTTPS"')], {"health-check-type-stays"}),
        ([(PORT, '"targetPort": 8080')], {"target-port-stays"}),
        ([(PORT, '"targetPort": "web"'), ('"name": "http"', '"name": "web"')], {"target-port-stays"}),
        ([('{"app": "web"}', '{"app": "shop"}')], {"selector-stays", "objects-stay"}),
        ([(MATCH, MATCH.replace('"app": "web"', '"tier": "front"')), (LABELS, BOTH_LABELS)], {"objects-stay"}),
        ([(API, API.replace("BACKEND", "SECOND"))], {"routes-keep-their-service"}),
        ([("BACKEND}", "SECOND}")], {"routes-keep-their-service"}),
        ([('"gce"', '"gce-internal"')], {"entry-stays"}),
        ([(NEG, '{"ingress": false}')], {"entry-stays"}),
        ([(INGRESS_NAME, INGRESS_NAME.replace("web", "www"))], {"objects-stay"}),
        ([('"shop"', '"boutique"')], {"objects-stay"}),
    ],
)
def test_an_edit_that_drops_requests_is_an_error(edited, edits, rules, backwards):
    comparison = edited(*edits, backwards=backwards)
    errors = {each.rule for each in comparison.diagnostics if each.is_error}
    assert errors == rules


NOWHERE = [
    ((PORT, '"targetPort": "grpc"'), "target-port-stays"),
    (('SELECTOR = {"app": "web"}', 'SELECTOR = {"app": "shop"}'), "selector-stays"),
]


@pytest.mark.parametrize(("edit", "rule"), NOWHERE)
def test_an_edit_that_leads_nowhere_is_told_by_its_rule_and_by_what_becomes_of_the_path(edited, edit, rule):
    assert told(edited(edit)) == [(rule, "error"), ("path-stays", "error")]


@pytest.mark.parametrize(("edit", "_"), NOWHERE)
def test_what_led_nowhere_before_is_not_compared_and_that_is_said(edited, edit, _):
    comparison = edited(edit, backwards=True)
    assert (comparison.paths, comparison.diagnostics) == ((), ())
    assert "Service shop/web" in comparison.not_compared[0] + comparison.not_compared[-1]


def test_a_gateway_in_the_place_of_the_ingress_is_an_error(edited):
    comparison = edited((INGRESS, GATEWAY))
    (error,) = [each for each in comparison.diagnostics if each.is_error]
    assert (str(error.object), error.rule) == ("Ingress shop/web", "entry-stays")
    assert error.value == "Gateway gke-l7-global-external-managed"


def test_an_ingress_in_the_place_of_another_one_is_an_error(edited):
    other = INGRESS.replace('"web",\n', '"www",\n', 1).replace(INGRESS_NAME, INGRESS_NAME.replace("web", "www"))
    assert told(edited((INGRESS, other))) == [("objects-stay", "error")]


def test_a_gateway_beside_the_ingress_is_the_first_step_and_the_ingress_may_go_when_it_is_idle(edited):
    assert told(edited((INGRESS, INGRESS + GATEWAY))) == []
    without = edited((INGRESS, INGRESS + GATEWAY), after=((INGRESS, ""),))
    assert {*told(without)} == {("routes-keep-their-service", "warning")}


def test_a_gateway_of_the_state_is_compared_too(edited):
    comparison = edited((INGRESS, GATEWAY), after=((PORT, PORT.replace("http", "https")),))
    assert comparison.paths == ("shop/web via Gateway web",)
    assert ("entry-stays", "error") in told(edited((INGRESS, GATEWAY), backwards=True))


def test_a_route_that_another_rule_takes_over_is_not_lost(edited):
    default = ("BACKEND}]}},\n        ]},", "BACKEND}]}},\n        ], 'defaultBackend': BACKEND},")
    assert told(edited(default, after=(("api.example.com", "v2.example.com"),))) == []
    assert told(edited(("api.example.com", "v2.example.com"))) == [("routes-keep-their-service", "warning")]


def test_a_route_that_goes_to_another_load_balancer_is_lost_to_the_first(edited):
    both = (API, API.replace("BACKEND", "SECOND"))
    second = '{"host": "api.example.com", "http": {"paths": [{"path": "/*", "backend": SECOND}]}},'
    other = INGRESS.replace('"web",\n', '"api",\n', 1).replace(INGRESS_NAME, INGRESS_NAME.replace("web", "api"))
    other = other.replace("BACKEND", "SECOND")
    comparison = edited(both, after=((second, ""), ("    k8s.apps", other + "    k8s.apps")))
    assert told(comparison) == [("routes-keep-their-service", "warning")]


def test_a_deployment_whose_name_is_made_up_stands_beside_its_replacement(edited):
    unnamed = (DEPLOYMENT, DEPLOYMENT.replace("WEB", '{"namespace": "shop"}'))
    selector = (MATCH, MATCH.replace('"app": "web"', '"tier": "front"'))
    assert told(edited(unnamed, (LABELS, BOTH_LABELS), after=(selector,))) == []


def test_a_finding_about_the_load_balancer_is_told_once_for_all_of_its_services(edited):
    both = (API, API.replace("BACKEND", "SECOND"))
    comparison = edited(both, after=(('"gce"', '"gce-internal"'), ('"/ready/"', '"/healthz/"')))
    assert comparison.paths == ("shop/web", "shop/second")
    assert [(str(each.object), each.rule) for each in comparison.diagnostics] == [
        ("Service shop/web", "health-check-path-stays"),
        ("Ingress shop/web", "entry-stays"),
        ("Service shop/second", "health-check-path-stays"),
    ]


def test_a_service_that_goes_with_its_routes_is_a_warning(edited):
    both = (API, API.replace("BACKEND", "SECOND"))
    second = '{"host": "api.example.com", "http": {"paths": [{"path": "/*", "backend": SECOND}]}},'
    comparison = edited(both, after=((second, ""), ('("web", "second")', '("web",)')))
    assert told(comparison) == [("routes-keep-their-service", "warning")]


def test_a_deployment_that_goes_without_its_service_is_an_error(edited):
    comparison = edited((DEPLOY, ""))
    assert [each.rule for each in comparison.diagnostics if each.is_error] == ["path-stays"]


def test_an_autoscaler_that_comes_while_replicas_go_is_an_error(edited):
    stated = '"replicas": 3, "selector"'
    comparison = edited((stated, '"selector"'), ("    k8s.apps", AUTOSCALER + "    k8s.apps"))
    assert told(comparison) == [("autoscaler-takes-over-replicas", "error")]
    assert told(edited(("    k8s.apps", AUTOSCALER + "    k8s.apps"))) == []


def test_what_ignore_changes_keeps_has_not_changed(edited):
    stated = '"replicas": 3, "selector"'
    autoscaled = ("    k8s.apps", AUTOSCALER + "    k8s.apps")
    ignoring = ('"containerPort": 8080}]}]}}},', '"containerPort": 8080}]}]}}}, opts=IGNORE,')
    option = ("    config =", '    IGNORE = pulumi.ResourceOptions(ignore_changes=["spec.replicas"])\n    config =')
    assert told(edited((stated, '"selector"'), autoscaled, ignoring, option)) == []


MADE = '    import pulumi_gcp as gcp\n    made = gcp.compute.GlobalAddress("a").address\n    config ='
PORTS = '"ports": [{"port": 80, "targetPort": "http"}]'


def test_what_is_not_known_yet_counts_as_unchanged(edited):
    unknown = [("    config =", MADE), ('"requestPath": "/ready/"', '"requestPath": made')]
    comparison = edited(*unknown, after=(("web:1", "web:2"),))
    assert (comparison.paths, comparison.diagnostics, comparison.not_compared) == (("shop/web",), (), ())


def test_a_health_check_path_that_is_unknown_and_was_stated_is_unchanged(edited):
    comparison = edited(("    config =", MADE), ('"requestPath": "/ready/"', '"requestPath": made'))
    assert (comparison.diagnostics, comparison.not_compared) == ((), ())


def test_what_is_not_known_yet_in_a_place_that_is_new_is_said_and_no_error(edited):
    check = ('"requestPath": "/ready/"', '"requestPath": "/ready/", "checkIntervalSec": made')
    comparison = edited(("    config =", MADE), check)
    assert comparison.diagnostics == ()
    assert any("checkIntervalSec is not known before" in each for each in comparison.not_compared)


def test_what_is_not_known_yet_and_was_not_there_before_is_not_passed_over(edited):
    selector = '{"app": "web", "made": made}'
    comparison = edited(("    config =", MADE), ('SELECTOR = {"app": "web"}', f"SELECTOR = {selector}"))
    assert comparison.paths == ()
    assert any("not known before" in each for each in comparison.not_compared)


def test_names_that_the_engine_made_up_are_kept(program, export):
    text = SHOP.replace('{"name": name, "namespace": "shop", "a', '{"namespace": "shop", "a')
    text = text.replace("        k8s.core.v1.Service", "        made = k8s.core.v1.Service")
    text = text.replace("    k8s.networking", '    BACKEND["service"]["name"] = made.metadata.name\n    k8s.networking')
    evaluation = evaluate(program(text), "dev")
    (name,) = {
        each.inputs["metadata"]["name"]
        for each in evaluation.resources
        if each.name == "second" and each.type == "kubernetes:core/v1:Service"
    }
    state = export(evaluation).replace(name, "second-0a1b2c3d")
    comparison = compare(evaluation, read_state(state, "state.json"))
    assert (comparison.paths, comparison.diagnostics) == (("shop/second-0a1b2c3d",), ())


@pytest.mark.parametrize(
    ("rule", "edit"),
    [
        ("health-check-path-stays", ('"/ready/"', '"/healthz/"')),
        ("health-check-port-stays", ('"/ready/"', '"/ready/", "port": 9090')),
        ("objects-stay", (INGRESS_NAME, INGRESS_NAME.replace("web", "www"))),
        ("objects-stay", ('"shop"', '"boutique"')),
    ],
)
def test_a_rule_that_the_new_deployment_waives_is_told_and_no_error(edited, rule, edit):
    comparison = edited(waiver(rule), edit)
    assert [(told.rule, told.waiver, told.is_error) for told in comparison.diagnostics] == [(rule, "known", False)]


def test_a_path_that_ends_on_purpose_is_waived_by_its_deployment(edited):
    edit, rule = NOWHERE[0]
    errors = [told.rule for told in edited(waiver("path-stays"), edit).diagnostics if told.is_error]
    assert errors == [rule]


CHART = """
    class Chart(pulumi.ComponentResource):
        def __init__(self):
            super().__init__("demo:index:Chart", "chart", {}, None, False)
    chart = Chart()
    config ="""


def test_objects_that_a_provider_makes_are_taken_as_unchanged_and_that_is_said(program, export):
    text = SHOP.replace("    config =", CHART).replace(DEPLOYMENT, f"opts=CHILD, {DEPLOYMENT}")
    text = text.replace("    LABELS =", "    CHILD = pulumi.ResourceOptions(parent=chart)\n    LABELS =")
    before = evaluate(program(text), "dev")
    remote = text.replace("None, False", "None, True")
    remote = remote[: remote.index("    k8s.apps")]
    comparison = compare(evaluate(program(remote), "dev"), read_state(export(before), "state.json"))
    assert (comparison.paths, comparison.diagnostics) == (("shop/web",), ())
    (said,) = comparison.not_compared
    assert "demo:index:Chart::chart: its objects are taken as unchanged" in said


def test_the_state_of_another_stack_is_refused(program, export):
    evaluation = evaluate(program(SHOP), "dev")
    state = read_state(export(evaluate(program(SHOP), "prod")), "state.json")
    with pytest.raises(StateError, match=r"^state\.json is the state of stack prod of demo, not of stack dev of demo$"):
        compare(evaluation, state, "state.json")


def test_where_nothing_is_deployed_nothing_can_be_dropped(program):
    state = read_state('{"version": 3, "deployment": {"manifest": {}}}', "state.json")
    comparison = compare(evaluate(program(SHOP), "dev"), state)
    assert (comparison.paths, comparison.diagnostics) == ((), ())
