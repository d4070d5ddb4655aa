"""Figures of GKE and Kubernetes that the timing model and the lab build on, each with its unit and source.

Only what was measured, documented or read in a controller's source is here. What is derived from it (sums, rules,
chosen timings) is in `timing`, `rules` and `solver`; what objects default to is in `nodrop.gke`.

"Measured on GKE" is one published series of rollouts of two replicas behind a container-native load balancer.
"""

# --- An endpoint's way out of the load balancer ---

DETACH_SECONDS = (11.6, 12.3)
"""Least and most seconds that detaching an endpoint from its NEG usually took. Source: measured on GKE."""

PROXY_LAST_REQUEST_SECONDS = 28.6
"""Seconds after its deletion at which a pod still got a new request from a proxy. Source: measured on GKE."""

PRE_STOP_FLOOR_SECONDS = 35
"""The shortest preStop, in seconds, under which no connection failed; 20 s still failed. Source: measured on GKE."""

PRE_STOP_RECOMMENDED_SECONDS = 60
"""The preStop of Google's troubleshooting advice, in seconds.
Source: Google, Container-native load balancing through Ingress."""

MAX_DRAINING_TIMEOUT_SECONDS = 3600
"""Most seconds of connection draining that a backend service takes. Source: Google, Enabling connection draining."""

# --- An endpoint's way in ---

ATTACH_SECONDS = (7.0, 17.0)
"""Least and most seconds from a pod's readiness to healthy at the load balancer. Source: measured on GKE."""

NEG_HEALTH_POLL_SECONDS = 1.0
"""Seconds between two looks of the NEG controller at its endpoints' health.
Source: kubernetes/ingress-gce pkg/neg/readiness/poller.go."""

GATE_FORCE_OPEN_SECONDS = 600
"""Least seconds from a pod's creation until its readiness gate becomes True whatever its health (`unreadyTimeout`).
Then the pod's next event opens it, or the controller's next resync, up to ten minutes later.
Source: kubernetes/ingress-gce pkg/neg/readiness/reflector.go."""

MIN_READY_HARD_CODED_SECONDS = 60
"""minReadySeconds of the mode hard-coded-delay. Source: Google, Container-native load balancing through Ingress."""

GRACE_HARD_CODED_SECONDS = 60
"""terminationGracePeriodSeconds of that mode. Source: Google, Container-native load balancing through Ingress."""

LOAD_BALANCER_RANGES = ("130.211.0.0/22", "35.191.0.0/16")
"""Source ranges of health checks and of proxied requests. Source: Google, Health checks overview, firewall rules."""

MOST_ENDPOINTS_PER_NEG = 10_000
"""Endpoints that a zonal NEG holds at most. Source: Google, Network endpoint groups, quotas and limits."""

# --- Connections and requests ---

BACKEND_KEEP_ALIVE_SECONDS = 600
"""Idle seconds after which the load balancer closes its connection to a backend; fixed.
Source: Google, External Application Load Balancer overview, timeouts and retries."""

KEEP_ALIVE_RECOMMENDED_SECONDS = 620
"""Keep-alive timeout, in seconds, for servers behind the load balancer.
Source: Google, External Application Load Balancer overview, timeouts and retries."""

KEEP_ALIVE_RACE_SHARE = 6 / 10_331
"""Share of requests that met a connection which the application had just closed, with a keep-alive timeout below the
load balancer's. Source: measured on GKE."""

# --- Kubernetes ---

KUBE_PROXY_SYNC_SECONDS = (5.0, 10.0)
"""Least and most seconds from a pod turning unready to every node's NAT rules without it.
Source: a field report of unready pods that still got traffic (GKE, 2019)."""

PRE_STOP_EXTENSION_SECONDS = 2
"""Seconds that the kubelet adds once to a grace period which preStop has used up.
Source: kubernetes.io, Pod Lifecycle."""

SLEEP_ACTION_VERSION = (1, 30)
"""First Kubernetes version whose preStop takes `sleep` by default. Source: kubernetes.io, Container Lifecycle Hooks."""

NATIVE_SIDECARS_VERSION = (1, 29)
"""First Kubernetes version that runs native sidecars by default. Source: kubernetes.io, Sidecar Containers."""

MAX_INT32 = 2**31 - 1
"""The greatest number of seconds or pods that a manifest can hold. Source: Kubernetes API, int32."""

# --- Nodes ---

AUTOSCALER_GRACE_SECONDS = 600
"""Most seconds of grace that the cluster autoscaler leaves a pod. Source: Google, About GKE cluster autoscaling."""

UPGRADE_GRACE_SECONDS = 3600
"""Most seconds that a node upgrade waits for grace periods and disruption budgets.
Source: Google, Standard cluster upgrades."""

SPOT_WINDOW_SECONDS = 15
"""Seconds that an ordinary pod gets when a Spot node is taken away. Source: Google, Spot VMs on GKE."""

MAX_SPOT_WINDOW_SECONDS = 120
"""The most to which node configuration extends the whole shutdown, critical pods' part included, which by default is
30 s, 15 of them for critical pods; on Standard node pools from 1.35.0-gke.1171000. Source: Google, Spot VMs on GKE."""

# --- Chosen by this project ---

GRACE_MARGIN_SECONDS = 5
"""Seconds left after the last request, for the application's own exit and a late answer's way back. Source: chosen."""
