"""A published country in a folder, made with the trust and pack rooms alone, and a box that follows it."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edubox.pack.bundle import write_bundle
from edubox.pack.index import Bundle, Index
from edubox.pack.manifest import Manifest
from edubox.store.layout import bundle_path, object_path
from edubox.sync.job import synchronise
from edubox.sync.opening import open_sources
from edubox.trust import keys, publisher
from edubox.trust.directory import PREFIX, Directory, create
from edubox.trust.fetch import FolderFetch
from edubox.trust.record import Record
from tests.pack.lessons import lesson, opener
from tests.sync.catalogue import JsonCatalogue

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PUBLISHER = "ministry/test"
SETTINGS = {"follow": [PUBLISHER], "reserve_mb": 0, "quota_mb": 0, "quota_files": 0}


class Country:
    """Its mirror is ``folder/mirror``; *now* is the moment at which it signs."""

    def __init__(self, folder: Path, now: datetime = NOW) -> None:
        self.mirror = folder / "mirror"
        self.now = now
        self.contents: dict[str, tuple[Manifest, dict[str, bytes]]] = {}
        self.versions: dict[str, list[Index]] = {}
        self.keys = {role: keys.signer(keys.generate()) for role in ("root", "targets", "online", "ministry")}
        self.writers = {}
        self.roots = {}
        online = [self.keys["online"]]
        self.write(create(
            {"root": [self.keys["root"]], "targets": [self.keys["targets"]], "snapshot": online, "timestamp": online},
            b'{"format":1,"id":"tl"}', self.now,
        ))  # fmt: skip
        self.add_publisher(PUBLISHER)

    @property
    def root(self) -> bytes:
        return (self.mirror / PREFIX / "metadata" / "1.root.json").read_bytes()

    def write(self, files: dict[str, bytes]) -> None:
        for path, data in files.items():
            (self.mirror / path).parent.mkdir(parents=True, exist_ok=True)
            (self.mirror / path).write_bytes(data)

    def add_publisher(self, name: str, kind: str = "ministry") -> None:
        self.writers[name] = keys.signer(keys.generate())
        self.roots[name] = keys.signer(keys.generate())
        self.write(publisher.create(name, kind, self.roots[name], self.writers[name], self.now))
        self.enter(publisher.describe(FolderFetch(self.mirror), name, f"Label of {name}", kind))

    def enter(self, record: Record) -> None:
        """Enter *record* in the directory."""
        directory = Directory(FolderFetch(self.mirror))
        authority = record.id.split("/")[0]
        if authority not in directory.authorities():
            directory.add_authority(
                authority, [self.keys["targets"]], self.keys["ministry"], self.now, bits=1
            )
        directory.enter(record, self.keys["ministry"], self.now)
        self.write(directory.release(self.keys["online"], self.keys["online"], self.now))

    def recall(self, data: bytes) -> None:
        """Publish *data* as the ministry's recall list, whatever it is."""
        directory = Directory(FolderFetch(self.mirror))
        directory.recall(data, [self.keys["targets"]], self.now)
        self.write(directory.release(self.keys["online"], self.keys["online"], self.now))

    def renew(self, *, everything: bool = False) -> None:
        """Sign the directory's online roles again, or *everything* but its root."""
        directory = Directory(FolderFetch(self.mirror))
        if everything:
            directory._editor.sign("targets", [self.keys["targets"]], self.now)
            for role in ("ministry", "ministry-bin-0", "ministry-bin-1"):
                directory._editor.sign(role, [self.keys["ministry"]], self.now)
        self.write(directory.release(self.keys["online"], self.keys["online"], self.now))

    def publish(
        self, slug: str, contents: dict[str, bytes], media: frozenset[str] = frozenset(), *,
        base: str | None = None, author: str = PUBLISHER, version: int | None = None,
    ) -> Index:  # fmt: skip
        """Publish *contents* (path → bytes) with a full bundle, and a delta from the lesson published as *base*."""
        manifest = lesson(contents, media, name=f"Leçon {slug}")
        bundles = [self.bundle(manifest, contents)]
        if base is not None:
            bundles.append(self.bundle(manifest, contents, *self.contents[base]))
        for file in manifest.files:
            if file.media:
                self.write({object_path(file.sha256): contents[file.path]})
        known = self.versions.setdefault(f"{author}/{slug}", [])
        index = Index(
            name=manifest.name, language="fr", version=version or len(known) + 1, published="2026-11-24T08:00Z",
            manifest=manifest.id, manifest_size=len(manifest.to_bytes()), size=manifest.size, bundles=tuple(bundles),
        )  # fmt: skip
        known.append(index)
        self.contents[slug] = manifest, contents
        self.sign(f"{slug}.json", index.to_bytes(), author)
        return index

    def bundle(self, manifest, contents, old=None, old_contents=None) -> Bundle:
        out = io.BytesIO()
        facts = write_bundle(
            out, manifest, opener(contents), old, opener(old_contents) if old_contents else None
        )
        self.write({bundle_path(facts.sha256): out.getvalue()})
        return Bundle(
            facts.sha256, facts.size, facts.unpacked, facts.files, old.id if old else None, facts.pieces
        )

    def withdraw(self, slug: str) -> None:
        known = self.versions[f"{PUBLISHER}/{slug}"]
        index = Index(f"Leçon {slug}", "fr", len(known) + 1, "2026-11-24T08:00Z", withdrawn=True)
        known.append(index)
        self.sign(f"{slug}.json", index.to_bytes())

    def sign(self, name: str, data: bytes, author: str = PUBLISHER) -> None:
        """Publish *data* as the target *name*, whatever it is."""
        self.write(
            publisher.change(FolderFetch(self.mirror), author, {name: data}, self.writers[author], self.now)
        )


class Progress:
    """Keeps what a person would have read."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def show(self, what: str, done: int, total: int) -> None:
        assert what
        assert 0 <= done <= total

    def say(self, sentence: str) -> None:
        self.said.append(sentence)


class Box:
    """A box's data folder that pins *country*; its clock says *now*."""

    def __init__(self, data: Path, country: Country) -> None:
        self.data, self.country = data, country
        self.now = NOW
        self.progress = Progress()
        self.settings = dict(SETTINGS)
        (data / "keys").mkdir(parents=True)
        (data / "mirror").mkdir()
        (data / "keys" / "root.json").write_bytes(country.root)

    @property
    def catalogue(self) -> JsonCatalogue:
        return JsonCatalogue(self.data / "catalogue.json")

    def sync(self, *sources, **options):
        """Synchronise from the country's folder, or from *sources* (addresses, folders or Source objects)."""
        opened = [
            one
            for source in sources or [self.country.mirror]
            for one in (open_sources(str(source)) if isinstance(source, str | Path) else [source])
        ]
        return synchronise(
            self.data, opened, self.settings, self.catalogue, self.progress, system=self.now, **options
        )

    def lessons(self) -> dict[str, int]:
        """Address → version of what pupils can open."""
        return {f"{one.publisher}/{one.slug}": one.version for one in self.catalogue.installed()}

    def state(self, slug: str) -> str:
        return next(one.state for one in self.catalogue.installed() if one.slug == slug)

    def tree(self, slug: str, author: str = PUBLISHER) -> Path:
        one = next(one for one in self.catalogue.installed() if (one.publisher, one.slug) == (author, slug))
        return self.data / "site" / one.manifest

    def read(self, slug: str, author: str = PUBLISHER) -> dict[str, bytes]:
        """What pupils would get: path → bytes, twins apart."""
        tree = self.tree(slug, author)
        return {
            path.relative_to(tree).as_posix(): path.read_bytes()
            for path in tree.rglob("*")
            if path.is_file() and path.suffix != ".gz"
        }

    def pass_time(self, **more) -> None:
        self.now += timedelta(**more)


def text(seed: int, size: int) -> bytes:
    """Text that compresses, different for each *seed*."""
    source = random.Random(seed)
    words = [b"la", b"lune", b"tourne", b"autour", b"de", b"terre", str(seed).encode()]
    out = b"<!doctype html><title>Lune</title>"
    while len(out) < size:
        out += b" " + source.choice(words) + str(source.randrange(1000)).encode()
    return out[:size]


def film(seed: int, size: int) -> bytes:
    """Bytes that do not compress."""
    return random.Random(seed).randbytes(size)


def snapshot(folder: Path) -> dict[str, str]:
    """Every file below *folder* with its hash, but for the clock times in the status file."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "status.json"
    }


def older_copy(country: Country, target: Path) -> Path:
    """The mirror as it is now, for later."""
    shutil.copytree(country.mirror, target)
    return target


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
