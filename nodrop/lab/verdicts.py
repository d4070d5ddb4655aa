"""Why pods do not become available: whose check they fail, the kubelet's or the load balancer's, and how."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from nodrop.lab.data_plane import grpc_health, http
from nodrop.lab.data_plane.topology import LOAD_BALANCER_ADDRESS
from nodrop.lab.listening import question
from nodrop.lab.protocols import GRPC_CHECK, check_service

if TYPE_CHECKING:
    from nodrop.lab.controllers.load_balancer import NetworkEndpoint
    from nodrop.lab.lab import Lab

_PATIENCE_REAL_SECONDS = 2
"""How long an endpoint that fails its check may take to say so once more."""


async def failing(lab: Lab) -> str:
    """What each judge says of the pods that are there, or what happened to them where no judge fails any."""
    pods = lab.recorder.present()
    told = [f"kubelet: {fault}" for record in pods.values() for fault in record.failing.values()]
    told += [f"load balancer: {fault}" for fault in await _failing_checks(lab)]
    if told:
        return "; ".join(dict.fromkeys(told))
    return f"no judge fails its pods, whose events were { {name: ', '.join(pods[name].events) for name in pods} }"


async def _failing_checks(lab: Lab) -> list[str]:
    """Asks the endpoints that some proxy finds unhealthy what the load balancer asks them."""
    failed = [
        endpoint
        for endpoint in sorted(lab.balancer.known())
        if not all(lab.routing.health.get((endpoint.address, endpoint.port), [False]))
    ]
    answers = await asyncio.gather(*(_ask(lab, endpoint) for endpoint in failed))
    return [answer for answer in answers if answer is not None]


async def _ask(lab: Lab, endpoint: NetworkEndpoint) -> str | None:
    check, balancer = lab.job.path.health_check, lab.fabric.load_balancer
    port = endpoint.port if check.port is None else check.port
    if check.type == "TCP":
        answer = await http.connect(balancer, endpoint.address, port, timeout_real_seconds=_PATIENCE_REAL_SECONDS)
        return None if answer.status == 0 else f"{question(check)} {answer.said}"
    if check.type == GRPC_CHECK:
        answer = await grpc_health.check(
            balancer, endpoint.address, port, check_service(lab.job.path), timeout_real_seconds=_PATIENCE_REAL_SECONDS
        )
        return None if answer.status == 200 else f"{question(check)} {answer.said}"
    scheme = "http" if check.type == "HTTP" else "https"
    answer = await http.get(
        balancer,
        f"{scheme}://{endpoint.address}:{port}{check.path}",
        timeout_real_seconds=_PATIENCE_REAL_SECONDS,
        headers={"Host": check.host or LOAD_BALANCER_ADDRESS},
    )
    if answer.status == 200:
        return None
    return f"{question(check)} {answer.said}{'' if answer.status is None else ', 200 is wanted'}"
