"""Annotations and TLS options of a Gateway. Source: Google, Secure a Gateway."""

CERTIFICATE_MAP = "networking.gke.io/certmap"
"""Name of a map of Certificate Manager."""


def takes_certificate_maps(gateway_class: str) -> bool:
    """Whether the class's proxies are external and global, which alone take maps.

    Source: GoogleCloudPlatform/magic-modules mmv1/products/compute, TargetHttpsProxy and RegionTargetHttpsProxy.
    """
    return gateway_class.removesuffix("-mc") in ("gke-l7-global-external-managed", "gke-l7-gxlb")


TLS_PRE_SHARED_CERTIFICATES = "networking.gke.io/pre-shared-certs"
TLS_MANAGER_CERTIFICATES = "networking.gke.io/cert-manager-certs"
"""Options of a listener's `tls`: names, separated by commas."""

CLEAR_HTTP2 = "kubernetes.io/h2c"
"""`appProtocol` of a Service port that speaks HTTP/2 without TLS."""
PROTOCOLS = {"HTTP": "HTTP", "HTTPS": "HTTPS", "HTTP2": "HTTP2", CLEAR_HTTP2: "HTTP2 in clear"}
"""What a Gateway speaks to the pods, by the Service port's appProtocol. Source: Google, Secure a Gateway."""
