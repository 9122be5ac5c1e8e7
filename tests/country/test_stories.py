"""Hard years that schools really have, told once each: what a user gets at every turn is written out."""

from __future__ import annotations

import gc
import os
import random

import pytest

from edubox.errors import OtherMachine
from edubox.trust import keys
from tests.country.box import Box, check_erased
from tests.country.faults import Fault
from tests.country.stick import Stick
from tests.country.world import PUBLISHERS, SLUGS, World
from tests.faults.conftest import small_disk  # noqa: F401 - a real disk that is too small

MINISTRY, NORTH = PUBLISHERS


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setattr(keys, "SCRYPT_N", 2**14)
    monkeypatch.setattr(os, "sync", lambda: None)
    return World(tmp_path)


@pytest.fixture
def card(small_disk):  # noqa: F811
    """``card(size="1500k")`` is a disk of that size, where this machine lets us mount one."""
    yield small_disk
    gc.collect()  # nothing on it stays open


def test_a_school_year_in_which_the_hub_was_down_a_month_and_the_card_died_in_march(world):
    village, school = Box.new(world, "village"), Box.new(world, "school")
    world.publish(MINISTRY, "lune", media=True)
    assert school.sync(world.hub()) == ""
    school.publish_own("mer")
    assert school.reads() == {"base/lune": "1", "mer": "1"}

    # In January the hub is down, and the next village had its line a day longer.
    world.pass_time(30)
    world.publish(MINISTRY, "lune", media=True)
    world.publish(NORTH, "soleil")
    stick = Stick(world)
    village.sync(world.hub())
    stick.visit(village)
    world.pass_time(20)
    assert school.sync(world.hub(Fault("cut"))) == "unreachable"
    assert school.reads()["base/lune"] == "1"
    stick.visit(school)
    assert school.reads() == {"base/lune": "2", "school-books/soleil": "1", "mer": "1"}
    school.check()

    # In March the card dies a week after the last backup, a day after a lesson was corrected.
    school.back_up()
    world.pass_time(7)
    school.publish_own("mer")
    school.restore(old_card=False)
    assert school.reads() == {"mer": "1"}, "its own lessons are there before any line"
    stick.visit(school)
    assert school.reads() == {"base/lune": "2", "school-books/soleil": "1", "mer": "1"}
    school.publish_own("mer")
    assert school.reads()["mer"] == "2"

    # Summer: nobody is there for 450 days, all keys of the country are new, a publisher moved.
    world.rotate(["root", "targets", "snapshot", "timestamp"])
    world.rotate_publisher(MINISTRY)
    world.move(NORTH)
    world.pass_time(450)
    world.publish(NORTH, "soleil")
    assert school.sync(world.hub()) == ""
    assert school.reads()["school-books/soleil"] == "2"
    school.check_current()


def test_a_card_that_is_full_keeps_its_lessons_and_a_larger_one_goes_on_from_there(world, card):
    box = Box.new(world, "box", card(size="1500k"))
    world.publish(MINISTRY, "lune", media=True)
    assert box.sync(world.hub()) == ""
    for slug in ("soleil", "mer"):
        world.publish(NORTH, slug, media=True)
        world.publish(MINISTRY, slug, media=True)
    box.publish_own("mer")
    assert [box.sync(world.hub()) for _ in range(3)] == ["no-room"] * 3
    box.check()
    assert {"base/lune", "mer"} <= box.reads().keys(), "what was there is there"
    world.pass_time(1)
    larger = box.copy(world.folder / "larger")
    assert larger.sync(world.hub()) == ""
    world.pass_time(1)
    assert larger.sync(world.hub()) == ""
    larger.check_current()


def test_a_village_without_a_line_gets_corrections_and_erasures_from_a_phone(world):
    box = Box.new(world, "box")
    for number, publisher in enumerate(PUBLISHERS):
        world.publish(publisher, "lune", media=bool(number))
        world.publish(publisher, "mer", media=True)
    for part in box.make_courier(world.mirror, box.want()):
        box.bring([part])
    box.check_current()
    world.pass_time(60)
    world.publish(NORTH, "lune")
    world.erase(NORTH, "mer")
    parts = box.make_courier(world.mirror, box.want())
    assert sum(part.stat().st_size for part in parts) < 270_000, "no film that it has travels again"
    for _ in range(2):
        world.pass_time(1)
        box.bring(parts)
    box.check_current()
    assert box.reads() == {"base/lune": "1", "base/mer": "1", "school-books/lune": "2"}


def test_a_school_s_lesson_that_the_ministry_publishes_again_lives_where_it_is_not_erased(world):
    school, other = Box.new(world, "school"), Box.new(world, "other")
    school.publish_own("mer")
    made = school.own["mer"]
    world.publish_again(MINISTRY, "mer", made)
    for box in (school, other):
        assert box.sync(world.hub()) == ""
        assert box.reads()["base/mer"] == "1"
    school.erase_own("mer")
    assert school.sync(world.hub()) == ""
    assert school.reads() == {"base/mer": "1"}, "the school speaks for its own lesson alone"
    school.check_current()
    world.recall(made)
    for box in (school, other):
        assert box.sync(world.hub()) == ""
        assert box.reads() == {}
        box.check_current()
    check_erased(world.mirror, {made.mark})


def test_three_schools_on_a_mountain_share_what_one_line_brings_though_one_box_lies(world):
    valley, ridge, summit = (Box.new(world, name) for name in ("valley", "ridge", "summit"))
    for slug in ("lune", "mer"):
        world.publish(MINISTRY, slug, media=True)
    assert valley.sync(world.hub()) == ""
    ridge.sync(valley.neighbour())
    liar = ridge.neighbour(Fault("lies", after=12))
    summit.sync(liar, valley.neighbour())
    for box in (ridge, summit):
        box.check()
        assert box.reads() == {"base/lune": "1", "base/mer": "1"}


def test_a_copied_card_publishes_nothing_until_somebody_says_what_it_is(world):
    first = Box.new(world, "first")
    first.publish_own("lune")
    world.publish(MINISTRY, "mer")
    first.sync(world.hub())
    copy = first.copy(world.folder / "copy")
    copy.machine = "another computer"
    copy.cannot_publish(OtherMachine)
    assert copy.sync(world.hub()) == "", "it teaches all the same"
    assert copy.reads() == first.reads()
    copy.move_in("another computer", second=True)
    copy.publish_own("lune")
    first.publish_own("lune")
    assert (first.reads()["lune"], copy.reads()["lune"]) == ("2", "1")
    for box in (first, copy):
        assert box.sync(world.hub()) == ""
        box.check()


def test_a_flipped_byte_is_read_before_a_class_reads_it_and_comes_back_from_next_door(world):
    school, neighbour = Box.new(world, "school"), Box.new(world, "neighbour")
    world.publish(MINISTRY, "mer", media=True)
    for box in (school, neighbour):
        assert box.sync(world.hub()) == ""
    for seed in range(12):
        school.flip(random.Random(seed))
        school.scrub()
        school.check()
        # Twice: signatures that were damaged are asked for again, and what was found by them comes in the next run.
        school.sync(neighbour.neighbour())
        school.sync(neighbour.neighbour())
        school.check_current()


def test_a_mirror_of_yesterday_takes_no_correction_back_and_brings_nothing_erased_back(world):
    box = Box.new(world, "box")
    world.publish(MINISTRY, "lune")
    world.publish(MINISTRY, "mer")
    yesterday = world.yesterday(keep=True)
    world.pass_time(1)
    world.publish(MINISTRY, "lune")
    world.erase(MINISTRY, "mer")
    assert box.sync(world.hub()) == ""
    for _ in range(2):
        assert box.sync(yesterday) == "rollback"
        assert box.reads() == {"base/lune": "2"}
        box.check_gone()
    assert box.sync(world.hub(), yesterday) == ""


def test_a_card_without_room_gives_up_what_nobody_follows_and_never_the_school_s_own(world, card):
    box = Box.new(world, "box", card(size="64m"))
    for slug in ("lune", "mer"):
        world.publish(NORTH, slug, media=True)
    assert box.sync(world.hub()) == ""
    box.publish_own("soleil")
    box.follow = [MINISTRY]
    for files, slug in enumerate(SLUGS * 5, start=6):
        world.publish(MINISTRY, slug, media=True)
        box.sync_with_room_for(files, world.hub())
        box.check()
        assert "soleil" in box.reads()
    assert not {"school-books/lune", "school-books/mer"} & box.reads().keys()
    box.follow = list(PUBLISHERS)
    assert box.sync(world.hub()) == ""
    world.pass_time(1)
    assert box.sync(world.hub()) == ""
    box.check_current()
