"""What docs/changes.md says of changes in two updates: its program, and that the inputs lead there."""

import re
from pathlib import Path

from gke_nodrop import load_balancer_ports
from harness.examples import evaluate_program
from nodrop.testing import Program

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "changes.md").read_text()
LABEL = "pod-security.kubernetes.io/enforce"


def test_the_transform_keeps_the_label_while_the_pods_get_their_user(tmp_path: Path) -> None:
    (program,) = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    objects = {each["kind"]: each for each in Program(evaluate_program(program, tmp_path)).objects}
    assert objects["Namespace"]["metadata"]["labels"] == {LABEL: "baseline"}
    assert objects["Deployment"]["spec"]["template"]["spec"]["securityContext"]["runAsUser"] == 10001

    after = program.replace("transforms=[still_baseline]", "")
    objects = {each["kind"]: each for each in Program(evaluate_program(after, tmp_path)).objects}
    assert objects["Namespace"]["metadata"]["labels"] == {LABEL: "restricted"}


def test_another_port_leaves_the_old_one_shut_unless_both_are_stated() -> None:
    assert load_balancer_ports({"port": 9090}) == ["9090"]
    assert '[*load_balancer_ports(web), "8080"]' in PAGE


def test_the_inputs_say_that_they_take_two_updates() -> None:
    assert "docs/changes.md" in (DOCS / "components" / "WebService.md").read_text()
    for component in ("Network", "ExistingNetwork"):
        assert "for another port open both" in (DOCS / "components" / f"{component}.md").read_text()
