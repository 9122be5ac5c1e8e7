"""A folder with the wheel of this checkout and every library that it asks for, from which a computer without a line installs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def fill(folder: Path, extra: str, *, python: str = "") -> None:
    """Make *folder* with edubox and the libraries of its *extra*; for another *python* ("3.11") than ours, on a computer like this one."""
    folder.mkdir()
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", folder, ROOT], check=True)
    (wheel,) = folder.glob("edubox-*.whl")
    other = ["--only-binary=:all:", "--python-version", python] if python else []
    subprocess.run([*pip, "download", *other, "-d", folder, f"{wheel}[{extra}]"], check=True)
