"""What the parts for one box hold: chosen once, written down for two days, so that a phone that was cut goes on.

What is written down names public files of the mirror and nothing else: not the list, not the box, not who asked. It is called by
its own hash, so the same lack of two schools is one note, and a note that had to leave is the same again when the list is brought
again. ``timestamp.json`` is the only file of a mirror that is ever replaced: its bytes are in the note.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import hashlib
import json
import os
import re
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edubox.pack.index import Index
from edubox.store.platform import full_disk_is_no_room, make_folder, write_atomic
from edubox.sync.carried.carry import (
    MEDIA,
    METADATA,
    TEXT,
    Item,
    chosen,
    held,
    media_of_lesson,
    metadata,
    repositories_in,
)
from edubox.sync.carried.courier import Stretch, country_of, plan, size_of
from edubox.sync.carried.courier_source import PART_SIZE
from edubox.sync.carried.enrolments import CARRIED_ANSWER
from edubox.sync.carried.wants import Want

#: Seconds that a note is kept, notes and bytes of notes at most, and bytes of one when it is read.
KEPT, MOST, ROOM, LARGEST = 2 * 86_400, 200, 64 * 1024 * 1024, 32 * 1024 * 1024
#: Lessons whose media are remembered: they are unpacked from the beginning of a bundle otherwise.
REMEMBERED = 4096
TOKEN = re.compile(r"[0-9a-f]{32}\Z")
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes along, and in files of at most *part_size* bytes; *country* is its id, for their names."""

    country: str
    part_size: int
    items: tuple[Item, ...]

    @property
    def lessons(self) -> int:
        """Lessons that are new to the box or newer than its own."""
        return len({item.group for item in self.items if item.kind == TEXT})

    @property
    def media(self) -> int:
        """Films, sounds and pictures."""
        return sum(item.kind == MEDIA for item in self.items)

    def parts(self) -> list[list[Stretch]]:
        """What goes into each part. Raises BadInput when the parts are too small, or too many."""
        return plan(self.items, self.part_size)


class Chooser:
    """Chooses from the mirror in the folder *mirror*, for one list at a time."""

    def __init__(self, mirror: Path) -> None:
        self._mirror = mirror
        self._media: OrderedDict[str, list[tuple[str, int]] | None] = OrderedDict()
        self._turn, self._queue = threading.Lock(), threading.BoundedSemaphore(3)

    def choose(self, want: Want, part_size: int, patience: float) -> Choice | None:
        """What *want* asks for; None when others ask and *patience* seconds were not enough.

        Raises BadInput (see ``Choice.parts``), MissingFile, NotTrusted, Unreachable.
        """

        def make() -> Choice:
            items = tuple(chosen(self._mirror, [want], self._media_of))
            return Choice(country_of(self._mirror, items), part_size, items)

        return self._in_turn(make, patience)

    def answer(self, said: bytes, school: str, patience: float) -> Choice | None:
        """The directory with what it says of *school* (empty: of none), and what is *said* to its box; None as in ``choose``."""

        def make() -> Choice:
            (directory,) = repositories_in(self._mirror, [])
            found = metadata(directory, [school] if school else [])
            items = (Item(CARRIED_ANSWER, len(said), METADATA, CARRIED_ANSWER, said), *found)
            return Choice(country_of(self._mirror, items), PART_SIZE, items)

        return self._in_turn(make, patience)

    def _in_turn(self, make: Callable[[], Choice], patience: float) -> Choice | None:
        """What *make* makes; reading a whole mirror is work: only so much of it may be asked for at once, by whoever it is."""
        if not self._queue.acquire(blocking=False):
            return None
        try:
            if not self._turn.acquire(timeout=patience):
                return None
            try:
                made = make()
                made.parts()
                return made
            finally:
                self._turn.release()
        finally:
            self._queue.release()

    def _media_of(self, mirror: Path, index: Index) -> list[tuple[str, int]] | None:
        """As ``media_of_lesson``, remembered: a manifest's hash never means another one."""
        known = index.manifest in self._media
        found = self._media.pop(index.manifest) if known else media_of_lesson(mirror, index)
        if found is not None:
            self._media[index.manifest] = found
            while len(self._media) > REMEMBERED:
                self._media.popitem(last=False)
        return found


class Notes:
    """Choices that were made, in *folder*; several processes may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, choice: Choice) -> str:
        """Write *choice* down; says the name by which ``find`` knows it. Raises NoRoom."""
        written = _write(choice)
        token = hashlib.sha256(written).hexdigest()[:32]
        with full_disk_is_no_room(self._folder):
            make_folder(self._folder)
            self.tidy(len(written))
            write_atomic(self._folder / token, zlib.compress(written), 0o600)
        return token

    def find(self, token: str) -> Choice | None:
        """The choice called *token*, if it is still there."""
        if not TOKEN.match(token):
            return None
        path = self._folder / token
        try:
            if path.stat().st_mtime < time.time() - KEPT:
                return None
            return _read(path.read_bytes())
        except (OSError, ValueError, zlib.error):
            return None

    def tidy(self, coming: int = 0) -> None:
        """Let go of what is too old, and of the oldest where there are too many for another one of *coming* bytes."""
        found = []
        with contextlib.suppress(OSError):
            for entry in os.scandir(self._folder):
                with contextlib.suppress(OSError):
                    stat = entry.stat(follow_symlinks=False)
                    found.append((stat.st_mtime, stat.st_size, entry.path))
        found.sort(reverse=True)
        room, oldest = ROOM - coming, time.time() - KEPT
        for number, (moment, size, path) in enumerate(found):
            room -= size
            if number >= MOST - 1 or room < 0 or moment < oldest:
                with contextlib.suppress(OSError):
                    os.unlink(path)


def is_whole(mirror: Path, part: Sequence[Stretch]) -> bool:
    """Whether every file of *part* is still in *mirror*: what was erased since then is nowhere."""
    return all(
        one.data is not None
        or ((mirror / one.path).is_file() if one.split else held(mirror, one.path, one.size))
        for one in part
    )


def sizes(choice: Choice) -> list[int]:
    """Bytes of each part."""
    return [size_of(part) for part in choice.parts()]


def _write(choice: Choice) -> bytes:
    items = [
        [
            one.path,
            one.size,
            one.kind,
            one.group,
            None if one.data is None else base64.b64encode(one.data).decode(),
        ]
        for one in choice.items
    ]
    value = {"format": _FORMAT, "country": choice.country, "part_size": choice.part_size, "items": items}
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _read(data: bytes) -> Choice:
    """Raises ValueError and zlib.error; the note is our own, so it is either whole or torn."""
    unpack = zlib.decompressobj()
    value = json.loads(unpack.decompress(data, LARGEST))
    if not unpack.eof or not isinstance(value, dict) or value.get("format") != _FORMAT:
        raise ValueError("no note of ours")
    try:
        items = tuple(
            Item(path, size, kind, group, None if text is None else base64.b64decode(text))
            for path, size, kind, group, text in value["items"]
        )
        return Choice(str(value["country"]), int(value["part_size"]), items)
    except (KeyError, TypeError, binascii.Error) as error:
        raise ValueError(str(error)) from None
