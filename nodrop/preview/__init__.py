"""Evaluates any Pulumi Python program and stack offline: its resources, and the Kubernetes objects among them.

No Pulumi CLI, plugin, cloud or credential is needed, and the program runs unchanged. Not in this room: judging or
rehearsing what a program declares.
"""

from nodrop.preview.engine import evaluate
from nodrop.preview.manifests import kubernetes_objects, render
from nodrop.preview.project import ProjectError
from nodrop.preview.resources import Diagnostic, Evaluation, Options, ProgramError, Resource
from nodrop.preview.show import as_json, print_tree
from nodrop.preview.values import UNKNOWN, Asset, ResourceReference, Secret

__all__ = [
    "UNKNOWN",
    "Asset",
    "Diagnostic",
    "Evaluation",
    "Options",
    "ProgramError",
    "ProjectError",
    "Resource",
    "ResourceReference",
    "Secret",
    "as_json",
    "evaluate",
    "kubernetes_objects",
    "print_tree",
    "render",
]
