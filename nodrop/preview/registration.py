"""From a request to register or read a resource to the resource that the engine would plan.

Follows pulumi/pulumi pkg/resource/deploy/source_eval.go: `inheritFromParent`, `resolveProvider`, and
step_generator.go: `collapseAliasToUrn`. Not here: recording it, and calling transforms back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pulumi.runtime.proto import alias_pb2, resource_pb2

from nodrop.preview import kubernetes
from nodrop.preview.ledger import Ledger, LedgerEntry
from nodrop.preview.resources import Options, Resource
from nodrop.preview.values import UNKNOWN, Properties, SecretValue, Struct, decode, plain

_DURATION = re.compile(r"[+-]?((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+|[+-]?0")


def inherit(request: resource_pb2.RegisterResourceRequest, parent: LedgerEntry) -> None:
    """Fill in what a resource takes over from its parent where its own options leave it open."""
    options = parent.resource.options
    if not request.deletedWith:
        request.deletedWith = options.deleted_with or ""
    if not request.HasField("protect") and options.protect:
        request.protect = True
    if not request.HasField("retainOnDelete") and options.retain_on_delete:
        request.retainOnDelete = True
    if not request.provider and parent.provider_reference and _package(parent.resource.provider) == _package(request):
        request.provider = parent.provider_reference


def provider_reference(request: resource_pb2.RegisterResourceRequest, parent: LedgerEntry | None) -> str:
    """The "<URN>::<id>" of the explicit provider that manages a resource; "" for the default provider."""
    if not (request.custom or request.remote):
        return ""
    package = _package(request)
    inherited = parent.providers.get(package, "") if parent else ""
    return request.provider or request.providers.get(package, "") or inherited


def provider_urn(reference: str) -> str | None:
    """The URN in a provider reference; None in an empty one."""
    return reference.rpartition("::")[0] or None


def _package(of: resource_pb2.RegisterResourceRequest | str | None) -> str:
    """The package of a resource's type, or the one that the provider of that URN serves."""
    if isinstance(of, resource_pb2.RegisterResourceRequest):
        return of.type.partition(":")[0]
    return (of or "").split("::")[2].rpartition(":")[2] if of else ""


def transform_options(
    request: resource_pb2.RegisterResourceRequest, provider: str
) -> resource_pb2.TransformResourceOptions:
    """The options of a resource as its transforms get them."""
    options = resource_pb2.TransformResourceOptions(
        depends_on=request.dependencies,
        ignore_changes=request.ignoreChanges,
        replace_on_changes=request.replaceOnChanges,
        version=request.version,
        aliases=[*(alias_pb2.Alias(urn=urn) for urn in request.aliasURNs), *request.aliases],
        provider=provider,
        providers=request.providers,
        hide_diff=request.hideDiffs,
        plugin_download_url=request.pluginDownloadURL,
        deleted_with=request.deletedWith,
        replace_with=request.replace_with,
        additional_secret_outputs=request.additionalSecretOutputs,
    )
    setattr(options, "import", request.importId)
    if request.HasField("customTimeouts"):
        options.custom_timeouts.CopyFrom(request.customTimeouts)
    if request.HasField("hooks"):
        options.hooks.CopyFrom(request.hooks)
    if request.HasField("replacement_trigger"):
        options.replacement_trigger.CopyFrom(request.replacement_trigger)
    if request.HasField("protect"):
        options.protect = request.protect
    if request.HasField("retainOnDelete"):
        options.retain_on_delete = request.retainOnDelete
    if request.deleteBeforeReplaceDefined or request.deleteBeforeReplace:
        options.delete_before_replace = request.deleteBeforeReplace
    return options


def _options(
    options: resource_pb2.TransformResourceOptions, request: resource_pb2.RegisterResourceRequest, ledger: Ledger
) -> Options:
    """The options as plain values, aliases as URNs."""
    timeouts = options.custom_timeouts
    by_operation = {name: getattr(timeouts, name) for name in ("create", "update", "delete", "read")}
    return Options(
        protect=options.protect,
        retain_on_delete=options.retain_on_delete,
        delete_before_replace=options.delete_before_replace if options.HasField("delete_before_replace") else None,
        deleted_with=options.deleted_with or None,
        replace_with=tuple(options.replace_with),
        ignore_changes=tuple(options.ignore_changes),
        replace_on_changes=tuple(options.replace_on_changes),
        hide_diffs=tuple(options.hide_diff),
        additional_secret_outputs=tuple(options.additional_secret_outputs),
        aliases=tuple(dict.fromkeys(_aliases(options.aliases, request, ledger))),
        custom_timeouts={name: text for name, text in by_operation.items() if text},
        replacement_trigger=_replacement_trigger(options),
        import_id=getattr(options, "import") or None,
        version=options.version or None,
        plugin_download_url=options.plugin_download_url or None,
    )


def _aliases(
    given: Iterable[alias_pb2.Alias], request: resource_pb2.RegisterResourceRequest, ledger: Ledger
) -> Iterator[str]:
    """The resource's own aliases, then those that it has since its parent has some.

    The engine takes the one of a parent that the state has; here each counts. Source: generateAliases,
    inheritedChildAlias.
    """
    own = [urn for alias in given for urn in _alias_urns(alias, request, ledger)]
    yield from own
    parent = ledger.get(request.parent)
    for old in parent.resource.options.aliases if parent else ():
        for child_type, name in ((request.type, request.name), *map(_type_and_name, own)):
            prefix = _type_and_name(request.parent)[1]
            renamed = _type_and_name(old)[1] + name.removeprefix(prefix) if name.startswith(prefix) else name
            yield ledger.urn(old, child_type, renamed)


def _type_and_name(urn: str) -> tuple[str, str]:
    """Type, without those of its parents, and name of a resource."""
    _, _, types, name = urn.split("::", 3)
    return types.rpartition("$")[2], name


def _alias_urns(alias: alias_pb2.Alias, request: resource_pb2.RegisterResourceRequest, ledger: Ledger) -> Iterator[str]:
    """What an alias stands for; where the parent that it names has aliases itself, also below these."""
    yield _alias_urn(alias, request, ledger, alias.spec.parentUrn)
    named = ledger.get(alias.spec.parentUrn) if alias.spec.parentUrn else None
    for parent in named.resource.options.aliases if named else ():
        yield _alias_urn(alias, request, ledger, parent)


def _replacement_trigger(options: resource_pb2.TransformResourceOptions) -> Any:
    if not options.HasField("replacement_trigger"):
        return None
    decoded, _ = decode(Struct(fields={"trigger": options.replacement_trigger}))
    return plain(decoded["trigger"])


def _alias_urn(
    alias: alias_pb2.Alias, request: resource_pb2.RegisterResourceRequest, ledger: Ledger, named_parent: str
) -> str:
    if not alias.HasField("spec"):
        return alias.urn
    spec = alias.spec
    parent = "" if spec.noParent else named_parent or request.parent
    return ledger.urn(
        parent,
        spec.type or request.type,
        spec.name or request.name,
        project=spec.project or ledger.project,
        stack=spec.stack or ledger.stack,
    )


def plan(
    request: resource_pb2.RegisterResourceRequest,
    wire_options: resource_pb2.TransformResourceOptions,
    inputs: Properties,
    property_dependencies: Mapping[str, set[str]],
    dependencies: set[str],
    parent: LedgerEntry | None,
    ledger: Ledger,
    *,
    order: int,
) -> LedgerEntry:
    """The entry of a resource whose options and inputs have passed all transforms."""
    urn = ledger.urn(request.parent, request.type, request.name)
    options = _options(wire_options, request, ledger)
    provider = provider_urn(wire_options.provider) if request.custom or request.remote else None
    if request.custom and kubernetes.is_object(request.type, inputs):
        manager = ledger.get(provider or "")
        namespace = (manager.resource.inputs if manager else ledger.default_provider).get("namespace")
        default_namespace = namespace if isinstance(namespace, str) and namespace else "default"
        inputs = kubernetes.check(urn, request.name, inputs, default_namespace=default_namespace)
    inherited_providers = dict(parent.providers) if parent else {}
    return LedgerEntry(
        order=order,
        resource=Resource(
            urn=urn,
            type=request.type,
            name=request.name,
            custom=request.custom,
            remote=request.remote,
            parent=request.parent or None,
            provider=provider,
            dependencies=tuple(sorted(dependencies.union(*property_dependencies.values()))),
            property_dependencies={name: tuple(sorted(urns)) for name, urns in property_dependencies.items()},
            inputs=inputs,
            options=options,
        ),
        echo=echo(inputs, options.additional_secret_outputs) if request.custom else {},
        provider_reference=wire_options.provider if provider else "",
        transforms=tuple(request.transforms),
        providers={} if request.custom else inherited_providers | dict(wire_options.providers),
    )


def timeout_problems(urn: str, timeouts: Mapping[str, str]) -> list[str]:
    """What the engine would refuse about custom timeouts: each must be a Go duration (`time.ParseDuration`)."""
    return [
        f"custom timeout {operation}={text!r} of {urn} is not a duration: digits with a unit h, m or s, such as '20m'"
        for operation, text in timeouts.items()
        if not _DURATION.fullmatch(text)
    ]


def echo(inputs: Properties, additional_secret_outputs: tuple[str, ...]) -> Properties:
    """The outputs of a resource in a preview: its inputs; the names given become secret, known or not."""
    outputs = dict(inputs)
    for name in additional_secret_outputs:
        value = outputs.get(name, UNKNOWN)
        outputs[name] = value if isinstance(value, SecretValue) else SecretValue(value)
    return outputs
