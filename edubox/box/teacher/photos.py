"""Photos that a teacher takes of paper, until they are one PDF: in which order, how turned, and what of each.

They lie in ``photos/`` of the draft, with ``photos.json``, which says in which order and how. Small pictures of them
(``<id>.jpg``) and the proposal where the paper ends are made by a child (``photo_work``), since the serving process opens no
picture. Once the PDF is made the photos are gone, with all that the camera wrote into them.
"""

from __future__ import annotations

import base64
import contextlib
import json
import re
import secrets
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from edubox.box.teacher import drafts
from edubox.box.teacher.draft import NAME, one_line
from edubox.errors import NotFound, TooMany
from edubox.store.lock import lock
from edubox.store.notes import read_note
from edubox.store.platform import ensure_room, full_disk_is_no_room, make_folder, sync_folder, write_atomic

FOLDER, PROGRESS = "photos", "photos-progress.json"
#: Photos of one PDF.
MOST = 60
#: Thousandths of a side, of which at least LEAST stay.
WHOLE, LEAST = 1000, 100
_NOTE, _LOCK = "photos.json", ".photos"
_IDENT = re.compile(r"[a-z2-7]{26}\Z")
_PATIENCE = 10.0


@dataclass(frozen=True, slots=True)
class Photo:
    """One photo. *turn* in degrees, clockwise; the edges of what is kept in thousandths of the turned photo."""

    id: str
    name: str = ""
    turn: int = 0
    left: int = 0
    top: int = 0
    right: int = WHOLE
    bottom: int = WHOLE
    #: Pixels of its small picture, upright; 0: nobody has looked at it, or (-1) it is no picture.
    width: int = 0
    height: int = 0


def listed(place: Path) -> list[Photo]:
    """The photos in the folder *place* of a draft, in their order; what is said of them is checked and cut to size."""
    try:
        value = read_note(place / FOLDER / _NOTE)
    except (OSError, ValueError):
        return []
    told = value.get("photos") if isinstance(value, dict) else None
    found = (
        [_understood(one) for one in told[:MOST] if isinstance(one, dict)] if isinstance(told, list) else []
    )
    return [one for one in found if one is not None]


def add(data: Path, ident: str, name: str, source: Path) -> None:
    """Move the finished file *source* among the photos of the draft *ident*. Raises NotFound, TooMany, NoRoom, Busy."""
    drafts.read(data, ident)
    place = drafts.folder(data, ident)
    with full_disk_is_no_room(data), lock(place / _LOCK, _PATIENCE):
        known = listed(place)
        if len(known) >= MOST:
            raise TooMany(limit=MOST)
        ensure_room(data, source.stat().st_size, 4)
        make_folder(place / FOLDER)
        new = Photo(
            base64.b32encode(secrets.token_bytes(17)).decode("ascii").lower()[:26], one_line(name, NAME)
        )
        _write(place, [*known, new])
        source.replace(place / FOLDER / new.id)
        sync_folder(place / FOLDER)


def change(data: Path, ident: str, work: Callable[[list[Photo]], list[Photo]]) -> None:
    """Let *work* make another list of the photos of the draft *ident*; files that it leaves out are gone. Raises NoRoom, Busy."""
    place = drafts.folder(data, ident)
    if not (place / FOLDER).is_dir():
        return
    with full_disk_is_no_room(data), lock(place / _LOCK, _PATIENCE):
        before = listed(place)
        after = work(before)
        _write(place, after)
        for gone in {one.id for one in before} - {one.id for one in after}:
            (place / FOLDER / gone).unlink(missing_ok=True)
            small(place, gone).unlink(missing_ok=True)


def forget(place: Path) -> None:
    """Leave none of the photos."""
    with contextlib.suppress(FileNotFoundError):
        (place / FOLDER / _NOTE).unlink()
        sync_folder(place / FOLDER)
    shutil.rmtree(place / FOLDER, ignore_errors=True)


def small(place: Path, photo: str) -> Path:
    """Where the small picture of the photo with the id *photo* is. Raises NotFound for what is no id."""
    if not _IDENT.match(photo):
        raise NotFound(what="This photo")
    return place / FOLDER / f"{photo}.jpg"


def turned(photo: Photo, *, right: bool) -> Photo:
    """*photo*, a quarter turned to the *right* or to the left; what is kept of it stays."""
    left, top, far, bottom = photo.left, photo.top, photo.right, photo.bottom
    turn = (photo.turn + (90 if right else 270)) % 360
    if right:
        return replace(photo, turn=turn, left=WHOLE - bottom, top=left, right=WHOLE - top, bottom=far)
    return replace(photo, turn=turn, left=top, top=WHOLE - far, right=bottom, bottom=WHOLE - left)


def cut_to(photo: Photo, left: int, top: int, right: int, bottom: int) -> Photo:
    """*photo*, of which what lies between these edges is kept; at least a tenth of each side."""
    left, top = (min(max(edge, 0), WHOLE - LEAST) for edge in (left, top))
    right, bottom = max(min(right, WHOLE), left + LEAST), max(min(bottom, WHOLE), top + LEAST)
    return replace(photo, left=left, top=top, right=right, bottom=bottom)


_NUMBERS = ("turn", "left", "top", "right", "bottom", "width", "height")


def _understood(value: dict[str, Any]) -> Photo | None:
    ident = value.get("id")
    if not isinstance(ident, str) or not _IDENT.match(ident):
        return None
    known = {
        name: value[name]
        for name in _NUMBERS
        if isinstance(value.get(name), int) and abs(value[name]) < 100_000
    }
    photo = Photo(ident, one_line(value.get("name"), NAME), **known)
    if photo.turn not in {0, 90, 180, 270}:
        photo = replace(photo, turn=0)
    return cut_to(photo, photo.left, photo.top, photo.right, photo.bottom)


def _write(place: Path, photos: list[Photo]) -> None:
    said = {"format": 1, "photos": [asdict(one) for one in photos]}
    write_atomic(place / FOLDER / _NOTE, json.dumps(said, ensure_ascii=False).encode(), 0o600)
