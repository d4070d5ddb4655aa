"""What all JSON documents have in common: format, version and generator first; their schemas are in `schemas`."""

import json
from importlib.metadata import version
from typing import Any


def headed(name: str, format_version: int, content: dict[str, Any]) -> dict[str, Any]:
    """A document of the format of that name, such as `nodrop-plan`; any other shape is another version."""
    generator = {"name": "gke-nodrop", "version": version("gke-nodrop")}
    return {"format": name, "version": format_version, "generator": generator, **content}


def serialised(value: Any) -> str:
    """JSON in ASCII that no CI runner takes for a command: the sign that begins one is written as an escape."""
    return json.dumps(value, indent=2, allow_nan=False).replace("##", r"\u0023\u0023") + "\n"
