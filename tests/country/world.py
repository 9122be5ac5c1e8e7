"""A country and its boxes, and what is true of them: which bytes were published as which version, and what was erased."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edubox.box.catalog import Catalogue
from edubox.box.own import lessons, show
from edubox.box.setup import init
from edubox.errors import EduboxError
from edubox.pack.edpack import write_edpack
from edubox.publishing import erase, move, rotation
from edubox.publishing.country import add_publisher, create, renew
from edubox.publishing.job import Publication, publish, withdraw
from edubox.publishing.workplace import Workplace
from edubox.settings import load_settings
from edubox.sync.job import synchronise
from edubox.sync.own import own_publisher
from edubox.sync.sources import HUB, NEIGHBOUR, FolderSource, Source
from edubox.trust import keys
from tests.country.faults import Fault, Faulty
from tests.pack.lessons import lesson, opener
from tests.publishing.country import COUNTRY_FILE, PASSPHRASE
from tests.sync.country import Progress, film, text

BEGIN = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
PUBLISHERS = ("ministry/base", "north/school-books")
SLUGS = ("lune", "soleil", "mer")
#: A marker in every lesson, by which its bytes are found wherever they hide.
_MARK = "edubox-mark-{}"
MEDIA = frozenset({"film.mp4"})


@dataclass
class Version:
    """One published version of a lesson."""

    manifest: str
    contents: dict[str, bytes]
    version: int
    mark: bytes


class World:
    """The country in *folder*; ``now`` is the true time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, BEGIN
        self.country = folder / "country"
        create(self.country, "Testland", COUNTRY_FILE, PASSPHRASE, self.now)
        for name in PUBLISHERS:
            add_publisher(self.country, name, f"Label of {name}", PASSPHRASE, self.now)
        for path in (self.country / "keys").rglob("*"):
            if path.is_file():
                path.write_bytes(keys.dump(keys.load(path, PASSPHRASE), None))
        #: Address → its versions, the last one current; withdrawn lessons end with None.
        self.published: dict[str, list[Version | None]] = {}
        self.by_manifest: dict[str, dict[str, bytes]] = {}
        self.erased: set[bytes] = set()
        self.moved: dict[str, str] = {}
        self.suspended: set[str] = set()
        self.boxes: list[Box] = []
        self._made = 0

    @property
    def workplace(self) -> Workplace:
        return Workplace.beside(self.country / "mirror")

    def address(self, publisher: str, slug: str) -> str:
        return f"{self.moved.get(publisher, publisher)}/{slug}"

    def contents(self, *, media: bool) -> tuple[dict[str, bytes], bytes]:
        """A lesson that nobody had before, and the mark in it."""
        self._made += 1
        mark = _MARK.format(f"{self._made:04}").encode()
        page = text(self._made, 1500) + b"<p>" + mark
        found = {
            "index.html": page,
            "shared.css": b"body { color: green }" * 20,
            "more.html": text(self._made % 3, 900),
        }
        if media:
            found["film.mp4"] = film(self._made, 270_000)
        return found, mark

    def lesson_file(self, contents: dict[str, bytes]) -> tuple[Path, str]:
        """*contents* as a lesson file, and its manifest's hash."""
        target = self.folder / "lesson.edpack"
        target.unlink(missing_ok=True)
        manifest = lesson(contents, MEDIA & contents.keys())
        write_edpack(target, manifest, opener(contents))
        self.by_manifest[manifest.id] = contents
        return target, manifest.id

    # --- what publishers and the ministry do ---

    def publish(self, publisher: str, slug: str, *, media: bool = False) -> None:
        here = self.moved.get(publisher, publisher)
        contents, mark = self.contents(media=media)
        file, manifest = self.lesson_file(contents)
        done = publish(Publication(here, slug, file), self.workplace, PASSPHRASE, self.now)
        self._versions(publisher, slug).append(Version(manifest, contents, done.index.version, mark))

    def withdraw(self, publisher: str, slug: str) -> None:
        if self.current(publisher, slug) is not None:
            withdraw(self.moved.get(publisher, publisher), slug, self.workplace, PASSPHRASE, self.now)
            self._versions(publisher, slug).append(None)

    def erase(self, publisher: str, slug: str) -> None:
        versions = self._versions(publisher, slug)
        if versions:
            erase.erase(self.moved.get(publisher, publisher), slug, self.workplace, PASSPHRASE, self.now)
            self._erased([one for one in versions if one is not None])
            versions.append(None)

    def recall(self, publisher: str, slug: str) -> None:
        current = self.current(publisher, slug)
        if current is not None:
            erase.recall(self.country, [current.manifest], [], PASSPHRASE, self.now)
            self._erased([current])

    def move(self, publisher: str) -> None:
        if publisher not in self.moved and publisher not in self.suspended:
            new = publisher.replace("/", "-moved/", 1)
            move.move(self.country, publisher, new, PASSPHRASE, self.now)
            self.moved[publisher] = new
            self._unlock()

    def suspend(self, publisher: str, *, on: bool) -> None:
        move.set_status(
            self.country,
            self.moved.get(publisher, publisher),
            "suspended" if on else "active",
            PASSPHRASE,
            self.now,
        )
        (self.suspended.add if on else self.suspended.discard)(publisher)

    def rotate(self, roles: Sequence[str]) -> None:
        rotation.rotate_root(self.country, roles, PASSPHRASE, self.now)

    def renew(self) -> None:
        renew(self.country, self.now)

    def current(self, publisher: str, slug: str) -> Version | None:
        """What a box should show in the end, None if nothing."""
        versions = self.published.get(f"{publisher}/{slug}", [])
        found = versions[-1] if versions else None
        return None if found is None or found.mark in self.erased else found

    def _versions(self, publisher: str, slug: str) -> list[Version | None]:
        return self.published.setdefault(f"{publisher}/{slug}", [])

    def _erased(self, versions: list[Version]) -> None:
        self.erased |= {one.mark for one in versions}

    def _unlock(self) -> None:
        for path in (self.country / "keys").rglob("*"):
            if path.is_file():
                path.write_bytes(keys.dump(keys.load(path, PASSPHRASE), None))

    # --- boxes ---

    def hub(self, fault: Fault = Fault()) -> Source:  # noqa: B008 - immutable
        return Faulty(FolderSource(self.country / "mirror", HUB), fault)

    def new_box(self) -> Box:
        box = Box(self, self.folder / f"box-{len(self.boxes)}")
        root = (self.country / "mirror" / "directory" / "metadata" / "1.root.json").read_bytes()
        init(box.data, root, list(PUBLISHERS), [], {"reserve_mb": 0}, machine=box.machine, system=self.now)
        self.boxes.append(box)
        return box


@dataclass
class Box:
    """A school's box. *high*: the highest version of each lesson that it ever showed, by address as first published."""

    world: World
    data: Path
    high: dict[str, int] = field(default_factory=dict)
    own: dict[str, Version] = field(default_factory=dict)
    #: What its clock says beyond the true time.
    ahead: timedelta = timedelta()

    @property
    def machine(self) -> str:
        return f"machine of {self.data.name}"

    @property
    def system(self) -> datetime:
        return self.world.now + self.ahead

    def neighbour(self, fault: Fault = Fault()) -> Source:  # noqa: B008 - immutable
        """This box as another one sees it."""
        return Faulty(FolderSource(self.data / "mirror", NEIGHBOUR), fault)

    def sync(self, *sources: Source, **settings: object) -> list[str]:
        """Synchronise; errors are no news here, what matters is what is there afterwards. Returns their codes."""
        chosen = load_settings(self.data / "box.toml") | settings
        try:
            synchronise(self.data, sources, chosen, Catalogue(self.data), Progress(), system=self.system)
        except EduboxError as error:
            return [error.code]
        return []

    def publish_own(self, slug: str) -> None:
        """The school publishes a lesson of its own."""
        contents, mark = self.world.contents(media=False)
        file, manifest = self.world.lesson_file(contents)
        done = lessons.publish(self.data, file, slug, machine=self.machine, system=self.system)
        settings = load_settings(self.data / "box.toml")
        show.show_own(self.data, settings, Catalogue(self.data), self.system)
        self.own[slug] = Version(manifest, contents, done.index.version, mark)

    def snapshot(self, target: Path) -> Box:
        """A copy of the whole card."""
        shutil.rmtree(target, ignore_errors=True)
        subprocess.run(["cp", "-a", str(self.data), str(target)], check=True)
        return Box(self.world, target, dict(self.high), dict(self.own), self.ahead)

    # --- what must always be true ---

    def check(self) -> None:
        """Only verified bytes, never an older version, never without its own lessons."""
        own = own_publisher(self.data)
        known = {new: old for old, new in self.world.moved.items()}
        shown = {}
        for one in Catalogue(self.data).installed():
            tree = self.data / "site" / one.manifest
            wanted = self.world.by_manifest[one.manifest]
            for path in tree.rglob("*"):
                if path.is_file() and path.suffix != ".gz":
                    assert path.read_bytes() == wanted[path.relative_to(tree).as_posix()], (
                        "bytes that nobody signed"
                    )
            lacking = {name for name in wanted if not (tree / name).exists()}
            assert lacking <= (MEDIA if one.state == "waiting" else frozenset()), f"{one.slug} is not whole"
            address = f"{known.get(one.publisher, one.publisher)}/{one.slug}"
            assert one.version >= self.high.get(address, 0), f"{address} went back"
            self.high[address] = one.version
            shown[one.publisher, one.slug] = one.manifest
        for slug, version in self.own.items():
            if version.mark not in self.world.erased:
                assert shown.get((own, slug)) == version.manifest, "the school's own lesson is lost"

    def check_current(self) -> None:
        """Everything that its publishers say now, ready, and nothing that was erased, anywhere on its card."""
        wanted = {}
        for publisher in PUBLISHERS:
            for slug in SLUGS:
                found = self.world.current(publisher, slug)
                if found is not None:
                    wanted[self.world.address(publisher, slug)] = (found.version, "ready")
        own = own_publisher(self.data)
        shown = {
            f"{one.publisher}/{one.slug}": (one.version, one.state)
            for one in Catalogue(self.data).installed() if one.publisher != own
        }  # fmt: skip
        assert shown == wanted
        for path in self.data.rglob("*"):
            if path.is_file() and path.suffix != ".gz":
                found = path.read_bytes()
                for mark in self.world.erased:
                    assert mark not in found, f"{mark.decode()} is still in {path.relative_to(self.data)}"
