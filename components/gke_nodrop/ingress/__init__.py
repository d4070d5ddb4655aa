"""The Ingress: rules, certificates, the reserved address."""
