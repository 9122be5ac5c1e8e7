"""The hard tests of time: years offline, every key replaced, clocks that are wrong, a hub that lied about the hour."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta

import pytest

from edubox.errors import EduboxError
from edubox.sync.pinned import read_floor
from edubox.trust import keys, publisher
from edubox.trust.clock import BUILT
from edubox.trust.directory import PREFIX, Directory
from edubox.trust.fetch import FolderFetch
from tests.sync.country import NOW, PUBLISHER, Box, Country, text

DAY = timedelta(days=1)
ROLES = ("root", "targets", "snapshot", "timestamp")
EPOCH, FAR = datetime(1970, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def country(tmp_path):
    country = Country(tmp_path / "country")
    country.publish("a", {"index.html": text(1, 3000)})
    return country


@pytest.fixture
def box(country, tmp_path):
    box = Box(tmp_path / "box", country)
    box.sync()
    return box


def fresh_key():
    return keys.signer(keys.generate())


def rotate(country, roles=ROLES):
    """The next root of the directory, with new keys for *roles*; all online ones are one key."""
    online = fresh_key() if {"snapshot", "timestamp"} & set(roles) else country.keys["online"]
    new = {"root": fresh_key(), "targets": fresh_key(), "snapshot": online, "timestamp": online}
    held = {
        "root": country.keys["root"], "targets": country.keys["targets"], "snapshot": country.keys["online"],
        "timestamp": country.keys["online"],
    }  # fmt: skip
    files = Directory(FolderFetch(country.mirror)).rotate_root(
        {role: [one] for role, one in held.items()}, {role: [new[role]] for role in roles}, country.now
    )
    country.write(files)
    country.keys |= {role: new[role] for role in roles if role in {"root", "targets"}} | {"online": online}
    country.renew(everything=True)


def rotate_publisher(country):
    """The publisher's next root and its next writer key, and the record that says so."""
    held = country.roots[PUBLISHER], country.writers[PUBLISHER]
    new = fresh_key(), fresh_key()
    country.write(publisher.rotate(FolderFetch(country.mirror), PUBLISHER, held, new, country.now))
    country.roots[PUBLISHER], country.writers[PUBLISHER] = new
    country.enter(publisher.describe(FolderFetch(country.mirror), PUBLISHER, "Label", "ministry"))


def stick(country, folder):
    """What the country says now, on a stick."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(country.mirror, folder)
    return folder


@pytest.mark.parametrize("clock", ["right", "1970", "2099"])
@pytest.mark.parametrize("every_key", [True, False])
def test_twenty_rotations_in_900_days_offline_are_caught_up_with_from_a_stick(
    country, box, tmp_path, clock, every_key
):
    for number in range(20):
        country.now += 45 * DAY
        rotate(country, ROLES if every_key else ("root",))
        if every_key:
            rotate_publisher(country)
        country.publish("a", {"index.html": text(number + 2, 3000)})
    box.now = {"right": NOW + 900 * DAY, "1970": EPOCH, "2099": FAR}[clock]
    before = box.read("a")
    assert before == {"index.html": text(1, 3000)}, "the class went on all the time"
    box.sync(stick(country, tmp_path / "stick"))
    assert box.lessons() == {f"{PUBLISHER}/a": 21}
    fresh = Box(tmp_path / "fresh", country)
    fresh.now = box.now
    fresh.sync()
    assert fresh.lessons() == {f"{PUBLISHER}/a": 21}
    roots = {path.name for path in (box.data / "mirror" / PREFIX / "metadata").glob("*.root.json")}
    assert roots == {f"{number}.root.json" for number in range(1, 22)}, "others begin where this box began"


@pytest.mark.parametrize("clock", [EPOCH, FAR])
def test_a_clock_without_battery_changes_nothing_for_the_class_or_for_new_lessons(country, box, clock):
    box.now = clock
    for number in range(8):
        country.now += 60 * DAY
        country.renew(everything=True)
        country.publish("a", {"index.html": text(number + 2, 3000)})
        box.sync()
        assert box.lessons() == {f"{PUBLISHER}/a": number + 2}
        assert read_floor(box.data).moment >= country.now - DAY
    assert box.progress.said == []


def wrong_time(country, when):
    """The hub signs once with a clock that says *when*."""
    right, country.now = country.now, when
    country.renew()
    country.now = right


@pytest.mark.parametrize("clock", ["right", "1970", "2099"])
def test_a_hub_that_signed_a_wrong_time_once_costs_a_warning_and_no_lesson(country, box, tmp_path, clock):
    box.now = {"right": NOW + 2 * DAY, "1970": EPOCH, "2099": FAR}[clock]
    wrong_time(country, datetime(2050, 1, 1, tzinfo=UTC))
    box.sync()
    lied = read_floor(box.data).moment
    assert lied < NOW + 401 * DAY, "the offline signatures bound the lie"
    country.now += 2 * DAY
    country.renew()
    country.publish("a", {"index.html": text(2, 3000)})
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 2}, "new lessons still arrive"
    country.publish("b", {"index.html": text(3, 3000)})
    box.sync(stick(country, tmp_path / "stick"))
    assert f"{PUBLISHER}/b" in box.lessons(), "from a stick too"
    rotate(country, ("snapshot", "timestamp"))
    box.sync()
    assert read_floor(box.data).moment < NOW + 4 * DAY, "the liar's key left, and its floor"
    box.sync()
    assert box.catalogue.last_fresh(PREFIX) < lied


def test_old_signatures_are_a_note_then_a_warning_and_then_new_lessons_wait_for_a_person(country, box):
    country.publish("b", {"index.html": text(2, 3000)})
    for days, arrives in [(200, True), (420, True), (31 + 400 + 401, False)]:
        slug = f"day-{days}"
        country.publish(slug, {"index.html": text(days, 3000)})
        box.now = NOW + days * DAY
        box.sync()
        assert (f"{PUBLISHER}/{slug}" in box.lessons()) == arrives
    assert any("too old" in sentence for sentence in box.progress.said)
    assert box.lessons()[f"{PUBLISHER}/a"] == 1, "what is there stays"
    box.sync(accept_old=True)
    assert f"{PUBLISHER}/day-832" in box.lessons(), "a person may say go on"


def test_a_box_out_of_the_cupboard_with_a_clock_of_1970_begins_with_what_the_country_says_now(
    country, tmp_path
):
    country.now = BUILT + 700 * DAY
    country.renew(everything=True)
    rotate_publisher(country)
    country.publish("a", {"index.html": text(2, 3000)})
    box = Box(tmp_path / "cupboard", country)
    box.now = EPOCH
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/a": 2}


def test_the_online_key_alone_cannot_make_a_country_accept_another_lesson(country, box):
    """Whoever has the hub's key may say that nothing is new, or lie about the hour, and no more."""
    stolen = country.keys["online"]
    rotate(country)
    listed = Directory(FolderFetch(country.mirror))
    with pytest.raises(EduboxError):
        listed.release(stolen, stolen, country.now)
