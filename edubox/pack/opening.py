"""Opening what a teacher gives: a folder, a zip or one document becomes a list of files on the disk.

Files of a folder stay where they are; a zip is inflated into the caller's work folder, under numbers, while
its bytes are counted. Nothing here follows a link or believes a size. Junk that systems leave behind is dropped
in silence; what is left out although an author might miss it is named in a list. A zip that is a document of
its own (an H5P exercise, a text document …) is told by the names of its members and stays one file.
"""

from __future__ import annotations

import os
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from edubox.errors import BadArchive, Bomb, EmptyPack, UnreadableSource, UnsafePath
from edubox.pack.archive import BLOCK, open_archive, open_member, open_regular
from edubox.pack.manifest import MAX_FILES
from edubox.pack.names import printable
from edubox.pack.zipnames import decode_name, decode_names

#: Bytes that one zip may inflate to: a small card's worth.
MAX_TOTAL = 16 * 1024**3
#: Honest files compress up to 35 times, a bomb of zeros a thousand times (FIELD-NOTES §6). Below the floor a
#: high ratio hurts nobody: an empty drawing does that.
MAX_RATIO, RATIO_ABOVE = 100, 1024 * 1024
_JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini", "ehthumbs.db"})
_UNIX_TYPE = 16  # external_attr holds the Unix mode in its upper half


@dataclass(frozen=True, slots=True)
class Found:
    """One file of a source: its *path* as the author named it, in NFC; *location* on the disk; *size* in bytes."""

    path: str
    location: Path
    size: int

    def open(self) -> BinaryIO:
        """Its bytes; raises UnreadableSource."""
        return open_regular(self.location)


@dataclass(frozen=True, slots=True)
class Opened:
    """What a source holds. *name* is its own, without extension; *single* when it is one document; *left_out* are links and devices."""

    name: str
    files: list[Found]
    single: bool = False
    left_out: list[str] = field(default_factory=list)


def open_source(source: Path, work: Path) -> Opened:
    """List the files of the folder, zip or document *source*; a zip is inflated below *work*, a folder of ours.

    Raises UnreadableSource, EmptyPack, UnsafePath, BadArchive or Bomb.
    """
    name = decode_name(os.fsencode(source.absolute().name))
    if source.is_dir():
        opened = _open_folder(source, name)
    else:
        with open_regular(source) as file:
            size = os.fstat(file.fileno()).st_size
        if name.lower().endswith(".zip") and not is_document(source):
            opened = _open_zip(source, Path(name).stem, work)
        else:
            opened = Opened(Path(name).stem, [Found(name, source, size)], single=True)
    if not opened.files:
        raise EmptyPack(path=source)
    return opened


def is_junk(path: str) -> bool:
    """Whether *path* is something that systems and programs leave behind, or that its author hid."""
    return any(
        part.startswith((".", "~$")) or part.lower() in _JUNK
        for part in path.split("/")
        if part not in {".", ".."}
    )


# --- folders -------------------------------------------------------------------------------------------


def _open_folder(folder: Path, name: str) -> Opened:
    files: list[Found] = []
    left_out: list[str] = []
    waiting = [("", folder)]
    while waiting:
        prefix, here = waiting.pop()
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
            listed = [(entry, entry.stat(follow_symlinks=False)) for entry in entries]
        except OSError as error:
            raise UnreadableSource(path=here, reason=error.strerror) from None
        for entry, facts in listed:
            path = prefix + decode_name(os.fsencode(entry.name))
            if is_junk(path):
                continue
            if stat.S_ISDIR(facts.st_mode):
                waiting.append((path + "/", Path(entry.path)))
            elif stat.S_ISREG(facts.st_mode):
                if not os.access(entry.path, os.R_OK):
                    raise UnreadableSource(path=entry.path, reason="you may not read it")
                files.append(Found(path, Path(entry.path), facts.st_size))
            else:
                left_out.append(path)
        if len(files) > MAX_FILES:
            raise UnreadableSource(path=folder, reason=f"it holds more than {MAX_FILES} files")
    return Opened(name, sorted(files, key=lambda found: found.path), left_out=left_out)


# --- zips ----------------------------------------------------------------------------------------------


def is_document(path: Path) -> bool:
    """Whether the zip at *path* is one document for one program, told by its members' names.

    Raises UnreadableSource, BadArchive or Bomb.
    """
    with open_archive(path) as archive:
        names = set(archive.namelist())
    first = {name.partition("/")[0] for name in names}
    return bool(names & _DOCUMENT_MEMBERS) or {"META-INF", "mimetype"} <= first


#: A member at the top of the archive that only one kind of document has.
_DOCUMENT_MEMBERS = frozenset({
    "h5p.json",  # H5P
    "imsmanifest.xml",  # SCORM and Common Cartridge
    "tincan.xml", "cmi5.xml",  # xAPI, cmi5
    "META-INF/container.xml",  # EPUB
    "META-INF/MANIFEST.MF",  # Java, Android
    "[Content_Types].xml",  # Word, Excel, PowerPoint
    "META-INF/manifest.xml",  # OpenDocument
    "geogebra.xml",  # GeoGebra
    "moodle_backup.xml",  # Moodle
})  # fmt: skip


def _open_zip(path: Path, name: str, work: Path) -> Opened:
    files, left_out = unzip(path, work, most=MAX_FILES, room=MAX_TOTAL)
    top = _common_folder([found.path for found in files])
    own = [Found(found.path[len(top) :], found.location, found.size) for found in files]
    return Opened(name, sorted(own, key=lambda found: found.path), left_out=left_out)


def unzip(path: Path, into: Path, *, most: int, room: int) -> tuple[list[Found], list[str]]:
    """Inflate the zip at *path* into the folder *into*, under numbers; files in the archive's order, and links left out.

    *most* files and *room* bytes at most. Raises UnreadableSource, UnsafePath, BadArchive or Bomb.
    """
    left_out: list[str] = []
    with open_archive(path) as archive:
        members = archive.infolist()
        kept: list[tuple[str, zipfile.ZipInfo]] = []
        for member, given in zip(members, decode_names(members), strict=True):
            inside = given.replace("\\", "/")
            if inside.endswith("/") or is_junk(inside):
                continue
            _check_inside(inside)
            if _is_link(member):
                left_out.append(inside)
                continue
            kept.append((inside, member))
        if len(kept) > most:
            raise Bomb(path=path.name, reason=f"it holds more than {most} files")
        _check_twice(path, kept)
        files: list[Found] = []
        room = min(room, max(RATIO_ABOVE, MAX_RATIO * path.stat().st_size))
        for number, (inside, member) in enumerate(kept):
            target = into / str(number)
            size = _inflate(archive, member, target, f"{path.name}: {printable(inside)}", room)
            room -= size
            files.append(Found(inside, target, size))
    return files, left_out


def _check_inside(path: str) -> None:
    """Refuse what no honest zip program writes; merely awkward names are repaired by the builder."""
    if path.startswith("/") or path[1:3] == ":/":
        raise UnsafePath(path=path, reason="it is absolute")
    if {"..", ".", ""} & set(path.split("/")):
        raise UnsafePath(path=path, reason="it leaves its folder or is empty")
    if "\0" in path:
        raise UnsafePath(path=path, reason="it holds a control character")


def _is_link(member: zipfile.ZipInfo) -> bool:
    mode = member.external_attr >> _UNIX_TYPE
    return stat.S_IFMT(mode) not in {0, stat.S_IFREG}


def _check_twice(path: Path, kept: list[tuple[str, zipfile.ZipInfo]]) -> None:
    known: set[str] = set()
    for inside, _ in kept:
        if inside in known:
            raise BadArchive(path=path.name, reason=f"it holds {inside!r} twice")
        known.add(inside)


def _common_folder(paths: list[str]) -> str:
    """``lesson/`` if everything lies in one folder of that name, else nothing."""
    first = {path.partition("/")[0] for path in paths}
    return f"{first.pop()}/" if len(first) == 1 and all("/" in path for path in paths) else ""


def _inflate(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, name: str, room: int) -> int:
    """Write *member* to *target* and return its size; at most *room* bytes."""
    limit = min(room, max(RATIO_ABOVE, MAX_RATIO * member.compress_size))
    size = 0
    with open_member(archive, member, name) as stream, target.open("xb") as out:
        while block := stream.read(BLOCK):
            size += len(block)
            if size > limit:
                raise Bomb(path=name, reason=f"more than {limit} bytes from {member.compress_size}")
            out.write(block)
    return size
