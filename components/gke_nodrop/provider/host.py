"""Serves the components to programs in every Pulumi language.

It renames inputs from the schema's words (camelCase) to Python's, leaves judging them to `inputs`, and reports all
faults at once in the schema's words. The SDK's own host stops at the first fault, drops keys that it does not know, and
takes an object that comes as an Output for an empty one. Not here: functions, resources that are no components.
"""

import importlib.metadata
import json
import re
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

import pulumi
from pulumi.output import Unknown
from pulumi.provider import ConstructResult, Provider
from pulumi.provider.experimental.analyzer import ComponentDefinition, PropertyDefinition, TypeDefinition
from pulumi.provider.experimental.schema import generate_schema
from pulumi.provider.experimental.util import camel_case

from gke_nodrop.backend.neg_service import NegService
from gke_nodrop.cluster.cluster import AutopilotCluster, StandardCluster
from gke_nodrop.cluster.existing_network import ExistingNetwork
from gke_nodrop.cluster.network import Network
from gke_nodrop.cluster.node_pool import NodePool
from gke_nodrop.gateway.gateway import Gateway
from gke_nodrop.ingress.ingress import Ingress
from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import secret_inputs
from gke_nodrop.inputs.faults import Fault, InputError, shown
from gke_nodrop.legacy import LegacyNodePortService
from gke_nodrop.provider.schema import Documented, Words, described, without_args
from gke_nodrop.shared.namespace import Namespace
from gke_nodrop.web_service.web_service import WebService
from gke_nodrop.workload.rolling_deployment import RollingDeployment

NAME = "gke-nodrop"
COMPONENTS: tuple[type[pulumi.ComponentResource], ...] = (
    AutopilotCluster,
    ExistingNetwork,
    Gateway,
    Ingress,
    LegacyNodePortService,
    Namespace,
    NegService,
    Network,
    NodePool,
    RollingDeployment,
    StandardCluster,
    WebService,
)
SECRETS = frozenset(camel_case(name) for component in COMPONENTS for name in secret_inputs(shape_of(component)))
"""What is in these inputs is shown nowhere."""
LONGEST_VALUE = 80
"""Characters of a value that an error shows. Source: chosen."""


class Host(Provider):
    """The provider that constructs the components."""

    def __init__(self, components: Sequence[type[pulumi.ComponentResource]] = COMPONENTS) -> None:
        about = importlib.metadata.metadata(NAME)
        found = Documented(NAME).analyze(list(components))
        self._components = {component.__name__: component for component in components}
        self._definitions: dict[str, ComponentDefinition] = found["component_definitions"]
        self._types: dict[str, TypeDefinition] = found["type_definitions"]
        self._words = Words(self._definitions.values(), self._types.values())
        inferred = generate_schema(NAME, about["Version"], None, self._definitions, self._types, []).to_json()
        schema = inferred | {"config": {}, "description": about["Summary"], "license": about["License-Expression"]}
        schema["dependencies"] = None  # the components take no other package's types
        super().__init__(about["Version"], without_args(json.dumps(described(schema, self._words), indent=2)))

    def construct(
        self,
        name: str,
        resource_type: str,
        inputs: Mapping[str, Any],
        options: pulumi.ResourceOptions | None = None,
    ) -> ConstructResult:
        """Makes the component, or refuses its inputs.

        Raises:
            pulumi.InputPropertiesError: inputs are not right; it says all that is wrong.
        """
        kind = resource_type.rpartition(":")[2]
        if kind not in self._components or resource_type != f"{NAME}:index:{kind}":
            known = ", ".join(f"{NAME}:index:{component}" for component in self._components)
            raise pulumi.RunError(f"{resource_type} does not exist; there are {known}")
        definition = self._definitions[kind]
        renaming = _Renaming(self._types)
        args = renaming.group(inputs, definition.inputs, definition.inputs_mapping, "", "")
        construct: Any = self._components[kind]
        try:
            component = construct(name, args, options)
        except InputError as error:
            raise self._refusal(error, renaming) from None
        outputs = definition.outputs_mapping.items()
        return ConstructResult(component.urn, {key: getattr(component, attribute) for key, attribute in outputs})

    def _refusal(self, error: InputError, renaming: "_Renaming") -> pulumi.InputPropertiesError:
        """Every fault stands in the message: Pulumi 3.274 prints no more than that.

        Older engines print each property's error too, and add the input's value, which must be one that may be shown.
        """
        told, errors = [], []
        for fault in error.faults:
            path = renaming.unknown.get(fault.input) or self._words.translate(fault.input)
            would_pass = self._words.translate_example(fault.would_pass)
            said = f"{self._words.translate(fault.rule)} ({fault.source}). Would pass: {would_pass}"
            told.append(f"  {path} = {fault.value}: {said}")
            if renaming.may_be_shown(fault, path):
                errors.append({"property_path": path, "reason": said})
        first = str(error).partition("\n")[0]
        return pulumi.InputPropertiesError("\n".join([first, *told, *(f"  {note}" for note in error.notes)]), errors)


class _Renaming:
    """Turns the inputs of one component into its args, and remembers what it met."""

    def __init__(self, types: Mapping[str, TypeDefinition]) -> None:
        self._types = types
        self.unknown: dict[str, str] = {}
        """Path as faults name it to path as given, of keys that do not exist."""
        self._values: dict[str, object] = {}
        """Value of each input by its path as given, and of those that are not there none."""

    def may_be_shown(self, fault: Fault, path: str) -> bool:
        """Whether the engine may print the value of the input: short and plain, and surely no secret."""
        if any(secret in path for secret in SECRETS) or fault.input in self.unknown or fault.input == "name":
            return False
        value = self._values.get(path)
        return value is None or (isinstance(value, (str, int, float)) and len(str(value)) <= LONGEST_VALUE)

    def group(
        self,
        given: Mapping[str, Any],
        properties: Mapping[str, PropertyDefinition],
        names: Mapping[str, str],
        path: str,
        wire_path: str,
    ) -> dict[str, Any]:
        """An object's keys in Python's words. A key that does not exist stays, under a name that no input has."""
        dot = "." if path else ""
        args: dict[str, Any] = {}
        for key, value in sorted(given.items()):
            wire = f"{wire_path}{dot}{key}" if key.isidentifier() else f"{wire_path}[{shown(key)}]"
            if key in names:
                args[names[key]] = self._value(value, properties[key], f"{path}{dot}{names[key]}", wire)
            else:
                name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).lower()
                while name in args or name in names.values():
                    name += "-"
                args[name] = value
                self.unknown[f"{path}{dot}{name}"] = wire
        return args

    def _value(self, given: Any, of: PropertyDefinition, path: str, wire: str) -> Any:
        value = self._values[wire] = _plain(given)
        if isinstance(value, Mapping) and of.additional_properties:
            entry = of.additional_properties
            keys = {key: f"[{shown(key)}]" for key in sorted(value)}  # the wire keeps no order, and pods would differ
            return {key: self._value(value[key], entry, path + at, wire + at) for key, at in keys.items()}
        if isinstance(value, list) and of.items:
            item = of.items
            return [self._value(each, item, f"{path}[{at}]", f"{wire}[{at}]") for at, each in enumerate(value)]
        shape = self._types.get((of.ref or "").rpartition(":")[2])
        if isinstance(value, Mapping) and shape and not shape.enum:
            return self.group(value, shape.properties, shape.properties_mapping, path, wire)
        return value


def _plain(value: Any) -> Any:
    """The value of an Output that is known, no secret and depends on nothing; an Output for an unknown value."""
    if isinstance(value, Unknown):
        return pulumi.Output.from_input(value)
    return _now(_settled(value)) if isinstance(value, pulumi.Output) else value


async def _settled(output: pulumi.Output[Any]) -> Any:
    plain = await output.is_known() and not await output.is_secret() and not await output.resources()
    return await output.future() if plain else output


def _now(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Result of a coroutine that has nothing to wait for: Outputs that came over the wire are settled."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("an Output among the inputs is not settled")


if __name__ == "__main__":  # python -m gke_nodrop.provider.host > components/schema.json
    print(Host().schema)
