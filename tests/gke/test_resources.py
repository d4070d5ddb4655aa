import pytest

from nodrop.gke.resources import is_native


@pytest.mark.parametrize("resource", ["cpu", "memory", "ephemeral-storage", "hugepages-2Mi"])
def test_what_kubernetes_itself_gives_containers_is_native(resource):
    assert is_native(resource)


@pytest.mark.parametrize("resource", ["pods", "storage", "hugepages", "nvidia.com/gpu", "hugepages-2Mi/gpu"])
def test_what_quotas_count_besides_or_a_device_plugin_brings_is_not(resource):
    assert not is_native(resource)
