"""A school without a line offers its lesson in a courier, which is believed as much as a request and no more."""

from __future__ import annotations

import base64
import json
import zipfile

import pytest
from sqlalchemy import update

from edubox.errors import BadArchive
from edubox.hub.intake.courier import take_courier
from edubox.hub.review import arrivals
from edubox.hub.tables import boxes
from edubox.sync import offers
from edubox.sync.carried.courier import export
from edubox.sync.pushing import carry
from tests.hub.intake.world import FILM, School, work


def courier(school, folder, part_size=500_000_000):
    items, _ = carry(school.data, school.id, school.signer, school.now)
    return export(school.mirror, items, folder, "offers", part_size=part_size)


def arrived(hub):
    work(hub)
    with hub.database.read() as connection:
        return arrivals.listed(connection, states=())


def test_an_offer_that_was_carried_arrives_as_over_a_line(hub, enrolled, tmp_path):
    index = enrolled.offer()
    enrolled.give("secret", "Pas encore.", name="Secret")
    parts = courier(enrolled, tmp_path / "out")
    names = [one.filename for one in zipfile.ZipFile(parts[0]).infolist()]
    assert "offers/la-lune.json" in names
    assert not [name for name in names if "secret" in name or name.startswith("staff")]
    (taken,) = take_courier(hub, parts)
    assert taken.state == "checking"
    (one,) = arrived(hub)
    assert one.manifest == index.manifest
    (again,) = take_courier(hub, parts)
    assert again.state == "done"
    assert len(arrived(hub)) == 1


def test_parts_may_come_one_by_one(hub, enrolled, tmp_path):
    films = {f"{number}.mp4": bytes([number]) + FILM * 2 for number in range(3)}
    index = enrolled.publish("la-lune", {"index.html": b"<p>Voici"} | films, frozenset(films))
    offers.offer(enrolled.data, "la-lune", index.version, enrolled.id, 1)
    parts = courier(enrolled, tmp_path / "out", 1_000_000)
    assert len(parts) > 1
    states = [take_courier(hub, [part])[0].state for part in reversed(parts)]
    assert states == ["missing"] * (len(parts) - 1) + ["checking"]
    assert len(arrived(hub)) == 1


def test_what_was_carried_reaches_the_teacher_when_there_is_a_line(hub, enrolled, tmp_path, address):
    enrolled.offer()
    take_courier(hub, courier(enrolled, tmp_path / "out"))
    arrived(hub)
    report = enrolled.push(address)
    assert enrolled.state() == "received"
    assert report.sent < 60_000  # no film again


def forged(parts, change):
    """The courier with another letter in it."""
    with zipfile.ZipFile(parts[0]) as archive:
        members = {one.filename: archive.read(one) for one in archive.infolist()}
    value = json.loads(members["offers/la-lune.json"])
    change(value)
    members["offers/la-lune.json"] = json.dumps(value).encode()
    with zipfile.ZipFile(parts[0], "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return parts


def other_body(value):
    body = json.loads(base64.b64decode(value["body"])) | {"slug": "le-soleil"}
    value["body"] = base64.b64encode(json.dumps(body).encode()).decode()


@pytest.mark.parametrize("change", [
    other_body, lambda value: value["headers"].pop("Signature"), lambda value: value.update(body="!"),
    lambda value: value.update(headers=3), lambda value: value.clear(),
])  # fmt: skip
def test_a_letter_that_somebody_changed_on_the_way_is_refused(hub, enrolled, tmp_path, change):
    enrolled.offer()
    (taken,) = take_courier(hub, forged(courier(enrolled, tmp_path / "out"), change))
    assert taken.state == "refused"
    assert arrived(hub) == []


def test_a_courier_of_a_suspended_or_unknown_box_is_refused(hub, enrolled, tmp_path):
    stranger = School(tmp_path / "stranger")
    stranger.offer()
    (taken,) = take_courier(hub, courier(stranger, tmp_path / "one"))
    assert (taken.state, "known" in taken.said) == ("refused", True)
    enrolled.offer()
    hub.database.change(lambda connection: connection.execute(update(boxes).values(state="suspended")))
    (taken,) = take_courier(hub, courier(enrolled, tmp_path / "two"))
    assert (taken.state, "suspended" in taken.said) == ("refused", True)


def test_a_courier_with_other_bytes_is_refused_and_a_good_one_helps(hub, enrolled, tmp_path):
    enrolled.offer()
    good = courier(enrolled, tmp_path / "good")
    bad = tmp_path / "bad-1of1.zip"
    with zipfile.ZipFile(good[0]) as archive, zipfile.ZipFile(bad, "w", zipfile.ZIP_STORED) as out:
        for one in archive.infolist():
            data = archive.read(one)
            out.writestr(one.filename, b"z" * len(data) if one.filename.startswith("objects/") else data)
    assert take_courier(hub, [bad])[0].state == "refused"
    assert take_courier(hub, good)[0].state == "checking"
    assert len(arrived(hub)) == 1


def test_what_is_no_courier_is_refused_in_words(hub, tmp_path):
    (tmp_path / "x.zip").write_bytes(b"no zip")
    with pytest.raises(BadArchive):
        take_courier(hub, [tmp_path / "x.zip"])
