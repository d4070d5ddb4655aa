"""Resource options that components pass on to their children."""

import pulumi


def first_child(component: pulumi.Resource, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Options of the children that come first, with the component's depends_on, which by itself reaches no child."""
    return pulumi.ResourceOptions(parent=component, depends_on=opts.depends_on if opts else None)


def child_after(opts: pulumi.ResourceOptions, *resources: pulumi.Resource | None) -> pulumi.ResourceOptions:
    """The options of a child that comes after `resources` too; None stands for one that is not needed."""
    there = [resource for resource in resources if resource is not None]
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=there))
