"""GKE clusters that container-native load balancing works on: Standard and Autopilot.

Both are VPC-native, with private nodes, Workload Identity and a service account of their own. Pulumi names them, so
that a replacement can stand beside the old cluster. Not here: a Standard cluster's nodes (`node_pool`).
"""

from typing import Any, Unpack, overload

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.cluster import gcp_cluster, node_account
from gke_nodrop.cluster.access import AccessArgs, endpoint_of
from gke_nodrop.cluster.cluster_args import AutopilotClusterArgs, StandardClusterArgs, zones_of
from gke_nodrop.cluster.connection import connect
from gke_nodrop.cluster.operations import OperationsArgs, backup_plan
from gke_nodrop.cluster.security import SecurityArgs, readers
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.shared import options

_TIMEOUTS = pulumi.CustomTimeouts(create="60m", update="120m", delete="60m")
"""Upgrades run long: GKE drains each node for up to an hour. Source: Google, Standard cluster upgrades."""


def _protect(args: StandardClusterArgs | AutopilotClusterArgs) -> bool | None:
    """With the provider's protection alone, `pulumi destroy` would be refused only once all that runs there is gone."""
    return args.get("deletion_protection", True) or None


class StandardCluster(pulumi.ComponentResource):
    """A GKE Standard cluster without nodes; add a `NodePool` or more.

    Args:
        location: Region (the control plane survives a lost zone) or zone.
        network: The cluster's network, such as `Network.cluster_network`.
        zones: All zones of the nodes, two or more; where `location` is a zone, it is among them.
        access: Who reaches the control plane.
        upgrades: How it gets new versions.
        security: Keys of your own, and which images run.
        operations: Logs, metrics and backups.
        resource_labels: Labels of the cluster, its nodes' machines and disks, for bills and searches.
        datapath: Default dataplane-v2, Google's recommendation; `LegacyNodePortService` needs legacy.
        deletion_protection: Default true: `pulumi destroy` fails until it has been set to false and applied.

    Attributes: `cluster`, `node_account`, `node_role`, `image_readers` (a list, one a repository), `backup_plan` (None
    without it), and `kubernetes_provider`, to be given to what runs on it.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    cluster_id: pulumi.Output[str]
    """Id of the cluster, the input `cluster` of `NodePool`."""
    node_service_account: pulumi.Output[str]
    """E-mail of the nodes' service account."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig for gke-gcloud-auth-plugin; secret."""

    @overload
    def __init__(self, name: str, /, args: StandardClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[StandardClusterArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: StandardClusterArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(StandardCluster, name, StandardClusterArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:StandardCluster", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self)
        first = options.first_child(self, opts)
        self.node_account, self.node_role = node_account.create(name, first)
        self.image_readers = readers(name, checked.get("security", SecurityArgs()), self.node_account, first)

        # GKE reports the pools' values back as node_config (pulumi-gcp issue 744).
        once = pulumi.ResourceOptions(
            ignore_changes=["node_config"],
            custom_timeouts=_TIMEOUTS,
            depends_on=[self.node_role, *self.image_readers],
            protect=_protect(checked),
        )
        cluster = gcp_cluster.standard(checked, self.node_account)
        self.cluster = gcp.container.Cluster(name, cluster, pulumi.ResourceOptions.merge(here, once))
        operations = checked.get("operations", OperationsArgs())
        self.backup_plan = backup_plan(name, operations, self.cluster, checked.get("resource_labels"), here)
        endpoint = endpoint_of(checked.get("access", AccessArgs()))
        self.kubeconfig, self.kubernetes_provider = connect(name, self.cluster, endpoint, zones_of(checked), here)
        self.cluster_id = self.cluster.id
        self.node_service_account = self.node_account.email
        _register(self)


class AutopilotCluster(pulumi.ComponentResource):
    """A GKE Autopilot cluster; it brings its nodes itself.

    Args:
        location: Region.
        network: The cluster's network, such as `Network.cluster_network`.
        access: Who reaches the control plane.
        upgrades: How it gets new versions.
        security: Keys of your own, and which images run.
        operations: Logs, metrics and backups.
        resource_labels: Labels of the cluster, its nodes' machines and disks, for bills and searches.
        deletion_protection: Default true: `pulumi destroy` fails until it has been set to false and applied.

    Attributes: `cluster`, `node_account`, `node_role`, `image_readers` (a list, one a repository), `backup_plan` (None
    without it), and `kubernetes_provider`, to be given to what runs on it.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    cluster_id: pulumi.Output[str]
    """Id of the cluster."""
    node_service_account: pulumi.Output[str]
    """E-mail of the nodes' service account."""
    kubeconfig: pulumi.Output[str]
    """Kubeconfig for gke-gcloud-auth-plugin; secret."""

    @overload
    def __init__(
        self, name: str, /, args: AutopilotClusterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[AutopilotClusterArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: AutopilotClusterArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(AutopilotCluster, name, AutopilotClusterArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:AutopilotCluster", name, {}, opts)
        here = pulumi.ResourceOptions(parent=self)
        first = options.first_child(self, opts)
        self.node_account, self.node_role = node_account.create(name, first)
        self.image_readers = readers(name, checked.get("security", SecurityArgs()), self.node_account, first)

        once = pulumi.ResourceOptions(
            custom_timeouts=_TIMEOUTS, depends_on=[self.node_role, *self.image_readers], protect=_protect(checked)
        )
        cluster = gcp_cluster.autopilot(checked, self.node_account)
        self.cluster = gcp.container.Cluster(name, cluster, pulumi.ResourceOptions.merge(here, once))
        operations = checked.get("operations", OperationsArgs())
        self.backup_plan = backup_plan(name, operations, self.cluster, checked.get("resource_labels"), here)
        endpoint = endpoint_of(checked.get("access", AccessArgs()))
        self.kubeconfig, self.kubernetes_provider = connect(name, self.cluster, endpoint, zones_of(checked), here)
        self.cluster_id = self.cluster.id
        self.node_service_account = self.node_account.email
        _register(self)


def _register(component: StandardCluster | AutopilotCluster) -> None:
    component.register_outputs(
        {
            "cluster_id": component.cluster_id,
            "node_service_account": component.node_service_account,
            "kubeconfig": component.kubeconfig,
        }
    )
