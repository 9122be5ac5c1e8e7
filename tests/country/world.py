"""A country, and what is true in it: which bytes were published as which version, what was erased, and what time it is."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from edubox.pack.edpack import write_edpack
from edubox.publishing import erase, move, rotation
from edubox.publishing.country import add_publisher, create, release_directory, renew
from edubox.publishing.job import Publication, publish, withdraw
from edubox.publishing.workplace import Workplace, release
from edubox.store.platform import write_atomic
from edubox.sync.fetching.sources import HUB, FolderSource, Source
from edubox.trust import directory, keys
from edubox.trust import publisher as trusted
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import record_name
from tests.country.faults import Fault, Faulty
from tests.pack.lessons import lesson, opener
from tests.publishing.country import COUNTRY_FILE, PASSPHRASE
from tests.sync.country import film, text

BEGIN = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PUBLISHERS = ("ministry/base", "north/school-books")
SLUGS = ("lune", "soleil", "mer")
MEDIA = frozenset({"film.mp4"})
NO_FAULT = Fault()
#: Names that a publisher may have had: a box follows three moves at once.
MOST_NAMES = 4


@dataclass(frozen=True)
class Version:
    """One published version of a lesson; *mark* is in its bytes and in no other's."""

    manifest: str
    contents: dict[str, bytes]
    version: int
    mark: bytes


class World:
    """The country in *folder*; ``now`` is the true time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, BEGIN
        self.country = folder / "country"
        for path, data in _founded().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)
        #: Publisher → its names, the present one last; it is called by its first one here.
        self.names = {publisher: [publisher] for publisher in PUBLISHERS}
        #: Publisher and slug → the versions, the last one current; None: taken back.
        self.published: dict[tuple[str, str], list[Version | None]] = {}
        #: What every version consists of, by the hash of its manifest.
        self.by_manifest: dict[str, dict[str, bytes]] = {}
        #: Who erased what (None: the ministry, for everybody), by its mark.
        self.erased: set[tuple[str | None, bytes]] = set()
        #: What each school published itself, by its publisher and the mark.
        self.schools: set[tuple[str | None, bytes]] = set()
        self.suspended: set[str] = set()
        self._made = 0
        self._signed = self._rooted = self.now

    @property
    def mirror(self) -> Path:
        return self.country / "mirror"

    @property
    def root(self) -> bytes:
        """What boxes pin."""
        return (self.mirror / "directory" / "metadata" / "1.root.json").read_bytes()

    @property
    def workplace(self) -> Workplace:
        return Workplace.beside(self.mirror)

    # --- lessons ---

    def contents(self, *, media: bool) -> tuple[dict[str, bytes], bytes]:
        """A lesson that nobody had before, and the mark in it: one word, whose middle no stem and no index cuts."""
        self._made += 1
        digest = hashlib.sha256(str(self._made).encode()).hexdigest()[:16]
        mark = digest.translate(str.maketrans("0123456789", "ghijklmnop")).encode()
        found = {
            "index.html": text(self._made, 1500) + b"<p>" + mark,
            "shared.css": b"body { color: green }" * 20,
            "more.html": text(self._made % 3, 900),
        }
        if media:
            found["film.mp4"] = film(self._made, 270_000)
        return found, mark[2:12]

    def lesson_file(self, contents: dict[str, bytes]) -> tuple[Path, str]:
        """*contents* as a lesson file, and its manifest's hash."""
        target = self.folder / "lesson.edpack"
        target.unlink(missing_ok=True)
        manifest = lesson(contents, MEDIA & contents.keys())
        write_edpack(target, manifest, opener(contents))
        self.by_manifest[manifest.id] = contents
        return target, manifest.id

    def publish(self, publisher: str, slug: str, *, media: bool = False) -> None:
        self._publish(publisher, slug, *self.contents(media=media))

    def publish_again(self, publisher: str, slug: str, other: Version) -> None:
        """*publisher* publishes what somebody else made, the same to the byte."""
        current = self.current(publisher, slug)
        refused = {(None, other.mark), (publisher, other.mark)} & self.erased
        if not refused and (current is None or current.manifest != other.manifest):
            self._publish(publisher, slug, other.contents, other.mark)

    def _publish(self, publisher: str, slug: str, contents: dict[str, bytes], mark: bytes) -> None:
        file, manifest = self.lesson_file(contents)
        done = publish(Publication(self.name(publisher), slug, file), self.workplace, PASSPHRASE, self.now)
        if not done.unchanged:
            version = Version(manifest, contents, done.index.version, mark)
            self._versions(publisher, slug).append(version)

    def withdraw(self, publisher: str, slug: str) -> None:
        if self.current(publisher, slug) is not None:
            withdraw(self.name(publisher), slug, self.workplace, PASSPHRASE, self.now)
            self._versions(publisher, slug).append(None)

    def erase(self, publisher: str, slug: str, paths: Sequence[str] = ()) -> None:
        """All versions of a lesson; or, of *paths*, the page with the mark, which comes to the same."""
        versions = self._versions(publisher, slug)
        if versions:
            gone = {(None, one.mark) in self.erased for one in versions if one is not None}
            # Of what the ministry recalled nobody can name a file any more.
            paths = () if gone == {True} else paths
            erase.erase(self.name(publisher), slug, self.workplace, PASSPHRASE, self.now, paths)
            # A lesson that goes takes no other one along that is the very same; a file goes from all.
            others = {
                found.manifest for owner, other in self.lessons()
                if owner == publisher and other != slug and not paths and (found := self.current(owner, other))
            }  # fmt: skip
            self.erased |= {
                (publisher, one.mark) for one in versions if one is not None and one.manifest not in others
            }
            versions.append(None)

    def recall(self, version: Version | None) -> None:
        if version is not None:
            erase.recall(self.country, [version.manifest], [], PASSPHRASE, self.now)
            self.erased.add((None, version.mark))

    def current(self, publisher: str, slug: str) -> Version | None:
        """What a box should show in the end, None if nothing."""
        versions = self.published.get((publisher, slug), [])
        found = versions[-1] if versions else None
        gone = found is None or {(None, found.mark), (publisher, found.mark)} & self.erased
        return None if gone else found

    def gone(self, heard: Collection[str]) -> set[bytes]:
        """Marks of what the ministry recalled, or one of *heard* erased and nobody else publishes: nowhere any more."""
        kept = {
            one.mark for (publisher, _), versions in self.published.items() for one in versions
            if one is not None and (publisher, one.mark) not in self.erased
        }  # fmt: skip
        return {mark for owner, mark in self.erased if owner is None or (owner in heard and mark not in kept)}

    def lessons(self) -> list[tuple[str, str]]:
        """Publisher and slug of each lesson that there is now."""
        return [
            (publisher, slug) for publisher, slug in sorted(self.published) if self.current(publisher, slug)
        ]

    def _versions(self, publisher: str, slug: str) -> list[Version | None]:
        return self.published.setdefault((publisher, slug), [])

    # --- publishers ---

    def name(self, publisher: str) -> str:
        """What *publisher* is called now."""
        return self.names[publisher][-1]

    def first_name(self, name: str) -> str:
        """What the publisher that is or was called *name* is called here."""
        return next((first for first, names in self.names.items() if name in names), name)

    def move(self, publisher: str) -> None:
        names = self.names[publisher]
        if len(names) < MOST_NAMES and publisher not in self.suspended:
            new = f"east-{len(names)}/{publisher.split('/')[1]}"
            move.move(self.country, names[-1], new, PASSPHRASE, self.now)
            names.append(new)
            _unwrap_keys(self.country)

    def suspend(self, publisher: str, *, on: bool) -> None:
        status = "suspended" if on else "active"
        move.set_status(self.country, self.name(publisher), status, PASSPHRASE, self.now)
        (self.suspended.add if on else self.suspended.discard)(publisher)

    def rotate_publisher(self, publisher: str, *, new_keys: bool = True) -> None:
        """The next root of *publisher*'s repository, and the record that says so."""
        name, place = self.name(publisher), self.workplace
        prefix = trusted.prefix(name)
        old = place.signer(f"{prefix}/root"), place.signer(f"{prefix}/writer")
        made = [keys.generate(), keys.generate()]
        new = (keys.signer(made[0]), keys.signer(made[1])) if new_keys else old
        with place.repository(prefix):
            files = trusted.rotate(FolderFetch(self.mirror), name, old, new, self.now)
            release(self.mirror, prefix, files, {}, self.now)
        for role, key in zip(("root", "writer"), made, strict=True) if new_keys else ():
            (place.keys / prefix / role).write_bytes(keys.dump(key, None))
        with place.repository(directory.PREFIX):
            listed = directory.Directory(FolderFetch(self.mirror))
            record = listed.record(name)
            found = trusted.describe(FolderFetch(self.mirror), name, record.label, record.kind)
            record = replace(record, root_version=found.root_version, root_sha256=found.root_sha256)
            listed.enter(record, place.signer(f"authorities/{name.split('/')[0]}", PASSPHRASE), self.now)
            release_directory(place, listed, {record_name(name): record.to_bytes()}, self.now)

    # --- the ministry, and time ---

    def rotate(self, roles: Sequence[str]) -> None:
        rotation.rotate_root(self.country, roles, PASSPHRASE, self.now)

    def pass_time(self, days: int) -> None:
        """Everybody who signs goes on signing as often as they should."""
        end = self.now + days * DAY
        while self.now < end:
            self.now = min(self.now + 180 * DAY, end)
            if self.now - self._signed >= 180 * DAY:
                self.sign_again()
        renew(self.country, self.now)

    def sign_again(self) -> None:
        """What is signed for 400 days or 3 years is signed again."""
        self._signed = self.now
        if self.now - self._rooted > 700 * DAY:
            self._rooted = self.now
            self.rotate([])
            for publisher in PUBLISHERS:
                self.rotate_publisher(publisher, new_keys=False)
        place = self.workplace
        with place.repository(directory.PREFIX):
            listed = directory.Directory(FolderFetch(self.mirror))
            editor = listed._editor
            editor.sign("targets", [place.signer("targets", PASSPHRASE)], self.now)
            for authority in listed.authorities():
                bins = editor.targets(authority).delegations.succinct_roles.get_roles()
                for role in (authority, *bins):
                    editor.sign(role, [place.signer(f"authorities/{authority}", PASSPHRASE)], self.now)
            release_directory(place, listed, {}, self.now)
        for publisher in PUBLISHERS:
            with place.publisher(self.name(publisher)) as repository:
                repository.change({}, repository.unlock(PASSPHRASE), self.now)

    def lie_about_time(self) -> None:
        """The hub signs once with a clock that is eight years ahead, and its tools do not refuse to as ours do."""
        place = self.workplace
        online = [place.signer(f"online/{role}") for role in ("snapshot", "timestamp")]
        files = directory.Directory(FolderFetch(self.mirror)).release(*online, self.now + 3000 * DAY)
        for path, data in files.items():
            write_atomic(self.mirror / path, data)

    # --- what boxes ask ---

    def hub(self, fault: Fault = NO_FAULT) -> Source:
        return Faulty(FolderSource(self.mirror, HUB), fault)

    def yesterday(self, *, keep: bool) -> Source | None:
        """A mirror that nobody cares for: it says what the hub said when it was last kept."""
        folder = self.folder / "yesterday"
        if keep:
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run(["cp", "-al", str(self.mirror), str(folder)], check=True)
        return FolderSource(folder, HUB) if folder.exists() else None


@cache
def _founded() -> dict[str, bytes]:
    """The files of a country on its first day, which is the same for all."""
    with tempfile.TemporaryDirectory() as made:
        country = Path(made) / "country"
        create(country, "Testland", COUNTRY_FILE, PASSPHRASE, BEGIN)
        for name in PUBLISHERS:
            add_publisher(country, name, f"Label of {name}", PASSPHRASE, BEGIN)
        _unwrap_keys(country)
        return {
            path.relative_to(made).as_posix(): path.read_bytes()
            for path in country.rglob("*")
            if path.is_file()
        }


def _unwrap_keys(country: Path) -> None:
    """Unwrapping each key for each signature would be all that a country does."""
    for path in (country / "keys").rglob("*"):
        if path.is_file() and b"kdf" in path.read_bytes():
            path.write_bytes(keys.dump(keys.load(path, PASSPHRASE), None))
