"""Months in a country, as chance has it: publications, cuts, liars, clocks, rotations, moves, restores, clones, full cards, erasures.

After every step every box is looked at: no unverified byte, no older version, no own lesson lost. When faults stop, all
boxes show what their publishers say. ``EDUBOX_COUNTRIES`` says how many countries are tried (``make prove-country``).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from edubox.trust import keys
from tests.country.faults import FAULTS, Fault
from tests.country.world import BEGIN, PUBLISHERS, SLUGS, World

COUNTRIES = int(os.environ.get("EDUBOX_COUNTRIES", "6"))
BOXES = 3
boxes = st.integers(0, BOXES - 1)
publishers, slugs = st.sampled_from(PUBLISHERS), st.sampled_from(SLUGS)
faults = st.builds(Fault, st.sampled_from(FAULTS), st.integers(0, 30), st.integers(0, 9))
#: A clock that is right, behind, of a card without battery, of a battery that forgot the year.
clocks = st.sampled_from([
    timedelta(), timedelta(days=-2), timedelta(days=45),
    datetime(1970, 1, 2, tzinfo=BEGIN.tzinfo) - BEGIN, datetime(2099, 1, 1, tzinfo=BEGIN.tzinfo) - BEGIN,
])  # fmt: skip


class Months(RuleBasedStateMachine):
    @initialize()
    def begin(self):
        base = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self.folder = Path(tempfile.mkdtemp(prefix="edubox-country-", dir=base))
        self.effort, keys.SCRYPT_N = keys.SCRYPT_N, 2**14
        self.world = World(self.folder)
        for _ in range(BOXES):
            self.world.new_box()
        self.kept = {}

    def teardown(self):
        try:
            self.faults_stop()
        finally:
            keys.SCRYPT_N = self.effort
            shutil.rmtree(self.folder)

    @rule(publisher=publishers, slug=slugs, media=st.booleans())
    def a_lesson_is_published(self, publisher, slug, media):
        self.world.publish(publisher, slug, media=media)

    @rule(publisher=publishers, slug=slugs)
    def a_lesson_is_withdrawn(self, publisher, slug):
        self.world.withdraw(publisher, slug)

    @rule(publisher=publishers, slug=slugs)
    def a_lesson_is_erased(self, publisher, slug):
        self.world.erase(publisher, slug)

    @rule(publisher=publishers, slug=slugs)
    def a_lesson_is_recalled(self, publisher, slug):
        self.world.recall(publisher, slug)

    @rule(roles=st.sets(st.sampled_from(["root", "targets", "snapshot", "timestamp"])))
    def keys_are_changed(self, roles):
        self.world.rotate(sorted(roles))

    @rule(publisher=st.sampled_from(PUBLISHERS[1:]))
    def a_publisher_moves(self, publisher):
        self.world.move(publisher)

    @rule(days=st.integers(1, 20))
    def time_passes(self, days):
        self.world.now += timedelta(days=days)
        self.world.renew()

    @rule(number=boxes, ahead=clocks)
    def a_clock_jumps(self, number, ahead):
        self.world.boxes[number].ahead = ahead

    @rule(number=boxes, fault=faults)
    def a_box_asks_the_hub(self, number, fault):
        self.world.boxes[number].sync(self.world.hub(fault))

    @rule(number=boxes, other=boxes, fault=faults, hub=st.booleans())
    def a_box_asks_its_neighbour(self, number, other, fault, hub):
        sources = [self.world.hub()] if hub else []
        self.world.boxes[number].sync(*sources, self.world.boxes[other].neighbour(fault))

    @rule(number=boxes)
    def a_box_finds_no_room(self, number):
        self.world.boxes[number].sync(self.world.hub(), reserve_mb=10**9)

    @rule(number=boxes)
    def a_box_follows_less_and_needs_room(self, number):
        self.world.boxes[number].sync(self.world.hub(), follow=[PUBLISHERS[0]], reserve_mb=10**9)

    @rule(number=boxes, slug=slugs)
    def a_school_publishes(self, number, slug):
        self.world.boxes[number].publish_own(slug)

    @rule(number=boxes)
    def a_card_is_copied(self, number):
        self.kept[number] = self.world.boxes[number].snapshot(self.folder / f"kept-{number}")

    @rule(number=boxes)
    def an_old_card_is_put_back(self, number):
        if number in self.kept:
            old = self.kept[number]
            # Whoever puts an old card back takes its versions with it; from there on it never goes back.
            self.world.boxes[number] = old.snapshot(self.world.boxes[number].data)

    @invariant()
    def every_box_is_right(self):
        for box in self.world.boxes:
            box.check()

    def faults_stop(self):
        self.world.now += timedelta(hours=13)
        self.world.renew()
        for box in self.world.boxes:
            box.ahead = timedelta()
            said = box.sync(self.world.hub())
            box.check()
            assert said == [], said
        self.world.now += timedelta(hours=13)
        for box in self.world.boxes:
            assert box.sync(self.world.hub()) == []
            box.check()
            box.check_current()


Months.TestCase.settings = settings(
    max_examples=COUNTRIES, stateful_step_count=25, deadline=None,
    # A country is large: its steps are printed as they were, and nobody waits an hour for fewer of them.
    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
)  # fmt: skip
TestMonths = pytest.mark.filterwarnings("ignore")(Months.TestCase)
