"""New keys, at every level: whoever follows goes on, wherever a rotation was cut."""

from __future__ import annotations

import pytest

from edubox.errors import NotTrusted
from edubox.trust import directory, publisher
from edubox.trust.guard import check_publication
from tests.trust.repositories import DAY, ID, MINUTE, NOW, PREFIX, Box, Country, Mirror, Publisher, key, write

ROLES = ("root", "targets", "snapshot", "timestamp")


def rotated(country, roles, now, threshold=None):
    """The files of the next root of *country*, which has new keys for *roles* afterwards."""
    new = {role: [key()] for role in roles}
    files = directory.Directory(country.mirror).rotate_root(country.keys, new, now, threshold)
    country.keys |= new
    return files


@pytest.mark.parametrize(
    "roles", [(), ("root",), ("timestamp",), ("snapshot", "timestamp"), ("targets",), ROLES]
)
def test_boxes_follow_a_rotation_of_the_country_wherever_it_is_cut(roles, tmp_path):
    country = Country()
    country.enter(Publisher().record())
    held = Box(tmp_path / "held", country.root, "directory")
    held.sync(country.mirror, "country.json")
    files = rotated(country, roles, NOW + DAY)
    now = NOW + DAY + MINUTE
    for count in range(len(files) + 1):
        cut = country.mirror.copy()
        cut.files |= dict(list(files.items())[:count])
        for number, box in enumerate([held, Box(tmp_path / f"fresh-{count}", country.root, "directory")]):
            box.sync(
                cut, "country.json", "pub/ministry/x.json", now=now, keep=not number and count == len(files)
            )
    assert held.root_version == 2


def test_a_rotated_country_goes_on_being_changed_with_the_new_keys_alone(tmp_path):
    country = Country()
    old = dict(country.keys)
    country.mirror.files |= rotated(country, ROLES, NOW + DAY)
    country.enter(Publisher().record(), NOW + 2 * DAY)
    box = Box(tmp_path, country.root, "directory")
    box.sync(country.mirror, "pub/ministry/x.json", now=NOW + 2 * DAY)
    listed = directory.Directory(country.mirror)
    with pytest.raises(NotTrusted, match="same key"):
        listed.release(old["snapshot"][0], old["timestamp"][0], NOW + 3 * DAY)


def test_somebody_elses_key_cannot_sign_the_next_root():
    country = Country()
    strangers = {role: [key()] for role in ROLES}
    with pytest.raises(NotTrusted, match="same key"):
        directory.Directory(country.mirror).rotate_root(strangers, {"root": [key()]}, NOW + DAY)


def test_a_country_of_one_key_becomes_one_of_two_of_three(tmp_path):
    country = Country()
    three = [key() for _ in range(3)]
    listed = directory.Directory(country.mirror)
    write(tmp_path / "mirror", country.mirror.files)
    files = listed.rotate_root(country.keys, {"root": three}, NOW + DAY, threshold=2)
    check_publication(tmp_path / "mirror", "directory", files, {}, NOW + DAY)
    country.mirror.files |= files
    write(tmp_path / "mirror", files)
    two = country.keys | {"root": three[:2]}
    check_publication(
        tmp_path / "mirror", "directory", directory.Directory(country.mirror).rotate_root(two, {}, NOW + 2 * DAY), {},
        NOW + 2 * DAY,
    )  # fmt: skip
    one = country.keys | {"root": three[:1]}
    alone = directory.Directory(country.mirror).rotate_root(one, {}, NOW + 2 * DAY)
    with pytest.raises(NotTrusted):
        check_publication(tmp_path / "mirror", "directory", alone, {}, NOW + 2 * DAY)


def test_a_publisher_changes_both_its_keys_and_its_followers_go_on(tmp_path):
    author = Publisher()
    author.publish({"a.json": b"first"})
    box = Box(tmp_path, author.first_root)
    box.sync(author.mirror, "a.json")
    root, writer = key(), key()
    files = publisher.rotate(author.mirror, ID, (author.root, author.writer), (root, writer), NOW + DAY)
    for count in range(len(files) + 1):
        cut = Mirror(author.mirror.files | dict(list(files.items())[:count]))
        assert box.sync(cut, "a.json", now=NOW + DAY + MINUTE, keep=False) == {"a.json": b"first"}
    author.mirror.files |= files
    author.mirror.files |= publisher.change(author.mirror, ID, {"a.json": b"second"}, writer, NOW + 2 * DAY)
    assert box.sync(author.mirror, "a.json", now=NOW + 2 * DAY) == {"a.json": b"second"}
    assert f"{PREFIX}/metadata/2.root.json" in author.mirror.files
    assert author.record().root_version == 2
