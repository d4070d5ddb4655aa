"""`nft` is unpacked from Debian's packages, not installed, and finds its libraries where they were unpacked."""

import subprocess
from pathlib import Path

import pytest

from tools import nftables

APT = """#!/bin/sh
[ "$1" = download ] || exit 1
shift
for package; do : > "$package.deb"; done
"""
DPKG = """#!/bin/sh
[ "$1" = -x ] || exit 1
mkdir -p "$3/usr/sbin" "$3/usr/lib/x86_64-linux-gnu" "$3/usr/share"
printf '#!/bin/sh\\necho "$LD_LIBRARY_PATH"\\n' > "$3/usr/sbin/nft"
chmod +x "$3/usr/sbin/nft"
"""


@pytest.fixture
def debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and stand-ins for Debian's two programs on PATH, which install nothing."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("apt-get", APT), ("dpkg", DPKG)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    folder = tmp_path / "unpacked"
    folder.mkdir()
    return folder


def test_its_packages_are_downloaded_and_unpacked_and_it_runs_with_their_libraries(debian: Path) -> None:
    nftables.fill(debian)
    assert list(debian.glob("*.deb")) == []
    ran = subprocess.run([debian / "nft"], check=True, capture_output=True, text=True)
    assert f"{debian}/usr/lib/x86_64-linux-gnu" in ran.stdout


def test_a_package_that_cannot_be_had_is_an_error_with_what_apt_get_said(debian: Path, tmp_path: Path) -> None:
    (tmp_path / "bin" / "apt-get").write_text("#!/bin/sh\necho 'no such package' >&2\nexit 100\n")
    with pytest.raises(subprocess.CalledProcessError) as refused:
        nftables.fill(debian)
    assert refused.value.stderr == "no such package\n"
