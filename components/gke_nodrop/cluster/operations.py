"""What tells how a cluster fares, and what brings it back: inputs, what the cluster says of them, backup plan."""

from enum import StrEnum
from typing import Annotated, Literal, NotRequired, TypedDict

import pulumi
import pulumi_gcp as gcp

from gke_nodrop.cluster.security import KmsKey
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, Limit

_BACKUP = "Google, Backup for GKE, plan a set of backups"
_LOGS = "Google, About GKE logs"


class Logs(StrEnum):
    """Whose logs Cloud Logging gets; each is billed by volume."""

    SYSTEM_COMPONENTS = "system-components"
    WORKLOADS = "workloads"
    APISERVER = "apiserver"
    SCHEDULER = "scheduler"
    CONTROLLER_MANAGER = "controller-manager"


LogsText = Literal["system-components", "workloads", "apiserver", "scheduler", "controller-manager"]
"""The members of `Logs` as plain text."""


class Metrics(StrEnum):
    """Whose metrics Cloud Monitoring gets."""

    SYSTEM_COMPONENTS = "system-components"
    APISERVER = "apiserver"
    SCHEDULER = "scheduler"
    CONTROLLER_MANAGER = "controller-manager"
    STORAGE = "storage"
    HPA = "hpa"
    POD = "pod"
    DAEMONSET = "daemonset"
    DEPLOYMENT = "deployment"
    STATEFULSET = "statefulset"
    KUBELET = "kubelet"
    CADVISOR = "cadvisor"


MetricsText = Literal[
    "system-components",
    "apiserver",
    "scheduler",
    "controller-manager",
    "storage",
    "hpa",
    "pod",
    "daemonset",
    "deployment",
    "statefulset",
    "kubelet",
    "cadvisor",
]
"""The members of `Metrics` as plain text."""


class BackupArgs(TypedDict):
    """Backups of all Namespaces, Secrets and volumes."""

    schedule: Annotated[
        str,
        limits.matching(r"\S+( \S+){4}", "five fields of cron such as 0 3 * * *, in UTC", _BACKUP),
        Example("0 3 * * *"),
    ]
    """When, as a cron expression in UTC."""
    retain_days: Annotated[int, limits.between(1, 365, "days", _BACKUP), Example(30)]
    """For how long each is kept; the plan can be deleted only once its backups are (docs/operations.md)."""
    key: NotRequired[pulumi.Input[KmsKey]]
    """Id of the Cloud KMS key that encrypts them. Default: Google's encryption alone."""


class OperationsArgs(TypedDict):
    """Logs, metrics and backups."""

    logs: NotRequired[
        Annotated[
            list[Annotated[Logs | LogsText, Example(Logs.SYSTEM_COMPONENTS)]],
            Limit(
                holds=lambda x: Logs.SYSTEM_COMPONENTS in x and len(set(x)) == len(x),
                rule="components, each once, system-components among them, without which Google does not support it",
                source=_LOGS,
            ),
            Example([Logs.SYSTEM_COMPONENTS, Logs.WORKLOADS]),
        ]
    ]
    """Default system-components and workloads, as GKE's own; logs of the control plane cost more."""
    metrics: NotRequired[
        Annotated[
            list[Annotated[Metrics | MetricsText, Example(Metrics.SYSTEM_COMPONENTS)]],
            Limit(
                holds=lambda x: Metrics.SYSTEM_COMPONENTS in x and len(set(x)) == len(x),
                rule="components, each once, system-components among them, which are free and cannot be left out",
                source="Google, Configure metrics collection",
            ),
            Example([Metrics.SYSTEM_COMPONENTS, Metrics.DEPLOYMENT]),
        ]
    ]
    """Default: GKE's own for its version."""
    dataplane_observability: NotRequired[Annotated[bool, Example(True)]]
    """Whether Dataplane V2 reports its flows, as metrics and to Hubble clients. Default: as GKE has it, which is
    metrics on Autopilot and nothing on Standard: it takes memory on the nodes, and its metrics are billed. Taking it
    out leaves it as it is; false turns it off on Standard, and is written on Autopilot, where whether GKE obeys is not
    verified. With `datapath` legacy there is nothing to report: true is refused, and false changes nothing."""
    backup: NotRequired[BackupArgs]
    """Default: no backups. Your program can make again what runs, but not what volumes hold."""


def apply_operations(
    cluster: "gcp.container.ClusterArgs", operations: OperationsArgs, *, has_dataplane_v2: bool
) -> None:
    """Sets logging, monitoring and cost allocation.

    The provider keeps what a block that is left out had set (Optional and Computed), so false is written too.
    """
    logs = operations.get("logs", [Logs.SYSTEM_COMPONENTS, Logs.WORKLOADS])
    cluster.logging_config = gcp.container.ClusterLoggingConfigArgs(enable_components=_components(logs))
    observed = operations.get("dataplane_observability") if has_dataplane_v2 else None
    cluster.monitoring_config = gcp.container.ClusterMonitoringConfigArgs(
        enable_components=_components(operations["metrics"]) if "metrics" in operations else None,
        managed_prometheus=gcp.container.ClusterMonitoringConfigManagedPrometheusArgs(enabled=True),
        advanced_datapath_observability_config=(
            gcp.container.ClusterMonitoringConfigAdvancedDatapathObservabilityConfigArgs(
                enable_metrics=observed, enable_relay=observed
            )
            if observed is not None
            else None
        ),
    )
    cluster.cost_management_config = gcp.container.ClusterCostManagementConfigArgs(enabled=True)  # free of charge


def _components(chosen: list[Logs | LogsText] | list[Metrics | MetricsText]) -> list[str]:
    return [str(each).upper().replace("-", "_") for each in chosen]


def backup_agent(operations: OperationsArgs) -> "gcp.container.ClusterAddonsConfigGkeBackupAgentConfigArgs":
    """Runs where there is something to back up."""
    return gcp.container.ClusterAddonsConfigGkeBackupAgentConfigArgs(enabled="backup" in operations)


def backup_plan(
    name: str,
    operations: OperationsArgs,
    cluster: "gcp.container.Cluster",
    labels: dict[str, str] | None,
    opts: pulumi.ResourceOptions,
) -> "gcp.gkebackup.BackupPlan | None":
    """The plan that is asked for, in the cluster's region; None: none is."""
    backup = operations.get("backup")
    if backup is None:
        return None
    key = backup.get("key")
    return gcp.gkebackup.BackupPlan(
        name,
        cluster=cluster.id,
        location=cluster.location.apply(lambda place: "-".join(place.split("-")[:2])),
        backup_config=gcp.gkebackup.BackupPlanBackupConfigArgs(
            all_namespaces=True,
            include_secrets=True,
            include_volume_data=True,
            encryption_key=(
                gcp.gkebackup.BackupPlanBackupConfigEncryptionKeyArgs(gcp_kms_encryption_key=key) if key else None
            ),
        ),
        backup_schedule=gcp.gkebackup.BackupPlanBackupScheduleArgs(cron_schedule=backup["schedule"]),
        retention_policy=gcp.gkebackup.BackupPlanRetentionPolicyArgs(backup_retain_days=backup["retain_days"]),
        labels=labels,
        opts=opts,
    )
