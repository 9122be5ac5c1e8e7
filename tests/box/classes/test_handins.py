"""Work that was handed in leaves on the day that was shown, and never because a clock is wrong for an hour."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from edubox.box.school import classes, handins
from edubox.box.school.database import SchoolFile
from edubox.errors import NotFound
from tests.box.classes.test_handing import PDF


@pytest.fixture
def file(tmp_path):
    return SchoolFile(tmp_path)


@pytest.fixture
def kept(tmp_path, file):
    """A class's drop-box, to be erased on 30 December, with one file."""
    code = classes.make(file, "6e B")
    handins.open_box(file, code, "Dessin", "", "2026-11-30", "2026-12-30")
    (dropbox,) = classes.of_teachers(file, code).dropboxes
    source = tmp_path / "source"
    source.write_bytes(PDF)
    handins.take(file, tmp_path, code, dropbox, source, "x.pdf", "Lina", 1)
    return dropbox


def at(file, tmp_path, *moments):
    """How many hand-ins are left after the box looked at these moments: day, hour."""
    for year, month, day, hour in moments:
        handins.sweep(file, tmp_path, datetime(year, month, day, hour, tzinfo=UTC))
    return len(list((tmp_path / "handins").glob("*/*")))


def test_a_box_that_is_on_every_day_erases_on_the_day(file, tmp_path, kept):
    assert at(file, tmp_path, (2026, 12, 28, 8), (2026, 12, 29, 8), (2026, 12, 29, 17)) == 1
    assert at(file, tmp_path, (2026, 12, 30, 8)) == 0
    assert handins.listed(file, kept) == []


def test_after_a_holiday_it_goes_within_a_day(file, tmp_path, kept):
    assert at(file, tmp_path, (2027, 1, 10, 8), (2027, 1, 10, 17)) == 1
    assert at(file, tmp_path, (2027, 1, 11, 8)) == 0


def test_a_clock_that_jumps_ahead_and_is_corrected_erases_nothing(file, tmp_path, kept):
    assert at(file, tmp_path, (2027, 3, 1, 8), (2026, 11, 25, 9), (2026, 11, 26, 9), (2026, 12, 28, 8)) == 1
    assert at(file, tmp_path, (2026, 12, 29, 8), (2026, 12, 30, 8)) == 0


def test_a_clock_that_was_set_back_keeps_it_until_the_day_comes(file, tmp_path, kept):
    assert at(file, tmp_path, (2026, 12, 29, 8), (2020, 1, 1, 8), (2026, 12, 30, 8)) == 1
    assert at(file, tmp_path, (2026, 12, 31, 8)) == 0


def test_a_file_that_a_cut_left_goes_and_one_beside_a_damaged_list_stays(file, tmp_path, kept):
    left = tmp_path / "handins" / "1" / ("a" * 26)
    left.write_bytes(b"x")
    handins.clear(file, tmp_path)
    assert not left.exists()
    assert at(file, tmp_path) == 1
    file.path.write_bytes(b"x" * 5000)
    classes.make(SchoolFile(tmp_path), "5e A")
    handins.clear(SchoolFile(tmp_path), tmp_path)
    assert at(SchoolFile(tmp_path), tmp_path) == 1


def test_a_drop_box_that_was_erased_meanwhile_takes_nothing(file, tmp_path, kept):
    code = classes.every(file)[0].code
    handins.close_box(file, tmp_path, code, kept.id)
    with pytest.raises(NotFound):
        handins.take(file, tmp_path, code, kept, tmp_path / "source", "x.pdf", "Lina", 1)
    assert at(file, tmp_path) == 0
