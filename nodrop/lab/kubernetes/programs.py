"""Where programs from elsewhere are: on PATH, in $KUBEBUILDER_ASSETS, or in the cache of `make engine`.

Standard library only: `make engine` runs on any python3.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
from pathlib import Path

KUBERNETES = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy")
NFT = "nft"
"""With it kube-proxy writes its rules."""
ASSETS = "KUBEBUILDER_ASSETS"
"""Names a folder with programs, as controller-runtime's envtest has it; or several, separated as on PATH."""


def cache() -> Path:
    """The folder that holds what `make engine` builds."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gke-nodrop" / "engine"


def refusal() -> str:
    """Why nothing in the cache folder is run: somebody else could have put it there; empty if nobody could."""
    for folder in (cache(), *cache().parents):
        if not folder.exists():
            continue
        found = folder.stat()
        shared = found.st_mode & stat.S_IWOTH or (found.st_mode & stat.S_IWGRP and found.st_gid != os.getegid())
        kept_apart = found.st_mode & stat.S_ISVTX and folder != cache()
        if found.st_uid not in (0, os.geteuid()) or (shared and not kept_apart):
            return f"{folder} can be changed by others, so nothing in {cache()} is run: chown it, and chmod go-w"
    return ""


VEGETA = "vegeta"
"""Sends more requests than the lab's own load generator; `make vegeta` builds it alone."""


def vegeta() -> Path | None:
    """The path of a vegeta, or None; nothing is taken from a cache folder that others can change."""
    found = _find(VEGETA)
    return None if found and found.is_relative_to(cache()) and refusal() else found


def path(program: str) -> Path:
    """A program's path; raises FileNotFoundError with what to do."""
    found = _find(program)
    if found is None:
        raise FileNotFoundError(missing() or f"{program} not found")
    return found


def missing() -> str:
    """Which programs are missing and how to get them, in one line; empty if none is."""
    if cache().exists() and (refused := refusal()):
        return refused
    absent = [program for program in ("etcd", *KUBERNETES, NFT) if _find(program) is None]
    if not absent:
        return ""
    return (
        f"{', '.join(absent)} not found on PATH, in ${ASSETS} or in {cache()}: `make engine` in a checkout of "
        f"gke-nodrop builds what is missing; ${ASSETS} can name folders of your own"
    )


def _find(program: str) -> Path | None:
    """All of Kubernetes comes from one place, so that its versions agree."""
    together = KUBERNETES if program in KUBERNETES else (program,)
    assets = os.environ.get(ASSETS, "")
    for places in (os.environ.get("PATH"), assets, *map(str, _built(together[0]))):
        found = {name: shutil.which(name, path=places) for name in together} if places else {}
        if found and all(found.values()):
            return Path(str(found[program]))
    return None


def _built(program: str) -> list[Path]:
    """The cache's folders of a program, the newest version first."""
    return sorted(cache().glob(f"{program}-*"), key=_version, reverse=True)


def _version(folder: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", folder.name.rpartition("-")[0]))
