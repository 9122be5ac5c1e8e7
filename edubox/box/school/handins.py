"""What pupils hand in: one file each in a drop-box, under a first name, until a day that everybody is shown.

Rows are in ``school.db``, files in ``handins/<class>/<id>`` of the data folder, which no synchronisation, stick or box
nearby reads; both are in the encrypted backup. A file arrives beside its place and gets its name when it is whole and on
the disk; its row comes after it and goes before it, so that a cut leaves at most a file without a row, which ``clear``
takes away.

Everything in a drop-box is erased on the day that it says. A clock alone does not do that: the box must have noted one
day or more before that the day is near, and a clock that is corrected meanwhile makes it forget the note.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from edubox.box.school import bare, kinds
from edubox.box.school.classes import class_id, ensure_fewer, line
from edubox.box.school.database import SchoolFile
from edubox.errors import NotFound, NotTaken
from edubox.pages.classroom import DropBox, HandIn
from edubox.store.platform import ensure_room, full_disk_is_no_room, make_folder, sync_folder

FOLDER = "handins"
#: Bytes of one file, and of all that a class has handed in.
LARGEST, OF_A_CLASS = 25_000_000, 1_000_000_000
DROPBOXES, HANDINS = 20, 200
#: Characters.
TITLE, ASK, NAME, FILE = 80, 500, 40, 80
#: Days after which everything is erased: usually, and at most.
USUAL, LONGEST = 30, 366
#: Seconds that lie at least between the note that the day is near and the erasing.
_NOTED = 23 * 3600
_COPY = 1024 * 1024
_SECRET, _PRIVATE = 0o600, 0o700
#: Held while a file has no row yet, and while files without rows are looked for.
_turn = threading.Lock()
_ID = re.compile(r"[a-z2-7]{26}\Z")
_RECEIPT = re.compile(r"[A-Z2-7]{12}\Z")
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*\u202a-\u202e\u2066-\u2069]')
_OF_BOX = (
    "SELECT id, name, file, media, size, at FROM handin WHERE dropbox = ? ORDER BY name COLLATE NOCASE, at"
)


def open_box(school: SchoolFile, code: str, title: str, ask: str, until: str, erase: str) -> None:
    """Let the class hand in up to the day *until*; all of it is erased on the day *erase*. Raises NotFound, TooMany."""

    def work(db: sqlite3.Connection) -> None:
        owner = class_id(db, code)
        ensure_fewer(db, "SELECT count(*) FROM dropbox WHERE class = ?", (owner,), DROPBOXES)
        db.execute(
            "INSERT INTO dropbox (class, title, ask, until, erase) VALUES (?, ?, ?, ?, ?)",
            (owner, line(title, TITLE), ask.strip()[:ASK], until, erase),
        )

    school.write(work)


def listed(school: SchoolFile, box: DropBox) -> list[HandIn]:
    """What was handed in to *box*, by first name."""
    return school.read(lambda db: [HandIn(*row) for row in db.execute(_OF_BOX, (box.id,))], [])


def one(school: SchoolFile, box: DropBox, ident: str) -> HandIn | None:
    """The hand-in *ident* of *box*."""
    return next((found for found in listed(school, box) if found.id == ident), None)


def of_receipt(school: SchoolFile, box: DropBox, receipt: str) -> HandIn | None:
    """What was handed in to *box* when the *receipt* was given."""
    typed = "".join(receipt.upper().replace("-", "").split())
    if not _RECEIPT.match(typed):
        return None
    query = "SELECT id, name, file, media, size, at FROM handin WHERE dropbox = ? AND receipt = ?"

    def work(db: sqlite3.Connection) -> HandIn | None:
        row = db.execute(query, (box.id, _hashed(typed))).fetchone()
        return None if row is None else HandIn(*row)

    return school.read(work, None)


def path_of(data: Path, ident: str) -> Path | None:
    """Where the file of the hand-in *ident* is; None if it is gone."""
    if not _ID.match(ident):
        return None
    return next(iter((data / FOLDER).glob(f"*/{ident}")), None)


def take(
    school: SchoolFile, data: Path, code: str, box: DropBox, source: Path, file: str, name: str, now: int, *,
    instead: str = "",
) -> str:  # fmt: skip
    """Keep the file *source*, called *file* by the pupil *name*, in *box* of the class *code*; the receipt.

    It takes the place of the hand-in *instead*. Raises NotTaken, TooMany, NotFound, NoRoom.
    """
    size = source.stat().st_size
    if size > LARGEST:
        raise NotTaken(reason="large")
    with source.open("rb") as handle:
        found = kinds.known(handle.read(kinds.BEGINNING), file)
    if found is None:
        raise NotTaken(reason="kind")
    media, end = found
    ident, receipt = _random(26).lower(), _random(12)
    ensure_room(data, size, 2)
    with _turn, full_disk_is_no_room(data):
        target = _place(data, school, code) / ident
        try:
            _keep(source, target, media)
            kept = (file_name(file, end), media, target.stat().st_size, now)
            school.write(lambda db: _insert(
                db, code, box.id, (ident, box.id, _hashed(receipt), line(_plain(name), NAME), *kept), instead
            ))  # fmt: skip
        except BaseException:
            target.unlink(missing_ok=True)
            raise
    if instead:
        _unlink(data, instead)
    return receipt


def take_back(school: SchoolFile, data: Path, ident: str) -> None:
    """Erase one hand-in, row and file."""
    _erase(school, data, lambda db: _gone(db, "handin WHERE id = ?", ident))


def close_box(school: SchoolFile, data: Path, code: str, box: int) -> None:
    """Erase a drop-box of the class and everything in it. Raises NotFound."""

    def work(db: sqlite3.Connection) -> list[str]:
        gone = _gone(
            db,
            "handin WHERE dropbox = (SELECT id FROM dropbox WHERE id = ? AND class = ?)",
            box,
            class_id(db, code),
        )
        db.execute("DELETE FROM dropbox WHERE id = ? AND class = ?", (box, class_id(db, code)))
        return gone

    _erase(school, data, work)


def erase_class(school: SchoolFile, data: Path, code: str) -> None:
    """Erase a class with all that was said to it and handed in. Raises NotFound."""

    def work(db: sqlite3.Connection) -> list[str]:
        number = class_id(db, code)
        gone = _gone(db, "handin WHERE dropbox IN (SELECT id FROM dropbox WHERE class = ?)", number)
        db.execute("DELETE FROM class WHERE id = ?", (number,))
        return gone

    _erase(school, data, work)


def sweep(school: SchoolFile, data: Path, now: datetime) -> int:
    """Erase every drop-box whose day has come at *now*, and note those whose day is near; how many hand-ins were erased."""
    today, tomorrow = now.date().isoformat(), (now.date() + timedelta(days=1)).isoformat()
    moment = int(now.timestamp())
    near = "SELECT count(*) FROM dropbox WHERE erase <= ? OR overdue"
    if not school.read(lambda db: db.execute(near, (tomorrow,)).fetchone()[0], 0):
        return 0

    def work(db: sqlite3.Connection) -> list[str]:
        db.execute(
            "UPDATE dropbox SET overdue = 0 WHERE overdue AND (erase > ? OR overdue > ?)", (tomorrow, moment)
        )
        ripe = "SELECT id FROM dropbox WHERE overdue AND erase <= ? AND overdue <= ?"
        boxes = [row["id"] for row in db.execute(ripe, (today, moment - _NOTED))]
        gone: list[str] = []
        for box in boxes:
            gone += _gone(db, "handin WHERE dropbox = ?", box)
            db.execute("DELETE FROM dropbox WHERE id = ?", (box,))
        db.execute("UPDATE dropbox SET overdue = ? WHERE NOT overdue AND erase <= ?", (moment, tomorrow))
        return gone

    return _erase(school, data, work)


def clear(school: SchoolFile, data: Path) -> None:
    """Take away every file that no row names: a cut left it. While a damaged ``school.db`` lies beside, all of them stay."""
    if not (data / FOLDER).is_dir() or school.damaged():
        return
    with _turn:
        nothing: set[str] = set()
        rows = school.read(lambda db: {row["id"] for row in db.execute("SELECT id FROM handin")}, nothing)
        for path in (data / FOLDER).glob("*/*"):
            if path.name not in rows:
                path.unlink(missing_ok=True)


def file_name(file: str, end: str) -> str:
    """What the pupil called the *file*, as a name that every system can hold, with the ending *end*."""
    stem = re.split(r"[/\\]", file)[-1]
    stem = stem.rpartition(".")[0] if "." in stem else stem
    stem = line(_plain(stem), FILE - len(end)).strip(". ")
    return f"{stem or 'travail'}{end}"


def shown_receipt(receipt: str) -> str:
    """A receipt as people copy it: three groups of four."""
    return "-".join(receipt[at : at + 4] for at in range(0, len(receipt), 4))


def _insert(db: sqlite3.Connection, code: str, box: int, row: tuple[object, ...], instead: str) -> None:
    owner = class_id(db, code)
    if db.execute("SELECT 1 FROM dropbox WHERE id = ? AND class = ?", (box, owner)).fetchone() is None:
        raise NotFound(what="This drop-box")
    db.execute("DELETE FROM handin WHERE id = ? AND dropbox = ?", (instead, box))
    ensure_fewer(db, "SELECT count(*) FROM handin WHERE dropbox = ?", (box,), HANDINS)
    ensure_fewer(
        db, "SELECT coalesce(sum(size), 0) FROM handin WHERE dropbox IN (SELECT id FROM dropbox WHERE class = ?)",
        (owner,), OF_A_CLASS,
    )  # fmt: skip
    db.execute(
        "INSERT INTO handin (id, dropbox, receipt, name, file, media, size, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        row,
    )


def _place(data: Path, school: SchoolFile, code: str) -> Path:
    number = school.read(lambda db: class_id(db, code), 0)
    folder = data / FOLDER / str(number)
    make_folder(folder)
    for one in (folder.parent, folder):
        one.chmod(_PRIVATE)
    return folder


def _keep(source: Path, target: Path, media: str) -> None:
    """Copy *source* to the new file *target*, without what a camera wrote into it, and onto the disk."""
    beside = target.with_name(f".{target.name}")
    try:
        with open(os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _SECRET), "w+b") as out:
            _copy(source, out, media)
            out.flush()
            os.fsync(out.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(target.parent)


def _copy(source: Path, out: BinaryIO, media: str) -> None:
    if media in kinds.BARED:
        bare.strip(source, out, media)
        return
    with source.open("rb") as handle:
        shutil.copyfileobj(handle, out, _COPY)


def _gone(db: sqlite3.Connection, which: str, *values: object) -> list[str]:
    """Delete the rows *which* (of our own writing) names; their ids."""
    found = [row["id"] for row in db.execute(f"SELECT id FROM {which}", values)]  # noqa: S608
    db.execute(f"DELETE FROM {which}", values)  # noqa: S608
    return found


def _erase(school: SchoolFile, data: Path, work: Callable[[sqlite3.Connection], list[str]]) -> int:
    """Let *work* delete rows, then delete the files that it names; how many."""
    gone = school.write(work)
    for ident in gone:
        _unlink(data, ident)
    return len(gone)


def _unlink(data: Path, ident: str) -> None:
    path = path_of(data, ident)
    if path is not None:
        path.unlink(missing_ok=True)
        sync_folder(path.parent)


def _plain(text: str) -> str:
    return _NOT_IN_NAMES.sub(" ", text)


def _random(characters: int) -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode("ascii")[:characters]


def _hashed(receipt: str) -> str:
    return hashlib.sha256(receipt.encode("ascii")).hexdigest()
