"""What pods speak with the load balancer."""

from enum import StrEnum
from typing import Literal


class Protocol(StrEnum):
    """Between the load balancer and the pods."""

    HTTP = "HTTP"
    """HTTP/1.1 in clear."""
    HTTPS = "HTTPS"
    """HTTP/1.1 over TLS; any certificate will do."""
    HTTP2 = "HTTP2"
    """HTTP/2 over TLS; any certificate will do."""
    GRPC = "GRPC"
    """gRPC, which is HTTP/2 over TLS with a health check of its own."""


ProtocolText = Literal["HTTP", "HTTPS", "HTTP2", "GRPC"]
"""The members of `Protocol` as plain text."""
