"""A lesson offered to the academy waits in a queue that says honestly how far it is, whatever comes back into it."""

from __future__ import annotations

import json

import pytest

from edubox.box.own import backup
from edubox.sync import offers
from edubox.sync.offers import Offer


def test_an_offer_waits_with_its_version_and_is_gone_when_it_is_taken_back(tmp_path):
    offers.offer(tmp_path, "la-lune", 2, "local/x", 1_795_000_000)
    assert offers.of_slug(tmp_path, "la-lune") == Offer("local/x/la-lune", 2, 1_795_000_000, "waiting", ())
    offers.take_back(tmp_path, "la-lune")
    offers.take_back(tmp_path, "la-lune")
    assert offers.of_slug(tmp_path, "la-lune") is None


def test_what_the_academy_says_is_read_and_cut_to_size(tmp_path):
    offers.offer(tmp_path, "la-lune", 2, "local/x", 1)
    place = tmp_path / offers.FOLDER / "la-lune.json"
    said = json.loads(place.read_text()) | {"state": "returned", "comments": ["x" * 9000, 3, "Bravo"]}
    place.write_text(json.dumps(said))
    found = offers.of_slug(tmp_path, "la-lune")
    assert found.state == "returned"
    assert [len(one) for one in found.comments] == [offers.COMMENT, 5]


@pytest.mark.parametrize("damage", ["", "[]", '{"format":1}', '{"format":2,"state":"waiting"}', "{" * 10_000])
def test_a_damaged_offer_is_none(tmp_path, damage):
    offers.offer(tmp_path, "la-lune", 2, "local/x", 1)
    (tmp_path / offers.FOLDER / "la-lune.json").write_text(damage)
    assert offers.of_slug(tmp_path, "la-lune") is None
    assert offers.of_slug(tmp_path, "../keys/own") is None


def test_a_backup_brings_the_queue_back(room, tmp_path):
    room.synchronise()
    offers.offer(room.box, "la-lune", 2, room.own().id, 1)
    backup.restore(room.backup(), tmp_path / "restored", room.code_on_paper)
    assert offers.of_slug(tmp_path / "restored", "la-lune") == offers.of_slug(room.box, "la-lune")
