import json

from nodrop.preview import as_json, evaluate, tree_text

MAIN = """
    class Web(pulumi.ComponentResource):
        def __init__(self, name, opts=None):
            super().__init__("demo:index:Web", name, None, opts)
            space = k8s.core.v1.Namespace("space", opts=pulumi.ResourceOptions(parent=self))
            k8s.core.v1.ConfigMap("map", data={"id": space.id, "secret": pulumi.Output.secret("hush")},
                opts=pulumi.ResourceOptions(parent=self, depends_on=[space]))

    import pulumi_gcp as gcp
    Web("web", pulumi.ResourceOptions(providers=[k8s.Provider("cluster")]))
    gcp.compute.Network("network")
    k8s.core.v1.Service.get("theirs", "default/theirs")
    k8s.core.v1.Service("adopted", opts=pulumi.ResourceOptions(import_="default/adopted"))
    pulumi.export("secret", pulumi.Output.secret("hush"))
    pulumi.export("id", gcp.compute.Network("other").id)
"""


def tree(program, width=80):
    return tree_text(evaluate(program(MAIN), "dev"), width)


def test_the_tree_shows_types_names_and_plans_under_their_parents(program):
    rows = [line.split() for line in tree(program).splitlines()]
    for row in [
        ["+", "pulumi:pulumi:Stack", "demo-dev", "create"],
        ["+", "├─", "pulumi:providers:kubernetes", "cluster", "create"],
        ["+", "├─", "demo:index:Web", "web", "create"],
        ["+", "│", "├─", "kubernetes:core/v1:Namespace", "space", "create"],
        ["+", "│", "└─", "kubernetes:core/v1:ConfigMap", "map", "create"],
        ["+", "├─", "gcp:compute:Network", "network", "create"],
        [">", "├─", "kubernetes:core/v1:Service", "theirs", "read"],
        ["=", "├─", "kubernetes:core/v1:Service", "adopted", "import"],
        ["+", "└─", "gcp:compute:Network", "other", "create"],
        ["secret:", "[secret]"],
        ["id:", "[unknown]"],
        ["+", "7", "to", "create"],
        [">", "1", "to", "read"],
        ["=", "1", "to", "import"],
    ]:
        assert row in rows


def test_a_narrow_terminal_cuts_no_name(program):
    assert sorted(tree(program, width=20).split()) == sorted(tree(program, width=200).split())


def test_the_json_tells_provider_dependencies_unknowns_and_secrets(program):
    evaluation = evaluate(program(MAIN), "dev")
    document = json.loads(json.dumps(as_json(evaluation)))
    shown = {resource["name"]: resource for resource in document["resources"]}
    assert (document["project"], document["stack"]) == ("demo", "dev")
    assert document["outputs"] == {"secret": "[secret]", "id": "[unknown]"}
    assert shown["map"]["inputs"]["data"] == {"id": "[unknown]", "secret": "[secret]"}
    assert shown["map"]["provider"] == shown["cluster"]["urn"]
    assert shown["map"]["dependencies"] == [shown["space"]["urn"]]
    assert shown["map"]["property_dependencies"] == {"data": [shown["space"]["urn"]]}
    assert shown["map"]["parent"] == shown["web"]["urn"]
    assert shown["adopted"]["options"]["import_id"] == "default/adopted"
    assert shown["theirs"]["read_id"] == "default/theirs"
    assert "hush" not in json.dumps(document)
