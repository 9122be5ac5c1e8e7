"""The manifest: what one version of a lesson is, as canonical JSON whose hash is the version's id.

It names no publisher, slug or version (the signed index does), so the same lesson published twice has
one id. Metadata follow schema.org ``LearningResource``; ``toc`` is the tree that pupils walk; ``files``
lists every file with path, SHA-256, size and media type, sorted by path. A file with ``media: true``
travels as an object of its own, all others travel in bundles. A manifest of format 2 is no lesson but the system of
a board, one file that a box writes to its card. ``docs/formats/manifest.md`` and
``manifest.schema.json`` describe it for other implementations; this module is the reading they must match.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any

from edubox.errors import BadIdentifier, BadManifest
from edubox.pack import canonical
from edubox.pack.names import check_part, check_path, fold, is_sha256

#: The format of a lesson, and that of a system: a reader that knows lessons alone refuses it and asks for its update.
FORMAT, SYSTEM_FORMAT = 1, 2
#: The one file of a system.
SYSTEM_FILE = "system.img"
ITEM_TYPES = (
    "html", "pdf", "video", "audio", "image", "epub", "h5p", "scorm", "markdown", "notebook", "quiz", "file",
)  # fmt: skip
#: Piece of a bundle or file: the unit of resume, of source and of blame (DESIGN, Pack).
PIECE = 4 * 1024 * 1024
#: Files and bundles above this size list their pieces.
PIECES_ABOVE = 8 * 1024 * 1024
MAX_FILES = 100_000
MAX_FILE_SIZE = 64 * 1024**3
MAX_MANIFEST = 16 * 1024 * 1024
MAX_ITEMS = 20_000
MAX_TOC_DEPTH = 8
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")  # BCP 47, the part that lessons use
#: Characters that no text needs and that a terminal obeys; tab and line feed are the exceptions.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MEDIA_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,126}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}\Z")  # RFC 6838
_DURATION = re.compile(
    r"P(?=.)([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+S)?)?\Z"
)  # ISO 8601, as schema.org timeRequired
#: Metadata that a manifest may carry besides name and inLanguage: key → is a list of strings.
METADATA = {
    "description": False, "license": False, "timeRequired": False, "dateModified": False,
    "learningResourceType": False, "isBasedOn": False,
    "educationalLevel": True, "about": True, "author": True, "keywords": True,
}  # fmt: skip
_KEYS = {"format", "name", "inLanguage", "toc", "files", "libs", "original", "image", "system", *METADATA}


@dataclass(frozen=True, slots=True)
class File:
    """One file of a lesson; *sha256* names its object, *size* is in bytes."""

    path: str
    sha256: str
    size: int
    type: str
    media: bool = False
    pieces: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The manifest's spelling of this file."""
        value: dict[str, Any] = {
            "path": self.path,
            "sha256": self.sha256,
            "size": self.size,
            "type": self.type,
        }
        if self.media:
            value["media"] = True
        if self.pieces:
            value["pieces"] = list(self.pieces)
        return value


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the table of contents: a chapter (only *items*) or something to open (*entry*)."""

    title: str
    type: str = "html"
    entry: str | None = None
    text: str | None = None
    alternatives: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The manifest's spelling of this item."""
        value: dict[str, Any] = {"title": self.title}
        if self.entry is not None:
            value |= {"type": self.type, "entry": self.entry}
        if self.text is not None:
            value["text"] = self.text
        for key in ("alternatives", "links"):
            if found := getattr(self, key):
                value[key] = list(found)
        if self.items:
            value["items"] = [item.to_json() for item in self.items]
        return value

    def walk(self) -> list[Item]:
        """This item and all below it, in reading order."""
        return [self, *(found for item in self.items for found in item.walk())]


@dataclass(frozen=True)
class Manifest:
    """A lesson's version. Build with the constructor, read with ``parse``, write with ``to_bytes``."""

    name: str
    language: str
    toc: tuple[Item, ...]
    files: tuple[File, ...]
    metadata: dict[str, Any] = field(default_factory=dict)
    libs: tuple[str, ...] = ()
    original: str | None = None
    #: Path of the small picture that stands for the lesson in a list.
    image: str | None = None
    #: The board whose system this is, such as ``pc-amd64``; None for a lesson.
    system: str | None = None

    def to_bytes(self) -> bytes:
        """Canonical bytes; reading them back gives an equal manifest. Raises BadManifest."""
        value: dict[str, Any] = {
            "format": FORMAT if self.system is None else SYSTEM_FORMAT,
            "name": self.name,
            "inLanguage": self.language,
            "toc": [item.to_json() for item in self.toc],
            "files": [file.to_json() for file in sorted(self.files, key=lambda file: file.path)],
            **self.metadata,
        }
        if self.libs:
            value["libs"] = list(self.libs)
        if self.original is not None:
            value["original"] = self.original
        if self.image is not None:
            value["image"] = self.image
        if self.system is not None:
            value["system"] = self.system
        return canonical.write(value)

    @property
    def id(self) -> str:
        """The version's id: SHA-256 of its canonical bytes."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def size(self) -> int:
        """Bytes of all files, unpacked."""
        return sum(file.size for file in self.files)

    def items(self) -> list[Item]:
        """Every entry that can be opened, in reading order."""
        return [found for item in self.toc for found in item.walk() if found.entry is not None]

    def file(self, path: str) -> File | None:
        """The file at *path*, or None."""
        return self._by_path.get(path)

    @property
    def _by_path(self) -> dict[str, File]:
        index: dict[str, File] | None = self.__dict__.get("_index")
        if index is None:
            index = self.__dict__["_index"] = {file.path: file for file in self.files}
        return index


def parse(data: bytes) -> Manifest:
    """Read a manifest that came from outside; raises BadManifest, UnsafePath or UnknownFormat."""
    if len(data) > MAX_MANIFEST:
        raise BadManifest(reason="it is larger than 16 MiB")
    value = canonical.read(data, what="the lesson's manifest", known=SYSTEM_FORMAT)
    if unknown := value.keys() - _KEYS:
        raise BadManifest(reason=f"unknown field {min(unknown)!r}")
    files = tuple(_file(entry) for entry in _list(value, "files", MAX_FILES))
    if not files:
        raise BadManifest(reason="it lists no file")
    _check_paths([file.path for file in files])
    _check_contents(files)
    system = board_of(value)
    if system is not None and (len(files) > 1 or files[0].path != SYSTEM_FILE or files[0].media):
        raise BadManifest(reason=f"a system is the one file {SYSTEM_FILE}")
    paths = {file.path for file in files}
    counter = [0]
    toc = tuple(_item(entry, paths, 1, counter) for entry in _list(value, "toc", MAX_ITEMS))
    named = {key: value.get(key) for key in ("original", "image")}
    for key, path in named.items():
        if path is not None and not (isinstance(path, str) and path in paths):
            raise BadManifest(reason=f"the {key} is not among the files")
    language = _text(value, "inLanguage")
    if not _LANGUAGE.match(language):
        raise BadManifest(reason=f"{language[:40]!r} is not a language code")
    manifest = Manifest(
        name=_text(value, "name"), language=language, toc=toc, files=files,
        metadata=_metadata(value), libs=tuple(_strings(value, "libs")), system=system, **named,
    )  # fmt: skip
    if manifest.to_bytes() != data:
        raise BadManifest(reason="it spells something in two ways")
    return manifest


def board_of(value: dict[str, Any]) -> str | None:
    """The board whose system a manifest or index of format 2 is of; None for a lesson. Raises BadManifest."""
    board = value.get("system")
    if (value["format"] == SYSTEM_FORMAT) != ("system" in value):
        raise BadManifest(reason="only what is written in format 2 is a system, and it says of which board")
    if board is None and "system" not in value:
        return None
    try:
        return check_part(board if isinstance(board, str) else "")
    except BadIdentifier as error:
        raise BadManifest(reason=str(error)) from None


def _metadata(value: dict[str, Any]) -> dict[str, Any]:
    metadata: dict[str, Any] = {}
    for key, is_list in METADATA.items():
        if key in value:
            metadata[key] = _strings(value, key) if is_list else _text(value, key)
    if "timeRequired" in metadata and not _DURATION.match(metadata["timeRequired"]):
        raise BadManifest(reason="timeRequired is not a duration such as PT45M")
    return metadata


def _check_paths(paths: list[str]) -> None:
    if paths != sorted(paths):
        raise BadManifest(reason="its files are not sorted by path")
    known: set[str] = set()
    for path in paths:
        if fold(path) in known:
            raise BadManifest(reason=f"two files are called {path!r} on some systems")
        known.add(fold(path))
    for path in known:
        # A web server answers page.html with page.html.gz; a lesson's own file must not take that place.
        if path.endswith(".gz") and path[:-3] in known:
            raise BadManifest(reason=f"{path!r} would be taken for a compressed copy of another file")
        parts = path.split("/")
        for end in range(1, len(parts)):
            if "/".join(parts[:end]) in known:
                raise BadManifest(reason=f"{path!r} is below a file")


def _check_contents(files: tuple[File, ...]) -> None:
    known: dict[str, File] = {}
    for file in files:
        first = known.setdefault(file.sha256, file)
        if (first.size, first.pieces) != (file.size, file.pieces):
            raise BadManifest(reason=f"{first.path!r} and {file.path!r} are one content of two sizes")


def _file(entry: Any) -> File:
    if not isinstance(entry, dict) or entry.keys() - {"path", "sha256", "size", "type", "media", "pieces"}:
        raise BadManifest(reason="a file entry has unknown fields")
    path = check_path(_text(entry, "path", 4 * 1024))
    size = entry.get("size")
    if type(size) is not int or not 0 <= size <= MAX_FILE_SIZE:
        raise BadManifest(reason=f"the size of {path!r} is not a possible number of bytes")
    if not is_sha256(entry.get("sha256")):
        raise BadManifest(reason=f"the hash of {path!r} is not a SHA-256")
    if not _MEDIA_TYPE.match(_text(entry, "type")):
        raise BadManifest(reason=f"the media type of {path!r} is not valid")
    if entry.get("media", True) is not True:
        raise BadManifest(reason="media is written only when it is true")
    pieces = tuple(_strings(entry, "pieces", MAX_FILE_SIZE // PIECE))
    check_pieces(pieces, size, path)
    return File(path, entry["sha256"], size, entry["type"], "media" in entry, pieces)


def check_pieces(pieces: tuple[str, ...], size: int, what: str) -> None:
    """Raise BadManifest unless *pieces* are exactly the piece hashes that *size* asks for."""
    wanted = -(-size // PIECE) if size > PIECES_ABOVE else 0
    if len(pieces) != wanted or not all(is_sha256(piece) for piece in pieces):
        raise BadManifest(reason=f"the pieces of {what!r} do not cover it")


def _item(entry: Any, paths: set[str], depth: int, counter: list[int]) -> Item:
    counter[0] += 1
    if depth > MAX_TOC_DEPTH or counter[0] > MAX_ITEMS:
        raise BadManifest(reason="its table of contents is too large")
    if not isinstance(entry, dict) or entry.keys() - {
        "title", "type", "entry", "text", "alternatives", "links", "items",
    }:  # fmt: skip
        raise BadManifest(reason="an item has unknown fields")
    title = _text(entry, "title")
    kind, target = entry.get("type"), entry.get("entry")
    if (kind is None) != (target is None) or (kind is not None and kind not in ITEM_TYPES):
        raise BadManifest(reason=f"the item {title[:40]!r} has an unknown type")
    alternatives = tuple(_strings(entry, "alternatives"))
    for path in (target, entry.get("text"), *alternatives):
        if path is not None and not (isinstance(path, str) and path in paths):
            raise BadManifest(reason=f"the item {title[:40]!r} names a file that is not there")
    items = tuple(_item(child, paths, depth + 1, counter) for child in _list(entry, "items", MAX_ITEMS))
    if target is None and not items:
        raise BadManifest(reason=f"the item {title[:40]!r} opens nothing")
    return Item(
        title, kind or "html", target, entry.get("text"), alternatives, tuple(_strings(entry, "links")), items
    )


def _text(value: dict[str, Any], key: str, limit: int = 2000) -> str:
    found = value.get(key)
    if not is_text(found, limit):
        raise BadManifest(reason=f"{key} must be a text of at most {limit} characters")
    return str(found)


def is_text(value: object, limit: int = 2000) -> bool:
    """Whether *value* is a text to show: not blank, without control characters, at most *limit* characters."""
    return (
        isinstance(value, str) and value.strip() != "" and len(value) <= limit and not _CONTROL.search(value)
    )


def _list(value: dict[str, Any], key: str, limit: int) -> list[Any]:
    found = value.get(key, [])
    if not isinstance(found, list) or len(found) > limit:
        raise BadManifest(reason=f"{key} must be a list of at most {limit} entries")
    return found


def _strings(value: dict[str, Any], key: str, limit: int = 1000) -> list[str]:
    found = _list(value, key, limit)
    if not all(is_text(item) for item in found):
        raise BadManifest(reason=f"{key} must be a list of short texts")
    return found
