"""Any life of a school's own repository: whatever happens to its card, versions only rise and no lesson is lost.

A person may do anything in any order: publish, correct, take back, lose the card with or without a backup, move it, copy it,
let the clock jump, carry sticks. One box follows from the sticks it happens to get. ``EDUBOX_LIVES`` asks for more lives.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edubox.box.own import backup, identity, lessons, takeover
from edubox.errors import NotTrusted, OtherMachine, RestoredBackup
from tests.box.own.school import COMPUTER, Follower, School

LIVES = int(os.environ.get("EDUBOX_LIVES", "5"))
EVENTS = (
    "publish", "publish", "publish", "withdraw", "backup", "stick", "follow", "new computer", "lost card", "restore", "copy",
    "clock", "renew",
)  # fmt: skip


class Life:
    """What the school believes, beside what its box does."""

    def __init__(self, folder) -> None:
        self.school = School(folder)
        self.own_id = self.school.own().id
        self.computer = COMPUTER
        self.follower = Follower(folder / "follower", self.own_id)
        self.versions: dict[str, int] = {}
        self.sticks = [self.school.source()]
        #: What each stick and the backup know: the newest of them is what a lost card comes back with.
        self.known = [dict(self.versions)]
        self.saved: dict[str, int] | None = None
        self.serial = 0

    def do(self, event: str, slug: str) -> None:
        self.serial += 1
        getattr(self, event.replace(" ", "_"))(slug)

    def publish(self, slug) -> None:
        version = self.school.publish(slug, f"{slug} {self.serial}", computer=self.computer)
        assert version == self.versions.get(slug, 0) + 1
        self.versions[slug] = version
        assert self.school.reads()[slug] == f"{slug} {self.serial}"

    def withdraw(self, slug) -> None:
        if slug in self.versions and slug in self.school.reads():
            done = lessons.withdraw(self.school.box, slug, machine=self.computer, system=self.school.now)
            self.versions[slug] = done.index.version
            self.school.show()

    def backup(self, _) -> None:
        self.school.backup()
        self.saved = dict(self.versions)

    def stick(self, _) -> None:
        self.sticks.append(self.school.source())
        self.known.append(dict(self.versions))

    def follow(self, _) -> None:
        """The follower gets the newest stick; what it sees is checked there never to go down."""
        self.follower.look(self.sticks[-1], self.school.now)

    def new_computer(self, _) -> None:
        self.computer = f"board {self.serial}"
        try:
            lessons.withdraw(self.school.box, "x", machine=self.computer, system=self.school.now)
        except OtherMachine:
            pass
        else:
            raise AssertionError("a copied card published by itself")
        self._taken(takeover.replaced_card, [])

    def lost_card(self, _) -> None:
        """Without a backup: what the sticks have comes back, all of it."""
        self._empty_slot()
        data, code = self.school.new_box("box", self.computer), self.school.code
        takeover.rekey(data, self.own_id, code, self.sticks, machine=self.computer, system=self.school.now)
        self._films_from_sticks()
        self.versions = dict(max(self.known, key=lambda one: sum(one.values())))

    def restore(self, _) -> None:
        if self.saved is None:
            return
        self._empty_slot()
        backup.restore(self.school.folder / "box.backup", self.school.box, self.school.code)
        try:
            lessons.withdraw(self.school.box, "x", machine=self.computer, system=self.school.now)
        except RestoredBackup:
            pass
        else:
            raise AssertionError("a restored box published before it asked")
        self._taken(takeover.restored_backup, self.sticks)
        self._films_from_sticks()
        self.versions = dict(max([*self.known, self.saved], key=lambda one: sum(one.values())))

    def copy(self, slug) -> None:
        """A copy becomes a second box: it publishes the same slug, and the first one never notices."""
        second = self.school.folder / f"second-{self.serial}"
        shutil.copytree(self.school.box, second)
        own = takeover.second_box(second, machine="board second", system=self.school.now)
        assert own.id != self.own_id
        assert self.school.publish(slug, "second", second, "board second") == 1
        shutil.rmtree(second)

    def clock(self, _) -> None:
        self.school.now += timedelta(days=30 if self.serial % 2 else -20)

    def renew(self, _) -> None:
        lessons.renew(self.school.box, machine=self.computer, system=self.school.now)

    def end(self) -> None:
        """When faults stop everybody agrees."""
        self.stick("")
        self.follow("")
        assert self.follower.versions == self.versions
        own = self.school.own()
        stolen = replace(own, machine=identity.mark(own.id, "thief"))
        identity.write(self.school.box, stolen)
        try:
            self.school.publish("x", "x", computer="thief")
        except NotTrusted:
            return
        raise AssertionError("another computer opened the key")

    def _taken(self, take, sources) -> None:
        take(self.school.box, self.school.code, sources, machine=self.computer, system=self.school.now)

    def _empty_slot(self) -> None:
        shutil.rmtree(self.school.box)

    def _films_from_sticks(self) -> None:
        """What the next synchronisation would bring."""
        for stick in self.sticks:
            for folder in ("bundles", "objects"):
                if (stick._root / folder).is_dir():
                    shutil.copytree(
                        stick._root / folder, self.school.box / "mirror" / folder, dirs_exist_ok=True
                    )
        self.school.show()


@settings(max_examples=LIVES, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.tuples(st.sampled_from(EVENTS), st.sampled_from(["lune", "mars"])), min_size=4, max_size=14)
)
def test_whatever_happens_versions_rise_and_no_lesson_is_lost(tmp_path_factory, events):
    life = Life(tmp_path_factory.mktemp("life") / "school")
    for event, slug in events:
        life.do(event, slug)
    life.end()
