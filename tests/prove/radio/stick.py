"""A USB stick as it is bought, with a folder of ours on it that brings one more lesson of the country."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.cli.country import Country, build, edubox, write_lesson

TITLE = "Les marées basses"
_SIZE_MB, _AT = 64, 2048
_SECTOR = 512


def make(folder: Path, country: Country) -> Path:
    """The image of a stick, made in the new *folder*, with a lesson that the hub of *country* does not have."""
    folder.mkdir()
    shutil.copytree(country.folder, folder / "country")
    later = Country(folder / "country", country.publisher)
    build(
        write_lesson(folder / "lesson", index="<p>La mer descend.</p>"),
        folder / "lesson.edpack",
        "--title",
        TITLE,
    )
    later.publish(folder / "lesson.edpack", "basses")
    files, image = folder / "files", folder / "stick.img"
    files.mkdir()
    edubox("stick", "prepare", files, "--from", later.mirror)
    with image.open("wb") as empty:
        empty.truncate(_SIZE_MB * 1024 * 1024)
    for line, given in (
        (["sfdisk", "-q", image], f"{_AT},,c\n"),
        (["mkfs.vfat", "--offset", str(_AT), "-n", "CLE", image, str((_SIZE_MB - 1) * 1024)], ""),
        (["mcopy", "-s", "-i", f"{image}@@{_AT * _SECTOR}", *sorted(files.iterdir()), "::/"], ""),
    ):
        subprocess.run([str(word) for word in line], check=True, capture_output=True, text=True, input=given)
    return image
