"""Giving a box to other people: who worked with it and what is theirs leave, what the school published stays.

People, classes, what was announced and handed in, drafts, half-sent files and codes leave; installed lessons, the school's own
published lessons, its keys and its settings stay. Lessons of the school belong to nobody then: an administrator may change
them. What leaves of ``school.db`` leaves in one transaction and is overwritten there; folders follow, and a cut is followed by
the same again, since the mark of it goes last.
"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from edubox.box.accounts import first
from edubox.box.school import handins, week
from edubox.box.school.database import NAME, SchoolFile
from edubox.box.teacher import drafts, uploads
from edubox.hardware.card.box_folder import RESETTING
from edubox.store.lock import lock
from edubox.store.platform import sync_folder, write_atomic
from edubox.sync import offers

#: Tables of what people wrote; those that depend on a class go with it. Numbers of people are never given again.
_TABLES = ("class", "report", "person", "invitation", "journal", "substitute")
#: How far work for a teacher is, in ``staging``; what else is there belongs to lessons.
_OF_PEOPLE = ("week-*.json", "giving-*.json")
_FOLDERS = (handins.FOLDER, drafts.FOLDER, uploads.FOLDER, offers.FOLDER, week.FOLDER)


def reset(data: Path) -> str:
    """Let people and what is theirs leave the box in *data*; the one-time code of its next administrator.

    Nobody may be working with the box meanwhile. Raises NoRoom, Busy.
    """
    school = SchoolFile(data)
    with lock(data / ".lock"):
        write_atomic(data / RESETTING, b"")
        for damaged in data.glob(f"{NAME}.damaged-*"):
            damaged.unlink()
        if school.path.exists():
            school.write(_forget)
        for damaged in data.glob(f"{NAME}.damaged-*"):
            damaged.unlink()  # it was damaged until now
        for folder in _FOLDERS:
            shutil.rmtree(data / folder, ignore_errors=True)
        for work in _OF_PEOPLE:
            for path in (data / "staging").glob(work):
                path.unlink()
        code = first.make(data)
        (data / RESETTING).unlink()
        sync_folder(data)
    return code


def is_under_way(data: Path) -> bool:
    """Whether a reset of the box in *data* was cut."""
    return (data / RESETTING).exists()


def _forget(db: sqlite3.Connection) -> None:
    for table in _TABLES:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
    db.execute("UPDATE own_lesson SET owner = 0, draft = '', errand = ''")
    db.execute("UPDATE edition SET note = ''")
