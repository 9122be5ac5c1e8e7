"""Short updates: which older versions deserve a delta bundle, and making it from what the mirror still holds.

A box that synchronises every night, every week or once a year should find a delta that begins at the version
it has. So deltas start from the version being replaced and from those that were current 1, 2, 7, 30, 90 and
365 days ago (DESIGN, Pack). Old versions' files come from the mirror itself, out of their full bundles. What is
missing or damaged there only costs its delta.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from edubox.errors import EduboxError, HashMismatch
from edubox.pack.bundle import BundleFacts, Open, unpack_bundle, write_bundle
from edubox.pack.index import Index
from edubox.pack.manifest import Manifest
from edubox.store.layout import bundle_path

#: Ages in days at which the version then current gets a delta, besides the version being replaced.
AGES = (1, 2, 7, 30, 90, 365)


def worth_a_delta(history: list[Index], now: datetime) -> list[Index]:
    """The last of *history* (oldest first) and those that were current at one of AGES before *now* (UTC)."""
    chosen: dict[str, Index] = {}
    # The last one by its place, not by its date: whoever published it may have had a clock that was ahead.
    current = [history]
    for age in AGES:
        moment = (now - timedelta(days=age)).strftime("%Y-%m-%dT%H:%MZ")
        current.append([index for index in history if index.published <= moment])
    for versions in current:
        if versions and not versions[-1].withdrawn:
            chosen.setdefault(versions[-1].manifest, versions[-1])
    return list(chosen.values())


def objects_in(folder: Path) -> Open:
    """Open a file of a version whose objects lie in *folder*, each named by its hash."""
    return lambda file: (folder / file.sha256).open("rb")


@dataclass(frozen=True, slots=True)
class Delta:
    """A delta bundle that waits at *path* to be moved into the mirror."""

    path: Path
    base: str
    facts: BundleFacts


def make_deltas(
    mirror: Path, work: Path, bases: list[Index], new: Manifest, open_new: Open, *,
    smaller_than: int, notice: Callable[[str], None], progress: Callable[[int], None] = lambda _: None,
) -> list[Delta]:  # fmt: skip
    """Write to *work* a delta to *new* from each of *bases* that the mirror can still unpack.

    A delta that saves nothing against *smaller_than* (bytes of the full bundle) is dropped. *notice* gets a
    sentence for each base that had to be left out, *progress* the number of bases done. Raises NoRoom.
    """
    made = []
    for number, base in enumerate(bases):
        progress(number)
        full = base.full
        if full is None or base.manifest == new.id:
            continue
        path = work / f"delta-{number}"
        with tempfile.TemporaryDirectory(dir=work) as folder:
            objects = Path(folder)
            try:
                with (mirror / bundle_path(full.sha256)).open("rb") as stream:
                    if hashlib.file_digest(stream, "sha256").hexdigest() != full.sha256:
                        raise HashMismatch(what="the older version's bundle")
                    stream.seek(0)
                    old = unpack_bundle(
                        stream, objects, manifest=base.manifest, manifest_size=base.manifest_size,
                        unpacked=full.unpacked, files=full.files,
                    )  # fmt: skip
            except (EduboxError, FileNotFoundError):
                notice(f"version {base.version} is no longer whole in this mirror: no short update from it")
                continue
            with path.open("wb") as out:
                facts = write_bundle(out, new, open_new, old, objects_in(objects))
        if facts.size < smaller_than:
            made.append(Delta(path, base.manifest, facts))
        else:
            path.unlink()
    return made
