"""The country's list of publishers, and who may write which line of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edubox.errors import AlreadyExists, BadIdentifier, NotFound, NotTrusted
from edubox.trust.directory import Directory
from edubox.trust.record import parse
from tests.trust.repositories import DAY, MINUTE, NOW, Box, Country, Publisher, key


@pytest.fixture
def country():
    return Country(("ministry", "ac-lille"))


@pytest.fixture
def record():
    return Publisher().record()


def test_a_box_that_holds_the_root_finds_a_publisher_and_the_country_file(country, record, tmp_path):
    country.enter(record)
    box = Box(tmp_path, country.root, "directory")
    found = box.sync(country.mirror, "pub/ministry/x.json", "country.json")
    assert parse(found["pub/ministry/x.json"], "ministry/x") == record
    assert found["country.json"] == b'{"format":1}'


def test_one_record_costs_a_box_one_bin_not_the_whole_list(country, record, tmp_path):
    country.enter(record)
    country.mirror.asked.clear()
    Box(tmp_path, country.root, "directory").sync(country.mirror, "pub/ministry/x.json")
    names = [path.rpartition("/")[2].split(".", 1)[-1] for path in country.mirror.asked]
    assert len([name for name in names if "-bin-" in name]) == 1
    assert not [name for name in names if "ac-lille" in name]


def test_a_record_may_be_replaced_and_the_newest_counts(country, record, tmp_path):
    country.enter(record)
    box = Box(tmp_path, country.root, "directory")
    box.sync(country.mirror, "pub/ministry/x.json")
    country.enter(replace(record, status="suspended"), NOW + MINUTE)
    found = box.sync(country.mirror, "pub/ministry/x.json")
    assert parse(found["pub/ministry/x.json"], "ministry/x").status == "suspended"
    assert Directory(country.mirror).record("ministry/x").status == "suspended"
    assert Directory(country.mirror).record("ministry/y") is None
    assert Directory(country.mirror).record("nobody/y") is None


def test_an_authority_cannot_speak_for_another(country, record, tmp_path):
    country.enter(record)
    forged = replace(record, label="Forged")

    def write_into_every_bin_of_ours(listed):
        editor = listed._editor
        for role in ["ac-lille", *(f"ac-lille-bin-{number}" for number in range(4))]:
            editor.put("pub/ministry/x.json", forged.to_bytes(), role)
            editor.put("pub/ministry/new.json", forged.to_bytes(), role)
            editor.sign(role, [country.authorities["ac-lille"]], NOW)

    country.change(write_into_every_bin_of_ours)
    box = Box(tmp_path, country.root, "directory")
    found = box.sync(country.mirror, "pub/ministry/x.json")
    assert parse(found["pub/ministry/x.json"], "ministry/x") == record
    with pytest.raises(NotFound):
        box.sync(country.mirror, "pub/ministry/new.json")


def test_a_delegation_ends_the_search(country, tmp_path):
    # What the ministry's own bins do not know is not looked for in a role that comes later.
    country.change(lambda listed: widen(listed, country))
    roles = Directory(country.mirror)._editor.targets().delegations.roles
    assert all(role.terminating for role in roles.values()), "bins end it too, but not in every client"
    box = Box(tmp_path, country.root, "directory")
    with pytest.raises(NotFound):
        box.sync(country.mirror, "pub/ministry/unknown.json")


def widen(listed, country):
    """By mistake the ministry lets ac-lille speak for everybody, after itself."""
    editor = listed._editor
    editor.targets().delegations.roles["ac-lille"].paths = ["pub/*/*"]
    editor.sign("targets", country.keys["targets"], NOW)
    for role in ["ac-lille", *(f"ac-lille-bin-{number}" for number in range(4))]:
        editor.put("pub/ministry/unknown.json", b"{}", role)
        editor.sign(role, [country.authorities["ac-lille"]], NOW)


def test_a_record_below_another_path_is_not_an_authoritys_to_give(country, tmp_path):
    box = Box(tmp_path, country.root, "directory")
    for name in ("pub/ac-lille/a/b.json", "pub/x.json", "other.json"):
        country.change(
            lambda listed, name=name: (
                [listed._editor.put(name, b"{}", f"ac-lille-bin-{number}") for number in range(4)],
                [
                    listed._editor.sign(f"ac-lille-bin-{number}", [country.authorities["ac-lille"]], NOW)
                    for number in range(4)
                ],
            )
        )
        with pytest.raises(NotFound):
            box.sync(country.mirror, name)


def test_names_that_would_stand_in_anothers_place_are_refused(country, record):
    listed = Directory(country.mirror)
    for name in ("root", "targets", "ministry-bin-0", "Ministry", "a/b"):
        with pytest.raises(BadIdentifier):
            listed.add_authority(name, country.keys["targets"], key(), NOW)
    with pytest.raises(AlreadyExists):
        listed.add_authority("ministry", country.keys["targets"], key(), NOW)
    with pytest.raises(NotFound):
        listed.enter(replace(record, id="nobody/x"), key(), NOW)


def test_signing_again_without_a_change_renews_the_online_signatures_only(country, record, tmp_path):
    country.enter(record)
    box = Box(tmp_path, country.root, "directory")
    box.sync(country.mirror, "pub/ministry/x.json")
    late = NOW + 29 * DAY
    assert Directory(country.mirror).expires() == NOW + 30 * DAY
    country.change(lambda _: None, late)
    assert Directory(country.mirror).expires() == late + 30 * DAY
    box.sync(country.mirror, "pub/ministry/x.json", now=NOW + 50 * DAY)
    assert len(box.received) == 2


def test_two_of_three_root_keys_must_sign_the_next_root(tmp_path):
    from edubox.trust import directory
    from edubox.trust.editor import Editor
    from tests.trust.repositories import Mirror

    holders = [key(), key(), key()]
    keys = {"root": holders, "targets": [key()], "snapshot": [key()], "timestamp": [key()]}
    mirror = Mirror(directory.create(keys, b"{}", NOW, threshold=2))
    box = Box(tmp_path, mirror.files["directory/metadata/1.root.json"], "directory")
    box.sync(mirror)
    for signers, accepted in ((holders[:1], False), (holders[1:], True)):
        editor = Editor.open(mirror, "directory", 30)
        editor.sign_root(signers, NOW)
        tried = mirror.copy()
        tried.files |= editor.release(keys["snapshot"], keys["timestamp"], NOW + MINUTE)
        if accepted:
            box.sync(tried)
            assert box.root_version == 2
        else:
            with pytest.raises(NotTrusted):
                box.sync(tried)
