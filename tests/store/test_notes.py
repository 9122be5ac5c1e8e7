"""What a box remembers in small files, after a card that failed."""

from __future__ import annotations

import json

import pytest

from edubox.store.notes import LARGEST_FILE, read_note

HUGE = b"1" + b"0" * 400
DAMAGE = [
    b"", b"\0" * 64, b"\xff\xfe", b"{", b"[" * 100_000, b"NaN", b"[-Infinity]", b"1e999", HUGE, b"-" + HUGE,
    b'{"a": 1e300}', b"9" * 16, b'"\\ud800"', b"9" * 10_000, b" " * (LARGEST_FILE + 1),
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE, ids=lambda data: repr(data[:12]))
def test_damage_of_every_kind_is_one_error(tmp_path, damage):
    (tmp_path / "note.json").write_bytes(damage)
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says, the caller begins anew
        read_note(tmp_path / "note.json")


def test_what_a_box_writes_comes_back(tmp_path):
    value = {"a": [1, -2, 0, 1_795_561_218.25, None, True, "é 🚀"], "b": {"c": 10**15}}
    (tmp_path / "note.json").write_text(json.dumps(value), "utf-8")
    assert read_note(tmp_path / "note.json") == value


def test_an_absent_note_is_told_apart(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_note(tmp_path / "note.json")
