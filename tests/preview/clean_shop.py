"""A service without faults as a program writes it, under a provider, to be edited by tests."""

SHOP = '''
def shop(provider=None, but=(), grace=90, parent=None, label=""):
    """The shop's objects, but for some kinds; its pods end within `grace` seconds."""
    under = lambda *needs: pulumi.ResourceOptions(provider=provider, depends_on=list(needs), parent=parent)
    label = label or ("" if provider is None else provider._name + "-")
    meta, labels = {"name": "web", "namespace": "shop"}, {"app": "web"}
    facts = {"keep-alive-timeout-seconds": "620", "longest-request-seconds": "20", "on-term": "drain"}
    facts = {f"gke-nodrop/{key}": value for key, value in (facts | {"startup-seconds": "10"}).items()}
    probe = {"httpGet": {"path": "/healthz", "port": "http"}, "periodSeconds": 5, "timeoutSeconds": 5}
    container = {
        "name": "web", "image": "web:1", "ports": [{"name": "http", "containerPort": 8080}],
        "readinessProbe": probe | {"failureThreshold": 2}, "lifecycle": {"preStop": {"sleep": {"seconds": 60}}}}
    pod = {"terminationGracePeriodSeconds": grace, "containers": [container]}
    check = {"type": "HTTP", "requestPath": "/healthz", "checkIntervalSec": 5, "timeoutSec": 5}
    neg = {"cloud.google.com/neg": '{"ingress": true}', "cloud.google.com/backend-config": '{"default": "web"}'}
    backend = {"service": {"name": "web", "port": {"name": "http"}}}
    objects = {
        "v1:Namespace": {"metadata": {"name": "shop"}},
        "cloud.google.com/v1:BackendConfig": {"metadata": meta, "spec": {
            "timeoutSec": 25, "connectionDraining": {"drainingTimeoutSec": 20},
            "healthCheck": check | {"healthyThreshold": 2, "unhealthyThreshold": 2}}},
        "v1:Service": {"metadata": meta | {"annotations": neg}, "spec": {
            "selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]}},
        "networking.k8s.io/v1:Ingress": {"metadata": meta, "spec": {"defaultBackend": backend}},
        "policy/v1:PodDisruptionBudget": {"metadata": meta, "spec": {
            "maxUnavailable": 1, "unhealthyPodEvictionPolicy": "AlwaysAllow", "selector": {"matchLabels": labels}}},
        "apps/v1:Deployment": {"metadata": meta | {"annotations": facts}, "spec": {
            "replicas": 2, "progressDeadlineSeconds": 599, "selector": {"matchLabels": labels},
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
            "template": {"metadata": {"labels": labels}, "spec": pod}}},
    }
    made = []
    for name, fields in objects.items():
        version, _, kind = name.rpartition(":")
        if kind not in but:
            token = f"kubernetes:{'core/' if version == 'v1' else ''}{name}"
            inputs = {"apiVersion": version, "kind": kind, **fields}
            made.append(pulumi.CustomResource(token, f"{label}{kind}", inputs, under(*made)))


def cluster(name, **inputs):
    return k8s.Provider(name, kubeconfig=f"of {name}", **inputs)
'''
