"""docs/features.md has a row, with a reason, for every input of the modules that it compares, and for each of ours."""

import re
from pathlib import Path

import pytest

from gke_nodrop.inputs.component import shape_of
from gke_nodrop.provider.host import COMPONENTS

PAGE = (Path(__file__).parents[1] / "docs" / "features.md").read_text()
THEIRS = {
    "net-vpc": """auto_create_subnetworks context create_googleapis_routes delete_default_routes_on_create description
        dns_policy factories_config firewall_policy_enforcement_order internal_ranges ipv6_config mtu name
        network_attachments peering_config policy_based_routes project_id psa_configs routes routing_mode
        service_connection_policies shared_vpc_host shared_vpc_service_projects subnets subnets_private_nat
        subnets_proxy_only subnets_psc vpc_reuse""",
    "net-cloudnat": """addresses config_port_allocation config_source_subnetworks config_timeouts context endpoint_types
        logging_filter name project_id region router_asn router_create router_name router_network rules type""",
}
"""Variables of cloud-foundation-fabric at 11c1d24, modules/*/variables.tf."""
COMPARED = {"Network": "net-vpc", "ExistingNetwork": "net-vpc"}
"""Ours, and the section that says how many inputs each has."""


def section(name: str) -> str:
    (found,) = re.findall(rf"^## {name}: .*?(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    return found


@pytest.mark.parametrize("module", THEIRS)
def test_every_input_of_a_module_has_a_row(module: str) -> None:
    text, inputs = section(module), THEIRS[module].split()
    assert text.startswith(f"## {module}: {len(inputs)} inputs")
    rows = [row.strip("| ").split(" | ") for row in re.findall(r"^\|.*`.*\|$", text, re.MULTILINE)]
    named = {name.split(".")[0].removesuffix("[]") for row in rows for name in re.findall(r"`([^`]+)`", row[0])}
    assert named - {"iam_bindings", "iam_bindings_additive", "ip_collection"} == set(inputs)
    assert not [row for row in rows if len(row) < 2 or not row[1]]


@pytest.mark.parametrize("ours", COMPARED)
def test_as_many_inputs_are_said_to_be_ours_as_there_are(ours: str) -> None:
    (component,) = [each for each in COMPONENTS if each.__name__ == ours]
    assert re.search(rf"\[`{ours}`\]\(.*?\) has {len(shape_of(component).__annotations__)}\b", section(COMPARED[ours]))
