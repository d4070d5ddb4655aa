"""Deploys a few lines of a Pulumi program into mocks. Copy it to test a program of your own."""

import asyncio
import contextvars
from collections.abc import Callable, Iterator
from typing import Any

import pulumi
import pytest

from gke_nodrop.mocks import Mocks

OUTPUTS = {
    "gcp:compute/globalAddress:GlobalAddress": {"name": "the-address"},
    "gcp:compute/address:Address": {"name": "the-regional-address"},
    "gcp:compute/sSLPolicy:SSLPolicy": {"name": "the-policy"},
    "gcp:compute/regionSslPolicy:RegionSslPolicy": {"name": "the-policy-of-the-region"},
    "gcp:container/cluster:Cluster": {"name": "the-cluster"},
}
"""Names that no input states, by resource type."""


class Deployed(Mocks):
    """What a program registered; asks nothing of a cloud."""

    def __init__(self) -> None:
        super().__init__(OUTPUTS)
        self.exports: dict[str, Any] = {}

    def inputs(self, kind: str) -> dict[str, Any]:
        """Inputs of the one resource of a kind, such as "Deployment"; components apart."""
        (found,) = [args for args in self.registered if args.custom and args.typ.rpartition(":")[2] == kind]
        return found.inputs

    def kinds(self) -> list[str]:
        """Kinds of all resources, the component's own first."""
        return [args.typ.rpartition(":")[2] for args in self.registered]


Deploy = Callable[[Callable[[], dict[str, Any] | None]], Deployed]


@pytest.fixture
def deploy() -> Iterator[Deploy]:
    """Runs a program to its end, and leaves no setting of the SDK behind; what it returns becomes `exports`."""

    def run(program: Callable[[], dict[str, Any] | None]) -> Deployed:
        deployed = Deployed()

        @pulumi.runtime.test
        def body() -> pulumi.Output[None]:
            outputs = program() or {}
            return pulumi.Output.all(**outputs).apply(deployed.exports.update)

        def with_mocks() -> None:
            pulumi.runtime.set_mocks(deployed, project="shop", stack="test")
            body()

        contextvars.copy_context().run(with_mocks)  # the SDK keeps its settings in context variables
        return deployed

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    # What a refused program leaves unawaited is logged with its traceback whenever it is collected. Python 3.11 parses
    # the traceback's lines for that, and does not bear it while it parses: github.com/pytest-dev/pytest/issues/10763
    loop.set_exception_handler(lambda _loop, _context: None)
    yield run
    asyncio.set_event_loop(None)
    loop.close()
