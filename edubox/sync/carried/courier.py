"""Writing a courier: a mirror in zip parts that a phone or a stick can carry, for a box with no line.

Every part holds the signatures whole and some of the files, so that each can be handed in alone, in any
order. Which member goes into which part is decided before anything is written, from names and sizes alone:
the same mirror and the same wishes give the same bytes. A part is written beside its place and renamed when
it is on the disk, so what has a part's name is whole; one that is there already is kept, and a cut costs the
part under way.
"""

from __future__ import annotations

import json
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import BadInput, EduboxError, Unreachable
from edubox.pack.manifest import PIECE
from edubox.pack.names import check_part
from edubox.store.layout import DIRECTORY
from edubox.store.platform import Reserve, ensure_room, full_disk_is_no_room, make_folder, replacing
from edubox.sync.carried.carry import METADATA, TEXT, Item
from edubox.sync.carried.courier_source import MAX_DIRECTORY, MAX_ENTRIES, MAX_PARTS, PART_SIZE, members
from edubox.sync.fetching.sources import BLOCK
from edubox.trust.fetch import FolderFetch, open_inside

#: Bytes of the largest file that is never split: whatever a reader wants in one go is no larger.
WHOLE = 16 * 1024 * 1024
#: Texts that take no more than this share of a part are in every part.
EVERYWHERE = 10
#: Bytes of a zip around its members, and around each of them besides its name, which stands there twice.
_END, _HEAD, _LISTED = 22, 30, 46
#: No reserve.
_NOTHING = Reserve()
_COUNTRY_FILE = re.compile(rf"{DIRECTORY}/targets/[0-9a-f]{{64}}\.country\.json\Z")
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Stretch:
    """One member to be: *size* bytes of the mirror's file *path*, from byte *begin* on; *split*: not all of it.

    *data*: the bytes themselves, of a file that may be replaced while others are copied.
    """

    path: str
    begin: int
    size: int
    split: bool = False
    data: bytes | None = None

    @property
    def name(self) -> str:
        """What the member is called."""
        return f"{self.path}@{self.begin}" if self.split else self.path

    @property
    def cost(self) -> int:
        """Bytes that it takes in a part."""
        return _HEAD + _LISTED + 2 * len(self.name) + self.size


def plan(items: Sequence[Item], part_size: int) -> list[list[Stretch]]:
    """What goes into each part of at most *part_size* bytes, in the order of *items*, metadata into each.

    Texts go into each part too as long as that costs little: films can be taken out of a part only by a box
    that has their lesson's text. Raises BadInput when the parts are too small, or too many.
    """
    items = list({item.path: item for item in items}.values())  # lessons may share files
    head = [_whole(item) for item in items if item.kind == METADATA]
    texts = [_whole(item) for item in items if item.kind == TEXT]
    rest = [item for item in items if item.kind != METADATA]
    if sum(one.cost for one in texts) <= part_size // EVERYWHERE and len(texts) <= MAX_ENTRIES // EVERYWHERE:
        head += texts
        rest = [item for item in rest if item.kind != TEXT]
    filling = _Filling(head, part_size)
    for item in rest:
        filling.add(item)
    parts = [part for part in filling.parts if len(part) > len(head)] or [head]
    if len(parts) > MAX_PARTS:
        raise BadInput(
            reason=f"this would make {len(parts)} parts, and {MAX_PARTS} are the most: ask for less"
        )
    return parts


def _whole(item: Item) -> Stretch:
    return Stretch(item.path, 0, item.size, data=item.data)


class _Filling:
    """Parts being filled; each begins with *head*."""

    def __init__(self, head: list[Stretch], part_size: int) -> None:
        self._head, self._size = head, part_size
        self.parts = [list(head)]
        self._used = self._begun = _END + sum(one.cost for one in head)
        self._listed = self._list_begun = sum(_LISTED + len(one.name) for one in head)

    def add(self, item: Item) -> None:
        """Put *item* in, whole or, if it is large, as many of its pieces as fit here and the rest in further parts."""
        begin = 0
        while True:
            left = item.size - begin
            room = self._size - self._used - Stretch(item.path, begin, 0, split=True).cost
            size = left if left <= room or item.size <= WHOLE else room // PIECE * PIECE
            one = Stretch(item.path, begin, size, split=size < item.size)
            if not self._has_room(one):
                self._begin_part(item)
                continue
            self.parts[-1].append(one)
            self._used += one.cost
            self._listed += _LISTED + len(one.name)
            begin += size
            if begin == item.size:
                return

    def _has_room(self, one: Stretch) -> bool:
        return (
            (one.size > 0 or not one.split)
            and self._used + one.cost <= self._size
            and self._listed + _LISTED + len(one.name) <= MAX_DIRECTORY
            and len(self.parts[-1]) < MAX_ENTRIES
        )

    def _begin_part(self, item: Item) -> None:
        if len(self.parts[-1]) == len(self._head):
            raise BadInput(
                reason=f"parts of {self._size / 1e6:.1f} MB are too small: each carries {self._begun / 1e6:.1f} MB of "
                f"signatures, and a file of {item.size / 1e6:.1f} MB waits"
            )
        self.parts.append(list(self._head))
        self._used, self._listed = self._begun, self._list_begun


def export(
    mirror: Path, items: Sequence[Item], folder: Path, who: str, *,
    part_size: int = PART_SIZE, reserve: Reserve = _NOTHING, progress: Progress = lambda *_: None,
) -> list[Path]:  # fmt: skip
    """Write *items* of *mirror* to *folder*, and return the parts; older parts for *who* leave.

    *who* ends their name: a box, or ``all``. *reserve* bytes of the disk stay free. Raises BadInput,
    Unreachable (the mirror cannot be read), NoRoom.
    """
    parts = plan(items, part_size)
    stem = f"edubox-{country_of(mirror, items)}-{check_part(who)}"
    named = [(folder / f"{stem}-{number}of{len(parts)}.zip", part) for number, part in enumerate(parts, 1)]
    with full_disk_is_no_room(folder):
        make_folder(folder.absolute())
        _remove_older(folder, stem, {path.name for path, _ in named})
        lacking = [(path, part) for path, part in named if not _finished(path, part)]
        total = sum(size_of(part) for _, part in lacking)
        ensure_room(folder, total, len(lacking), reserve)
        done = 0
        for path, part in lacking:
            for count in _write(mirror, path, part):
                done += count
                progress(path.name, min(done, total), total)
    return [path for path, _ in named]


def _remove_older(folder: Path, stem: str, kept: set[str]) -> None:
    """Remove the parts of an earlier courier called *stem*, and those that a killed export was writing.

    Before the new ones are written: they would take their room, and mixed on a phone nobody could tell them apart.
    """
    part = re.compile(rf"(?:{re.escape(stem)}-\d+of\d+\.zip|\.{re.escape(stem)}-\d+of\d+\.zip\.\d+\.new)\Z")
    for path in list(folder.iterdir()):
        if part.match(path.name) and path.name not in kept:
            path.unlink()


def country_of(mirror: Path, items: Sequence[Item]) -> str:
    """The country's id, for the parts' names."""
    for item in items:
        if _COUNTRY_FILE.match(item.path):
            try:
                return check_part(str(json.loads(FolderFetch(mirror).read(item.path, WHOLE))["id"]))
            except (EduboxError, ValueError, KeyError, TypeError, RecursionError):
                break
    return "country"


def size_of(part: Sequence[Stretch]) -> int:
    """Bytes of the zip that *part* makes."""
    return _END + sum(one.cost for one in part)


def _finished(path: Path, part: Sequence[Stretch]) -> bool:
    """Whether *path* is this part already. Names tell contents apart, but for timestamps, whose bytes are at hand."""
    try:
        if path.stat().st_size != size_of(part):
            return False
        listed = members(path)
    except (OSError, EduboxError):
        return False
    return len(listed) == len(part) and all(
        (there.name, there.size) == (one.name, one.size)
        and (one.data is None or there.crc == zlib.crc32(one.data))
        for there, one in zip(listed, part, strict=True)
    )


def _write(mirror: Path, path: Path, part: Sequence[Stretch]) -> Iterator[int]:
    """Write one part; gives the number of bytes after each step."""
    with replacing(path) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for one in part:
            # ZipInfo's own date is 1980-01-01; nothing here depends on the day or the machine.
            member = zipfile.ZipInfo(one.name)
            member.create_system, member.external_attr, member.file_size = 3, 0o644 << 16, one.size
            with archive.open(member, "w") as target:
                for block in _blocks(mirror, one):
                    target.write(block)
                    yield len(block)
            yield one.cost - one.size


def _blocks(mirror: Path, one: Stretch) -> Iterator[bytes]:
    if one.data is not None:
        yield one.data
        return
    left = one.size
    with open_inside(mirror, one.path) as handle:
        handle.seek(one.begin)
        while left:
            try:
                block = handle.read(min(BLOCK, left))
            except OSError as error:
                raise Unreachable(source=mirror, reason=error.strerror or "reading failed") from None
            if not block:
                raise Unreachable(source=mirror, reason=f"{one.path} became shorter")
            left -= len(block)
            yield block
