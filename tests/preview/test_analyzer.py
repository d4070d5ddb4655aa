"""A policy pack's server as the engine speaks to it: what it records, and what it answers."""

from typing import Any
from unittest.mock import Mock

import grpc
import pytest
from pulumi.runtime.proto import analyzer_pb2
from pulumi.runtime.proto.analyzer_pb2 import ADVISORY, MANDATORY

from nodrop.preview import UNKNOWN, SecretValue
from nodrop.preview.analyzer import Analyzer, JudgedStack, Level, Pack, Policy, Violation
from nodrop.preview.values import encode

POLICIES = (
    Policy(name="a", description="A holds.", level=Level.MANDATORY),
    Policy(name="b", description="B holds.", level=Level.ADVISORY),
)
CONFIG_MAP: dict[str, Any] = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "m"}}


class Run:
    """One pack and what it was given to judge."""

    def __init__(self, *violations: Violation, told: str = "") -> None:
        self.told: list[str] = []
        self.verdict = JudgedStack(violations=violations, told=told)
        self.pack = Pack(name="p", version="1.2.3", policies=POLICIES, judge=self._judge)
        self.analyzer = Analyzer(self.pack, self.told.append)
        self.context = Mock()
        self.context.abort.side_effect = RuntimeError

    def _judge(self, evaluation) -> JudgedStack:
        self.evaluation = evaluation
        return self.verdict

    def validate(self, urn: str, properties: dict[str, Any], **options) -> None:
        wire = analyzer_pb2.AnalyzerResourceOptions(**options)
        request = analyzer_pb2.AnalyzeRequest(urn=urn, properties=encode(properties), options=wire)
        assert not self.analyzer.Analyze(request, self.context).diagnostics

    def end(self, *resources: dict[str, Any]) -> list[analyzer_pb2.AnalyzeDiagnostic]:
        known = [analyzer_pb2.AnalyzerResource(type="kubernetes:core/v1:ConfigMap", **each) for each in resources]
        request = analyzer_pb2.AnalyzeStackRequest(resources=known)
        return list(self.analyzer.AnalyzeStack(request, self.context).diagnostics)

    def configure(self, **levels: int) -> None:
        config = {name: analyzer_pb2.PolicyConfig(enforcementLevel=level) for name, level in levels.items()}
        self.analyzer.Configure(analyzer_pb2.ConfigureAnalyzerRequest(policyConfig=config), self.context)


def test_what_was_validated_is_judged_and_not_the_outputs() -> None:
    run = Run()
    run.validate("u", CONFIG_MAP | {"data": {"a": UNKNOWN, "b": SecretValue("hush")}}, ignoreChanges=["data"])
    provider = analyzer_pb2.AnalyzerProviderResource(urn="prov")
    on = {"metadata": analyzer_pb2.AnalyzerPropertyDependencies(urns=["other"])}
    run.end({"urn": "u", "provider": provider, "parent": "up", "dependencies": ["other"], "propertyDependencies": on})
    [resource] = run.evaluation.resources
    assert resource.inputs["data"] == {"a": UNKNOWN, "b": SecretValue("hush")}
    assert (resource.custom, resource.provider, resource.parent) == (True, "prov", "up")
    assert (resource.dependencies, resource.property_dependencies) == (("other",), {"metadata": ("other",)})
    assert resource.options.ignore_changes == ("data",)


def test_resources_stand_in_the_order_in_which_they_were_validated_last() -> None:
    run = Run()
    for urn in ("z", "a", "z"):
        run.validate(urn, CONFIG_MAP)
    run.end({"urn": "z"}, {"urn": "only-known"}, {"urn": "a"})
    assert [each.urn for each in run.evaluation.resources] == ["only-known", "a", "z"]


def test_of_a_resource_that_was_not_validated_the_state_tells() -> None:
    run = Run()
    run.end({"urn": "u", "properties": encode(CONFIG_MAP)})
    assert run.evaluation.resources[0].inputs == CONFIG_MAP


def test_what_one_operation_validated_is_forgotten_in_the_next() -> None:
    run = Run()
    run.validate("u", CONFIG_MAP)
    run.end({"urn": "u"})
    run.end({"urn": "u"})
    assert run.evaluation.resources[0].inputs == {}


def test_violations_carry_the_level_of_their_policy() -> None:
    run = Run(Violation(policy="a", message="one\ntwo", urn="u"), Violation(policy="b", message="three"), told="both")
    first, second = run.end()
    assert (first.policyName, first.message, first.urn, first.enforcementLevel) == ("a", "one\ntwo", "u", MANDATORY)
    assert (second.description, second.urn, second.enforcementLevel) == ("B holds.", "", ADVISORY)
    assert run.told == ["both"]
    run.configure(a=ADVISORY, b=analyzer_pb2.DISABLED)
    [only] = run.end()
    assert (only.policyName, only.enforcementLevel) == ("a", ADVISORY)
    run.configure(a=analyzer_pb2.REMEDIATE)
    assert run.end()[0].enforcementLevel == MANDATORY


def test_a_misspelt_policy_in_the_config_is_refused() -> None:
    run = Run()
    with pytest.raises(RuntimeError):
        run.configure(a=ADVISORY, bb=ADVISORY, x=ADVISORY, aa=ADVISORY)
    told = (
        "aa: no such policy in p; did you mean a?",
        "bb: no such policy in p; did you mean b?",
        "x: no such policy in p",
    )
    run.context.abort.assert_called_once_with(grpc.StatusCode.INVALID_ARGUMENT, "\n".join(told))


def test_the_engine_learns_of_every_policy_and_its_level() -> None:
    info = Run().analyzer.GetAnalyzerInfo(Mock(), Mock())
    assert (info.name, info.version, info.supportsConfig) == ("p", "1.2.3", True)
    assert [(each.name, each.enforcementLevel) for each in info.policies] == [("a", MANDATORY), ("b", ADVISORY)]
