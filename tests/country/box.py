"""A school's box, driven through the code of production, and what must always be true of it."""

from __future__ import annotations

import gzip
import lzma
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edubox.box.catalog import Catalogue
from edubox.box.own import backup, identity, lessons, show, takeover
from edubox.box.setup import init
from edubox.errors import EduboxError, OtherMachine, RestoredBackup
from edubox.pack.index import parse
from edubox.settings import load_settings
from edubox.store.platform import Reserve
from edubox.store.scrub import scrub
from edubox.store.space import use_of
from edubox.sync import urgent
from edubox.sync.carried import courier, courier_work
from edubox.sync.carried.carry import chosen
from edubox.sync.carried.exchange import exchange
from edubox.sync.carried.wants import Want, want_of
from edubox.sync.fetching.neighbours import Neighbour
from edubox.sync.fetching.sources import NEIGHBOUR, FolderSource, Source
from edubox.sync.job import synchronise
from edubox.sync.local import Local
from edubox.sync.own import own_publisher
from tests.country.faults import Fault, Faulty, hurt
from tests.country.world import MEDIA, NO_FAULT, PUBLISHERS, SLUGS, Version, World
from tests.sync.country import Progress

#: A courier's parts: small, so that a few lessons fill several.
PART = 700_000
#: How often boxes synchronised, for the figures.
synchronisations = 0


@dataclass
class Box:
    """The box in *data*, in the computer *machine*; *code* is on its school sheet."""

    world: World
    data: Path
    machine: str
    code: str = ""
    #: The highest version of each lesson that it ever showed, by the publisher's first name and slug.
    high: dict[tuple[str, str], int] = field(default_factory=dict)
    #: The school's own lessons, and what was in the last backup.
    own: dict[str, Version] = field(default_factory=dict)
    saved: dict[str, Version] | None = None
    #: Marks of lessons that it took along from the box of which it is a copy: nobody tells it of them any more.
    inherited: set[bytes] = field(default_factory=set)
    follow: list[str] = field(default_factory=lambda: list(PUBLISHERS))
    #: What its clock says beyond the true time.
    ahead: timedelta = timedelta()
    #: Bytes changed on its card, and nobody has read it since; or damage was taken away and not repaired yet.
    damaged: bool = False
    holes: bool = False

    @classmethod
    def new(cls, world: World, name: str, card: Path | None = None) -> Box:
        """A box called *name*, on a disk of its own if *card* is one."""
        box = cls(world, (card or world.folder) / name, f"computer of {name}")
        init(
            box.data,
            world.root,
            list(PUBLISHERS),
            [],
            {"reserve_mb": 0},
            machine=box.machine,
            system=world.now,
        )
        box.code = box._printed()
        return box

    @property
    def system(self) -> datetime:
        return self.world.now + self.ahead

    @property
    def catalogue(self) -> Catalogue:
        return Catalogue(self.data)

    @property
    def settings(self) -> dict[str, object]:
        return load_settings(self.data / "box.toml") | {"follow": self.follow}

    def neighbour(self, fault: Fault = NO_FAULT) -> Source:
        """This box as another one sees it."""
        return Neighbour(Faulty(FolderSource(self.data / "mirror", NEIGHBOUR), fault), clock=lambda: 0.0)

    # --- lessons come ---

    def sync(self, *sources: Source, **settings: object) -> str:
        """Synchronise; an error is no news here, what matters is what is there afterwards. Returns its code."""
        global synchronisations  # noqa: PLW0603 - a figure
        synchronisations += 1
        try:
            synchronise(
                self.data, sources, self.settings | settings, self.catalogue, Progress(), system=self.system
            )
            lessons.renew(self.data, machine=self.machine, system=self.system)
        except EduboxError as error:
            return error.code
        return ""

    def sync_with_room_for(self, files: int, *sources: Source) -> str:
        """Synchronise on a card on which only so many more files fit."""
        return self.sync(*sources, quota_files=max(use_of(self.data).files + files, 1))

    def take_stick(self, mount: Path) -> str:
        try:
            done = exchange(
                self.data,
                mount,
                self.data.name,
                self.settings,
                self.catalogue,
                Progress(),
                system=self.system,
            )
        except EduboxError as error:
            return error.code
        return done.error.code if done.error else ""

    def want(self) -> Want:
        return want_of(self.data, self.catalogue, self.data.name, self.settings, self.system)

    def make_courier(self, mirror: Path, *wants: Want) -> list[Path]:
        """The parts of a courier made of *mirror*; none if there is nothing to make it of."""
        folder = self.world.folder / "courier"
        shutil.rmtree(folder, ignore_errors=True)
        try:
            return courier.export(mirror, chosen(mirror, wants), folder, "all", part_size=PART)
        except EduboxError:
            return []

    def bring(self, parts: Sequence[Path]) -> str:
        try:
            courier_work.bring(self.data, parts, self.settings, self.catalogue, Progress(), self.system)
        except EduboxError as error:
            return error.code
        return ""

    def reads(self) -> dict[str, str]:
        """What pupils are shown: name of the publisher and lesson → which version, and ``waiting`` if a film is missing."""
        return {
            f"{one.publisher.split('/')[1]}/{one.slug}" if one.publisher != own_publisher(self.data) else one.slug:
            f"{one.version}{'' if one.state == 'ready' else ' waiting'}" for one in self.catalogue.installed()
        }  # fmt: skip

    def ask_for(self, publisher: str, slug: str) -> None:
        urgent.ask(self.data, f"{self.world.name(publisher)}/{slug}")

    # --- the card ---

    def flip(self, chance: random.Random) -> None:
        """Some byte changes, but not of what only this box has, whose loss nobody could make good.

        That is what the school made, and on a second box what the first one had made before.
        """
        keep = {
            f"mirror/bundles/{one.sha256[:2]}/{one.sha256}"
            for path in self.data.glob("mirror/publishers/local/*/targets/*.json")
            for one in parse(path.read_bytes()).bundles
        }
        files = [
            path for folder in ("mirror", "site", "twins") for path in sorted((self.data / folder).rglob("*"))
            if path.is_file() and "publishers/local/" not in path.as_posix()
            and path.relative_to(self.data).as_posix() not in keep and not path.name.startswith(".")
        ]  # fmt: skip
        if files and not self.damaged and not self.holes:
            hurt(chance.choice(files), chance)
            self.damaged = True

    def scrub(self) -> None:
        local = Local(self.data, [], Reserve())
        done = scrub(self.data, local.contents, lambda: 0.0, self.system.timestamp)
        assert done.complete
        self.holes |= self.damaged
        self.damaged = False

    def copy(self, target: Path) -> Box:
        """A copy of the whole card."""
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.data), str(target)], check=True)
        return replace(
            self, data=target, high=dict(self.high), own=dict(self.own), inherited=set(self.inherited),
            follow=list(self.follow),
        )  # fmt: skip

    # --- the school's own lessons ---

    def publish_own(self, slug: str) -> None:
        contents, mark = self.world.contents(media=False)
        file, manifest = self.world.lesson_file(contents)
        done = lessons.publish(self.data, file, slug, machine=self.machine, system=self.system)
        self.show_own()
        self.world.schools.add((own_publisher(self.data), mark))
        self.own[slug] = Version(manifest, contents, done.index.version, mark)

    def show_own(self) -> None:
        show.show_own(self.data, self.settings, self.catalogue, self.system)

    def erase_own(self, slug: str) -> None:
        lessons.erase(self.data, slug, machine=self.machine, system=self.system)
        self.world.erased.add((own_publisher(self.data), self.own.pop(slug).mark))
        self.saved = None  # a backup would bring it back: a new one is made

    def cannot_publish(self, why: type[EduboxError]) -> None:
        with pytest.raises(why):
            lessons.withdraw(self.data, "anything", machine=self.machine, system=self.system)

    def back_up(self) -> None:
        backup.write(self.data, self._backup, system=self.system)
        self.saved = dict(self.own)

    def restore(self, *, old_card: bool) -> None:
        """The card died and a new computer takes the backup; the *old card* can still be read, or not."""
        assert self.saved is not None
        old = self.data.with_name(f"{self.data.name}-old")
        shutil.rmtree(old, ignore_errors=True)
        self.data.rename(old)
        backup.restore(self._backup, self.data, self.code)
        self.machine += "'"
        self.cannot_publish(RestoredBackup)
        sources = [FolderSource(old / "mirror")] if old_card else []
        takeover.restored_backup(self.data, self.code, sources, machine=self.machine, system=self.system)
        self.show_own()
        self.high, self.damaged = {}, False
        self.follow = list(PUBLISHERS)
        if old_card:
            self.sync(self.world.hub(), *sources)
        else:
            self.own = dict(self.saved)
        self.holes = True

    def rekey(self) -> None:
        """The card died and there is no backup: the sheet, and a copy of what it held, are enough."""
        old = self.data.with_name(f"{self.data.name}-old")
        shutil.rmtree(old, ignore_errors=True)
        self.data.rename(old)
        own = identity.read(old).id
        self.machine += "'"
        init(
            self.data, self.world.root, list(PUBLISHERS), [], {"reserve_mb": 0}, machine=self.machine,
            system=self.system,
        )  # fmt: skip
        source = FolderSource(old / "mirror")
        takeover.rekey(self.data, own, self.code, [source], machine=self.machine, system=self.system)
        self.high, self.damaged, self.holes, self.saved = {}, False, True, None
        self.sync(self.world.hub(), source)

    def move_in(self, machine: str, *, second: bool) -> None:
        """This copy of a card wakes up in another computer: somebody says whether it is a *second* box or the first one."""
        self.machine = machine
        self.cannot_publish(OtherMachine)
        if second:
            # It hears no more of the first box's publisher, so what that erased since the last night stays as well.
            first = own_publisher(self.data)
            self.inherited |= {mark for owner, mark in self.world.erased if owner == first}
            takeover.second_box(self.data, machine=machine, system=self.system)
            self.inherited |= {one.mark for one in self.own.values()}
            self.own, self.code, self.saved = {}, self._printed(), None
        else:
            takeover.replaced_card(self.data, self.code, [], machine=machine, system=self.system)

    @property
    def _backup(self) -> Path:
        return self.data.with_name(f"{self.data.name}.backup")

    def _printed(self) -> str:
        """The recovery code, which is on paper from now on."""
        code = identity.unprinted_code(self.data, identity.read(self.data))
        identity.forget_code(self.data)
        assert code is not None
        return code

    # --- what must always be true ---

    def check(self) -> None:
        """Only verified bytes, never an older version, never without its own lessons."""
        own, shown = own_publisher(self.data), {}
        for one in self.catalogue.installed():
            if not self.damaged:
                self._check_tree(one.manifest, waiting=one.state == "waiting")
            address = self.world.first_name(one.publisher), one.slug
            assert one.version >= self.high.get(address, 0), f"{address} went back"
            self.high[address] = one.version
            shown[one.publisher, one.slug] = one.manifest
        for slug, version in self.own.items():
            if (None, version.mark) not in self.world.erased:
                assert shown.get((own, slug)) == version.manifest, "the school's own lesson is lost"

    def _check_tree(self, manifest: str, *, waiting: bool) -> None:
        tree, wanted = self.data / "site" / manifest, self.world.by_manifest[manifest]
        for path in tree.rglob("*"):
            if path.is_file():
                name = path.relative_to(tree).as_posix()
                data = path.read_bytes() if name in wanted else gzip.decompress(path.read_bytes())
                assert data == wanted[name if name in wanted else name.removesuffix(".gz")], (
                    f"bytes that nobody signed: {name}"
                )
        if not self.holes:
            lacking = {name for name in wanted if not (tree / name).exists()}
            assert lacking <= (MEDIA if waiting else frozenset()), f"{manifest} is not whole"

    def check_current(self) -> None:
        """Everything that its publishers say now, ready; nothing that was erased, anywhere on its card; nothing half-done."""
        assert not self.damaged
        self.holes = False
        self.check()
        wanted = {
            (self.world.name(publisher), slug): (found.version, "ready")
            for (publisher, slug), found in self._said().items()
        }
        names = {self.world.name(publisher) for publisher in PUBLISHERS}
        installed = self.catalogue.installed()
        shown = {
            (one.publisher, one.slug): (one.version, one.state)
            for one in installed if one.publisher in names
        }  # fmt: skip
        assert shown == wanted
        assert {one.publisher for one in installed} <= names | {own_publisher(self.data)} or self.inherited
        assert not list((self.data / "staging" / "fetch").iterdir())
        self.check_gone()

    def check_gone(self) -> None:
        """What was erased is in no file, unless it is the school's own lesson all the same."""
        own = {one.mark for one in self.own.values() if (None, one.mark) not in self.world.erased}
        heard = {*PUBLISHERS, own_publisher(self.data)}
        check_erased(self.data, self.world.gone(heard) - own - self.inherited)

    def _said(self) -> dict[tuple[str, str], Version]:
        """What the country says now, by publisher and slug."""
        found = {
            (publisher, slug): self.world.current(publisher, slug)
            for publisher in PUBLISHERS
            for slug in SLUGS
        }
        return {address: version for address, version in found.items() if version is not None}


def check_erased(folder: Path, marks: set[bytes]) -> None:
    """None of *marks* is in any file of *folder*, packed or not."""
    for path in folder.rglob("*"):
        if path.is_file():
            for data in _unpacked(path.read_bytes()):
                for mark in marks:
                    assert mark not in data, f"{mark.decode()} is still in {path.relative_to(folder)}"


def _unpacked(data: bytes) -> Iterator[bytes]:
    yield data
    for unpack in (gzip.decompress, lzma.decompress):
        try:
            yield unpack(data)
        except (OSError, EOFError, lzma.LZMAError):
            continue
