"""What holds for every load balancer, whether an Ingress or a Gateway makes it."""

import pulumi

TIMEOUTS = pulumi.CustomTimeouts(create="20m", update="20m", delete="30m")
"""How long Pulumi waits for one. Ten minutes and more were seen for a deletion (ingress-gce issue 1720)."""

MAX_CERTIFICATES = 15
"""Certificates of one target proxy of all kinds together.

Source: Google, Load balancing quotas and limits; Using multiple SSL certificates in HTTPS load balancing with Ingress.
"""
