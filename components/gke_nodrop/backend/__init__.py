"""The Service with its NEG, and how the load balancer treats it."""
