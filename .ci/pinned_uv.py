"""Prints uv as uv.lock pins it, with its hashes, for pip: the one package that uv does not install itself."""

import tomllib
from pathlib import Path

LOCK = Path(__file__).parents[1] / "uv.lock"
(uv,) = (package for package in tomllib.loads(LOCK.read_text())["package"] if package["name"] == "uv")
print(f"uv=={uv['version']}", *(f"--hash={wheel['hash']}" for wheel in uv["wheels"]))
