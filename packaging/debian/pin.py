"""Write ``requirements.txt``: every library of the Debian package, its version and the hashes of its wheels.

``python packaging/debian/pin.py`` asks the index that pip is set to for the newest versions that ``pyproject.toml`` allows, once for
each architecture and Python that we build for, and merges what it is told. The hashes are what ``build.py`` holds pip to: a card
that is made next year has the libraries that were tested, or none.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
LOCK = HERE / "requirements.txt"
#: Architectures of Debian → of wheels.
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
#: Pythons of the Debian releases that we build for: 12 and 13.
PYTHONS = ("3.11", "3.13")
#: The glibc of the oldest of them: wheels that want a newer one are not taken.
_GLIBC = 36
_EXTRAS = ("importers", "heic")
#: sqlite-utils asks for pip, for a command of its own that installs plugins.
_UNUSED = {"pip"}


def target(arch: str, python: str) -> list[str]:
    """Options that make pip choose wheels for Debian's *arch* and *python* (``3.13``), whatever it runs on."""
    machine = MACHINES[arch]
    platforms = [f"manylinux_2_{glibc}_{machine}" for glibc in range(_GLIBC, 16, -1)]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    options = [option for platform in platforms for option in ("--platform", platform)]
    return [*options, "--python-version", python, "--implementation", "cp", "--only-binary", ":all:"]


def wanted() -> list[str]:
    """What ``pyproject.toml`` asks for, with the extras that a box has."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return [
        *project["dependencies"],
        *(one for extra in _EXTRAS for one in project["optional-dependencies"][extra]),
    ]


def main() -> None:
    """Ask, merge, write."""
    versions: dict[str, set[str]] = defaultdict(set)
    hashes: dict[str, set[str]] = defaultdict(set)
    for arch in MACHINES:
        for python in PYTHONS:
            for found in _resolved(arch, python):
                name = found["metadata"]["name"].lower().replace("_", "-")
                if name in _UNUSED:
                    continue
                versions[name].add(found["metadata"]["version"])
                hashes[name].add(found["download_info"]["archive_info"]["hashes"]["sha256"])
    torn = {name: sorted(several) for name, several in versions.items() if len(several) > 1}
    if torn:
        sys.exit(f"pin: not one version for all: {torn}; limit it in pyproject.toml")
    lines = ["# Written by pin.py: what the Debian packages hold, on each architecture and Python."]
    for name in sorted(versions):
        listed = "".join(f" \\\n    --hash=sha256:{one}" for one in sorted(hashes[name]))
        lines.append(f"{name}=={min(versions[name])}{listed}")
    LOCK.write_text("\n".join(lines) + "\n", "utf-8")
    print(f"pin: {len(versions)} libraries in {LOCK.relative_to(ROOT)}")


def _resolved(arch: str, python: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        line = [
            sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--dry-run",
            "--ignore-installed",
        ]  # fmt: skip
        line += ["--report", str(report), "--target", f"{folder}/none", *target(arch, python), *wanted()]
        subprocess.run(line, check=True)
        installs: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))["install"]
        return installs


if __name__ == "__main__":
    main()
