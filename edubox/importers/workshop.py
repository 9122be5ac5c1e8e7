"""What importers share while one lesson is made: its files under safe names, what they add, what they notice."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from edubox.errors import Bomb, UnsafePath
from edubox.importers.notices import Notice
from edubox.pack.canonical import nfc
from edubox.pack.manifest import MAX_FILES, Item
from edubox.pack.media_types import UNKNOWN, extension, media_type
from edubox.pack.names import fold, printable
from edubox.pack.naming import safe_paths
from edubox.pack.opening import Found

#: Kinds of document for which a file is added, and what its name ends with: a page to show, or text to search.
ADDED = {"md": ".html", "markdown": ".html", "ipynb": ".html", "gift": ".html", "pdf": ".txt"}
INDEXES = ("index.html", "index.htm", "index.xhtml", "default.html", "default.htm")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an importer found in one file. All paths are paths in the lesson.

    *entry* is what opens; *uses* are files that it shows or offers by itself; *leads_to* the documents that it
    links to, in order; *links* the addresses on other sites that it names. A container (``containers``) may have
    *items* of its own, which then open instead of *entry*, *libs* that play it, and a *cover*, a picture in it.
    """

    type: str
    entry: str
    title: str
    language: str | None = None
    text: str | None = None
    alternatives: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()
    leads_to: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    libs: tuple[str, ...] = ()
    cover: str | None = None
    licence: str | None = None
    authors: tuple[str, ...] = ()


class Workshop:
    """One lesson while it is made. *warnings* are sentences for its author."""

    def __init__(self, files: Sequence[Found], work: Path) -> None:
        """*work* is a folder of ours for what importers add."""
        given = [found.path for found in files]
        documents = [number for number, path in enumerate(given) if extension(path) in ADDED]
        safe = safe_paths(given + [given[number] + ADDED[extension(given[number])] for number in documents])
        self.language = "und"
        self.warnings: list[Notice] = []
        self.files: dict[str, Found] = {}
        #: Path of a picture → its light twin, or None if there is no need of one (``pictures``).
        self.twins: dict[str, str | None] = {}
        #: Path in the lesson → path as its author named it.
        self.given: dict[str, str] = {}
        self._work, self._made = work, 0
        self._path: dict[str, str] = {}
        self._families: dict[str, list[str]] | None = None
        self._beside = {
            safe[number]: added for number, added in zip(documents, safe[len(given) :], strict=True)
        }
        for found, path in zip(files, safe[: len(given)], strict=True):
            self.files[path] = Found(path, found.location, found.size)
            self.given[path] = found.path
            self._path.setdefault(found.path, path)
            if path != found.path:
                self.warn(
                    Notice(
                        "%(old)s is now called %(new)s, a name that every system can hold.",
                        old=found.path,
                        new=path,
                    )
                )
        self._folded = {path.casefold(): path for path in self._path}
        #: Folded names of all files and folders, so that nothing opened later takes one of them.
        self._taken = {above for path in safe for above in _with_folders(fold(path))}

    def data(self, path: str, limit: int) -> bytes:
        """The first *limit* bytes of the lesson's file *path*. Raises UnreadableSource."""
        with self.files[path].open() as handle:
            return handle.read(limit)

    def beside(self, path: str, ending: str = "") -> str:
        """The path kept for what is added to the document *path*.

        Where none was kept (see ADDED), one that ends with *ending* is kept now.
        """
        if path not in self._beside:
            (wanted,) = safe_paths([path + ending])
            while fold(wanted) in self._taken:
                wanted = f"{wanted[: -len(ending)]}-2{ending}"
            self._taken.add(fold(wanted))
            self._beside[path] = wanted
        return self._beside[path]

    def make(self, path: str, data: bytes) -> str:
        """Add a file to the lesson at *path*, which ``beside`` gave."""
        found = self.write(data)
        self.files[path] = Found(path, found.location, found.size)
        return path

    def add(self, path: str, data: bytes) -> str:
        """Add a file of ours to the lesson at *path*, or with a number if that name is taken; where it is now."""
        stem, dot, kind = path.rpartition(".")
        names = (path, *(f"{stem}-{number}{dot}{kind}" for number in range(2, 1000)))
        free = next(safe for name in names if fold(safe := safe_paths([name])[0]) not in self._taken)
        self._taken.update(_with_folders(fold(free)))
        return self.make(free, data)

    def write(self, data: bytes) -> Found:
        """Write *data* to the work folder; it is no file of the lesson yet."""
        location = self.free()
        location.write_bytes(data)
        return Found("", location, len(data))

    def folder(self) -> Path:
        """A new empty folder for what is unpacked."""
        folder = self.free()
        folder.mkdir()
        return folder

    def free(self) -> Path:
        """A name in the work folder that nothing has yet."""
        self._made += 1
        return self._work / f"made-{self._made - 1}"

    def place(self, container: str, files: dict[str, Found]) -> dict[str, str]:
        """Add *files*, by their names inside *container*, to the lesson: name inside → path in the lesson.

        They lie in the folder ``<container>.d``, or one with a number if the lesson has that already. With nothing
        added, raises UnsafePath for paths that cannot be told apart from others of the lesson, and Bomb for too many.
        """
        if len(self.files) + len(files) > MAX_FILES:
            raise Bomb(path=container, reason=f"the lesson would hold more than {MAX_FILES} files")
        folder, number = f"{container}.d", 1
        while fold(folder) in self._taken:
            number += 1
            folder = f"{container}-{number}.d"
        given = [f"{folder}/{name}" for name in files]
        safe = safe_paths(given)
        if not self._taken.isdisjoint(map(fold, safe)):
            raise UnsafePath(path=folder, reason="its files would take the place of others")
        renamed = [name for name, path, wanted in zip(files, safe, given, strict=True) if path != wanted]
        if renamed:
            self.warn(
                Notice(
                    "%(number)s files inside %(path)s have new names that every system can hold: it may not work.",
                    number=len(renamed),
                    path=container,
                )
            )
        for found, path, wanted in zip(files.values(), safe, given, strict=True):
            self.files[path] = Found(path, found.location, found.size)
            self.given[path] = wanted
            self._path[wanted] = path
            self._taken.update(_with_folders(fold(path)))
        return dict(zip(files, safe, strict=True))

    def replace(self, path: str, found: Found) -> None:
        """Let the file *path* of the lesson hold the bytes of *found*, which lies in the work folder."""
        self.files[path] = Found(path, found.location, found.size)

    def drop(self, path: str) -> None:
        """Take the file at *path* out of the lesson."""
        del self.files[path]

    def named(self, given: str) -> str | None:
        """Path in the lesson of the file that its author calls *given*."""
        return self._path.get(nfc(given))

    def family(self, stem: str) -> list[str]:
        """The files called *stem* and one or two extensions, sorted: ``cell.mp4``, ``cell.fr.vtt``."""
        if self._families is None:
            self._families = {}
            for path in sorted(self.given):
                once = path.rpartition(".")[0]
                for key in {once, once.rpartition(".")[0]} - {""}:
                    self._families.setdefault(key, []).append(path)
        return self._families.get(stem, [])

    def warn(self, notice: Notice) -> None:
        """Tell the author."""
        self.warnings.append(notice)

    # --- references between files ---

    def target(self, page: str, reference: str) -> str | None:
        """The file that *reference* in *page* means, or None if the lesson has no such file."""
        wanted = self._wanted(self.given[page], reference)
        if wanted is None:
            return None
        for candidate in (wanted, *(posixpath.join(wanted, index) for index in INDEXES)):
            if found := self._path.get(posixpath.normpath(candidate)):
                return found
        return None

    def arrives(self, page: str, reference: str, target: str) -> bool:
        """Whether a browser that follows *reference* from *page* as it now lies arrives at *target*."""
        served = self._wanted(page, reference)
        return served is not None and target in {served, *(posixpath.join(served, one) for one in INDEXES)}

    def similar(self, page: str, reference: str) -> str | None:
        """A file that *reference* would mean if capitals did not matter."""
        wanted = self._wanted(self.given[page], reference)
        return self._folded.get(wanted.casefold()) if wanted else None

    @staticmethod
    def _wanted(page: str, reference: str) -> str | None:
        path = nfc(unquote(reference.partition("#")[0].partition("?")[0])).replace("\\", "/")
        if not path or path.startswith("/"):
            return None
        return posixpath.normpath(posixpath.join(posixpath.dirname(page), path))


def _with_folders(path: str) -> Iterator[str]:
    """*path* and the folders above it."""
    while path:
        yield path
        path = path.rpartition("/")[0]


def spoken(path: str) -> str:
    """A title made from a file or folder name: ``01_Boucle_for.ipynb`` gives ``Boucle for``."""
    name = path.rpartition("/")[2]
    # “Cours 1.2” has no extension.
    stem = name if media_type(name) == UNKNOWN else name[: -len(extension(name)) - 1]
    words = " ".join(stem.replace("_", " ").replace("-", " ").split())
    number, _, rest = words.partition(" ")
    if rest and number.strip(".)").isdigit() and len(number) <= 3:
        words = rest
    return title_of(words[:1].upper() + words[1:]) or title_of(name) or "?"


def title_of(text: str) -> str:
    """*text* on one line, in NFC, without control characters, at most 200 characters; may be empty."""
    return nfc(printable(" ".join(text.split())))[:200].strip()
