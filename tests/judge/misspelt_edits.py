"""Single edits of the clean objects that set a field by a wrong name; what is meant is the right one."""

from tests.judge.edits import POD, WEB, Edit

MISSPELT = [
    Edit(f"{WEB}.livenessprobe", {"httpGet": {"path": "/", "port": 80}}, "livenessProbe"),
    Edit(f"{WEB}.readinessProbe.periodSecond", 5, "periodSeconds"),
    Edit(f"{WEB}.lifecycle.prestop", {"sleep": {"seconds": 60}}, "preStop"),
    Edit(f"{WEB}.readinessProbe.httpGet.httpHeader", [], "httpHeaders"),
    Edit(f"{WEB}.ports.0.containerport", 80, "containerPort"),
    Edit(f"{POD}.initContainers.0.restartpolicy", "Always", "restartPolicy"),
    Edit(f"{POD}.terminationGracePeriodSecond", 60, "terminationGracePeriodSeconds"),
    Edit("Deployment:spec.minReadySecond", 60, "minReadySeconds"),
    Edit("Deployment:spec.strategy.rollingUpdate.maxUnavailble", 0, "maxUnavailable"),
    Edit("Service:spec.publishNotReadyAdresses", True, "publishNotReadyAddresses"),
    Edit("Service:spec.ports.0.targetport", 8080, "targetPort"),
    Edit("PodDisruptionBudget:spec.maxUnavailble", 1, "maxUnavailable"),
    Edit("HorizontalPodAutoscaler:spec.minReplica", 3, "minReplicas"),
    Edit("Ingress:spec.defaultbackend", {}, "defaultBackend"),
]
