"""Signing what lies in a mirror that others can write to."""

from __future__ import annotations

import json

import pytest

from edubox.errors import HashMismatch, MissingFile, NotTrusted
from edubox.trust import publisher
from edubox.trust.directory import Directory
from edubox.trust.editor import EPOCH, next_version
from edubox.trust.leftovers import unnamed
from tests.trust.repositories import (
    DAY,
    ID,
    MINUTE,
    NOW,
    PREFIX,
    TIMESTAMP,
    Box,
    Country,
    Mirror,
    Publisher,
    resigned,
)


@pytest.fixture
def author():
    author = Publisher()
    author.publish({"a.json": b"first"})
    return author


def test_the_timestamp_is_the_last_file_and_the_snapshot_the_one_before(author):
    files = list(publisher.change(author.mirror, ID, {"b.json": b"x"}, author.writer, NOW))
    assert [path.split(".", 1)[1] for path in files[-3:]] == ["targets.json", "snapshot.json", "json"]
    assert files[0].endswith(".b.json")


def test_versions_go_on_whatever_the_clock_says():
    minutes = int((NOW - EPOCH).total_seconds()) // 60
    assert next_version(1, NOW) == minutes, "a dead card's successor is ahead of what clients have seen"
    assert next_version(minutes, NOW) == minutes + 1
    assert next_version(minutes, NOW - 500 * DAY) == minutes + 1


def test_publishing_twice_in_a_minute_or_with_a_clock_that_went_back_works(author, tmp_path):
    box = Box(tmp_path, author.first_root)
    for number, now in enumerate([NOW + MINUTE, NOW + MINUTE, NOW - DAY]):
        author.publish({"a.json": f"turn {number}".encode()}, now)
        assert box.sync(author.mirror, "a.json") == {"a.json": f"turn {number}".encode()}


@pytest.mark.parametrize("role", ["targets", "snapshot", "timestamp"])
def test_what_somebody_changed_in_the_mirror_gets_no_signature_of_ours(author, role):
    path = author.mirror.path(role)
    author.mirror.files[path] = author.mirror.files[path].replace(
        b'"spec_version":"1.0.31"', b'"spec_version":"1.0.30"'
    )
    with pytest.raises(NotTrusted, match="not signed with the same key"):
        author.publish({"b.json": b"x"})


def test_what_somebody_else_signed_in_the_mirror_gets_no_signature_of_ours(author):
    path = author.mirror.path("targets")
    author.mirror.files[path] = resigned(author.mirror.files[path], Publisher().writer, lambda _: None)
    with pytest.raises(NotTrusted, match="not signed with the same key"):
        author.publish({"b.json": b"x"})


def test_an_old_list_under_a_new_name_is_noticed(author):
    old = author.mirror.files[author.mirror.path("targets")]
    author.publish({"b.json": b"x"}, NOW + 2 * MINUTE)
    author.mirror.files[author.mirror.path("targets")] = old
    with pytest.raises(NotTrusted, match="another file than its name says"):
        author.publish({"c.json": b"x"}, NOW + 3 * MINUTE)


def test_a_bin_that_somebody_changed_is_not_signed_by_its_authority():
    country = Country()
    record = Publisher().record()
    country.enter(record)
    for path, data in list(country.mirror.files.items()):
        if "-bin-" in path:
            country.mirror.files[path] = resigned(data, country.keys["snapshot"][0], lambda _: None)
    with pytest.raises(NotTrusted, match="not signed with the same key"):
        country.enter(record, NOW + MINUTE)


@pytest.mark.parametrize(
    "damage", [b"", b"{}", b"[]", b"\xff", b"[" * 100_000, b'{"signatures":[],"signed":{}}']
)
@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_damaged_repository_is_said_so(author, role, damage):
    author.mirror.files[author.mirror.path(role)] = damage
    with pytest.raises(NotTrusted, match="damaged"):
        author.publish({"b.json": b"x"})


def test_a_role_in_the_place_of_another_is_refused(author):
    author.mirror.files[TIMESTAMP] = author.mirror.files[author.mirror.path("snapshot")]
    with pytest.raises(NotTrusted, match="another file"):
        author.publish({"b.json": b"x"})


def test_no_repository_is_a_missing_file():
    with pytest.raises(MissingFile):
        Directory(Mirror())


def test_the_published_bytes_of_a_target_are_checked(author):
    assert publisher.current(author.mirror, ID, "a.json") == b"first"
    assert publisher.current(author.mirror, ID, "b.json") is None
    path = next(path for path in author.mirror.files if path.endswith(".a.json"))
    author.mirror.files[path] = b"f1rst"
    with pytest.raises(HashMismatch):
        publisher.current(author.mirror, ID, "a.json")


def test_what_no_timestamp_names_is_found(author):
    ahead = publisher.change(author.mirror, ID, {"b.json": b"x"}, author.writer, NOW + 5 * MINUTE)
    left = [path.rpartition("/")[2] for path in ahead if "/metadata/" in path and path != TIMESTAMP]
    names = [path.rpartition("/")[2] for path in author.mirror.files if "/metadata/" in path]
    assert unnamed(author.mirror, PREFIX, names) == []
    assert sorted(unnamed(author.mirror, PREFIX, [*names, *left, "9.root.json", "x", ".y"])) == sorted(left)


def test_the_timestamp_says_when_it_was_signed(author):
    assert json.loads(author.mirror.files[TIMESTAMP])["signed"]["x-edubox-issued"] == "2026-12-01T08:01:00Z"
