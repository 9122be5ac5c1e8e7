"""A school with its sheet on paper: boxes made by ``box init``, computers that have names, and the lessons it publishes."""

from __future__ import annotations

import hashlib
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edubox.box.catalog import Catalogue
from edubox.box.own import backup, identity, lessons
from edubox.box.own.show import show_own
from edubox.box.setup import init
from edubox.settings import load_settings
from edubox.sync.fetching.sources import FolderSource
from edubox.sync.trusted import read_publisher
from edubox.trust.publisher import local_id
from edubox.trust.record import Record
from tests.publishing.country import edpack
from tests.sync.country import Country

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
FILM = random.Random(3).randbytes(300_000)
COMPUTER = "board 1234"


class School:
    """*folder* holds its boxes; *now* is what their clocks say."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.country = Country(folder / "country")
        self.now = NOW
        self.box = self.new_box("box", COMPUTER)
        self.code = identity.unprinted_code(self.box, self.own())

    def new_box(self, name: str, computer: str) -> Path:
        init(
            self.folder / name, self.country.root, [], [], {"reserve_mb": 0},
            machine=computer, system=self.now,
        )  # fmt: skip
        return self.folder / name

    def own(self, box: Path | None = None) -> identity.Own:
        return identity.read(box or self.box)

    def lesson(self, words: str) -> Path:
        page = f"<!doctype html><html lang=fr><title>L</title><h1>{words}</h1>".encode()
        target = self.folder / "lesson.edpack"
        target.unlink(missing_ok=True)
        return edpack(target, {"index.html": page, "film.mp4": FILM}, frozenset({"film.mp4"}))

    def publish(self, slug: str, words: str, box: Path | None = None, computer: str = COMPUTER) -> int:
        """Publish and show; returns the version."""
        self.now += timedelta(minutes=1)
        data = box or self.box
        done = lessons.publish(data, self.lesson(words), slug, machine=computer, system=self.now)
        self.show(data)
        return done.index.version

    def show(self, box: Path | None = None) -> list[str]:
        data = box or self.box
        return show_own(data, load_settings(data / "box.toml"), Catalogue(data), self.now)

    def reads(self, box: Path | None = None) -> dict[str, str]:
        """Slug → what pupils read, of lessons that are there with their films."""
        data = box or self.box
        found = {}
        for one in Catalogue(data).installed():
            tree = data / "site" / one.manifest
            assert one.state == "ready"
            assert (tree / "film.mp4").read_bytes() == FILM
            found[one.slug] = (tree / "index.html").read_text("utf-8").partition("<h1>")[2].partition("<")[0]
        return found

    def source(self, box: Path | None = None) -> FolderSource:
        """A copy of what the box holds, as a stick or a neighbour offers it."""
        copy = self.folder / f"copy-{len(list(self.folder.iterdir()))}"
        shutil.copytree((box or self.box) / "mirror", copy)
        return FolderSource(copy)

    def backup(self) -> Path:
        target = self.folder / "box.backup"
        backup.write(self.box, target, system=self.now)
        return target

    def later(self, **time) -> None:
        self.now += timedelta(**time)


class Follower:
    """Another box that holds what it saw of the school's repository and goes on from there."""

    def __init__(self, folder: Path, own_id: str) -> None:
        self.mirror, self.own_id = folder, own_id
        folder.mkdir()
        self.versions: dict[str, int] = {}

    def look(self, source: FolderSource, now: datetime) -> dict[str, int]:
        """Slug → version, verified from the first root on; never lower than before."""
        root = source.read(f"publishers/{self.own_id}/metadata/1.root.json", 10**6)
        assert local_id(root) == self.own_id
        record = Record(self.own_id, "École", "school", 1, hashlib.sha256(root).hexdigest())
        work = self.mirror.parent / "work"
        work.mkdir(exist_ok=True)
        found = read_publisher(self.mirror, work, [source], record, now, None)
        assert not found.problems
        versions = {slug: index.version for slug, index in found.indexes.items()}
        assert all(versions[slug] >= version for slug, version in self.versions.items())
        self.versions = versions
        return versions
