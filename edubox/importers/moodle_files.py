"""The files of a Moodle backup: ``files.xml`` says which activity shows each, under which name, and by which hash it lies in
the archive. It also says who uploaded it, and lists what pupils handed in: neither is kept, not even in memory.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import Bomb
from edubox.importers.moodle_archive import Stream, members
from edubox.importers.workshop import Workshop
from edubox.importers.xml_tree import BadXml, Element, read_xml
from edubox.pack.archive import BLOCK
from edubox.pack.manifest import MAX_FILES
from edubox.pack.opening import MAX_TOTAL, Found, is_junk

_LIST = "files.xml"
#: Component and area of the files that activities show; all others are users' own, or the site's.
_AREAS = frozenset({
    "mod_page/content", "mod_label/intro", "mod_book/chapter", "mod_resource/content", "mod_folder/content",
    "mod_url/intro", "mod_h5pactivity/package", "mod_scorm/package", "course/section",
})  # fmt: skip
#: Bytes of one file's description.
_MAX_ENTRY = 64 * 1024
_HASH = re.compile(r"[0-9a-f]{40}\Z")
_END = b"</file>"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file: its *path* below the activity's folder, the *hash* it lies under; *first* if it is what opens."""

    path: str
    hash: str
    first: bool = False


#: (context, component/area, item) → its files, in the order of files.xml.
Files = dict[tuple[str, str, str], list[StoredFile]]


def read_list(location: Path) -> Files:
    """The files that activities of the backup at *location* show. Raises BadArchive, Bomb or UnreadableSource."""
    found: Files = {}
    count = 0
    for member in members(location):
        if member.name != _LIST:
            continue
        for described in _descriptions(member.open()):
            value = {one.name: one.text.strip() for one in described.children}
            area = f"{value.get('component')}/{value.get('filearea')}"
            path = posixpath.normpath(
                f"{value.get('filepath', '/')}/{value.get('filename', '.')}".lstrip("/")
            )
            if (
                area not in _AREAS
                or path in {".", ".."}
                or path.startswith("../")
                or value.get("filename") == "."
            ):
                continue
            if (
                path.lower().endswith(".mbz")
                or is_junk(path)
                or not _HASH.match(value.get("contenthash", ""))
            ):
                continue
            count += 1
            if count > MAX_FILES:
                raise Bomb(path=location.name, reason=f"it lists more than {MAX_FILES} files")
            item = (
                "0" if area.startswith("mod_") and not area.endswith("/chapter") else value.get("itemid", "0")
            )
            stored = StoredFile(path, value["contenthash"], value.get("sortorder") == "1")
            found.setdefault((value.get("contextid", ""), area, item), []).append(stored)
        break
    return found


def fetch(location: Path, wanted: dict[str, StoredFile], workshop: Workshop) -> tuple[dict[str, Found], int]:
    """Write the *wanted* files to the work folder: name → file, and how many are missing.

    Raises Bomb for more bytes than a lesson holds, BadArchive or UnreadableSource.
    """
    hashes = {one.hash for one in wanted.values()}
    lying: dict[str, Found] = {}
    folder = workshop.folder()
    room = MAX_TOTAL
    for member in members(location) if hashes else ():
        name = member.name.rpartition("/")[2]
        if name not in hashes or member.name != f"files/{name[:2]}/{name}" or name in lying:
            continue
        size = _write(member.open(), folder / name, room)
        lying[name] = Found("", folder / name, size)
        room -= size
        if len(lying) == len(hashes):
            break
    return {name: lying[one.hash] for name, one in wanted.items() if one.hash in lying}, len(
        hashes - lying.keys()
    )


def _descriptions(stream: Stream) -> Iterator[Element]:
    """Each ``<file>`` of the list by itself: a backup has hundred thousands."""
    waiting = b""
    while block := stream.read(BLOCK):
        *whole, waiting = (waiting + block).split(_END)
        for one in whole:
            start = one.rfind(b"<file ")
            try:
                yield read_xml(one[start:] + _END)
            except BadXml:
                continue
        waiting = waiting[-_MAX_ENTRY:]


def _write(stream: Stream, target: Path, room: int) -> int:
    size = 0
    with target.open("xb") as out:
        while block := stream.read(BLOCK):
            size += len(block)
            if size > room:
                raise Bomb(path=target.name, reason=f"more than {MAX_TOTAL} bytes")
            out.write(block)
    return size
