import pytest

from nodrop.paths.images import holds_no_shell


@pytest.mark.parametrize(
    "image",
    [
        "gcr.io/distroless/static-debian12",
        "gcr.io/distroless/static",
        "gcr.io/distroless/base-debian12:nonroot@sha256:0123",
        "registry.example.com:5000/mirror/distroless/java21",
        "registry.example.com/debug/distroless-app:1.0",
        "europe-docker.pkg.dev/p/mirror/static-debian12",
        "cgr.dev/chainguard/static:latest",
        "envoyproxy/envoy:distroless-v1.30.2",
        "docker.io/istio/proxyv2:1.24.0-distroless",
        "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.14.1",
        "gcr.io/cloudsql-docker/gce-proxy:1.16",
        "gcr.io/cloudsql-docker/gce-proxy:1.33.2",
    ],
)
def test_the_name_says_that_there_is_no_shell(image):
    assert holds_no_shell(image)


@pytest.mark.parametrize(
    "image",
    [
        "",
        "nginx",
        "localhost:5000/nginx",
        "europe-docker.pkg.dev/p/shop/static:1.4",
        "europe-docker.pkg.dev/p/shop/scratch:1.4",
        "gcr.io/distroless/static:debug",
        "gcr.io/distroless/base-debian12:debug-nonroot@sha256:0123",
        "envoyproxy/envoy:v1.30.2",
        "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.14.1-alpine",
        "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.14.1-bookworm",
        "gcr.io/cloud-sql-connectors/cloud-sql-proxy",
        "gcr.io/cloudsql-docker/gce-proxy:1.15",
    ],
)
def test_the_name_does_not_say_so(image):
    assert not holds_no_shell(image)
