"""Which programs of the engine suite are found, and what is said of those that are missing."""

import pytest

from harness import tools

KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubectl")
(BUILT,) = [one for one in tools.ALL if one.name == "kubernetes"]


def test_a_program_on_path_is_used(machine):
    machine.has(machine.on_path, "etcd")
    assert tools.find("etcd") == machine.on_path / "etcd"


def test_a_program_in_kubebuilder_assets_is_used(machine, monkeypatch):
    machine.has(machine.assets, "etcd")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(machine.assets))
    assert tools.find("etcd") == machine.assets / "etcd"


def test_path_comes_before_kubebuilder_assets(machine, monkeypatch):
    machine.has(machine.assets, "etcd")
    machine.has(machine.on_path, "etcd")
    monkeypatch.setenv("KUBEBUILDER_ASSETS", str(machine.assets))
    assert tools.find("etcd") == machine.on_path / "etcd"


def test_a_built_program_is_used(machine):
    (etcd,) = [one for one in tools.ALL if one.name == "etcd"]
    folder = machine.cache / etcd.key
    machine.has(folder, "etcd")
    assert tools.path("etcd") == folder / "etcd"


def test_all_of_kubernetes_on_path_is_used(machine):
    machine.has(machine.on_path, *KUBERNETES)
    assert tools.find("kubectl") == machine.on_path / "kubectl"


def test_a_lone_kubectl_on_path_is_not_mixed_with_a_kubernetes_of_another_version(machine):
    machine.has(machine.on_path, "kubectl")
    folder = machine.cache / BUILT.key
    machine.has(folder, *KUBERNETES)
    assert tools.find("kubectl") == folder / "kubectl"


def test_what_is_missing_is_said_in_one_line_with_the_way_to_get_it(machine):
    machine.has(machine.on_path, "pulumi", "pulumi-generate-sdk", *KUBERNETES)
    assert tools.missing() == (
        "etcd, pulumi-resource-kubernetes, kube-score not found: "
        "`make engine` builds what is missing (needs Go or PyPI)"
    )


def test_nothing_is_said_where_nothing_is_missing(machine):
    machine.has(machine.on_path, *tools.NEEDED)
    assert tools.missing() == ""


def test_the_path_of_a_missing_program_is_an_error_that_says_how_to_get_it(machine):
    with pytest.raises(AssertionError, match="`make engine` builds what is missing"):
        tools.path("etcd")
