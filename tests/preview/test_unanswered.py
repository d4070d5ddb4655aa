"""What only a provider or the cloud could answer: the evaluation goes on without, and says so."""

import pytest

from nodrop.preview import UNKNOWN, ProgramError, evaluate


def test_a_function_of_a_provider_is_unknown_and_warned_of(program):
    project = program("""
        import pulumi_gcp as gcp

        pulumi.export("number", gcp.organizations.get_project_output(project_id="p").number)
    """)
    evaluation = evaluate(project, "dev")
    assert evaluation.outputs == {"number": UNKNOWN}
    (warning,) = evaluation.diagnostics
    assert warning.severity == "warning"
    assert "gcp:organizations/getProject:getProject" in warning.message


def test_a_failure_after_an_unanswered_function_names_the_function(program):
    project = program("""
        import pulumi_gcp as gcp

        gcp.organizations.get_project(project_id="p").number
    """)
    with pytest.raises(ProgramError, match=r"note: gcp:organizations/getProject:getProject needs the cloud"):
        evaluate(project, "dev")


def test_a_component_that_its_provider_constructs_is_recorded_with_a_warning(program):
    project = program("""
        from pulumi_kubernetes.yaml.v2 import ConfigGroup

        pulumi.export("resources", ConfigGroup("group", yaml="{}").resources)
    """)
    evaluation = evaluate(project, "dev")
    assert evaluation.outputs == {"resources": UNKNOWN}
    assert "its provider would make its children" in evaluation.diagnostics[0].message


def test_a_helm_release_is_recorded_with_a_warning(program):
    project = program("""
        k8s.helm.v3.Release("cache", chart="cache")
    """)
    (warning,) = evaluate(project, "dev").diagnostics
    assert "its provider would make the chart's objects; they are not shown" in warning.message
