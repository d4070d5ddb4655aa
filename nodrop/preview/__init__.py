"""Evaluates any Pulumi Python program and stack offline: its resources, and the Kubernetes objects among them.

No Pulumi CLI, plugin, cloud or credential is needed, and the program runs unchanged. Given the exported state of the
stack, it says which of the program's changes drop requests. Not in this package: judging or rehearsing what a program
declares, apart from what it changes.
"""

from nodrop.preview.against import compare
from nodrop.preview.engine import evaluate, evaluate_function
from nodrop.preview.judged import judge_program, surroundings_of
from nodrop.preview.manifests import kubernetes_object, kubernetes_objects, render
from nodrop.preview.program_objects import ProgramObjects
from nodrop.preview.project import ProjectError
from nodrop.preview.resources import Evaluation, LogMessage, Options, ProgramError, Resource
from nodrop.preview.show import as_json, tree_text
from nodrop.preview.stack_outputs import StackOutputs, read_stack_outputs, refuse_unreferenced
from nodrop.preview.state import State, StateError, as_deployed, read_state
from nodrop.preview.values import UNKNOWN, Asset, ResourceReference, SecretValue

__all__ = [
    "UNKNOWN",
    "Asset",
    "Evaluation",
    "LogMessage",
    "Options",
    "ProgramError",
    "ProgramObjects",
    "ProjectError",
    "Resource",
    "ResourceReference",
    "SecretValue",
    "StackOutputs",
    "State",
    "StateError",
    "as_deployed",
    "as_json",
    "compare",
    "evaluate",
    "evaluate_function",
    "judge_program",
    "kubernetes_object",
    "kubernetes_objects",
    "read_stack_outputs",
    "read_state",
    "refuse_unreferenced",
    "render",
    "surroundings_of",
    "tree_text",
]
