"""Where the players of lessons are: our own small pages (``players/``), and what ``make players`` takes from npm.

A lesson's exercise, book or activity is opened in one of our pages, on the lessons' origin, under
``/p/<build>/``: *build* is a hash of all of these files, so that browsers keep them for a year and a new version has
new addresses. Without the files from npm a part has its download card; ``missing`` tells the doctor which. What is
served is a table, name to file: the box answers from it, and whoever writes a static site copies it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from urllib.parse import quote

import edubox

_OWN = Path(__file__).parent / "players"
#: What each player cannot do without, of the files that come from npm.
NEEDS = {
    "h5p": ("h5p/main.js", "h5p/frame.js", "h5p/styles/h5p.css"),
    "scorm": ("scorm/scorm12.js", "scorm/scorm2004.js"),
    "epub": ("epub/view.js", "epub/epub.js", "epub/paginator.js", "epub/fixed-layout.js"),
    "pdf": ("pdf/pdf.js", "pdf/pdf.worker.js"),
}


@dataclass(frozen=True, slots=True)
class Players:
    """The players there are: *files* are served under ``/p/<build>/``, by name."""

    build: str = ""
    files: Mapping[str, Path] = field(default_factory=dict)
    #: Of NEEDS: those that can play.
    present: frozenset[str] = frozenset()

    def missing(self) -> list[str]:
        """The players that a lesson may need and that are not here."""
        return [name for name in NEEDS if name not in self.present]


def players(folder: str = "") -> Players:
    """The players in *folder*, by default where they are built; none of npm's if there is no such folder."""
    return _read(Path(folder) if folder else _built())


def address(build: str, player: str, manifest: str, path: str, origin: str, begin: str = "") -> str:
    """The address at which *player* shows the file *path* of a lesson's version, a book from its file *begin* on.

    What is shown stands behind the ``#``: browsers keep one copy of the player for all lessons.
    """
    return f"{origin}/p/{build}/{player}.html#c={manifest}&e={quote(path)}" + (
        f"&f={quote(begin)}" if begin else ""
    )


def _built() -> Path:
    package = Path(edubox.__file__).parent
    inside = package / "_players"
    return inside if inside.is_dir() else package.parent / "packaging" / "players" / "built"


@cache
def _read(folder: Path) -> Players:
    files: dict[str, Path] = {}
    for root in (folder, _OWN):
        if root.is_dir():
            files |= {
                path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*")) if path.is_file()
            }
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(f"{name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    present = frozenset(name for name, needs in NEEDS.items() if all(one in files for one in needs))
    return Players(digest.hexdigest()[:12], files, present)
