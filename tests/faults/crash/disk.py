"""What a disk may hold after a cut: the model is ext4's promise, and a little less.

Names are journaled: they are there as of some operation, and any fsync or sync brings all that came before it. The
bytes of a file are sure once it was synced; those written since may each be lost, torn or there, in any order, and a
file's new length does not prove its bytes (they read as zeros).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass

from tests.faults.crash.trace import Image, Op, apply_names

#: What a disk writes at once: a longer write may be torn there.
SECTOR = 512
_COMMITS = {"fsync", "fsync-folder", "sync"}
_NAMES = {"create", "mkdir", "unlink", "rmdir", "link", "rename"}
#: Ways to lose unsynced bytes that are tried at every moment, before chance chooses.
LOST, KEPT, CHANCE = "lost", "kept", "chance"


@dataclass(frozen=True, slots=True)
class Moment:
    """A cut after *op* operations; *names* of them are in the journal. *fate* says what became of unsynced bytes."""

    op: int
    names: int
    fate: str
    seed: int


def moments(ops: list[Op], seed: int = 0) -> Iterator[Moment]:
    """Moments without end: first every operation with the extreme fates, in an order that spreads a few well, then chance."""
    source = random.Random(seed)
    commits = [0]
    for number, op in enumerate(ops, 1):
        commits.append(number if op.kind in _COMMITS else commits[-1])
    order = list(range(len(ops) + 1))
    source.shuffle(order)
    for number in order:
        for fate, late in ((LOST, False), (LOST, True), (KEPT, True), (KEPT, False)):
            yield Moment(number, number if late else commits[number], fate, 0)
    while True:
        for number in order:
            yield Moment(number, source.randint(commits[number], number), CHANCE, source.getrandbits(32))


def state(ops: list[Op], before: Image, moment: Moment) -> Image:
    """What is on the disk after a cut at *moment*."""
    source = random.Random(moment.seed)
    names, sure = dict(before.names), dict(before.data)
    pending: dict[int, list[Op]] = {}
    for number, op in enumerate(ops[: moment.op], 1):
        if op.kind in _NAMES:
            if number <= moment.names:
                apply_names(names, op)
            if op.kind == "create":
                sure[op.file] = b""
        elif op.kind in {"write", "truncate"}:
            pending.setdefault(op.file, []).append(op)
        elif op.kind == "fsync":
            sure[op.file] = _written(sure[op.file], pending.pop(op.file, []))
        elif op.kind == "sync":
            for file, writes in pending.items():
                sure[file] = _written(sure[file], writes)
            pending.clear()
    for file, writes in pending.items():
        sure[file] = _written(sure[file], _survivors(writes, moment.fate, source))
    held = {file for file in names.values() if file is not None}
    return Image(names, {file: data for file, data in sure.items() if file in held})


def fingerprint(image: Image) -> bytes:
    """Equal for equal states: names, bytes, and which names share a file."""
    digest = hashlib.sha256()
    hashes = {file: hashlib.sha256(data).digest() for file, data in image.data.items()}
    for name in sorted(image.names):
        file = image.names[name]
        digest.update(name.encode() + b"\0" + (b"" if file is None else hashes[file] + b"%d" % file))
    return digest.digest()


def _survivors(writes: list[Op], fate: str, source: random.Random) -> list[Op]:
    if fate != CHANCE:
        return writes if fate == KEPT else []
    kept = []
    for op in writes:
        luck = source.random()
        if luck < 0.5:
            kept.append(op)
        elif luck < 0.75 and len(op.data) > SECTOR:
            whole = source.randrange(len(op.data) // SECTOR) * SECTOR
            # The file grew, but what should be there was not written.
            torn = op.data[:whole] + bytes(len(op.data) - whole) if source.random() < 0.5 else op.data[:whole]
            kept.append(Op("write", op.path, file=op.file, at=op.at, data=torn))
    return kept


def _written(data: bytes, ops: list[Op]) -> bytes:
    if not ops:
        return data
    out = bytearray(data)
    for op in ops:
        if op.kind == "truncate":
            del out[op.at :]
            out.extend(bytes(op.at - len(out)))
        else:
            if len(out) < op.at:
                out.extend(bytes(op.at - len(out)))
            out[op.at : op.at + len(op.data)] = op.data
    return bytes(out)
