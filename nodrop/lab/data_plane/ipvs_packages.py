"""Where the kernel for IPVS comes from: Debian packages, unpacked into the cache folder and not installed.

Run by `make ipvs`, or as `python -m nodrop.lab.data_plane.ipvs_packages [FOLDER]`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PACKAGES = ("user-mode-linux", "iptables", "libip4tc2", "libip6tc2", "libxtables12", "ipset", "libipset13", "libmnl0")
"""The last three for kube-proxy itself."""
KERNEL = "usr/bin/linux.uml"
MODULES = "usr/lib/uml/modules"
IPTABLES = "usr/sbin/xtables-legacy-multi"
IPSET = "usr/sbin/ipset"
LIBRARIES = "usr/lib/x86_64-linux-gnu"


def default_folder() -> Path:
    """Where `make ipvs` puts the packages."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gke-nodrop" / "ipvs"


def missing(folder: Path) -> tuple[str, ...]:
    """Which files of the packages the folder lacks."""
    return tuple(each for each in (KERNEL, MODULES, IPTABLES, IPSET) if not (folder / each).exists())


def unpack(folder: Path) -> None:
    """Downloads the packages with apt-get, as any user, and unpacks them into the folder, which is then whole.

    Raises:
        FileNotFoundError: there is no apt-get or dpkg.
        subprocess.CalledProcessError: apt-get or dpkg failed, and said why.
    """
    for program in ("apt-get", "dpkg"):
        if not shutil.which(program):
            raise FileNotFoundError(program)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        packages, unpacked = Path(draft, "packages"), Path(draft, "unpacked")
        packages.mkdir()
        _download(packages, Path(draft))
        for package in sorted(packages.iterdir()):
            subprocess.run(["dpkg", "-x", str(package), str(unpacked)], check=True)  # noqa: S607
        shutil.rmtree(folder, ignore_errors=True)
        unpacked.rename(folder)


def _download(folder: Path, draft: Path) -> None:
    """With the machine's lists of packages, or, where they lack these, with lists of its own below `draft`."""
    apt = ["apt-get", "--quiet", "--quiet", "-o", "APT::Sandbox::User=root"]
    try:
        subprocess.run([*apt, "download", *PACKAGES], cwd=folder, check=True, capture_output=True)
    except subprocess.CalledProcessError:
        (draft / "lists/partial").mkdir(parents=True)
        (draft / "cache").mkdir()
        apt += ["-o", f"Dir::State::Lists={draft}/lists", "-o", f"Dir::Cache={draft}/cache"]
        for wanted in (["update"], ["download", *PACKAGES]):
            subprocess.run([*apt, *wanted], cwd=folder, check=True)


def main() -> None:
    """Unpacks the packages where they are not there."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else default_folder()
    try:
        if missing(folder):
            unpack(folder)
    except FileNotFoundError as error:
        sys.exit(
            f"{error} is not here: `make ipvs` works on Debian, Ubuntu and their kin (x86_64). Elsewhere unpack the "
            f"Debian packages {', '.join(PACKAGES)} into a folder, and name it to nodrop rehearse --proxy ipvs by "
            "--ipvs-folder FOLDER"
        )
    except subprocess.CalledProcessError as error:
        sys.exit(f"{error}")
    if lacking := missing(folder):
        sys.exit(f"{folder} lacks {', '.join(lacking)}")
    print(f"the kernel for nodrop rehearse --proxy ipvs is in {folder}")


if __name__ == "__main__":
    main()
