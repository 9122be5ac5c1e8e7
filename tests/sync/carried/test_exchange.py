"""A stick goes from school to school."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.setup import init
from edubox.errors import NotOurStick, Unreachable, UnusablePath
from edubox.settings import load_settings
from edubox.sync.carried import exchange as exchanging
from edubox.sync.carried.exchange import exchange, prepare
from edubox.sync.carried.stick import wants_on
from edubox.sync.job import synchronise
from edubox.sync.opening import open_sources
from edubox.sync.pacing.usage import UsageFile, read_usage
from edubox.sync.pinned import read_floor
from tests.faults.conftest import small_disk  # noqa: F401
from tests.sync.country import PUBLISHER, Country, Progress, film, snapshot, text

MEDIA = frozenset(["film.mp4"])
FILES = {"index.html": text(1, 6000), "film.mp4": film(1, 300_000)}
NEW = FILES | {"index.html": text(2, 6000)}


class School:
    """A real box."""

    def __init__(self, folder, name, country) -> None:
        self.data, self.name = folder / name, name
        init(self.data, country.root, [PUBLISHER], [], {"name": f"École {name}", "reserve_mb": 0})
        self.catalogue = Catalogue(self.data)
        self.settings = load_settings(self.data / "box.toml")

    def exchange(self, mount):
        return exchange(self.data, mount, self.name, self.settings, self.catalogue, Progress())

    def sync(self, source):
        synchronise(self.data, open_sources(str(source)), self.settings, self.catalogue, Progress())

    def lessons(self):
        return {one.slug: (one.version, one.state) for one in self.catalogue.installed()}


@pytest.fixture
def country(tmp_path):
    country = Country(tmp_path / "country", now=datetime.now(UTC))
    country.publish("lune", FILES, MEDIA)
    return country


@pytest.fixture
def mount(tmp_path):
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def test_a_stick_goes_from_a_box_with_a_line_to_one_without_and_back_for_what_it_lacks(
    tmp_path, country, mount
):
    town, village = School(tmp_path, "town", country), School(tmp_path, "village", country)
    town.sync(country.mirror)
    prepare(mount, country.root, town.data / "mirror", Progress())
    done = village.exchange(mount)
    assert done.error is None
    assert [(one.slug, one.version, one.state) for one in done.came] == [("lune", 1, "ready")]
    assert village.lessons() == {"lune": (1, "ready")}
    assert [one.box for one in wants_on(mount / "edubox")] == ["village"]
    # A correction is published; the town fetches it, and the stick carries that alone.
    country.publish("lune", NEW, MEDIA, base="lune")
    town.sync(country.mirror)
    before = snapshot(mount)
    done = town.exchange(mount)
    assert done.filled.left == []
    new = {path for path, data in snapshot(mount).items() if before.get(path) != data}
    assert len([path for path in new if "/bundles/" in path]) == 1
    assert not [path for path in new if "/objects/" in path]
    assert village.exchange(mount).error is None
    assert village.lessons() == {"lune": (2, "ready")}
    assert sorted(one.label for one in wants_on(mount / "edubox")) == ["École town", "École village"]


def test_a_box_that_never_had_a_line_takes_and_gives(tmp_path, country, mount):
    prepare(mount, country.root, country.mirror, Progress())
    first = School(tmp_path, "first", country)
    first.exchange(mount)
    second_stick = tmp_path / "second"
    second_stick.mkdir()
    prepare(second_stick, country.root, first.data / "mirror", Progress())
    second = School(tmp_path, "second-box", country)
    second.exchange(second_stick)
    assert second.lessons() == {"lune": (1, "ready")}


def test_an_empty_prepared_stick_takes_the_want_list_of_a_box_that_has_nothing(tmp_path, country, mount):
    school = School(tmp_path, "first", country)
    prepare(mount, country.root, school.data / "mirror", Progress())
    done = school.exchange(mount)
    assert (done.came, done.error) == ([], None)
    assert [one.box for one in wants_on(mount / "edubox")] == ["first"]


def test_a_stick_that_is_older_than_the_box_is_no_error(tmp_path, country, mount):
    prepare(mount, country.root, country.mirror, Progress())
    country.publish("lune", NEW, MEDIA, base="lune")
    country.renew()
    town = School(tmp_path, "town", country)
    town.sync(country.mirror)
    done = town.exchange(mount)
    assert (done.came, done.error) == ([], None)
    assert done.filled.files
    assert town.lessons() == {"lune": (2, "ready")}


def test_a_strange_stick_is_told_and_left(tmp_path, country, mount):
    school = School(tmp_path, "first", country)
    (mount / "letter.txt").write_text("mine")
    with pytest.raises(NotOurStick):
        school.exchange(mount)
    assert snapshot(mount).keys() == {"letter.txt"}


def test_a_refused_lesson_does_not_keep_the_stick_from_being_filled(tmp_path, country, mount):
    town = School(tmp_path, "town", country)
    town.sync(country.mirror)
    prepare(mount, country.root, country.mirror, Progress())
    country.publish("mer", {"index.html": text(5, 4000)})
    town.sync(country.mirror)
    for path in (mount / "edubox" / "publishers").rglob("timestamp.json"):
        path.write_bytes(b"{}")
    done = town.exchange(mount)
    village = School(tmp_path, "village", country)
    assert village.exchange(mount).error is None
    assert village.lessons().keys() == {"lune", "mer"}
    assert done.filled.files


def test_a_worn_stick_is_cleaned_of_what_it_holds_damaged_and_the_next_box_brings_it_again(
    tmp_path, country, mount
):
    prepare(mount, country.root, country.mirror, Progress())
    worn = next(path for path in (mount / "edubox" / "objects").rglob("*") if path.is_file())
    worn.write_bytes(bytes(worn.stat().st_size))
    village, town = School(tmp_path, "village", country), School(tmp_path, "town", country)
    assert village.exchange(mount).error is not None
    assert not worn.exists()
    town.sync(country.mirror)
    town.exchange(mount)
    assert village.exchange(mount).error is None
    assert village.lessons() == {"lune": (1, "ready")}


def test_a_stick_pulled_between_reading_and_writing_is_unreachable_and_the_card_is_not_written(
    tmp_path, country, mount, monkeypatch
):
    prepare(mount, country.root, country.mirror, Progress())
    school = School(tmp_path, "first", country)
    usual = exchanging.synchronise

    def then_pulled(*arguments):
        report = usual(*arguments)
        shutil.rmtree(mount / "edubox")
        return report

    monkeypatch.setattr(exchanging, "synchronise", then_pulled)
    with pytest.raises(Unreachable, match="kept"):
        school.exchange(mount)
    assert school.lessons() == {"lune": (1, "ready")}
    assert list(mount.iterdir()) == []


def test_a_write_protected_stick_brings_its_lessons_all_the_same(tmp_path, country, small_disk):  # noqa: F811
    disk = small_disk(size="8m")
    prepare(disk, country.root, country.mirror, Progress())
    remount(disk, "ro")
    school = School(tmp_path, "first", country)
    with pytest.raises(UnusablePath, match="Read-only"):
        school.exchange(disk)
    assert school.lessons() == {"lune": (1, "ready")}


def remount(folder, how):
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)


def test_what_a_stick_brought_is_counted_as_news_from_a_stick_and_no_word_about_the_line(
    tmp_path, country, mount
):
    first, second = School(tmp_path, "a", country), School(tmp_path, "b", country)
    first.sync(country.mirror)
    prepare(mount, country.root, first.data / "mirror", Progress())
    failing = UsageFile(second.data, read_floor(second.data))
    failing.usage.retry_after = 90.0
    failing.failed(Unreachable(source="https://hub.example/", reason="timed out"))
    second.exchange(mount)
    usage = read_usage(second.data)
    assert usage.success_at > 0
    (day,) = usage.days.values()
    assert day.keys() == {"stick"}
    assert day["stick"] > 300_000
    assert (usage.failures, usage.retry_after) == (1, 90.0)
