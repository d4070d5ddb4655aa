"""Level-triggered controllers on the lab's object store, with the names and the arithmetic of the originals.

Each reads the whole desired and observed state, takes one step towards it, and says when it wants to be asked again at
the latest. None depends on having seen an event, and none calls another: what is real (processes, packets, proxies) is
handed to a controller as a plain callable.
"""

from typing import Protocol


class Controller(Protocol):
    """One control loop."""

    def sync(self) -> float | None:
        """Takes one step; returns the time (seconds of the rehearsed system) of the next one at the latest, or None."""
        ...
