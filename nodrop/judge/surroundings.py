"""What is known of objects besides themselves: who makes them, where, and what changes them before they are applied."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace

from nodrop.judge.judgement import PassedOver
from nodrop.paths import Manifest, ServingPath
from nodrop.rollout import Rollout


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What is known of objects besides themselves."""

    rollout: Callable[[ServingPath, Rollout], Rollout] = lambda _, rollout: rollout
    """Writes what is known of a path into its rollout."""
    autopilot: Callable[[Manifest], bool | None] = lambda _: None
    """Whether the cluster of a workload is an Autopilot one; None: not known."""
    changed_by: Callable[[Manifest], str | None] = lambda _: None
    """What changes an object before or after it is applied, and what to do instead, in one clause such as
    `patch.yaml changes it: pipe the result in`; None: it is applied as it is."""
    parted_by: Callable[[Collection[Manifest]], str | None] = lambda _: None
    """What changes some of a path's objects so that they do not fit together as they were read, and what to do instead,
    in a clause like that of `changed_by`; None: nothing does."""
    known_by: Callable[[Manifest, str], str | None] = lambda *_: None
    """What would make known what is not known yet at a place of an object, in one clause; None: nothing here does."""
    by_pulumi: bool = False
    """Whether Pulumi makes the objects, which reads no annotation that is meant for another deployer."""
    cluster: Callable[[Manifest], str] = lambda _: ""
    """Which cluster an object is in, in words that follow "by", such as `provider east`; objects of two clusters are
    judged apart. Empty: there is only one."""
    unread: tuple[PassedOver, ...] = ()
    """What makes objects that nothing here reads, such as a Helm release."""
    doubted: Mapping[str, Collection[str]] = field(default_factory=dict)
    """By cluster, others with objects that may be the same one."""

    def of(self, cluster: str) -> "Surroundings":
        """What concerns the objects of one cluster."""
        return replace(
            self,
            unread=tuple(each for each in self.unread if each.cluster in (None, cluster)),
            doubted={key: others for key, others in self.doubted.items() if key == cluster},
        )
