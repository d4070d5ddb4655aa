"""Which programs there are, and which one the selected stack runs."""

import pulumi

from stacks import comparison, container_native, legacy_nodeport

PROGRAMS = {
    "container-native": container_native.main,
    "legacy-nodeport": legacy_nodeport.main,
    "comparison": comparison.main,
}


def run() -> None:
    """Runs the program that the config key `program` names, else the one named like the stack.

    Raises:
        RunError: there is no such program.
    """
    config = pulumi.Config()
    name = config.get("program") or pulumi.get_stack()
    if name not in PROGRAMS:
        key = f"{config.name}:program"
        raise pulumi.RunError(
            f'there is no program "{name}": name the stack {", ".join(PROGRAMS)}, or set {key} to one of these '
            f"(pulumi config set {key} container-native)"
        )
    PROGRAMS[name]()
