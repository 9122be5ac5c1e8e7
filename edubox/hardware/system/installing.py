"""Root's part of an update: the bundle that the sync kept becomes the other slot, which is then tried once.

In this order, so that it can be cut anywhere: verify what is offered; say nothing of the other slot any more; write it, with
the running slot as the old version; read it back; say what it holds; propose it to the boot loader. A cut before the last
step leaves the box as it was and the next run begins again; the last step alone is repeated when only that is missing. The
running slot is only read. A slot is written only while the running one is the one that the loader falls back to and nothing
else is being tried: otherwise a power cut could leave no system at all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from edubox.errors import BadBundle, BadInput, FailedSlot, MissingFile, NotFound, NotTrusted
from edubox.hardware.slots import state
from edubox.hardware.system import device
from edubox.hardware.system.device import Progress
from edubox.hardware.system.verified import offered
from edubox.pack.archive import BLOCK
from edubox.pack.bundle import read_bundle
from edubox.pack.index import Bundle, Index
from edubox.pack.manifest import Manifest, parse
from edubox.store import slots
from edubox.store.layout import bundle_path
from edubox.store.lock import lock
from edubox.store.slots import Held
from edubox.trust.fetch import open_inside

#: What came of a run: a slot was written and proposed, one that was written before was proposed, or nothing was to be done.
INSTALLED, PROPOSED, NOTHING = "installed", "proposed", "nothing"


@dataclass(frozen=True, slots=True)
class Card:
    """This box: its *mirror*, the folder that says what its *slots* hold, the *boot* partition, the *devices* by slot."""

    mirror: Path
    slots: Path
    boot: Path
    devices: Mapping[str, Path]
    #: The slot that it runs from.
    running: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it, and a sentence that says why. *version* is the one that is offered, 0 if none is."""

    done: str
    sentence: str
    version: int = 0


def install(
    card: Card, root: bytes, named: str, now: datetime, progress: Progress, chosen: str = ""
) -> Outcome:
    """Bring the newest system to the other slot and propose it, if there is one to bring.

    *root* is the country's root, from where only root writes. *named* is the address that ``box.toml`` names (empty: none),
    *chosen* one that root gives instead. *now* is what the clock says (UTC). Raises NotTrusted and its kin, NotFound (nobody knows what runs here, or there is no such system), BadInput (another board's), SlotTooSmall,
    FailedSlot, UnusablePath, BadBundle, NoRoom, Busy; in each case the box goes on as it is.
    """
    with lock(card.slots / ".lock"):
        held = slots.read(card.slots, card.running)
        if held is None:
            raise NotFound(what=f"What slot {card.running} holds ({card.slots / (card.running + '.json')})")
        address = chosen or _address(named, held)
        if not address:
            return Outcome(NOTHING, "box.toml names no system_from: this box keeps the system it has.")
        index = offered(card.mirror, root, address, now)
        if index.withdrawn:
            return Outcome(NOTHING, f"{address} was taken back; the box goes on with what it runs.")
        if index.system != held.board:
            kind = f"the system of {index.system}" if index.system else "a lesson"
            raise BadInput(reason=f"{address} is {kind}, and this box is a {held.board}")
        target = slots.other(card.running)
        there = slots.read(card.slots, target)
        reason = _nothing_to_do(index, address, held, slots.refused(card.slots), now)
        reason = reason or _still_tried(state.read(card.boot), card.running, index, there)
        if reason:
            return Outcome(NOTHING, reason, index.version)
        if there is not None and there.manifest == index.manifest:
            state.propose(card.boot, target)
            return Outcome(PROPOSED, _ready(index, target), index.version)
        return _bring(card, index, address, held, progress)


def _address(named: str, held: Held) -> str:
    """Where this box's system comes from. Raises NotTrusted.

    ``box.toml`` belongs to the user who serves lessons. So it is believed once; then what was installed says it.
    """
    if named and held.source not in {"", named}:
        raise NotTrusted(
            reason=f"box.toml takes the system from {named}, but the one that runs came from {held.source}; if that is meant,"
            f" run edubox system install --from {named} once"
        )
    return named


def _nothing_to_do(
    index: Index, address: str, held: Held, refused: Collection[str], now: datetime
) -> str | None:
    """Why this box needs nothing of *index*, in words."""
    if index.manifest == held.manifest:
        return f"This box runs version {index.version} already."
    if index.version <= held.version and held.source in {"", address}:
        return f"Version {index.version} is older than the one that this box runs ({held.version})."
    if index.manifest in refused:
        return f"Version {index.version} was tried on this box and did not work."
    if index.not_before is not None and f"{now:%Y-%m-%dT%H:%MZ}" < index.not_before:
        return f"Version {index.version} is not to be installed before {index.not_before}."
    return None


def _still_tried(loader: state.State, running: str, index: Index, there: Held | None) -> str | None:
    """Why the other slot must be left alone now: the loader may need it."""
    if loader.good != running:
        return "The system that runs is still being tried; nothing new is installed before it is kept."
    if loader.trying and loader.left:
        return "A new system waits in the other slot for the next start of this box."
    if loader.trying and there is not None and there.manifest == index.manifest:
        return f"Version {index.version} was tried on this box and did not work."
    return None


def _bring(card: Card, index: Index, address: str, held: Held, progress: Progress) -> Outcome:
    """Write the other slot from the first bundle in the mirror that works, and propose it."""
    target = slots.other(card.running)
    device.check_target(card.devices[target], card.devices[card.running], index.size)
    listed = slots.list_of_files(card.slots, held)
    old = None if listed is None else parse(listed)
    damaged: BadBundle | None = None
    for way in index.ways(lambda base: old is not None and base == held.manifest):
        try:
            with _whole(card.mirror, way) as bundle:
                slots.clear(card.slots, target)
                manifest = _write(card, bundle, index, way, old if way.base else None, progress)
        except MissingFile:
            continue
        except BadBundle as error:
            if way.base is None:
                raise
            # The bundle has its signed hash: it is the running slot that is not what its list of files says.
            slots.distrust(card.slots, held)
            damaged = error
            continue
        slots.write(
            card.slots, target, Held(index.manifest, index.version, held.board, address), manifest.to_bytes()
        )
        state.propose(card.boot, target)
        return Outcome(INSTALLED, _ready(index, target), index.version)
    if damaged is not None:
        return Outcome(
            NOTHING, f"Version {index.version} cannot be made of the system that runs ({damaged}) The next sync brings all of it.", index.version
        )  # fmt: skip
    return Outcome(
        NOTHING,
        f"Version {index.version} is announced and not here yet: edubox sync brings it.",
        index.version,
    )


def _whole(mirror: Path, way: Bundle) -> BinaryIO:
    """The bundle *way*, proved by its hash and open at its beginning. Raises MissingFile.

    Whoever owns the mirror may still write to it: what comes out is proved again, and bounded in between.
    """
    path = bundle_path(way.sha256)
    stream = open_inside(mirror, path)
    try:
        digest = hashlib.sha256()
        while block := stream.read(BLOCK):
            digest.update(block)
        stream.seek(0)
        whole = digest.hexdigest() == way.sha256
    except OSError:
        whole = False
    if not whole:
        stream.close()
        raise MissingFile(source=mirror, path=path)
    return stream


def _write(
    card: Card, bundle: BinaryIO, index: Index, way: Bundle, old: Manifest | None, progress: Progress
) -> Manifest:
    """Turn *bundle* into the other slot and prove what lies there; its manifest. Raises BadBundle, FailedSlot, NotTrusted."""
    target = card.devices[slots.other(card.running)]
    try:
        manifest = read_bundle(
            bundle, lambda blocks: device.write(target, blocks, index.size, progress), manifest=index.manifest,
            manifest_size=index.manifest_size, unpacked=way.unpacked, files=way.files, old=old,
            open_old=lambda _: card.devices[card.running].open("rb"),
        )  # fmt: skip
    except OSError as error:
        raise BadBundle(reason=f"the running slot cannot be read ({error.strerror})") from None
    if manifest.system != index.system:
        raise NotTrusted(
            reason=f"version {index.version} is signed for {index.system} and made for {manifest.system}"
        )
    (file,) = manifest.files
    if device.sha256(target, file.size, progress) != file.sha256:
        raise FailedSlot(path=target, reason="it does not give back what was written")
    return manifest


def _ready(index: Index, target: str) -> str:
    return f"Version {index.version} is in slot {target} and is tried at the next start of this box."
