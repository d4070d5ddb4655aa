"""Annotation of a ServiceAccount."""

GOOGLE_ACCOUNT = "iam.gke.io/gcp-service-account"
"""Email address of the Google service account that its pods act as.
Source: Google, Authenticate to Google Cloud APIs from GKE workloads."""
