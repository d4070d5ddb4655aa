"""The components in a program of a user's own, evaluated by the recording preview."""

import textwrap

import pytest

from nodrop.preview import ProgramError, evaluate

PROJECT = "name: shop\nruntime: python\n"


def write(folder, program):
    (folder / "Pulumi.yaml").write_text(PROJECT)
    (folder / "__main__.py").write_text(textwrap.dedent(program))
    return folder


def test_wrong_inputs_end_a_program_with_their_faults_and_no_traceback(tmp_path):
    program = """
        from gke_nodrop import WebService
        WebService("web", {"image": "x", "replicas": 0, "rollout": {"pre_stop_seconds": 10}})
    """
    with pytest.raises(ProgramError) as caught:
        evaluate(write(tmp_path, program), "dev")
    lines = str(caught.value).splitlines()
    assert lines[0] == 'WebService "web": 2 inputs are not right'
    assert [line.split(" = ")[0].strip() for line in lines[1:]] == ["replicas", "rollout.pre_stop_seconds"]


def test_a_transform_reaches_every_resource_of_a_component(tmp_path):
    program = """
        import pulumi
        from gke_nodrop import WebService

        def label(args):
            if args.type_ == "kubernetes:apps/v1:Deployment":
                args.props["metadata"]["labels"] = {"team": "shop"}
            return pulumi.ResourceTransformResult(args.props, args.opts)

        WebService("web", {"image": "x"}, pulumi.ResourceOptions(transforms=[label]))
    """
    evaluation = evaluate(write(tmp_path, program), "dev")
    (deployment,) = [each for each in evaluation.resources if each.type.endswith(":Deployment")]
    metadata = deployment.inputs["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["labels"] == {"team": "shop"}


def test_a_service_waits_for_whatever_its_options_name(tmp_path):
    program = """
        import pulumi, pulumi_kubernetes as k8s
        from gke_nodrop import WebService, LegacyNodePortService

        gate = k8s.core.v1.ConfigMap("gate")
        WebService("web", {"image": "x"}, pulumi.ResourceOptions(depends_on=[gate]))
        LegacyNodePortService("old", {"image": "x"}, pulumi.ResourceOptions(depends_on=gate))
    """
    evaluation = evaluate(write(tmp_path, program), "dev")
    (gate,) = [each for each in evaluation.resources if each.name == "gate"]
    namespaces = [each for each in evaluation.resources if each.type.endswith(":Namespace")]
    assert [each.dependencies for each in namespaces] == [(gate.urn,), (gate.urn,)]


def test_a_secret_variable_is_secret_however_it_was_given(tmp_path):
    program = """
        from gke_nodrop import WebService
        WebService("web", {"image": "x", "secret_env": {"TOKEN": "hunter2"}})
    """
    evaluation = evaluate(write(tmp_path, program), "dev")
    assert "hunter2" not in repr(evaluation)


def test_a_secret_file_is_never_shown(tmp_path):
    program = """
        import pulumi
        from gke_nodrop import WebService
        WebService("web", {"image": "x", "files": {"/etc/key": pulumi.Output.secret("hunter2")}})
    """
    evaluation = evaluate(write(tmp_path, program), "dev")
    assert "hunter2" not in repr(evaluation)
