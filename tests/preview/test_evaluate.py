import pytest

from nodrop.preview import UNKNOWN, Evaluation, ProgramError, Resource, SecretValue, evaluate

STACK = "urn:pulumi:dev::demo::pulumi:pulumi:Stack::demo-dev"


def by_name(evaluation: Evaluation) -> dict[str, Resource]:
    return {resource.name: resource for resource in evaluation.resources}


COMPONENT = """
    class Web(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("demo:index:Web", name, None, opts)
            self.namespace = k8s.core.v1.Namespace("space", opts=pulumi.ResourceOptions(parent=self))
            self.register_outputs({"namespace": self.namespace.metadata.name})
"""


def test_a_urn_carries_the_types_of_the_parents_but_not_the_stack(program):
    resources = by_name(evaluate(program(COMPONENT + '    web = Web("web")\n'), "dev"))
    assert resources["demo-dev"].urn == STACK
    assert resources["web"].urn == "urn:pulumi:dev::demo::demo:index:Web::web"
    assert resources["space"].urn == "urn:pulumi:dev::demo::demo:index:Web$kubernetes:core/v1:Namespace::space"
    assert resources["space"].parent == resources["web"].urn
    assert resources["web"].parent == STACK
    assert resources["demo-dev"].parent is None


def test_a_component_is_no_custom_resource_and_keeps_its_outputs(program):
    web = by_name(evaluate(program(COMPONENT + '    web = Web("web")\n'), "dev"))["web"]
    assert not web.custom
    assert str(web.outputs["namespace"]).startswith("space-")


def test_resources_stand_in_the_order_of_the_program(program):
    project = program("""
        late = k8s.core.v1.ConfigMap("late", data={"name": k8s.core.v1.ConfigMap("z").metadata.name})
        for name in "ytrewqasdfgh":
            k8s.core.v1.ConfigMap(name)
    """)
    for _ in range(5):
        names = [resource.name for resource in evaluate(project, "dev").resources]
        assert names == ["demo-dev", "z", "late", *"ytrewqasdfgh"]


def test_inputs_keep_unknowns_and_secrets_at_their_leaves(program):
    project = program("""
        first = k8s.core.v1.ConfigMap("first")
        k8s.core.v1.ConfigMap("second", data={
            "known": "a",
            "unknown": first.id,
            "secret": pulumi.Output.secret("hush"),
            "both": pulumi.Output.secret(first.id),
        })
    """)
    assert by_name(evaluate(project, "dev"))["second"].inputs["data"] == {
        "known": "a",
        "unknown": UNKNOWN,
        "secret": SecretValue("hush"),
        "both": SecretValue(UNKNOWN),
    }


def test_the_repr_of_a_resource_does_not_show_a_secret(program):
    project = program('k8s.core.v1.ConfigMap("a", data={"key": pulumi.Output.secret("hush")})')
    assert "hush" not in repr(evaluate(project, "dev"))


def test_whole_numbers_are_integers(program):
    project = program('k8s.apps.v1.Deployment("a", spec={"replicas": 3, "selector": {}, "template": {}})')
    replicas = by_name(evaluate(project, "dev"))["a"].inputs["spec"]["replicas"]
    assert replicas == 3
    assert isinstance(replicas, int)


def test_inputs_come_back_as_outputs_and_everything_else_is_unknown(program):
    project = program("""
        import pulumi_gcp as gcp

        network = gcp.compute.Network("network", auto_create_subnetworks=False, name="fixed")
        pulumi.export("name", network.name)
        pulumi.export("self_link", network.self_link)
        pulumi.export("id", network.id)
        pulumi.export("derived", pulumi.Output.concat("x-", network.self_link))
        pulumi.export("autonamed", gcp.compute.Network("other").name)
    """)
    assert evaluate(project, "dev").outputs == {
        "name": "fixed",
        "self_link": UNKNOWN,
        "id": UNKNOWN,
        "derived": UNKNOWN,
        "autonamed": UNKNOWN,
    }


def test_a_secret_export_stays_secret(program):
    project = program("""
        secret = k8s.core.v1.Secret("s", string_data={"password": pulumi.Output.secret("hush")})
        pulumi.export("data", secret.string_data)
        pulumi.export("extra", k8s.core.v1.ConfigMap(
            "c", data={"a": "b"}, opts=pulumi.ResourceOptions(additional_secret_outputs=["data"])).data)
    """)
    outputs = evaluate(project, "dev").outputs
    assert outputs == {"data": SecretValue({"password": "hush"}), "extra": SecretValue({"a": "b"})}


def test_dependencies_come_from_inputs_and_from_depends_on(program):
    project = program("""
        first = k8s.core.v1.ConfigMap("first")
        second = k8s.core.v1.ConfigMap("second")
        k8s.core.v1.ConfigMap(
            "third", data={"name": first.metadata.name}, opts=pulumi.ResourceOptions(depends_on=[second])
        )
    """)
    resources = by_name(evaluate(project, "dev"))
    first, second, third = resources["first"], resources["second"], resources["third"]
    assert third.dependencies == (first.urn, second.urn)
    assert third.property_dependencies == {"data": (first.urn,)}
    assert first.dependencies == ()


def test_an_explicit_provider_is_named_by_its_urn_and_a_default_provider_by_nothing(program):
    project = program(
        COMPONENT
        + """
    provider = k8s.Provider("cluster", kubeconfig=pulumi.Output.secret("kubeconfig"))
    Web("web", pulumi.ResourceOptions(providers=[provider]))
    k8s.core.v1.ConfigMap("direct", opts=pulumi.ResourceOptions(provider=provider))
    k8s.core.v1.ConfigMap("default")
"""
    )
    resources = by_name(evaluate(project, "dev"))
    provider = resources["cluster"]
    assert provider.urn == "urn:pulumi:dev::demo::pulumi:providers:kubernetes::cluster"
    assert provider.inputs["kubeconfig"] == SecretValue("kubeconfig")
    assert resources["space"].provider == provider.urn
    assert resources["direct"].provider == provider.urn
    assert resources["default"].provider is None
    assert resources["web"].provider is None


def test_every_option_of_a_resource_is_recorded(program):
    project = program("""
        other = k8s.core.v1.ConfigMap("other")
        k8s.core.v1.ConfigMap("one", opts=pulumi.ResourceOptions(
            protect=True, retain_on_delete=True, delete_before_replace=False, deleted_with=other,
            ignore_changes=["data"], replace_on_changes=["metadata"], additional_secret_outputs=["data"],
            aliases=[pulumi.Alias(name="old"), "urn:pulumi:dev::demo::a:b:C::d"], import_="space/one",
            custom_timeouts=pulumi.CustomTimeouts(create="20m", delete="1h30m"),
        ))
        k8s.core.v1.ConfigMap("plain")
    """)
    resources = by_name(evaluate(project, "dev"))
    options = resources["one"].options
    assert options.protect
    assert options.retain_on_delete
    assert options.delete_before_replace is False
    assert options.deleted_with == resources["other"].urn
    assert options.ignore_changes == ("data",)
    assert options.replace_on_changes == ("metadata",)
    assert options.additional_secret_outputs == ("data",)
    assert options.import_id == "space/one"
    assert options.custom_timeouts == {"create": "20m", "delete": "1h30m"}
    assert "urn:pulumi:dev::demo::kubernetes:core/v1:ConfigMap::old" in options.aliases
    assert "urn:pulumi:dev::demo::a:b:C::d" in options.aliases
    assert not resources["plain"].options.protect
    assert resources["plain"].options.delete_before_replace is None


def test_a_child_inherits_protection_from_its_component(program):
    project = program(COMPONENT + '    Web("web", pulumi.ResourceOptions(protect=True))\n')
    assert by_name(evaluate(project, "dev"))["space"].options.protect


def test_an_alias_keeps_the_parent_that_it_does_not_name(program):
    project = program("""
        component = pulumi.ComponentResource("demo:index:Web", "web")
        k8s.core.v1.ConfigMap("map", opts=pulumi.ResourceOptions(parent=component, aliases=[
            pulumi.Alias(name="old"), pulumi.Alias(parent=pulumi.ROOT_STACK_RESOURCE)]))
    """)
    aliases = by_name(evaluate(project, "dev"))["map"].options.aliases
    assert "urn:pulumi:dev::demo::demo:index:Web$kubernetes:core/v1:ConfigMap::old" in aliases
    assert "urn:pulumi:dev::demo::kubernetes:core/v1:ConfigMap::map" in aliases


def test_a_resource_that_the_program_reads_says_so(program):
    project = program('k8s.core.v1.Service.get("theirs", "default/theirs")')
    resources = by_name(evaluate(project, "dev"))
    assert resources["theirs"].read_id == "default/theirs"
    assert resources["demo-dev"].read_id is None


def test_every_duplicate_urn_is_reported_in_the_engine_s_words(program):
    project = program("""
        for name in ("twice", "once", "twice", "again", "again"):
            k8s.core.v1.ConfigMap(name)
    """)
    with pytest.raises(ProgramError) as failure:
        evaluate(project, "dev")
    urn = "urn:pulumi:dev::demo::kubernetes:core/v1:ConfigMap::"
    assert sorted(str(failure.value).splitlines()) == [
        f"Duplicate resource URN '{urn}{name}'; try giving it a unique name" for name in ("again", "twice")
    ]


def test_a_custom_timeout_that_the_engine_would_refuse_is_an_error(program):
    project = program("""
        k8s.core.v1.ConfigMap("a", opts=pulumi.ResourceOptions(custom_timeouts=pulumi.CustomTimeouts(create="20 min")))
    """)
    with pytest.raises(ProgramError, match=r"create='20 min'.*'20m'"):
        evaluate(project, "dev")


def test_kubernetes_yaml_becomes_resources(program):
    project = program("""
        from pulumi_kubernetes.yaml import ConfigGroup

        ConfigGroup("group", yaml=['''
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: written, labels: {on: 2024-01-01}}
        '''])
    """)
    written = by_name(evaluate(project, "dev"))["written"]
    assert written.type == "kubernetes:core/v1:ConfigMap"
    assert written.inputs["metadata"]["labels"] == {"true": "2024-01-01"}


def test_a_resource_handed_on_as_a_value_keeps_its_urn(program):
    project = program("""
        first = k8s.core.v1.ConfigMap("first")
        pulumi.export("whole", {"resource": first})

        class Holder(pulumi.ComponentResource):
            def __init__(self):
                super().__init__("demo:index:Holder", "holder", {"held": first}, None, remote=False)

        Holder()
    """)
    evaluation = evaluate(project, "dev")
    assert by_name(evaluation)["first"].urn in str(evaluation.outputs)


def test_messages_of_the_program_are_kept_with_their_severity_and_resource(program):
    project = program("""
        first = k8s.core.v1.ConfigMap("first")
        pulumi.log.warn("careful", resource=first)
        pulumi.log.info("by the way")
        pulumi.log.debug("chatter")
    """)
    evaluation = evaluate(project, "dev")
    first = by_name(evaluation)["first"]
    kept = {(diagnostic.severity, diagnostic.message, diagnostic.urn) for diagnostic in evaluation.diagnostics}
    assert kept == {("warning", "careful", first.urn), ("info", "by the way", None)}


def test_an_asynchronous_program_exports_what_it_returns(program):
    project = program("""
        async def main():
            return {"answer": 42}

        pulumi.run(main)
    """)
    assert evaluate(project, "dev").outputs == {"answer": 42}


def test_the_program_knows_its_project_stack_and_that_this_is_a_preview(program):
    project = program("""
        pulumi.export("names", [pulumi.get_project(), pulumi.get_stack(), pulumi.runtime.is_dry_run()])
    """)
    evaluation = evaluate(project, "acme.dev-1")
    assert evaluation.outputs == {"names": ["demo", "acme.dev-1", True]}
    assert (evaluation.project, evaluation.stack) == ("demo", "acme.dev-1")


def test_a_hundred_resources_are_all_recorded(program):
    project = program('for i in range(100):\n    k8s.core.v1.ConfigMap(f"c{i}")\n')
    assert len(evaluate(project, "dev").resources) == 101
