"""A country made by the publishing room itself, lessons from memory, and a box's look at what is published."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from edubox.pack.bundle import unpack_bundle
from edubox.pack.edpack import write_edpack
from edubox.pack.index import Index
from edubox.pack.index import parse as parse_index
from edubox.publishing.country import add_publisher, create
from edubox.publishing.job import Publication, Published, publish
from edubox.publishing.workplace import Workplace
from edubox.store.layout import bundle_path
from edubox.trust.fetch import FolderFetch
from edubox.trust.publisher import pinned_root
from edubox.trust.record import parse as parse_record
from edubox.trust.record import record_name
from edubox.trust.verify import refresh
from tests.pack.lessons import lesson, opener

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ID, PASSPHRASE = "ministry/x", "sésame"
COUNTRY_FILE = {
    "format": 1, "id": "xx", "languages": ["fr", "en"],
    "tier": [{"id": tier, "name": {"fr": tier, "en": tier}} for tier in ("ministry", "academy", "school")],
    "level": [{"id": "6e", "name": {"fr": "6e", "en": "Year 7"}}],
    "subject": [{"id": "maths", "name": {"fr": "Maths", "en": "Maths"}, "colour": "#123456", "icon": "calculator"}],
    "school_id": {"name": {"fr": "UAI", "en": "UAI"}, "pattern": "[0-9]{7}[A-Z]"},
    "school_year": {"begins": "09-01", "ends": "07-05"},
}  # fmt: skip


def make_country(folder: Path, now: datetime = NOW) -> Workplace:
    create(folder, "Testland", COUNTRY_FILE, PASSPHRASE, now)
    add_publisher(folder, ID, "Ministère d'essai", PASSPHRASE, now)
    return Workplace.beside(folder / "mirror")


def edpack(target: Path, contents: dict[str, bytes], media: frozenset[str] = frozenset()) -> Path:
    write_edpack(target, lesson(contents, media), opener(contents))
    return target


def put(workplace: Workplace, file: Path, slug: str = "lecon", now: datetime = NOW, **options) -> Published:
    return publish(Publication(ID, slug, file, **options), workplace, PASSPHRASE, now)


def look(workplace: Workplace, folder: Path, now: datetime = NOW, slug: str = "lecon") -> Index | None:
    """What a box that keeps its memory in *folder* finds: the verified index, unpacked once; None if there is none."""
    source = FolderFetch(workplace.mirror)
    root = source.read("directory/metadata/1.root.json", 10**6)
    with refresh(source, "directory", folder, root, now=now, strict=True) as listed:
        record = parse_record(listed.target_bytes(record_name(ID), 10**5), ID)
        keep(folder, listed.received())
    prefix = f"publishers/{ID}"
    with refresh(
        source, prefix, folder, pinned_root(record, folder, source), now=now, strict=True
    ) as repository:
        names = repository.target_hashes()
        data = repository.target_bytes(f"{slug}.json", 10**6) if f"{slug}.json" in names else None
        keep(folder, repository.received())
    if data is None:
        return None
    index = parse_index(data)
    if not index.withdrawn:
        unpacked(workplace, index, folder / "objects")
    return index


def unpacked(workplace: Workplace, index: Index, folder: Path, base=None, open_base=None):
    """The manifest out of the full bundle, or out of the delta from *base*; its objects lie in *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    bundle = next(one for one in index.bundles if one.base == (base.id if base else None))
    with (workplace.mirror / bundle_path(bundle.sha256)).open("rb") as stream:
        return unpack_bundle(
            stream, folder, manifest=index.manifest, manifest_size=index.manifest_size, unpacked=bundle.unpacked,
            files=bundle.files, old=base, open_old=open_base,
        )  # fmt: skip


def keep(folder: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
