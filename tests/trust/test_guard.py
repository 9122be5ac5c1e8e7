"""A publication that clients would refuse is none."""

from __future__ import annotations

import pytest

from edubox.errors import NotTrusted
from edubox.trust import directory, publisher
from edubox.trust.editor import Editor
from edubox.trust.guard import check_publication
from tests.trust.repositories import (
    DAY,
    ID,
    MINUTE,
    NOW,
    PREFIX,
    TIMESTAMP,
    Country,
    Publisher,
    key,
    resigned,
    write,
)

INDEX = {"a.json": b"second"}


@pytest.fixture
def author():
    author = Publisher()
    author.publish({"a.json": b"first"})
    return author


@pytest.fixture
def mirror(author, tmp_path):
    write(tmp_path / "mirror", author.mirror.files)
    return tmp_path / "mirror"


def files(author, now=NOW + 2 * MINUTE):
    return publisher.change(author.mirror, ID, INDEX, author.writer, now)


def test_a_good_publication_passes_and_nothing_is_written_by_looking(author, mirror):
    before = sorted(mirror.rglob("*"))
    check_publication(mirror, PREFIX, files(author), INDEX, NOW + 2 * MINUTE)
    assert sorted(mirror.rglob("*")) == before


def test_the_first_publication_needs_no_previous_state(tmp_path):
    check_publication(tmp_path, PREFIX, Publisher().mirror.files, {}, NOW)


def test_the_wrong_key_is_noticed(author, mirror):
    broken = files(author)
    path = next(path for path in broken if path.endswith(".targets.json"))
    broken[path] = resigned(broken[path], key(), lambda _: None)
    with pytest.raises(NotTrusted, match="would refuse"):
        check_publication(mirror, PREFIX, broken, INDEX, NOW + 2 * MINUTE)


def test_a_forgotten_file_is_noticed(author, mirror):
    for path in files(author):
        broken = files(author)
        if path != TIMESTAMP:
            del broken[path]
            with pytest.raises(NotTrusted):
                check_publication(mirror, PREFIX, broken, INDEX, NOW + 2 * MINUTE)


def test_another_target_than_meant_is_noticed(author, mirror):
    with pytest.raises(NotTrusted, match="another one"):
        check_publication(mirror, PREFIX, files(author), {"a.json": b"secund"}, NOW + 2 * MINUTE)
    with pytest.raises(NotTrusted):
        check_publication(mirror, PREFIX, files(author), {"b.json": b""}, NOW + 2 * MINUTE)


def test_what_only_a_box_that_was_here_before_would_refuse_is_noticed(author, mirror):
    # Made from an older copy: a new client would take it.
    older = Publisher()
    older.root, older.writer, older.mirror = author.root, author.writer, author.mirror.copy()
    broken = publisher.change(older.mirror, ID, INDEX, older.writer, NOW + 2 * MINUTE)
    author.publish({"z.json": b"z"}, NOW + 60 * MINUTE)
    write(mirror, author.mirror.files)
    with pytest.raises(NotTrusted, match="would refuse"):
        check_publication(mirror, PREFIX, broken, INDEX, NOW + 60 * MINUTE)


def test_a_timestamp_of_the_version_that_clients_hold_is_noticed(author, mirror):
    same = {TIMESTAMP: resigned(author.mirror.files[TIMESTAMP], author.writer, lambda _: None)}
    same[TIMESTAMP] = same[TIMESTAMP] + b"\n"
    with pytest.raises(NotTrusted, match="would not take"):
        check_publication(mirror, PREFIX, same, {}, NOW + 2 * MINUTE)


def test_signatures_that_end_before_they_begin_are_noticed(author, mirror):
    with pytest.raises(NotTrusted, match="ended"):
        check_publication(mirror, PREFIX, files(author), INDEX, NOW + 500 * DAY)


def test_a_publication_over_expired_signatures_is_what_repairs_them(author, mirror):
    late = NOW + 500 * DAY
    check_publication(mirror, PREFIX, files(author, late), INDEX, late)


def test_a_role_whose_line_was_dropped_is_noticed(tmp_path):
    country = Country()
    write(tmp_path, country.mirror.files)
    editor = Editor.open(country.mirror, directory.PREFIX, 30)
    snapshot = editor.signed("snapshot")
    del snapshot.meta["ministry.json"]
    broken = editor.release(country.keys["snapshot"], country.keys["timestamp"], NOW + MINUTE)
    with pytest.raises(NotTrusted, match="missing info"):
        check_publication(tmp_path, directory.PREFIX, broken, {}, NOW + MINUTE)
