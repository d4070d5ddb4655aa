"""A stand-in controller's thread: one step every 0.2 s."""

import threading
import traceback
from collections.abc import Callable
from typing import Any

from nodrop.lab.kubernetes.rest import ApiError

PERIOD_SECONDS = 0.2


class Polling:
    """Calls `step` until stopped. What goes wrong is kept in `errors`, except conflicts: the next step tries again."""

    def __init__(self, name: str) -> None:
        self.errors: list[str] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begins."""
        self._thread.start()

    def stop(self) -> None:
        """Ends after the present step."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def step(self) -> None:
        """Looks at everything and does what is due."""
        raise NotImplementedError

    def attempt(self, action: Callable[..., None], *args: Any) -> None:
        """One part of a step: what goes wrong in it keeps no other part from being done."""
        try:
            action(*args)
        except ApiError as error:
            if error.status not in (404, 409):  # gone or changed meanwhile: the next step sees it
                self.errors.append(str(error))
        except OSError as error:
            self.errors.append(str(error))
        except Exception:  # a fault of the stand-in's: tests look at `errors`
            self.errors.append(traceback.format_exc())

    def _run(self) -> None:
        while not self._stopped.wait(PERIOD_SECONDS):
            self.attempt(self.step)
