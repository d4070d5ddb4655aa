"""What the lab calls a deployer: `pulumi up` of a stack of the project, then of an edited one.

Runs in the lab's sandbox: the CLI with the real engine and the real Kubernetes provider, onto the lab's API server,
which the fake cloud hands out as the cluster that the stack makes. `deploy_by_pulumi.py STACK PROJECT FOLDER`: the copy
of the project in which it works goes into FOLDER, and so does `ups.json`, with what came of each `pulumi up`.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from harness.cli import Checkout
from harness.cloud import PROJECT, Cloud
from harness.control_plane import define_custom_resources
from harness.engine import Engine
from harness.given_cluster import GivenWorlds, plane_of

OLD_IMAGE, NEW_IMAGE = "python:3.13-slim", "python:3.14-slim"
IMAGE_FILE = "stacks/applications.py"


def main(stack: str, project: Path, results: Path) -> None:
    os.nice(10)  # elsewhere it has a machine of its own
    plane = plane_of(Path(os.environ["KUBECONFIG"]))
    define_custom_resources(plane.client)
    folder = Path(tempfile.mkdtemp(dir=results))
    worlds = GivenWorlds(folder, plane)
    engine = Engine(folder, Cloud(worlds=worlds), worlds)
    checkout = Checkout(engine, stack, project, **{"gcp:project": PROJECT})
    ups = [up(checkout)]
    ups[0]["deployment"] = plane.client.get("apps/v1", "Deployment", "web", stack)
    ups[0]["service"] = plane.client.get("v1", "Service", "web", stack)
    print("deployed", flush=True)
    sys.stdin.readline()
    edit(checkout.folder / IMAGE_FILE, OLD_IMAGE, NEW_IMAGE)
    ups.append(up(checkout))
    pods = plane.client.list("v1", "Pod", stack)
    ups[-1]["images"] = sorted(
        {pod["spec"]["containers"][0]["image"] for pod in pods if "deletionTimestamp" not in pod["metadata"]}
    )
    if errors := [error for world in worlds.all for error in world.errors]:
        sys.exit("\n".join(errors))
    (results / "ups.json").write_text(json.dumps(ups))
    engine.stop()


def up(checkout: Checkout) -> dict[str, object]:
    begun = time.monotonic()
    done = checkout.run("up", "--yes", "--skip-preview", "--non-interactive", "--color", "never")
    if done.exit_code:
        sys.exit(done.output)
    return {"seconds": round(time.monotonic() - begun, 1), "said": done.stdout}


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert text.count(before) == 1, f"{file} does not name {before} once"
    file.write_text(text.replace(before, after))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
