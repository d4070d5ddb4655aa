"""`nft`, with which kube-proxy writes its rules: Debian's packages, unpacked into the cache folder and not installed.

Standard library only: `make engine` runs on any python3.
"""

import shutil
import subprocess
from pathlib import Path

from harness import tools

PACKAGES = (
    "nftables",
    "libnftables1",
    "libnftnl11",
    "libmnl0",
    "libgmp10",
    "libjansson4",
    "libedit2",
    "libbsd0",
    "libmd0",
    "libtinfo6",
    "libxtables12",
)
"""The program with all libraries but the C library's. Names as in Debian 12."""
PROGRAM = """#!/bin/sh
here=${0%/*}
for libraries in "$here"/usr/lib/*-linux-gnu*; do
  LD_LIBRARY_PATH=$libraries:$here/lib/${libraries##*/}
done
export LD_LIBRARY_PATH
exec "$here/usr/sbin/nft" "$@"
"""
FOLDER = f"nft-{tools.digest(*PACKAGES, PROGRAM)}"


def missing() -> bool:
    """Whether there is no nft, neither on PATH nor unpacked."""
    return shutil.which("nft") is None and not (tools.cache() / FOLDER).exists()


def can_be_unpacked() -> bool:
    """Whether this is Debian or one of its kin."""
    return all(shutil.which(program) for program in ("apt-get", "dpkg"))


def fill(folder: Path) -> None:
    """Downloads and unpacks; raises subprocess.CalledProcessError with what apt-get or dpkg said."""
    subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, check=True, capture_output=True, text=True)
    for package in folder.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, folder], check=True, capture_output=True, text=True)
        package.unlink()
    shutil.rmtree(folder / "usr" / "share")
    program = folder / "nft"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
