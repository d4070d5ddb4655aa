"""The documents name what exists, and what is generated is up to date."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import gke_nodrop
from gke_nodrop.provider.host import COMPONENTS
from nodrop.judge.refusals.field_names import OF_KIND
from nodrop.rollout import CHANGE_RULES, RULE_NAMES

DOCS = Path(__file__).parents[1] / "docs"
TRAPS = (DOCS / "traps.md").read_text()
ROWS = [
    [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    for line in TRAPS.splitlines()
    if line.startswith("|") and not line.startswith(("| Trap", "|---"))
]


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_{name}", DOCS / f"{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pages_of_components_are_what_their_types_say() -> None:
    files = [DOCS / "components.md", *(DOCS / "components").iterdir()]
    written = {file.relative_to(DOCS).as_posix(): file.read_text() for file in files}
    assert written == script("components").pages()


def test_every_component_has_a_page_and_the_list_leads_to_it() -> None:
    listed = re.findall(r"\]\(components/(\w+)\.md\) \|", (DOCS / "components.md").read_text())
    assert listed == sorted(each.__name__ for each in COMPONENTS)


def test_a_link_within_the_pages_of_components_leads_to_a_heading() -> None:
    for page in (DOCS / "components").iterdir():
        for file, anchor in re.findall(r"\]\(([\w.-]*)#(\w+)\)", page.read_text()):
            headings = re.findall(r"^##? (\w+)$", (page.parent / (file or page.name)).read_text(), re.MULTILINE)
            assert anchor in [each.lower() for each in headings], f"{page.name}: {file}#{anchor}"


def test_pages_of_rules_are_what_the_rules_say_of_themselves() -> None:
    written = {file.name: file.read_text() for file in (DOCS / "rules").iterdir()}
    assert written == script("rules").pages()


def test_every_rule_has_a_page_and_the_list_leads_to_it() -> None:
    listed = re.findall(r"\]\(([a-z0-9-]+)\.md\)", (DOCS / "rules" / "README.md").read_text())
    assert sorted(listed) == sorted(RULE_NAMES)


def test_every_trap_has_what_keeps_one_out_of_it_and_a_date() -> None:
    assert len(ROWS) > 25
    for row in ROWS:
        trap, happens, source, kept_out, checked = row
        assert all((trap, happens, source))
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", checked), trap
        named = re.findall(r"`([^`]+)`", kept_out)
        links = re.findall(r"\]\(([^)]+)\)", kept_out)
        assert named or links or "component" in kept_out or "sleep action" in kept_out, trap


def test_rules_and_components_among_the_traps_exist() -> None:
    change = {rule.name for rule in CHANGE_RULES}
    for _, _, _, kept_out, _ in ROWS:
        for name in re.findall(r"`([^`]+)`", kept_out):
            if re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name):
                assert name in RULE_NAMES
                assert (name in change) == (f"`{name}`](rules/{name}.md) (change)" in kept_out)
            elif name[0].isupper():
                assert hasattr(gke_nodrop, name), name


def test_links_between_documents_lead_somewhere() -> None:
    for page in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_a_kubernetes_provider_of_a_program_knows_its_cluster_beside_the_kubeconfig() -> None:
    for page in [*DOCS.rglob("*.md"), DOCS.parent / "README.md"]:
        for call in re.findall(r"k8s\.Provider\((?:[^()]|\([^()]*\))*\)", page.read_text()):
            if "kubeconfig" in call:
                assert re.search(r"cluster_identifier=|clusterIdentifier:", call), f"{page.name}: {call}"


def test_operations_tell_how_backups_let_go_of_their_plan_and_the_preset_leads_there() -> None:
    _, _, stops = (DOCS / "operations.md").read_text().partition("## A destroy that stops\n")
    _, _, section = stops.partition("### At the backup plan\n")
    section = section.partition("\n### ")[0]
    for step in ("backups list --backup-plan", "backups delete BACKUP", "pulumi state delete"):
        assert step in section
    assert "operations.md#at-the-backup-plan" in (DOCS / "clusters.md").read_text()


def test_the_table_of_packages_has_the_layers_that_imports_are_held_to() -> None:
    contracts = tomllib.loads((DOCS.parent / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = [each["layers"] for each in contracts if each.get("containers") == ["nodrop"]]
    rows = re.findall(r"^\| (\d) \| `(\w+)` \|", (DOCS / "architecture.md").read_text(), re.MULTILINE)
    held = {
        (str(number), package)
        for number, layer in enumerate(reversed(layers), start=1)
        for package in layer.split(" | ")
        if package != "__main__"
    }
    assert set(rows) == held


def test_the_page_of_check_names_each_kind_whose_misspelt_fields_are_reported() -> None:
    _, _, section = (DOCS / "check.md").read_text().partition("### Misspelt fields\n")
    named = re.findall(r"\w+", section.partition("\n#")[0])
    assert [kind for kind in OF_KIND if kind not in named] == []


def test_the_page_of_support_promises_the_floors_that_are_required() -> None:
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text())["project"]
    floors = dict(re.findall(r"^([a-z-]+)>=([\d.]+)", "\n".join(project["dependencies"]), re.MULTILINE))
    table = (DOCS / "support.md").read_text()
    explained = re.findall(
        r"^\| (pulumi|pulumi-gcp|pulumi-kubernetes|protobuf|click|rich) \| ([\d.]+) \|", table, re.MULTILINE
    )
    assert len(explained) == 6
    assert {name: floors[name] for name, _ in explained} == dict(explained)
    promised = ", ".join(f"{name} {floors[name]}" for name in ("pulumi", "pulumi-gcp", "pulumi-kubernetes"))
    assert f"| Pulumi SDKs | {promised} and newer" in table


def test_the_picture_of_the_readme_has_the_legend_that_is_drawn_today_in_seven_entries_at_most() -> None:
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", (DOCS / "figures" / "rollout.svg").read_text())
    legend = [entry.get_label() for entry in script("picture")._legend()]
    assert len(legend) <= 7
    assert drawn[-len(legend) :] == legend
