"""Loader and system together: whatever is proposed, cut and broken, the box starts something that was good."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from edubox.hardware.slots import copies, keeping
from edubox.store import slots
from edubox.store.slots import Held
from tests.hardware.slots.carriers import CARRIERS, Cut, loader

WELL, ILL, DEAD = "well", "ill", "dead"


class Box(RuleBasedStateMachine):
    """A box whose systems are *well*, *ill* (start, and fail their checks) or *dead* (never come so far)."""

    @initialize(kind=st.sampled_from(sorted(CARRIERS)), prepared=st.booleans())
    def flashed(self, kind, prepared):
        self.folder = Path(tempfile.mkdtemp())
        self.card = CARRIERS[kind]()
        if prepared or self.card.edits:  # GRUB's image brings its two files
            copies.keep(self.card, "a")
        self.systems = {"a": (WELL, "0"), "b": (DEAD, "")}
        self.tried, self.starts, self.next, self.running = [], 0, 1, None
        slots.write(self.folder, "a", Held("0" * 64, 1, "pc"), b"{}")
        self.start()

    def teardown(self):
        if hasattr(self, "folder"):
            shutil.rmtree(self.folder)

    def start(self):
        """Power on, until something runs; a dead system panics and the loader comes again."""
        for _ in range(4):
            try:
                slot = loader(self.card, edits=self.card.edits)
            except Cut:
                self.card.left = None
                continue
            kind, name = self.systems[slot]
            if slot != copies.load(self.card)[0].good:
                self.tried.append(name)
            if kind != DEAD:
                self.running, self.up = slot, 0
                self.starts += 1
                return
        raise AssertionError("the box does not start any more")

    @rule(left=st.none() | st.integers(0, 5))
    def power_cut(self, left):
        """Off and on again; the loader itself may be cut after *left* sectors."""
        self.card.left = left
        self.start()
        self.card.left = None

    @precondition(lambda self: copies.load(self.card)[0].good == self.running)
    @rule(kind=st.sampled_from([WELL, ILL, DEAD]), left=st.none() | st.integers(0, 5))
    def update(self, kind, left):
        """What edubox system install does; only while nothing waits to be tried."""
        target, name = slots.other(self.running), f"{self.next:064d}"
        if copies.load(self.card)[0].trying:
            return
        self.next += 1
        slots.clear(self.folder, target)
        self.systems[target] = (kind, name)
        slots.write(self.folder, target, Held(name, self.next, "pc"), b"{}")
        self.cut(left, lambda: copies.propose(self.card, target))

    @rule(late=st.booleans(), left=st.none() | st.integers(0, 5))
    def look(self, late, left):
        """What edubox system keep does; a system that is given up starts the box again."""
        ill = self.systems[self.running][0] == ILL
        start = keeping.Start(self.running, str(self.starts), 1000.0 if late else 60.0)
        verdict = self.cut(
            left,
            lambda: keeping.judge(self.card, self.folder, start, [lambda: "no page" if ill else ""], 900),
        )
        if verdict is not None and verdict.gives_up:
            assert ill
            given_up = self.systems[self.running][1]
            self.start()
            assert self.systems[self.running][1] != given_up

    @rule(copy=st.sampled_from([0, 1]))
    def damage(self, copy):
        """A copy that does not count rots: the one that does would be a second fault at once."""
        if copies.load(self.card)[1] != copy:
            self.card.places[copy] = bytes(1024)

    def cut(self, left, work):
        self.card.left = left
        try:
            return work()
        except Cut:
            self.card.left = None
            self.start()
            return None
        finally:
            self.card.left = None

    @invariant()
    def what_is_fallen_back_to_is_well(self):
        if self.running is not None:
            assert self.systems[copies.load(self.card)[0].good][0] == WELL

    @invariant()
    def nothing_is_tried_more_than_twice(self):
        assert all(self.tried.count(name) <= copies.TRIES for name in self.tried)


Box.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestBox = Box.TestCase
