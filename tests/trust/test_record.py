"""What the directory says of a publisher."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from edubox.errors import BadIdentifier, NotTrusted
from edubox.trust.record import Record, check_authority, check_label, parse, record_name, split

RECORD = Record("ac-lille/lecons", "Académie de Lille — leçons", "academy", 3, "ab" * 32)
VALUE = json.loads(RECORD.to_bytes())


def spelled(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_a_record_comes_back_as_it_was():
    assert parse(RECORD.to_bytes(), RECORD.id) == RECORD
    assert record_name(RECORD.id) == "pub/ac-lille/lecons.json"


def test_a_move_comes_back_as_it_was_said_on_both_sides():
    left = replace(RECORD, status="moved", moved_to="ac-paris/lecons")
    arrived = replace(RECORD, id="ac-paris/lecons", moved_from=RECORD.id)
    assert parse(left.to_bytes(), RECORD.id) == left
    assert parse(arrived.to_bytes(), arrived.id) == arrived
    assert b"moved" not in RECORD.to_bytes()


@pytest.mark.parametrize("change", [
    {"status": "moved"}, {"moved_to": "ac-paris/x"}, {"status": "moved", "moved_to": "../x"}, {"moved_from": 7},
    {"status": "moved", "moved_to": None}, {"status": "moved", "moved_to": RECORD.id}, {"moved_from": RECORD.id},
    {"moved_from": "root/x"}, {"moved_from": None}, {"status": "suspended", "moved_to": "ac-paris/x"},
])  # fmt: skip
def test_half_a_move_or_one_to_nowhere_is_refused(change):
    with pytest.raises(NotTrusted):
        parse(spelled(VALUE | change), RECORD.id)


def test_a_label_is_written_in_one_spelling():
    assert replace(RECORD, label="été").to_bytes() == replace(RECORD, label="été").to_bytes()


def test_a_record_found_at_another_publishers_place_is_refused():
    with pytest.raises(NotTrusted, match="speaks of"):
        parse(RECORD.to_bytes(), "ac-lille/autre")


@pytest.mark.parametrize("change", [
    {"label": ""}, {"label": " "}, {"label": "a\nb"}, {"label": "\x1b[2J"}, {"label": "x" * 501}, {"label": 7},
    {"kind": ""}, {"kind": None}, {"status": "boss"}, {"status": []}, {"epoch": 0}, {"epoch": True}, {"epoch": 1.0},
    {"epoch": 2**31}, {"root": 1}, {"root": {"version": 1}}, {"root": {"version": -1, "sha256": "ab" * 32}},
    {"root": {"version": 10**30, "sha256": "ab" * 32}}, {"root": {"version": 1, "sha256": "AB" * 32}},
    {"root": {"version": 1, "sha256": "../x"}}, {"id": 7}, {"id": None}, {"format": 2}, {"format": "1"}, {"more": 1},
])  # fmt: skip
def test_a_field_that_is_not_as_it_must_be_is_refused(change):
    with pytest.raises(NotTrusted):
        parse(spelled(VALUE | change), RECORD.id)


@pytest.mark.parametrize("data", [
    b"", b"null", b"[]", b"\xff", b"[" * 100_000, json.dumps(VALUE).encode(), spelled(VALUE) + b"\n",
    spelled(VALUE).replace(b"{", b'{"a":1,', 1), spelled(VALUE).replace("é".encode(), b"\\u00e9"),
    spelled(VALUE).decode().encode("utf-16"), b'{"format":NaN}', spelled(VALUE).replace(b"academy", b"\\ud800"),
])  # fmt: skip
def test_bytes_that_spell_no_record_or_spell_it_otherwise_are_refused(data):
    with pytest.raises(NotTrusted):
        parse(data, RECORD.id)


@pytest.mark.parametrize("name", [
    "", "x", "a/b/c", "/x", "x/", "A/b", "a/../b", "a/b\n", "é/b", "-a/b", "a/" + "b" * 64, "root/x", "targets/x",
    "snapshot/x", "timestamp/x", "ministry-bin-0f/x",
])  # fmt: skip
def test_an_id_that_cannot_be_a_folder_and_a_role_is_refused(name):
    with pytest.raises(BadIdentifier):
        split(name)


def test_ids_that_look_like_roles_but_are_not_are_fine():
    assert split("ministry-bin/root") == ("ministry-bin", "root")
    assert check_authority("bin-0g") == "bin-0g"


def test_a_label_is_one_line():
    assert check_label("Ministère — leçons") == "Ministère — leçons"
    with pytest.raises(BadIdentifier):
        check_label("a\x1b[31m")
