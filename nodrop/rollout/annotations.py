"""What a Deployment's manifest cannot say about its application, as annotations on the Deployment.

The components write them, every later room reads them from the object itself. They sit on the Deployment and not on its
pod template, so that stating a fact never starts a rollout.
"""

LONGEST_REQUEST_SECONDS = "gke-nodrop/longest-request-seconds"
"""Longest request the application serves, in seconds (R of the rules)."""

STARTUP_SECONDS = "gke-nodrop/startup-seconds"
"""Seconds from the container's start until its readiness endpoint answers 200."""

KEEP_ALIVE_TIMEOUT_SECONDS = "gke-nodrop/keep-alive-timeout-seconds"
"""Idle seconds after which the application closes a kept-alive connection; 0: it closes after every response."""

ON_TERM = "gke-nodrop/on-term"
"""What the application does on SIGTERM, one of `OnTerm`'s values."""
