from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from edubox.errors import (
    NotTrusted,
    Rollback,
    UnknownFormat,
)
from edubox.sync.pinned import read_floor
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import describe
from tests.sync.country import PUBLISHER, canonical, film, older_copy, snapshot, text

LUNE = f"{PUBLISHER}/lune"
V1 = {
    "index.html": text(1, 30_000),
    "b/page.html": text(2, 20_000),
    "é.txt": b"",
    "film.mp4": film(3, 400_000),
}
V2 = V1 | {"index.html": text(1, 30_000) + b"<p>Et encore.</p>", "c.html": text(4, 3000)}
MEDIA = frozenset(["film.mp4"])


def plans(report):
    return {one["pack"].rpartition("/")[2]: one["plan"] for one in report.packs}


def test_an_older_country_is_refused_and_nothing_changes(country, box, tmp_path):
    country.publish("lune", V1)
    old = older_copy(country, tmp_path / "old")
    country.now += timedelta(days=1)
    country.renew()
    country.publish("lune", V2, base="lune")
    box.sync()
    before = snapshot(box.data)
    with pytest.raises(Rollback) as caught:
        box.sync(old)
    assert caught.value.exit_code == 3
    assert snapshot(box.data) == before


def test_an_older_version_of_one_lesson_is_refused(country, box):
    index = country.publish("lune", V1)
    country.publish("lune", V2, base="lune")
    box.sync()
    country.sign("lune.json", index.to_bytes())
    with pytest.raises(Rollback):
        box.sync()
    assert box.read("lune") == V2


def test_a_format_from_the_future_asks_to_update_the_box(country, box):
    country.sign("lune.json", canonical({"format": 3, "name": "Lune"}))
    with pytest.raises(UnknownFormat, match="update this box"):
        box.sync()


def test_a_publisher_under_another_root_than_the_directory_names_is_refused(country, box):
    country.publish("lune", V1)
    record = describe(FolderFetch(country.mirror), PUBLISHER, "Ministère", "ministry")
    country.enter(dataclasses.replace(record, root_sha256="0" * 64))
    with pytest.raises(NotTrusted):
        box.sync()
    assert box.lessons() == {}


def test_a_suspended_publishers_lessons_stay_and_nothing_new_comes(country, box):
    country.publish("lune", V1)
    box.sync()
    record = describe(FolderFetch(country.mirror), PUBLISHER, "Ministère", "ministry")
    country.enter(dataclasses.replace(record, status="suspended"))
    country.publish("lune", V2, base="lune")
    box.sync()
    assert box.read("lune") == V1
    assert "suspended" in box.progress.said[-1]
    country.enter(record)
    box.sync()
    assert box.read("lune") == V2


def test_a_box_without_a_clock_believes_the_signed_one(country, box):
    box.now = datetime(1970, 1, 1, tzinfo=UTC)
    country.publish("lune", V1)
    box.sync()
    assert read_floor(box.data).moment == country.now
    assert box.read("lune") == V1


@pytest.mark.parametrize("days", [-20_000, 300])
def test_lessons_go_on_after_the_hubs_clock_was_wrong(country, box, days):
    """The hub renewed its signatures by a clock far off; boxes that heard that get the next lesson all the same, as do others."""
    country.publish("lune", {"index.html": b"one"})
    box.sync()
    right = country.now
    country.now = right + timedelta(days=days)
    country.renew()
    box.pass_time(days=1)
    box.sync()
    country.now = right + timedelta(days=2)
    country.publish("mer", {"index.html": b"two"})
    country.renew()
    box.pass_time(days=1)
    box.sync()
    assert box.lessons() == {f"{PUBLISHER}/lune": 1, f"{PUBLISHER}/mer": 1}
    assert box.catalogue._read()["verified"]["directory"][2] is None, "nothing has ended"


def test_old_signatures_are_believed_a_while_then_new_lessons_wait(country, box):
    country.publish("lune", V1)
    box.sync()
    box.pass_time(days=60)
    country.publish("lune", V2, base="lune")
    box.sync()
    assert box.read("lune") == V2, "the directory is old, its publisher is not"
    verified = box.catalogue._read()["verified"]["directory"]
    assert verified[2] == (country.now + timedelta(days=30)).isoformat()
    box.pass_time(days=800)
    country.now += timedelta(minutes=1)
    country.publish("lune", V1 | {"d.html": b"d"}, base="lune")
    (entry,) = box.sync().packs
    assert (entry["plan"], entry["version"]) == ("waits", 3)
    assert box.read("lune") == V2
    country.now = box.now
    country.renew(everything=True)
    country.publish("soleil", V1)
    box.sync()
    assert box.lessons() == {LUNE: 3, f"{PUBLISHER}/soleil": 1}


def test_expired_signatures_are_no_beginning(country, box):
    country.publish("lune", V1)
    box.pass_time(days=60)
    with pytest.raises(NotTrusted) as caught:
        box.sync()
    assert (caught.value.code, caught.value.exit_code) == ("expired", 3)


@pytest.mark.parametrize("name", ["timestamp.json", "1.root.json", "snapshot.json", "targets.json", "bin"])
@pytest.mark.parametrize("how", ["flip", "cut"])
def test_bent_signatures_are_refused_and_the_lesson_stays(country, box, name, how):
    country.publish("lune", V1)
    box.sync()
    country.publish("lune", V2, base="lune")
    country.now += timedelta(minutes=1)
    country.renew()
    publishers = box.data / "mirror" / "publishers"
    before = snapshot(publishers), box.read("lune")
    for path in [
        *country.mirror.glob("directory/metadata/*.json"),
        *country.mirror.glob("publishers/*/*/metadata/*.json"),
    ]:
        if name in path.name:
            data = bytearray(path.read_bytes())
            data[len(data) // 3] ^= 1
            path.write_bytes(data if how == "flip" else data[:-10])
    if name in {"1.root.json", "bin"}:
        box.sync()  # it holds these already
        assert box.read("lune") == V2
        return
    with pytest.raises(NotTrusted) as caught:
        box.sync()
    assert caught.value.exit_code == 3
    assert (snapshot(publishers), box.read("lune")) == before
