"""Which sticks are plugged in: the serving process looks once a second, and a child does the work.

The kernel's list of mounts is one small file. Of a stick that appears in it nothing is looked at but whether it has a
folder of ours; whose that is, and whether it may be written, the child finds out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from edubox.sync.stick import carries_our_folder

#: Where systems mount what is plugged in.
PLACES = (Path("/media"), Path("/run/media"), Path("/mnt"))
_ESCAPED = re.compile(r"\\([0-7]{3})")


class Sticks:
    """The sticks below *places*, as the file *mounts* lists them."""

    def __init__(self, places: Sequence[Path] = PLACES, mounts: Path = Path("/proc/self/mounts")) -> None:
        self._places, self._mounts = places, mounts
        self._text = b""
        self._known: set[tuple[str, Path]] = set()

    def appeared(self) -> list[Path]:
        """Folders of sticks with a folder of ours that were plugged in since the last call; each once a plugging in."""
        try:
            text = self._mounts.read_bytes()
        except OSError:
            return []
        if text == self._text:
            return []
        self._text = text
        now = set(self._listed(text))
        new, self._known = now - self._known, now
        return sorted({folder for _, folder in new if carries_our_folder(folder)})

    def _listed(self, text: bytes) -> list[tuple[str, Path]]:
        """Device and folder of everything that is mounted where sticks are."""
        found = []
        for line in text.decode("utf-8", "surrogateescape").splitlines():
            device, _, rest = line.partition(" ")
            folder = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), rest.partition(" ")[0]))
            if any(place in folder.parents for place in self._places):
                found.append((device, folder))
        return found
