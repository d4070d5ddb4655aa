"""The preStops of a pod's containers, and how long they hold TERM back from the serving one.

What a single hook does is read in `pre_stop`.
"""

from dataclasses import dataclass, replace

from nodrop.paths.containers import every_container_of
from nodrop.paths.fields import Field
from nodrop.paths.pre_stop import PreStop, read_pre_stop
from nodrop.paths.probe_hosts import pre_stop_asks_the_node
from nodrop.paths.problems import ProblemKind


@dataclass(frozen=True, kw_only=True)
class PreStops:
    """Those of one pod. Readings raise `ReadingError`, as those of a serving path."""

    pod: Field
    """`spec` of the pod."""
    serving: str
    """Name of the container that serves."""
    ordinary: tuple[str, ...]
    """Names of the ordinary containers, without native sidecars."""

    @property
    def containers(self) -> tuple[str, ...]:
        """Names of the containers whose preStop counts: the ordinary ones, and the serving one."""
        return tuple(dict.fromkeys((*self.ordinary, self.serving)))

    @property
    def containers_without(self) -> tuple[str, ...]:
        """Names of the ordinary containers that have no preStop hook of any kind."""
        return tuple(name for name in self.ordinary if not self._container(name)["lifecycle"]["preStop"].mapping())

    @property
    def holding_back_term(self) -> tuple[str, ...]:
        """Names of the containers whose preStops hold TERM back from the serving one: the longest of them does.

        The kubelet runs all preStops at once, and sends TERM to a native sidecar when the ordinary containers have
        ended. Where the sidecar's own preStop does more than sleep, which may end it before TERM, it alone counts.
        Source: kubernetes.io, Sidecar Containers; kubernetes/kubernetes
        pkg/kubelet/kuberuntime/kuberuntime_container.go, killContainer.
        """
        is_alone = self.serving in self.ordinary or self.of(self.serving).runs_more
        return (self.serving,) if is_alone else (self.serving, *self.ordinary)

    @property
    def term_seconds(self) -> int:
        """Seconds from a pod's deletion until the serving container gets TERM, or its preStop may end it, at least; a
        preStop of unknown duration counts as none."""
        return max(self.of(name).seconds or 0 for name in self.holding_back_term)

    def longest_until_term(self, grace_seconds: int) -> int:
        """The most seconds from a pod's deletion until the serving container gets TERM."""
        hooks = [self.of(name) for name in ((self.serving,) if self.serving in self.ordinary else self.containers)]
        known = max(each.seconds or 0 for each in hooks)
        return grace_seconds if any(each.may_last_longer for each in hooks) else known

    @property
    def holding_longest(self) -> tuple[str, ...]:
        """The containers that hold TERM back from the serving one for as long as any does."""
        longest = self.term_seconds
        return tuple(name for name in self.holding_back_term if (self.of(name).seconds or 0) == longest)

    @property
    def open_before_term(self) -> tuple[str, ...]:
        """The containers that hold TERM back from the serving one whose preStop may last longer than its sleeps, or may
        end the serving one."""
        hooks = {name: self.of(name) for name in self.holding_back_term}
        return tuple(name for name, hook in hooks.items() if hook.may_last_longer or self.may_end_before_term(name))

    @property
    def ended_by(self) -> str:
        """The command that tells the application to end before a sleep that would hold TERM back; empty: none does."""
        hooks = [self.of(name) for name in self.holding_back_term]
        early = [each.ended_by for each in hooks if each.sleeps_after or self.ends_before_term]
        return next(filter(None, early), "")

    @property
    def ends_before_term(self) -> bool:
        """Whether the serving container is a native sidecar that its preStop may end while others hold TERM back."""
        if self.serving in self.ordinary or not self.of(self.serving).runs_more:
            return False
        hooks = [self.of(name) for name in self.ordinary]
        return any(each.may_last_longer or (each.seconds or 0) > self.term_seconds for each in hooks)

    def may_end_before_term(self, name: str) -> bool:
        """Whether that container is a native sidecar whose preStop does more than sleep, and may or may not end it.

        The kubelet runs it at the pod's deletion, as any other; only TERM waits for the ordinary containers.
        Source: KEP-753, Sidecar Containers.
        """
        hook = self.of(name)
        return name not in self.ordinary and hook.seconds is not None and hook.runs_more and not hook.ended_by

    def of(self, container: str) -> PreStop:
        """What the container's preStop does; its `seconds` are None if it has none (`containers_without` tells which).

        Where the pod shares its processes, the first of them is not the container's.
        """
        given = self._container(container)
        asks_node = pre_stop_asks_the_node(self.pod, given)
        hook = read_pre_stop(given["lifecycle"]["preStop"], asks_node=asks_node)
        is_shared = any(self.pod[field].value is True for field in ("shareProcessNamespace", "hostPID"))
        return replace(hook, may_last_longer=hook.seconds is not None) if is_shared and hook.runs_more else hook

    def _container(self, name: str) -> Field:
        for container in every_container_of(self.pod):
            if container["name"].text() == name:
                return container
        raise self.pod["containers"].problem(ProblemKind.LEADS_NOWHERE, f"has no container called {name}")
