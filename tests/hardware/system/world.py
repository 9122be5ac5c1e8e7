"""A country that publishes systems, and a box whose two slots are files longer than what they hold."""

from __future__ import annotations

import random
import struct
from pathlib import Path

from edubox.hardware.slots import carriers, copies, grub
from edubox.hardware.system.installing import Card, Outcome, install
from edubox.hardware.system.packing import describe
from edubox.pack.bundle import write_bundle
from edubox.pack.index import Bundle, Index
from edubox.store import slots
from edubox.store.layout import bundle_path
from edubox.store.slots import Held
from tests.sync.country import NOW, PUBLISHER, Box, Country

BOARD, SYSTEM = "pc-amd64", f"{PUBLISHER}/pc-amd64"
#: Bytes of a slot: more than any system here.
SLOT = 6 * 1024 * 1024
_BLOCK = 4096


def image(path: Path, version: int, noise: int = 1_500_000, texts: int = 300) -> Path:
    """What a root image holds, block by block: files that no version changes, and a few that each does, in other places."""
    files = [random.Random(version).randbytes(20_000 * version), random.Random("noise").randbytes(noise)]
    for number in range(texts):
        words = random.Random(number)
        body = " ".join(str(words.randrange(10**6)) for _ in range(700))
        files.append((body + (f" version {version}" * 9 if number % 50 == 0 else "")).encode())
    path.write_bytes(fake(b"".join(one.ljust(-(-len(one) // _BLOCK) * _BLOCK, b"\0") for one in files)))
    return path


def fake(content: bytes) -> bytes:
    """*content* behind as much of a superblock as says that this is ext4."""
    return (bytes(1024 + 56) + struct.pack("<H", 0xEF53)).ljust(_BLOCK, b"\0") + content


class Publisher:
    """Publishes systems in *country*; each image keeps its manifest, for deltas."""

    def __init__(self, country: Country) -> None:
        self.country = country
        self.images = {}
        self.version = 0

    def publish(self, root: Path, base: Path | None = None, *, board: str = BOARD, **changed) -> Index:
        """Publish *root* with a full bundle and a delta from *base*; *changed* are fields of the index."""
        manifest = self.images[root] = describe(root, board, f"Système {root.stem}")
        bundles = [self._bundle(root)] + ([self._bundle(root, base)] if base else [])
        self.version += 1
        fields = {
            "name": manifest.name, "language": "und", "version": self.version, "published": "2026-11-24T08:00Z",
            "manifest": manifest.id, "manifest_size": len(manifest.to_bytes()), "size": manifest.size,
            "bundles": tuple(bundles), "system": board,
        }  # fmt: skip
        index = Index(**fields | changed)
        self.country.sign("pc-amd64.json", index.to_bytes())
        return index

    def _bundle(self, root: Path, base: Path | None = None) -> Bundle:
        old = self.images[base] if base else None
        target = self.country.mirror / "bundle"
        with target.open("wb") as out:
            facts = write_bundle(
                out,
                self.images[root],
                lambda _: root.open("rb"),
                old,
                (lambda _: base.open("rb")) if base else None,
            )
        self.country.write({bundle_path(facts.sha256): target.read_bytes()})
        target.unlink()
        return Bundle(
            facts.sha256, facts.size, facts.unpacked, facts.files, old.id if old else None, facts.pieces
        )


class SlottedBox(Box):
    """A box from an image: slot a runs and is good, slot b holds nothing."""

    def __init__(
        self,
        folder: Path,
        country: Country,
        root: Path,
        *,
        title: str = "",
        slot: int = SLOT,
        system: str = SYSTEM,
    ) -> None:
        super().__init__(folder / "box", country)
        self.slots, self.boot = folder / "slots", folder / "boot"
        self.devices = {slot: folder / f"slot-{slot}" for slot in slots.SLOTS}
        (self.boot / "edubox").mkdir(parents=True)
        self.slots.mkdir()
        (self.boot / carriers.RULES).parent.mkdir(parents=True, exist_ok=True)
        (self.boot / carriers.RULES).touch()
        carrier = grub.Files(self.boot)
        for copy in copies.COPIES:
            (self.boot / grub.NAMES[copy]).write_bytes(grub.block({}))
            carrier.write(copy, copies.values_of(copies.State(seq=copy + 1)))
        for number, device in enumerate(self.devices.values()):
            device.write_bytes(random.Random(number).randbytes(4096) + bytes(slot - 4096))
        self.put(root)
        manifest = describe(root, BOARD, title or f"Système {root.stem}")
        slots.write(self.slots, "a", Held(manifest.id, 1, BOARD), manifest.to_bytes())
        self.settings |= {
            "follow": [system.rpartition("/")[0]],
            "system_from": system,
            "slots": str(self.slots),
        }

    def put(self, root: Path, slot: str = "a") -> None:
        with self.devices[slot].open("r+b") as device:
            device.write(root.read_bytes())

    @property
    def card(self) -> Card:
        return Card(self.data / "mirror", self.slots, self.boot, self.devices, "a")

    @property
    def state(self):
        return copies.load(grub.Files(self.boot))[0]

    def install(self, progress=lambda *_: None, named: str | None = None, now=NOW, **options) -> Outcome:
        named = self.settings["system_from"] if named is None else named
        return install(self.card, self.country.root, named, now, progress, **options)

    def holds(self, slot: str, root: Path) -> bool:
        with self.devices[slot].open("rb") as device:
            return device.read(root.stat().st_size) == root.read_bytes()
