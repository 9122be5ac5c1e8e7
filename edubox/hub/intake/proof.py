"""Whether a letter is true: the school's own repository, as TUF verifies it, is the one that this box writes.

It begins with the root that names the school (``local/<26 characters>`` is its hash), or with the root that the authority's
record pins; goes on from what was verified the last time, so that nothing older is taken; and signs the index that is offered.
That its signatures have ended refuses nobody: the box signs each request, nothing older than the last time is taken, and the clock
that says so may be ours, and wrong.
Pure but for a temporary folder: the caller brings what was known and keeps what is proven.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edubox.errors import EduboxError, MissingFile, NoRoom
from edubox.hub.errors import NotProven
from edubox.pack.erasure import ERASE_LIST, MAX_ERASURE, Erasure
from edubox.pack.erasure import parse as parse_erasure
from edubox.pack.index import MAX_INDEX
from edubox.sync.letter import Letter
from edubox.sync.own import LONG_AGO
from edubox.trust.fetch import Overlay
from edubox.trust.publisher import local_id
from edubox.trust.record import Record
from edubox.trust.verify import Repository, refresh

#: The first root, by whose hash a school that nobody enrolled is named.
_FIRST = "metadata/1.root.json"


@dataclass(frozen=True)
class Proven:
    """A letter that is true. *version* is that of its timestamp, *files* are the metadata to remember, *erased* the school's list."""

    version: int
    files: Mapping[str, bytes]
    erased: Erasure


class Nothing:
    """A mirror that has no files."""

    def read(self, path: str, limit: int) -> bytes:  # noqa: ARG002
        """See ``trust.fetch.Fetch``."""
        raise MissingFile(source="the offer", path=path)


def prove(
    letter: Letter, keyid: str, record: Record | None, known: Mapping[str, bytes], now: datetime, work: Path | None = None
) -> Proven:  # fmt: skip
    """Verify *letter*, sent by whoever has the key *keyid*.

    *record* is the directory's, None for a school that it does not list; *known* is what ``Proven.files`` said before, empty
    at first. *now* is UTC, *work* a folder for temporary files. Raises NotProven, NoRoom.
    """
    first = letter.files.get(_FIRST, b"")
    if not first or local_id(first) != letter.publisher:
        raise NotProven(reason="its first root is not the one that the school is named after")
    bootstrap = first if record is None else _pinned(letter, record)
    source = Overlay(letter.mirror_files, Nothing())
    with tempfile.TemporaryDirectory(prefix="edubox-proof-", dir=work) as folder:
        mirror = Path(folder, "mirror")
        for path, data in known.items():
            place = mirror / letter.prefix / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        mirror.mkdir(exist_ok=True)
        try:
            with refresh(
                source, letter.prefix, mirror, bootstrap, now=now, last_fresh=LONG_AGO, work=Path(folder)
            ) as repository:
                index = repository.target_bytes(f"{letter.slug}.json", MAX_INDEX)
                erased = _erased(repository)
                kept = _metadata(repository, letter)
        except NoRoom:
            raise
        except EduboxError as error:
            raise NotProven(reason=str(error).rstrip(".")) from None
    if index != letter.index.to_bytes():
        raise NotProven(reason="another index is signed for this lesson")
    root, timestamp = (
        json.loads(kept[path])["signed"] for path in (_newest(kept), "metadata/timestamp.json")
    )
    if keyid not in root["roles"]["targets"]["keyids"]:
        raise NotProven(reason="another key than the one that sends it writes this school's lessons")
    return Proven(timestamp["version"], kept, erased)


def _metadata(repository: Repository, letter: Letter) -> dict[str, bytes]:
    """The files of signatures that were verified, under their names below the repository."""
    kept = {
        path: data
        for number in range(1, repository.root_version)
        if (data := letter.files.get(path := f"metadata/{number}.root.json"))
    }
    for role in ("root", "targets", "snapshot", "timestamp"):
        data = repository.role_bytes(role)
        version = "" if role == "timestamp" else f"{json.loads(data)['signed']['version']}."
        kept[f"metadata/{version}{role}.json"] = data
    return kept


def _newest(kept: Mapping[str, bytes]) -> str:
    """The newest root's name."""
    return max(
        (path for path in kept if path.endswith(".root.json")),
        key=lambda path: int(path.removeprefix("metadata/").partition(".")[0]),
    )


def _pinned(letter: Letter, record: Record) -> bytes:
    """The root that the directory pins, out of the letter."""
    if record.status != "active":
        raise NotProven(reason=f"the directory says that {record.label} is {record.status}")
    data = letter.files.get(f"metadata/{record.root_version}.root.json", b"")
    if hashlib.sha256(data).hexdigest() != record.root_sha256:
        raise NotProven(reason=f"the directory names another root {record.root_version} of {record.label}")
    return data


def _erased(repository: Repository) -> Erasure:
    if ERASE_LIST not in repository.target_hashes():
        return Erasure()
    return parse_erasure(repository.target_bytes(ERASE_LIST, MAX_ERASURE))


def dump(files: Mapping[str, bytes]) -> str:
    """Metadata as the database keeps it."""
    return json.dumps({path: base64.b64encode(data).decode("ascii") for path, data in sorted(files.items())})


def load(text: str) -> dict[str, bytes]:
    """What ``dump`` made."""
    return {path: base64.b64decode(data) for path, data in json.loads(text).items()}
