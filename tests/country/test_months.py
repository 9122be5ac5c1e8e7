"""Months in a country, as chance has it: publications, cuts, liars, clocks, rotations, moves, sticks, dead cards, erasures.

After every step every box is looked at: no unverified byte, no older version, no own lesson lost. When faults stop, two
synchronisations make all boxes show what their publishers say, and what was erased is in no file. ``EDUBOX_COUNTRIES``
says how many countries are tried (``make prove-country``).
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edubox.errors import EduboxError
from edubox.trust import keys
from tests.country import box as counted
from tests.country.box import Box, check_erased
from tests.country.faults import FAULTS, Fault, hurt
from tests.country.stick import Stick
from tests.country.world import BEGIN, PUBLISHERS, SLUGS, World

COUNTRIES = int(os.environ.get("EDUBOX_COUNTRIES", "6"))
BOXES, MOST_BOXES = 3, 4
boxes = st.integers(0, MOST_BOXES - 1)
publishers, slugs = st.sampled_from(PUBLISHERS), st.sampled_from(SLUGS)
seeds = st.integers(0, 999).map(random.Random)
faults = st.builds(Fault, st.sampled_from(FAULTS), st.integers(0, 30), st.integers(0, 9))
#: A clock that is right, behind, of a card without battery, of a battery that forgot the year.
clocks = st.sampled_from([
    timedelta(), timedelta(days=-2), timedelta(days=45),
    datetime(1970, 1, 2, tzinfo=BEGIN.tzinfo) - BEGIN, datetime(2099, 1, 1, tzinfo=BEGIN.tzinfo) - BEGIN,
])  # fmt: skip
picks = st.integers(0, 11)
figures = {"countries": 0, "steps": 0}


def picked(some, pick) -> list:
    """One of *some*, as long as there are any."""
    return [some[pick % len(some)]] if some else []


class Months(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix="edubox-country-", dir=base))
        # Keys are wrapped as weakly as can be, and other disks need not be waited for.
        self.usual = keys.SCRYPT_N, os.sync
        keys.SCRYPT_N, os.sync = 2**14, lambda: None
        self.world = World(self.folder)
        self.boxes = [Box.new(self.world, f"box-{number}") for number in range(BOXES)]
        self.stick = Stick(self.world)
        for publisher in PUBLISHERS:
            self.world.publish(publisher, SLUGS[0], media=publisher == PUBLISHERS[0])
        for box in self.boxes:
            assert not box.sync(self.world.hub())
        self.boxes[0].publish_own(SLUGS[0])
        self.kept = {}
        self.lied = False
        figures["countries"] += 1

    def teardown(self):
        try:
            self.faults_stop()
        finally:
            keys.SCRYPT_N, os.sync = self.usual
            shutil.rmtree(self.folder)

    def box(self, number) -> Box:
        return self.boxes[number % len(self.boxes)]

    def own_lessons(self) -> list[tuple[Box, str]]:
        return [(box, slug) for box in self.boxes for slug in sorted(box.own)]

    # --- publishers and the ministry ---

    @rule(publisher=publishers, slug=slugs, media=st.booleans())
    def a_lesson_is_published(self, publisher, slug, media):
        self.world.publish(publisher, slug, media=media)

    @rule(slug=slugs, pick=picks)
    def the_ministry_publishes_a_school_s_lesson_again(self, slug, pick):
        for box, own in picked(self.own_lessons(), pick):
            self.world.publish_again(PUBLISHERS[0], slug, box.own[own])

    @rule(pick=picks)
    def a_lesson_is_withdrawn(self, pick):
        for publisher, slug in picked(self.world.lessons(), pick):
            self.world.withdraw(publisher, slug)

    @rule(pick=picks, paths=st.sampled_from([(), ("index.html",)]))
    def a_lesson_is_erased(self, pick, paths):
        for publisher, slug in picked(self.world.lessons(), pick):
            self.world.erase(publisher, slug, paths)

    @rule(pick=picks)
    def a_lesson_is_recalled(self, pick):
        for publisher, slug in picked(self.world.lessons(), pick):
            self.world.recall(self.world.current(publisher, slug))

    @rule(pick=picks)
    def a_school_s_lesson_is_recalled(self, pick):
        for box, slug in picked(self.own_lessons(), pick):
            self.world.recall(box.own[slug])

    @rule(roles=st.sets(st.sampled_from(["root", "targets", "snapshot", "timestamp"])))
    def keys_are_changed(self, roles):
        self.world.rotate(sorted(roles))

    @rule(publisher=publishers)
    def a_publisher_changes_its_keys(self, publisher):
        self.world.rotate_publisher(publisher)

    @rule(publisher=st.sampled_from(PUBLISHERS[1:]))
    def a_publisher_moves(self, publisher):
        self.world.move(publisher)

    @rule(publisher=publishers, on=st.booleans())
    def a_publisher_is_suspended(self, publisher, on):
        self.world.suspend(publisher, on=on)

    # --- time ---

    @rule(days=st.one_of(st.integers(1, 20), st.sampled_from([200, 450, 900])))
    def time_passes(self, days):
        self.world.pass_time(days)

    @rule(number=boxes, ahead=clocks)
    def a_clock_jumps(self, number, ahead):
        self.box(number).ahead = ahead

    @precondition(lambda self: not self.lied)
    @rule()
    def the_hub_signs_a_wrong_time(self):
        self.lied = True
        self.world.lie_about_time()

    # --- lessons travel ---

    @rule(number=boxes, fault=faults)
    def a_box_asks_the_hub(self, number, fault):
        self.box(number).sync(self.world.hub(fault))

    @rule(number=boxes)
    def a_box_has_a_good_night(self, number):
        self.box(number).sync(self.world.hub())

    @rule(
        number=boxes,
        others=st.lists(st.tuples(boxes, faults), min_size=1, max_size=3),
        hub=st.none() | faults,
    )
    def a_box_asks_its_neighbours(self, number, others, hub):
        sources = [] if hub is None else [self.world.hub(hub)]
        box = self.box(number)
        box.sync(
            *sources, *(self.box(one).neighbour(fault) for one, fault in others if self.box(one) is not box)
        )

    @rule(number=boxes, keep=st.booleans(), fault=faults, hub=st.booleans())
    def a_mirror_of_yesterday_answers(self, number, keep, fault, hub):
        old = self.world.yesterday(keep=keep)
        if old is not None:
            self.box(number).sync(old, *([self.world.hub(fault)] if hub else []))

    @rule()
    def the_stick_is_filled_in_town(self):
        self.stick.fill()

    @rule(number=boxes, chance=st.none() | seeds)
    def the_stick_comes_to_a_box(self, number, chance):
        self.stick.visit(self.box(number), chance)

    @rule(chance=seeds)
    def the_stick_wears(self, chance):
        self.stick.wear(chance)

    @rule(number=boxes, giver=st.none() | boxes, asked=st.booleans(), some=seeds, broken=st.booleans())
    def a_courier_comes(self, number, giver, asked, some, broken):
        box = self.box(number)
        mirror = self.world.mirror if giver is None else self.box(giver).data / "mirror"
        parts = box.make_courier(mirror, *([box.want()] if asked else []))
        some.shuffle(parts)
        if parts and broken:
            hurt(parts[0], some)
        for part in parts[: some.randint(1, 4)]:
            box.bring([part])

    @rule(number=boxes, publisher=publishers, slug=slugs)
    def somebody_needs_a_lesson_tomorrow(self, number, publisher, slug):
        self.box(number).ask_for(publisher, slug)

    # --- cards ---

    @rule(number=boxes)
    def a_box_finds_no_room(self, number):
        self.box(number).sync(self.world.hub(), reserve_mb=10**9)

    @rule(number=boxes, files=st.integers(-40, 60))
    def a_card_is_nearly_full(self, number, files):
        self.box(number).sync_with_room_for(files, self.world.hub())

    @rule(number=boxes, follow=st.sets(publishers))
    def a_box_follows_others(self, number, follow):
        self.box(number).follow = sorted(follow)

    @rule(number=boxes, chance=seeds)
    def a_byte_flips(self, number, chance):
        self.box(number).flip(chance)

    @rule(number=boxes)
    def a_card_is_read(self, number):
        self.box(number).scrub()

    @rule(number=boxes)
    def a_card_is_copied(self, number):
        box = self.box(number)
        if not box.damaged:
            self.kept[box.data] = box.copy(self.folder / f"kept-{box.data.name}")

    @rule(number=boxes)
    def an_old_card_is_put_back(self, number):
        """It takes its versions with it; from there on it never goes back."""
        box = self.box(number)
        if box.data in self.kept:
            self.boxes[self.boxes.index(box)] = self.kept[box.data].copy(box.data)

    # --- the school's own lessons ---

    @rule(number=boxes, slug=slugs)
    def a_school_publishes(self, number, slug):
        box = self.box(number)
        try:
            box.publish_own(slug)
        except EduboxError:
            assert box.damaged or box.holes, "a school was locked out"

    @rule(pick=picks)
    def a_school_erases(self, pick):
        for box, slug in picked(self.own_lessons(), pick):
            if not box.damaged and not box.holes:
                box.erase_own(slug)
                self.kept.pop(box.data, None)

    @rule(number=boxes)
    def a_box_is_backed_up(self, number):
        if not self.box(number).damaged:
            self.box(number).back_up()

    @rule(number=boxes, old_card=st.booleans())
    def a_card_dies_and_the_backup_is_restored(self, number, old_card):
        box = self.box(number)
        if box.saved is not None and not box.damaged:
            box.restore(old_card=old_card)
            self.kept.pop(box.data, None)

    @rule(number=boxes)
    def a_card_dies_without_a_backup(self, number):
        box = self.box(number)
        if not box.damaged and not box.holes:
            box.rekey()
            self.kept.pop(box.data, None)

    @rule(number=boxes, second=st.booleans())
    def a_copy_of_a_card_wakes_up_in_another_computer(self, number, second):
        box = self.box(number)
        if box.damaged or box.holes or (second and len(self.boxes) == MOST_BOXES):
            return
        copy = box.copy(self.folder / f"box-{len(self.boxes)}" if second else box.data.with_name("moved"))
        copy.move_in(f"{box.machine}-copy", second=second)
        if second:
            self.boxes.append(copy)
        else:
            self.boxes[self.boxes.index(box)] = copy.copy(box.data)
            self.kept.pop(box.data, None)

    # --- what is true ---

    @invariant()
    def every_box_is_right(self):
        figures["steps"] += 1
        for box in self.boxes:
            box.check()

    def faults_stop(self):
        self.world.pass_time(1)
        for publisher in PUBLISHERS:
            self.world.suspend(publisher, on=False)
        for box in self.boxes:
            box.ahead, box.follow = timedelta(), list(PUBLISHERS)
            box.scrub()
            repaired = box.holes
            said = box.sync(self.world.hub())
            box.check()
            assert repaired or not said, said
            if not said:
                box.check_gone()
        self.world.pass_time(1)
        for box in self.boxes:
            said = box.sync(self.world.hub())
            assert not said, said
            box.check_current()
            box.publish_own("lune")
            box.check()
        check_erased(self.world.mirror, self.world.gone(PUBLISHERS))
        self.stick.fill()
        # A school's lesson may travel as the school's though the ministry, which had published it too, erased its copy.
        theirs = {mark for _, mark in self.world.schools - self.world.erased}
        check_erased(self.stick.mount, self.world.gone(PUBLISHERS) - (theirs - self.world.gone(())))


Months.TestCase.settings = settings(
    max_examples=COUNTRIES, stateful_step_count=40, deadline=None,
    # A country is large: its steps are printed as they were, and nobody waits an hour for fewer of them.
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
TestMonths = pytest.mark.filterwarnings("ignore")(Months.TestCase)


@pytest.fixture(scope="module", autouse=True)
def told():
    """How much was tried, for who runs it with ``-s``."""
    yield
    print(
        f"\n{figures['countries']} countries, {figures['steps']} steps, {counted.synchronisations} synchronisations"
    )
