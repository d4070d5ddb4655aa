"""The options of a component's children: what the component comes after, and what comes before each of them."""

import pulumi
import pulumi_kubernetes as k8s
import pytest

from gke_nodrop.shared.options import child_after, first_child

TIMEOUTS = pulumi.CustomTimeouts(create="20m")
FORMS = {
    "nothing": lambda _: None,
    "one": lambda pool: pool,
    "an Output": pulumi.Output.from_input,
    "a list": lambda pool: [pool],
    "a tuple": lambda pool: (pool,),
    "a list of Outputs": lambda pool: [pulumi.Output.from_input(pool)],
    "an Output of a list": lambda pool: pulumi.Output.from_input(pool).apply(lambda it: [it]),
}


def config_map(name, opts=None):
    return k8s.core.v1.ConfigMap(name, opts=opts)


@pytest.mark.parametrize("form", FORMS)
def test_a_child_comes_after_what_is_named_and_after_what_its_component_depends_on(evaluated, form):
    def main():
        pool, before = config_map("pool"), config_map("before")
        component = pulumi.ComponentResource("a:b:C", "c")
        first = first_child(component, pulumi.ResourceOptions(depends_on=FORMS[form](pool)))
        opts = child_after(first, before, None, custom_timeouts=TIMEOUTS, ignore_changes=["data"])
        config_map("child", opts)
        config_map("grandchild", child_after(child_after(first, before)))

    found = {each.name: each for each in evaluated(main).evaluation.resources}
    for name in ("child", "grandchild"):
        after = {urn.rpartition("::")[2] for urn in found[name].dependencies}
        assert after == ({"before"} if form == "nothing" else {"before", "pool"})
        assert found[name].parent == found["c"].urn
    assert found["child"].options.custom_timeouts == {"create": "20m"}
    assert found["child"].options.ignore_changes == ("data",)
    assert not found["grandchild"].options.custom_timeouts


def test_a_users_own_options_reach_the_child_too(evaluated):
    def main():
        own = pulumi.ResourceOptions(provider=k8s.Provider("cluster"), protect=True)
        config_map("child", child_after(own, config_map("before"), custom_timeouts=TIMEOUTS))

    found = {each.name: each for each in evaluated(main).evaluation.resources}
    assert found["child"].provider == found["cluster"].urn
    assert found["child"].options.protect
    assert {urn.rpartition("::")[2] for urn in found["child"].dependencies} == {"before"}
