"""The events of each pod as they happen: what a timeline is drawn from."""

from dataclasses import dataclass, field

from nodrop.lab.clock import Time


@dataclass
class PodRecord:
    """One pod's life, times in seconds on the lab's clock."""

    node: str = ""
    address: str = ""
    events: dict[str, float] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    """By container, what its kubelet's last probe met, where that failed."""


@dataclass
class Recorder:
    """All pods of one lab, by name."""

    time: Time
    pods: dict[str, PodRecord] = field(default_factory=dict)

    def place(self, pod: str, node: str, address: str) -> None:
        """Notes where the pod runs."""
        record = self.pods[pod]
        record.node, record.address = node, address

    def present(self) -> dict[str, PodRecord]:
        """The pods that are not gone."""
        return {name: record for name, record in self.pods.items() if "gone" not in record.events}

    def addresses(self) -> dict[str, str]:
        """Each pod's, by its name."""
        return {name: record.address for name, record in self.pods.items()}

    def event(self, pod: str, event: str) -> None:
        """Notes that `event` (one of PodTimeline.EVENTS) happened to the pod; only its first time counts."""
        self.pods.setdefault(pod, PodRecord()).events.setdefault(event, self.time.now())
