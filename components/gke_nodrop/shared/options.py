"""Resource options that components pass on to their children."""

from collections.abc import Sequence

import pulumi


def first_child(component: pulumi.Resource, opts: pulumi.ResourceOptions | None) -> pulumi.ResourceOptions:
    """Options of the children that come first, with the component's depends_on, which by itself reaches no child."""
    return pulumi.ResourceOptions(parent=component, depends_on=opts.depends_on if opts else None)


def child_after(
    opts: pulumi.ResourceOptions,
    *resources: pulumi.Resource | None,
    custom_timeouts: pulumi.CustomTimeouts | None = None,
    ignore_changes: list[str] | None = None,
) -> pulumi.ResourceOptions:
    """The options of a child: these, and it comes after `resources` too, and is treated as stated.

    Args:
        opts: those of `first_child`, of here, or a user's own.
        resources: what the child comes after; None stands for one that is not needed.
        custom_timeouts: as Pulumi has them.
        ignore_changes: likewise.
    """
    there = [resource for resource in resources if resource is not None]
    own = pulumi.ResourceOptions(custom_timeouts=custom_timeouts, ignore_changes=ignore_changes)
    before = opts.depends_on
    if _is_place_only(opts) and (before is None or isinstance(before, Sequence)):
        # Merging takes 15 times as long, for every object.
        own.parent, own.depends_on = opts.parent, [*(before or ()), *there]
        return own
    own.depends_on = there
    return pulumi.ResourceOptions.merge(opts, own)


def _is_place_only(opts: pulumi.ResourceOptions) -> bool:
    """Whether they state a parent and what comes before, and nothing else."""
    return all(value is None for name, value in vars(opts).items() if name not in ("parent", "depends_on"))
