"""What a component has against inputs. Outputs among them need the event loop of the fixture `deploy`."""

from typing import Any
from unittest.mock import patch

import pulumi
import pytest

from gke_nodrop import Fault, InputError
from gke_nodrop.inputs.component import checked_inputs, shape_of


class Passed(Exception):  # noqa: N818 - it is none
    """Inputs that are taken."""


def faults_of(component: Any, args: Any, name: Any = "web") -> dict[str, Fault]:
    """The faults by input, found before anything is registered; none where the args are taken."""
    with (
        patch.object(pulumi.ComponentResource, "__init__", side_effect=Passed),
        pytest.raises((InputError, Passed)) as raised,
    ):
        component(name, args)
    error = raised.value
    if not isinstance(error, InputError):
        return {}
    for fault in error.faults:
        assert str(fault) in str(error)
        assert fault.rule
        assert fault.source
        assert fault.would_pass not in ("", "null")
    return {fault.input: fault for fault in error.faults}


def accepts(component: Any, args: Any, name: str = "web") -> bool:
    """Whether the component has nothing against the args."""
    return faults_of(component, args, name) == {}


def outcome(component: type, args: Any, name: str = "web") -> Any:
    """The args as the component uses them, or its error."""
    try:
        return checked_inputs(component, name, shape_of(component), args, {}, None)
    except InputError as error:
        return error
