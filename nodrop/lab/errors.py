"""Why the lab gives no result."""


class LabUnavailableError(RuntimeError):
    """This machine cannot run the lab: the message says what is missing and what to do about it."""


class LabStalledError(RuntimeError):
    """The machine was too busy to keep the compressed time: the run is void, another may succeed."""


class LabFailedError(RuntimeError):
    """The lab ran, but could not measure: the message says why."""


class BehindError(RuntimeError):
    """The load was less than asked for, by no doing of the rollout: one line says how."""


class BrokenError(RuntimeError):
    """The program that sends the load is broken: one line says which, and how."""
