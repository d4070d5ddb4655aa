"""Outputs meet the check of plain values once they are known, in its words; nothing secret is said."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from gke_nodrop import InputError, RollingDeployment, WebService
from gke_nodrop.provider.host import COMPONENTS
from tests.gke_nodrop.inputs.every_input import inputs_of, wrong_type
from tests.gke_nodrop.inputs.every_input_table import OUTSIDE, entry_for
from tests.gke_nodrop.refusals import faults_of, outcome

pytestmark = pytest.mark.usefixtures("deploy")  # Outputs need its event loop
BASE: dict[str, Any] = {"image": "shop/web:1", "namespace": "shop"}


def outputs_in(value: Any) -> Iterator[pulumi.Output[Any]]:
    if isinstance(value, pulumi.Output):
        yield value
    elif isinstance(value, (dict, list)):
        for each in value.values() if isinstance(value, dict) else value:
            yield from outputs_in(each)


def told_late(component: Any, args: dict[str, Any]) -> dict[str, Any] | None:
    """Faults by input of args that are taken until their Outputs are known; None: more is wrong with them."""
    clean = outcome(component, args)
    if isinstance(clean, InputError):
        return None
    found = {}
    for each in outputs_in(clean):
        try:
            asyncio.get_event_loop().run_until_complete(each.future())
        except InputError as error:
            found |= {fault.input: fault for fault in error.faults}
    return found


@pytest.mark.parametrize("component", COMPONENTS, ids=lambda component: component.__name__)
def test_an_output_of_a_wrong_value_is_refused_as_the_value_itself_is(component):
    tried = 0
    for each in inputs_of(component):
        if not each.may_be_output:
            continue
        for value in (wrong_type(each.expected), *OUTSIDE.get(entry_for(each.pattern, OUTSIDE), [])):
            path, told = each.path(value), told_late(component, each.put(pulumi.Output.from_input(value)))
            if told is not None:
                tried += 1
                assert told == {path: faults_of(component, each.put(value))[path]}
    assert tried or component.__name__ not in ("WebService", "RollingDeployment", "Ingress", "Gateway", "NodePool")


@pytest.mark.parametrize("late", [pulumi.Output.from_input, pulumi.Output.secret])
def test_an_output_of_nothing_is_no_absent_input(late):
    found = told_late(WebService, {"image": "shop/web:1", "existing_namespace": late(None)})
    assert found
    assert found["existing_namespace"].value == "null (NoneType)"
    assert found["existing_namespace"].rule == "must be text"


def test_a_secret_output_is_not_shown_where_the_input_is_no_secret():
    found = told_late(RollingDeployment, {**BASE, "image": pulumi.Output.secret("two words")})
    assert found
    assert found["image"].value == "[secret]"
    assert "two words" not in str(found)


def test_an_output_of_a_right_value_comes_through_and_stays_secret(deploy):
    def program() -> dict[str, Any]:
        image = pulumi.Output.secret("shop/web:1")
        (late,) = outputs_in(outcome(RollingDeployment, {**BASE, "image": image}))
        return {"image": late, "secret": late.is_secret()}

    exports = deploy(program).exports
    assert (exports["image"], exports["secret"]) == ("shop/web:1", True)


def test_a_late_account_is_not_made_a_member_of_a_project_without_a_name(deploy):
    def program() -> None:
        identity: Any = {"service_account": pulumi.Output.from_input("orders")}
        RollingDeployment("web", image="shop/web:1", namespace="shop", workload_identity=identity)

    with pytest.raises(Exception, match="must be the email address of a service account"):
        deploy(program)
