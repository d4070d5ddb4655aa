"""How a component takes its inputs: as a mapping, or as keywords; and its name."""

import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import pulumi

from gke_nodrop.inputs.check import check_inputs
from gke_nodrop.inputs.faults import Fault, InputError, fault, is_plain, of_wrong_type, shown
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
    late: bool = True,
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
        late: Whether Outputs are checked as well, as soon as their values are known.

    Raises:
        InputError: the name, the options or an input is not right.
    """
    is_named = isinstance(name, str) and RESOURCE_NAME.holds(name)
    subject = f"{component.__name__} {shown(name if is_plain(name) else '…')}"
    wrong: list[Fault] = []
    if not is_named:
        said = shown(name) if isinstance(name, str) else "absent" if name is None else of_wrong_type(name)
        rule = f"must be {RESOURCE_NAME.rule}"
        wrong.append(Fault(input="name", value=said, rule=rule, source=RESOURCE_NAME.source, would_pass=shown("web")))
    if opts is not None and not isinstance(opts, pulumi.ResourceOptions):
        rule = "must be pulumi.ResourceOptions"
        wrong.append(fault("opts", type(opts).__name__, rule, "Pulumi, resource options", "pulumi.ResourceOptions(…)"))
    if keywords and isinstance(args, Mapping):
        raise InputError(subject, [*wrong, _in_two_ways(component, args, keywords, shape)])
    return check_inputs(
        subject,
        known(_together(args, keywords)),
        shape,
        name=name if isinstance(name, str) and is_named else None,
        more=wrong,
        notes=notes,
        late=late,
    )


def faults_of(component: type, name: str, args: object) -> tuple[Fault, ...]:
    """What a component of this name would refuse of the inputs, without making anything."""
    try:
        checked_inputs(component, name, shape_of(component), args, {}, None, late=False)
    except InputError as error:
        return error.faults
    return ()


def _in_two_ways(component: type, args: Mapping[Any, Any], keywords: Mapping[str, Any], shape: type) -> Fault:
    first = next(iter(keywords))
    return Fault(
        input="args",
        value=f"{of_wrong_type(args)} beside the keywords {', '.join(keywords)}",
        rule="must be all inputs, or none: they come as one mapping, or as keywords",
        source=shape.__name__,
        would_pass=f'{component.__name__}(name, {{…, "{first}": …}}), or {component.__name__}(name, …, {first}=…)',
    )


def _together(args: object, keywords: Mapping[str, Any]) -> object:
    """All inputs. A list of plain values is the container's args, and so is whatever stands beside other keywords."""
    if args is None:
        return keywords
    is_list = isinstance(args, list) and all(map(is_plain, args))
    if not (keywords or is_list) or isinstance(args, pulumi.ResourceOptions):
        return args
    return {**keywords, "args": args}
