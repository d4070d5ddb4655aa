"""Reads a Pulumi project: Pulumi.yaml, the stack's configuration beside it, and where the program lies.

Follows pulumi/pulumi sdk/go/common/workspace/project.go and pkg/workspace/config.go. Not here: Pulumi ESC environments
and the decryption of secrets, which need a service or a passphrase; the value of a secret is a placeholder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodrop.paths.fields import SECRET, shortened
from nodrop.rollout.text import meant
from nodrop.yaml_file import YamlFileError, entries, place, read_values, value_of

if TYPE_CHECKING:
    from yaml import Node

_STACK_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_CONFIG_TYPES: dict[str, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
}
_OF_KUBERNETES = "kubernetes:"
_TEXT = "tag:yaml.org,2002:str"


class ProjectError(ValueError):
    """A project, stack or configuration value that cannot be used; the message says which, and what would."""


@dataclass(frozen=True, kw_only=True)
class Project:
    """A Pulumi project on disk."""

    name: str
    root: Path
    """Folder of Pulumi.yaml."""
    program: Path
    """What the language host runs: a folder with a `__main__.py`, or a file."""
    stack_config_dir: Path
    config: Mapping[str, Any]
    """The section `config` of Pulumi.yaml."""

    @property
    def working_directory(self) -> Path:
        """The folder in which the program runs: its own."""
        return self.program if self.program.is_dir() else self.program.parent


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """What a program reads through `pulumi.Config`: strings (JSON for lists and objects) by "namespace:key"."""

    values: Mapping[str, str]
    secret_keys: tuple[str, ...]
    optional_keys: tuple[str, ...] = ()
    """Keys of the project's namespace that are set and that Pulumi.yaml does not declare."""
    ignored: tuple[str, ...]
    """Sections of the stack's file that have no effect offline, such as "environment"."""

    @property
    def of_default_provider(self) -> dict[str, str]:
        """What the default Kubernetes provider is given, by its inputs' names, secrets masked."""
        return {
            key.removeprefix(_OF_KUBERNETES): SECRET if key in self.secret_keys else value
            for key, value in self.values.items()
            if key.startswith(_OF_KUBERNETES)
        }


def read_project(directory: Path) -> Project:
    """Read the project in `directory`.

    Raises ProjectError when there is no Pulumi.yaml, it is no Python project, or it has no program.
    """
    root = directory.resolve()
    file = _first_file(root, "Pulumi")
    if file is None:
        raise ProjectError(f"no Pulumi.yaml in {root}: name the folder of a Pulumi project")
    document, node = _load(file)
    name = document.get("name")
    if not isinstance(name, str):
        seen = "missing" if name is None else repr(name)
        raise ProjectError(f"{file}: name is {seen}, but a project needs a name, such as 'name: {root.name}'")
    runtime = document.get("runtime")
    runtime = runtime.get("name") if isinstance(runtime, dict) else runtime
    if runtime != "python":
        raise ProjectError(f"{file}: runtime is {runtime!r}, but only Python programs can be evaluated here")
    program = root / str(document.get("main", ""))
    if not (program.is_file() or (program / "__main__.py").is_file()):
        raise ProjectError(f"{file}: no program at {program}: a __main__.py or the file that 'main' names")
    config = document.get("config") or {}
    if not isinstance(config, dict | str):
        seen = shortened(config)
        raise ProjectError(f"{file}: config is {seen}, but must be a mapping such as 'gcp:region: europe-west1'")
    for key, declaration in entries(value_of(node, "config")):
        declared = value_of(declaration, "type")
        if declared is not None and not isinstance(declared.value, str):
            told = f"the type of {key.value} is not one word; wanted one of {', '.join(_CONFIG_TYPES)}"
            raise ProjectError(f"{place(file, declared)}: {told}")
    directory_of_stacks = str(document.get("stackConfigDir", config if isinstance(config, str) else ""))
    return Project(
        name=name,
        root=root,
        program=program,
        stack_config_dir=root / directory_of_stacks,
        config={} if isinstance(config, str) else config,
    )


def stacks_of(directory: Path) -> tuple[str, ...]:
    """Names of the stacks of the project in `directory` that have a file, sorted. Raises as `read_project`."""
    folder = read_project(directory).stack_config_dir
    files = [each for suffix in (".yaml", ".yml") for each in folder.glob(f"Pulumi.*{suffix}")]
    return tuple(sorted({each.stem.removeprefix("Pulumi.") for each in files}))


def read_stack_config(project: Project, stack: str, overrides: Mapping[str, str]) -> StackConfig:
    """Read the configuration of `stack`: project defaults, then the stack's file if there is one, then `overrides`.

    Keys without a namespace belong to the project. Raises ProjectError naming every value that the project declares
    and no value, or that has another type than declared.
    """
    if not _STACK_NAME.fullmatch(stack):
        raise ProjectError(f"stack {stack!r} is not a stack name: letters, digits, '-', '_' and '.', such as 'dev'")
    file = _first_file(project.stack_config_dir, f"Pulumi.{stack}")
    document = _load(file)[0] if file else {}
    given = document.get("config") or {}
    if not isinstance(given, dict):
        seen = shortened(given)
        raise ProjectError(f"{file}: config is {seen}, but must be a mapping such as 'gcp:region: europe-west1'")
    values = {_qualified(project, key): value for key, value in given.items()}
    secret = {key for key, value in values.items() if _revealed(value) != value} | _declared_secret(project)
    values |= {_qualified(project, key): value for key, value in overrides.items()}
    declared = {_qualified(project, key) for key in project.config}
    undeclared = [key for key in values if key not in declared]
    problems = []
    for key, declaration in project.config.items():
        schema = declaration if isinstance(declaration, dict) else {"default": declaration}
        default = schema.get("default", schema.get("value"))
        qualified = _qualified(project, key)
        if qualified in values:
            problems += _type_problem(qualified, values[qualified], schema.get("type"), hidden=qualified in secret)
        elif default is not None:
            values[qualified] = default
        elif qualified.startswith(f"{project.name}:"):
            slip = meant(qualified, undeclared)
            problems.append(f"{qualified} is not set{slip}; set it in Pulumi.{stack}.yaml or give --config {key}=VALUE")
    if problems:
        raise ProjectError(f"stack {stack!r} of project {project.name!r}: " + "; ".join(problems))
    return StackConfig(
        values={key: _text(_revealed(value)) for key, value in values.items()},
        secret_keys=tuple(key for key in values if key in secret),
        optional_keys=tuple(key for key in undeclared if key.startswith(f"{project.name}:")),
        ignored=tuple(section for section in ("environment",) if document.get(section)),
    )


def _first_file(directory: Path, stem: str) -> Path | None:
    return next((file for suffix in (".yaml", ".yml") if (file := directory / f"{stem}{suffix}").is_file()), None)


def _load(file: Path) -> tuple[dict[str, Any], Node | None]:
    """What the file says, and its nodes, for their lines. Each key of its config is text."""
    try:
        node, document = read_values(file)
    except YamlFileError as error:
        raise ProjectError(str(error)) from None
    if not isinstance(document, dict | None):
        raise ProjectError(f"{file} holds {type(document).__name__}, but must hold a mapping")
    for key, _ in entries(value_of(node, "config")):
        if key.tag != _TEXT:
            told = f"{key.value}, which YAML does not read as text; wanted it in quotes: '{key.value}'"
            raise ProjectError(f"{place(file, key)}: a key of config is {told}")
    return document or {}, node


def _qualified(project: Project, key: str) -> str:
    return key if ":" in key else f"{project.name}:{key}"


def _declared_secret(project: Project) -> set[str]:
    """Keys that Pulumi.yaml declares as secret."""
    declared = project.config.items()
    return {_qualified(project, key) for key, schema in declared if isinstance(schema, dict) and schema.get("secret")}


def _type_problem(key: str, value: Any, declared: str | None, *, hidden: bool) -> list[str]:
    if declared not in _CONFIG_TYPES or _is_secure(value):
        return []
    try:
        seen = json.loads(value) if isinstance(value, str) and declared != "string" else value
    except json.JSONDecodeError:
        seen = value
    fits = isinstance(seen, _CONFIG_TYPES[declared]) and not (declared == "integer" and isinstance(seen, bool))
    shown = SECRET if hidden else shortened(value)
    return [] if fits else [f"{key} is {shown}, but the project declares the type {declared}"]


def _is_secure(value: Any) -> bool:
    return isinstance(value, dict) and value.keys() == {"secure"} and isinstance(value["secure"], str)


def _revealed(value: Any) -> Any:
    if _is_secure(value):
        return SECRET
    if isinstance(value, dict):
        return {key: _revealed(item) for key, item in value.items()}
    return [_revealed(item) for item in value] if isinstance(value, list) else value


def _text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value, default=str) if isinstance(value, bool | int | float | dict | list) else str(value)
