"""A minimal policy pack: a container without a preStop hook is ended while it still gets requests.

A rule on resources, not on the stack: until the cluster exists the engine does not ask the Kubernetes provider, and a
stack's rules are given its objects without any property.
"""

from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy  # ty: ignore[import-not-found] it has a venv of its own


def pre_stop(args, report_violation):
    if args.resource_type != "kubernetes:apps/v1:Deployment":
        return
    for container in args.props["spec"]["template"]["spec"]["containers"]:
        if not (container.get("lifecycle") or {}).get("preStop"):
            report_violation(f"container {container['name']} has no preStop hook")


PolicyPack(
    name="minimal",
    enforcement_level=EnforcementLevel.MANDATORY,
    policies=[
        ResourceValidationPolicy(
            name="containers-have-pre-stop",
            description="Every container of a Deployment has a preStop hook.",
            validate=pre_stop,
        )
    ],
)
