"""How a component takes its inputs: as a mapping, or as keywords; and its name."""

import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import pulumi

from gke_nodrop.inputs.check import check_inputs
from gke_nodrop.inputs.faults import Fault, InputError, fault, shown
from gke_nodrop.inputs.types import RESOURCE_NAME

T = TypeVar("T")


def shape_of(component: type) -> type:
    """The TypedDict of a component's inputs: that of the overload that takes a mapping, its own or inherited."""
    constructors = (each.__init__ for each in component.__mro__ if "__init__" in vars(each) and each is not object)
    as_mapping = next(found[0] for each in constructors if (found := typing.get_overloads(each)))
    return typing.get_type_hints(as_mapping)["args"]


def checked_inputs(
    component: type,
    name: object,
    shape: type[T],
    args: object,
    keywords: Mapping[str, Any],
    opts: object,
    *,
    known: Callable[[object], object] = lambda given: given,
    notes: Callable[[T], Iterable[str]] = lambda _: (),
) -> T:
    """The inputs with every value of its declared type.

    Args:
        component: Whose inputs they are.
        name: The component's own, from which its objects take theirs.
        shape: The TypedDict of the inputs.
        args: The second argument: all inputs; beside other keywords, the input called args.
        keywords: Inputs that were given as keywords.
        opts: The resource options.
        known: Adds to the inputs as they are given what need not be stated.
        notes: What an error should say besides the faults.

    Raises:
        InputError: the name, the options or an input is not right.
    """
    is_named = isinstance(name, str) and RESOURCE_NAME.holds(name)
    wrong: list[Fault] = []
    if not is_named:
        wrong.append(fault("name", name, f"must be {RESOURCE_NAME.rule}", RESOURCE_NAME.source, shown("web")))
    if opts is not None and not isinstance(opts, pulumi.ResourceOptions):
        rule = "must be pulumi.ResourceOptions"
        wrong.append(fault("opts", type(opts).__name__, rule, "Pulumi, resource options", "pulumi.ResourceOptions(…)"))
    return check_inputs(
        f"{component.__name__} {shown(name)}",
        known(_together(args, keywords)),
        shape,
        name=name if isinstance(name, str) and is_named else None,
        more=wrong,
        notes=notes,
    )


def faults_of(component: type, name: str, args: object) -> tuple[Fault, ...]:
    """What a component of this name would refuse of the inputs, without making anything."""
    try:
        checked_inputs(component, name, shape_of(component), args, {}, None)
    except InputError as error:
        return error.faults
    return ()


def _together(args: object, keywords: Mapping[str, Any]) -> object:
    """All inputs. A list is the container's args, and so is whatever stands beside other keywords."""
    if args is None:
        return keywords
    if isinstance(args, pulumi.ResourceOptions) or (not keywords and not isinstance(args, list)):
        return args
    return {**keywords, "args": args}
