"""The page on stolen boxes names what a box keeps: a new file or table of the box is missing there until somebody says what a thief does with it."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path

import pytest

from edubox.box.accounts import first
from edubox.box.own import backup, identity, reset
from edubox.box.school.database import SchoolFile
from edubox.box.setup import FOLDERS
from edubox.hardware.card import kept, wifi_note
from edubox.sync import enrolment, offers
from tests.box.school import NOW

PAGE = (Path(__file__).parents[2] / "docs" / "stolen.md").read_text("utf-8")
CELLS = " ".join(re.findall(r"^\| (`[^|]*) \|", PAGE, re.MULTILINE))


@pytest.fixture
def box(tmp_path):
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    identity.make(tmp_path, NOW, "a computer")
    return tmp_path


def test_every_key_file_of_a_fresh_box_is_on_it(box):
    found = {path.name for path in (box / "keys").rglob("*") if path.is_file()}
    assert {"writer", "recovery-code", "first", "desk.key"} <= found
    assert not [name for name in found if name not in CELLS]


def test_every_table_of_people_is_on_it(box):
    SchoolFile(box).write(lambda db: db.execute("SELECT 1"))
    with contextlib.closing(sqlite3.connect(box / "school.db")) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    tables = {name for name in tables if not name.startswith("sqlite_")}
    assert {"person", "handin"} <= tables
    assert not [name for name in tables if f"`{name}`" not in CELLS]


def test_every_place_where_people_put_something_is_on_it():
    names = {*FOLDERS, *reset._FOLDERS}
    assert not [name for name in names if f"`{name}/" not in CELLS]
    files = {
        *backup._KEYS, *backup._FILES, wifi_note.NAME, kept.NETWORK, enrolment.NAME, enrolment.REQUEST, enrolment.CODE, offers.WITHDRAWN,
    }  # fmt: skip
    assert not [name for name in files if name not in CELLS]


def test_the_recovery_code_and_the_first_code_leave_the_card_as_the_page_says(box):
    identity.forget_code(box)
    assert not (box / "keys" / "recovery-code").exists()
    assert first.read(box), "until it is used"


def test_the_figures_of_the_page_are_those_of_the_code():
    from edubox.box.accounts.journal import YEARS
    from edubox.box.school.handins import LONGEST, USUAL
    from edubox.trust.passwords import MEMORY, PASSES

    assert (MEMORY, PASSES, USUAL) == (19 * 1024, 2, 30)
    assert LONGEST <= 366
    assert YEARS <= 2 * 366 * 86_400
