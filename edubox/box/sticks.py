"""Which sticks are plugged in: the serving process looks once a second, and a child does the work.

The kernel's list of mounts is one small file. Of a stick that appears in it nothing is looked at but whether
it has a folder of ours; whose that is, and whether it may be written, the child finds out.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from edubox.sync.carried.stick import carries_our_folder

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
        return [folder for folder in self.mounted() if carries_our_folder(folder)]

    def mounted(self) -> list[Path]:
        """The same of all sticks, of which nothing is looked at."""
        try:
            text = self._mounts.read_bytes()
        except OSError:
            return []
        if text == self._text:
            return []
        self._text = text
        now = set(self._listed(text))
        new, self._known = now - self._known, now
        return sorted({folder for _, folder in new})

    def _listed(self, text: bytes) -> list[tuple[str, Path]]:
        """Device and folder of everything that is mounted where sticks are."""
        found = []
        for line in text.decode("utf-8", "surrogateescape").split("\n"):
            device, _, rest = line.partition(" ")
            folder = Path(_ESCAPED.sub(lambda match: chr(int(match[1], 8)), rest.partition(" ")[0]))
            if any(place in folder.parents for place in self._places):
                found.append((device, folder))
        return found


class Unhurried:
    """*sticks* for whoever must not wait: a stick that is dying may take half a minute to say whether it has a folder."""

    def __init__(self, sticks: Sticks, is_ours: Callable[[Path], bool] = carries_our_folder) -> None:
        self._sticks, self._is_ours = sticks, is_ours
        self._found: SimpleQueue[Path] = SimpleQueue()

    def appeared(self) -> list[Path]:
        """See Sticks; a stick is told of when it has answered, with a later call."""
        for folder in self._sticks.mounted():
            threading.Thread(target=self._look, args=(folder,), name="stick", daemon=True).start()
        found = []
        while True:
            try:
                found.append(self._found.get_nowait())
            except Empty:
                return found

    def _look(self, folder: Path) -> None:
        if self._is_ours(folder):
            self._found.put(folder)
