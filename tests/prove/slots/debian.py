"""Packages of Debian 13, unpacked and not installed: from the mirror that this machine's apt uses, checked by its key."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

SUITE = "trixie"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


def unpack(folder: Path, architecture: str, packages: list[str]) -> Path:
    """Unpack *packages* of *architecture* below *folder*; what is there already stays. Raises CalledProcessError."""
    root, debs, state, done = folder / "root", folder / "debs", folder / "apt", folder / "done"
    if done.exists() and done.read_text() == " ".join(packages):
        return root
    for one in (root, debs, state / "lists" / "partial", state / "archives" / "partial"):
        one.mkdir(parents=True, exist_ok=True)
    (state / "status").touch()
    (state / "sources.list").write_text(f"deb [signed-by={KEYRING}] {_mirror()} {SUITE} main\n")
    (state / "apt.conf").write_text(
        f'Dir::State "{state}";\nDir::State::status "{state}/status";\nDir::State::Lists "{state}/lists";\n'
        f'Dir::Cache "{state}";\nDir::Etc::SourceList "{state}/sources.list";\nDir::Etc::SourceParts "/dev/null";\n'
        f'APT::Architecture "{architecture}";\nAPT::Architectures {{ "{architecture}"; }};\nAPT::Sandbox::User "root";\n'
    )
    _apt(state, debs, "-q", "update")
    _apt(state, debs, "-q", "download", *[real for name in packages for real in _real(state, debs, name)])
    for deb in debs.glob("*.deb"):
        subprocess.run(["dpkg-deb", "-x", deb, root], check=True)
    done.write_text(" ".join(packages))
    return root


def _real(state: Path, debs: Path, name: str) -> list[str]:
    """*name*, or what it stands for: a kernel's package that only depends on the newest one."""
    if not name.startswith("linux-image-"):
        return [name]
    said = _apt(state, debs, "depends", name, program="apt-cache")
    return [line.split()[1] for line in said.splitlines() if "Depends: linux-image-" in line]


def _mirror() -> str:
    asked = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Label: Debian", "Created-By: Packages"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()[0]


def _apt(state: Path, folder: Path, *words: str, program: str = "apt-get") -> str:
    environment = os.environ | {"APT_CONFIG": str(state / "apt.conf")}
    done = subprocess.run(
        [program, *words], check=True, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True
    )
    return done.stdout
