"""Office files from outside: zips of XML, read one part at a time, each as a stream of events.

Nothing is unpacked to the disk and no part is held whole. expat tells of entities before they are used, and they are
refused, as in ``xml_tree``; what a member inflates to is counted; an address outside the file is never followed. Names of
elements lose their prefix, since producers disagree on it; attributes keep theirs, which all producers write alike.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from typing import NoReturn
from xml.parsers import expat

from edubox.errors import BadArchive
from edubox.importers.notices import Notice
from edubox.importers.xml_tree import BadXml
from edubox.pack.archive import BLOCK, open_member
from edubox.pack.opening import MAX_RATIO, RATIO_ABOVE

#: Bytes of XML of one part, depth of its elements, bytes of one picture.
_MAX_XML, _MAX_DEPTH, _MAX_PICTURE = 256 * 1024 * 1024, 200, 64 * 1024 * 1024
#: (what happens, name or words, attributes): "start", "end" or "text".
Event = tuple[str, str, dict[str, str]]


def members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The archive's members by name; of two with one name, the first."""
    return {member.filename: member for member in reversed(archive.infolist())}


def read_part(archive: zipfile.ZipFile, name: str, largest: int = _MAX_PICTURE) -> bytes | None:
    """The member *name*, or None if it is absent or inflates to more than *largest* bytes. Raises BadArchive."""
    member = members(archive).get(name)
    if member is None:
        return None
    limit = min(largest, max(RATIO_ABOVE, MAX_RATIO * member.compress_size))
    with open_member(archive, member, name) as stream:
        data = stream.read(limit + 1)
    return data if len(data) <= limit else None


def events(archive: zipfile.ZipFile, name: str) -> Iterator[Event]:
    """The member *name* as events, in order. Raises BadArchive if it is absent or damaged, BadXml."""
    member = members(archive).get(name)
    if member is None:
        raise BadArchive(path=name, reason="it is missing")
    waiting: list[Event] = []
    depth = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _MAX_DEPTH:
            raise BadXml(Notice("too large"))
        waiting.append(("start", tag.rpartition(":")[2], attributes))

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        waiting.append(("end", tag.rpartition(":")[2], {}))

    def refuse(*_: object) -> NoReturn:
        raise BadXml(Notice("written with entities, which are not safe"))

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: waiting.append(("text", text, {}))
    parser.EntityDeclHandler = parser.AttlistDeclHandler = parser.ExternalEntityRefHandler = refuse
    room = min(_MAX_XML, max(RATIO_ABOVE, MAX_RATIO * member.compress_size))
    with open_member(archive, member, name) as stream:
        while block := stream.read(BLOCK):
            room -= len(block)
            if room < 0:
                raise BadXml(Notice("too large"))
            yield from _parsed(parser, block, waiting, last=False)
    yield from _parsed(parser, b"", waiting, last=True)


def _parsed(parser: expat.XMLParserType, block: bytes, waiting: list[Event], *, last: bool) -> list[Event]:
    try:
        parser.Parse(block, last)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise error if isinstance(error, BadXml) else BadXml(Notice("not well formed")) from None
    found = list(waiting)
    waiting.clear()
    return found


def relations(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    """What the relations of *part* name: id → name of a member, or an address on another site (``https:…``)."""
    folder, _, name = part.rpartition("/")
    listed = f"{folder}/_rels/{name}.rels".lstrip("/")
    if listed not in members(archive):
        return {}
    found: dict[str, str] = {}
    for what, tag, attributes in events(archive, listed):
        if what == "start" and tag == "Relationship":
            target = attributes.get("Target", "")
            if attributes.get("TargetMode") != "External":
                target = _inside(folder, target)
            found[attributes.get("Id", "")] = target
    return found


def _inside(folder: str, target: str) -> str:
    """*target*, seen from *folder*, as a member's name; ``..`` never leaves the archive."""
    parts = [] if target.startswith("/") else folder.split("/")
    for part in target.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/".join(filter(None, parts))
