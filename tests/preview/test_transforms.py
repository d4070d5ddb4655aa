import pytest

from nodrop.preview import UNKNOWN, ProgramError, SecretValue, evaluate

COMPONENT = """
    class Web(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("demo:index:Web", name, None, opts)
            first = k8s.core.v1.ConfigMap("first", opts=pulumi.ResourceOptions(parent=self))
            k8s.core.v1.ConfigMap("map", data={"from": "program", "name": first.metadata.name, "id": first.id,
                "secret": pulumi.Output.secret("hush")}, opts=pulumi.ResourceOptions(parent=self))
"""


def data_of(evaluation, name):
    return next(resource for resource in evaluation.resources if resource.name == name).inputs.get("data")


def test_a_component_s_transforms_reach_its_children(program):
    project = program(
        COMPONENT
        + """
    def rewrite(args):
        if args.name == "map":
            return pulumi.ResourceTransformResult(
                {**args.props, "data": {"from": "transform"}}, pulumi.ResourceOptions.merge(
                    args.opts, pulumi.ResourceOptions(protect=True)))

    Web("web", pulumi.ResourceOptions(transforms=[rewrite]))
    k8s.core.v1.ConfigMap("map2", data={"from": "program"})
"""
    )
    evaluation = evaluate(project, "dev")
    assert data_of(evaluation, "map") == {"from": "transform"}
    assert data_of(evaluation, "map2") == {"from": "program"}
    assert next(resource for resource in evaluation.resources if resource.name == "map").options.protect


def test_stack_transforms_reach_every_resource_made_after_them(program):
    project = program("""
        def label(args):
            if args.type_ == "kubernetes:core/v1:ConfigMap":
                return pulumi.ResourceTransformResult({**args.props, "data": {"from": "stack"}}, args.opts)

        k8s.core.v1.ConfigMap("before", data={"from": "program"})
        pulumi.runtime.register_resource_transform(label)
        k8s.core.v1.ConfigMap("after", data={"from": "program"})
    """)
    evaluation = evaluate(project, "dev")
    assert data_of(evaluation, "before") == {"from": "program"}
    assert data_of(evaluation, "after") == {"from": "stack"}


def test_transforms_run_own_first_then_parents_then_the_stack(program):
    project = program("""
        def mark(text):
            def transform(args):
                if args.type_ == "kubernetes:core/v1:ConfigMap":
                    seen = args.props["data"]["seen"] + text
                    return pulumi.ResourceTransformResult({**args.props, "data": {"seen": seen}}, args.opts)
            return transform

        class Web(pulumi.ComponentResource):
            def __init__(self):
                super().__init__("demo:index:Web", "web", None, pulumi.ResourceOptions(transforms=[mark(" parent")]))
                k8s.core.v1.ConfigMap("map", data={"seen": ""}, opts=pulumi.ResourceOptions(
                    parent=self, transforms=[mark("own")]))

        pulumi.runtime.register_resource_transform(mark(" stack"))
        Web()
    """)
    assert data_of(evaluate(project, "dev"), "map") == {"seen": "own parent stack"}


def test_a_transform_that_changes_nothing_keeps_unknowns_secrets_and_dependencies(program):
    untouched = evaluate(program(COMPONENT + '    Web("web")\n', folder="a"), "dev")
    looked_at = evaluate(
        program(
            COMPONENT
            + """
    Web("web", pulumi.ResourceOptions(transforms=[lambda args: None]))
    """,
            folder="b",
        ),
        "dev",
    )
    assert looked_at.resources == untouched.resources
    data = data_of(looked_at, "map")
    assert data["id"] is UNKNOWN
    assert data["secret"] == SecretValue("hush")


def test_a_transform_gets_the_dependencies_of_an_input(program):
    project = program("""
        first = k8s.core.v1.ConfigMap("first")

        async def look(args):
            urns = [await resource.urn.future() for resource in await args.props["data"].resources()]
            return pulumi.ResourceTransformResult({**args.props, "data": {"urns": ",".join(urns)}}, args.opts)

        k8s.core.v1.ConfigMap("map", data={"name": first.metadata.name},
                              opts=pulumi.ResourceOptions(transforms=[look]))
    """)
    evaluation = evaluate(project, "dev")
    assert data_of(evaluation, "map") == {"urns": evaluation.resources[1].urn}


def test_a_transform_may_add_a_dependency_to_its_own_resource(program):
    project = program("""
        first = k8s.core.v1.ConfigMap("first")

        def wait(args):
            args.opts.depends_on = [first]
            return pulumi.ResourceTransformResult(args.props, args.opts)

        k8s.core.v1.ConfigMap("map", opts=pulumi.ResourceOptions(transforms=[wait]))
    """)
    first, second = evaluate(project, "dev").resources[1:]
    assert second.dependencies == (first.urn,)


def test_children_inherit_what_a_transform_gave_their_component(program):
    project = program("""
        provider = k8s.Provider("cluster")

        def adjust(args):
            if args.type_ == "demo:index:Web":
                args.opts.protect = True
                args.opts.providers = [provider]
                return pulumi.ResourceTransformResult(args.props, args.opts)

        component = pulumi.ComponentResource(
            "demo:index:Web", "web", opts=pulumi.ResourceOptions(transforms=[adjust]))
        k8s.core.v1.ConfigMap("map", opts=pulumi.ResourceOptions(parent=component))
    """)
    provider, _, child = evaluate(project, "dev").resources[1:]
    assert child.options.protect
    assert child.provider == provider.urn


def test_a_child_of_the_same_package_inherits_the_provider_that_a_transform_gave_its_parent(program):
    project = program("""
        import pulumi_gcp as gcp

        provider = k8s.Provider("cluster")

        def adjust(args):
            if args.name == "parent":
                args.opts.provider = provider
                return pulumi.ResourceTransformResult(args.props, args.opts)

        parent = k8s.core.v1.ConfigMap("parent", opts=pulumi.ResourceOptions(transforms=[adjust]))
        k8s.core.v1.ConfigMap("same", opts=pulumi.ResourceOptions(parent=parent))
        gcp.compute.Network("other", opts=pulumi.ResourceOptions(parent=parent))
    """)
    provider, parent, same, other = evaluate(project, "dev").resources[1:]
    assert parent.provider == same.provider == provider.urn
    assert other.provider is None


def test_a_transform_that_raises_fails_the_program_with_its_own_frame(program):
    project = program("""
        def broken(args):
            raise KeyError("lost")

        k8s.core.v1.ConfigMap("map", opts=pulumi.ResourceOptions(transforms=[broken]))
    """)
    with pytest.raises(ProgramError) as failure:
        evaluate(project, "dev")
    message = str(failure.value)
    assert message.startswith("transform of kubernetes:core/v1:ConfigMap map: 'lost'")
    assert "in broken" in message
    assert "grpc" not in message


def test_many_transforms_may_call_functions_at_the_same_time(program):
    project = program("""
        async def ask(args):
            await pulumi.runtime.invoke_async("demo:index:ask", {})

        for i in range(100):
            k8s.core.v1.ConfigMap(f"map{i}", opts=pulumi.ResourceOptions(transforms=[ask]))
    """)
    assert len(evaluate(project, "dev").resources) == 101


def test_invoke_transforms_change_what_a_function_is_asked(program):
    project = program("""
        def rewrite(args):
            text = "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: rewritten}"
            return pulumi.InvokeTransformResult({"text": text}, args.opts)

        pulumi.runtime.register_invoke_transform(rewrite)
        from pulumi_kubernetes.yaml import ConfigGroup
        ConfigGroup("group", yaml=["apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: original}"])
    """)
    assert "rewritten" in [resource.name for resource in evaluate(project, "dev").resources]
