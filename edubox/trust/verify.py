"""The client: bring what a mirror folder already holds up to date, believing nothing that is not signed.

python-tuf's Updater does the work of the specification; around it is what a box needs. Its trusted state is
the box's own mirror folder: what the timestamp there names is laid out in a temporary folder as the Updater wants
it, so there is one memory of what was trusted and no second one that could disagree. Reading goes through
``Fetch``. What was received is returned in the order to write it, the timestamp last, only after everything
was verified. Expired metadata is tried again at the time when this repository was last verified fresh and is
then marked as old (STALE), except in strict mode.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import Metadata, Root, TargetFile, Targets, Timestamp
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

from edubox.errors import EduboxError, Expired, MissingFile, NotFound, NotTrusted
from edubox.trust.editor import ISSUED
from edubox.trust.fetch import MAX_METADATA, Fetch, FolderFetch, ensure_no_bomb
from edubox.trust.state import lay_out
from edubox.trust.tuf_errors import in_our_words

#: A chain this long is 256 years of yearly rotations; the limit only ends an endless answer.
MAX_ROOTS = 256
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*(/[a-z0-9][a-z0-9-]*)*\.json\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


class Client:
    """One TUF repository, verified: the state folder is the Updater's (``<role>.json``, ``root_history/``)."""

    def __init__(self, state: Path, base: str, fetch: Fetch, bootstrap: bytes | None, now: datetime) -> None:
        """*base*: path of the metadata folder for *fetch*. *bootstrap*: the root to begin from, None for the state's.

        Raises NotTrusted.
        """
        self.received: dict[str, bytes] = {}
        self._state, self._base, self._fetch = state, base, fetch
        config = UpdaterConfig(max_root_rotations=MAX_ROOTS)
        with in_our_words(base):
            self._updater = Updater(
                str(state), base, fetcher=_Fetcher(fetch, self.received), config=config, bootstrap=bootstrap
            )
        self.set_time(now)

    def set_time(self, now: datetime) -> None:
        """Judge expiry as of *now* (UTC)."""
        # The only way to give python-tuf another time than the system's; a test guards that it works.
        self._updater._trusted_set.reference_time = now  # noqa: SLF001

    def refresh(self) -> None:
        """Bring the top-level roles up to date, once. Raises NotTrusted and its kin, MissingFile, Unreachable."""
        with in_our_words(self._base):
            self._updater.refresh()

    def find(self, name: str) -> TargetFile:
        """What is signed about the target *name*. Raises NotFound, and what ``refresh`` raises."""
        with in_our_words(self._base):
            info = self._updater.get_targetinfo(name)
        if info is None:
            raise NotFound(what=name)
        return info

    def read_target(self, info: TargetFile, base: str) -> tuple[str, bytes]:
        """Fetch a target's bytes and check them; returns its path, which begins with *base*, and the bytes."""
        path = f"{base}{info.path}"
        if self.signed("root").consistent_snapshot:
            folder, slash, last = info.path.rpartition("/")
            path = f"{base}{folder}{slash}{next(iter(info.hashes.values()))}.{last}"
        data = self._fetch.read(path, info.length)
        with in_our_words(info.path):
            info.verify_length_and_hashes(data)
        return path, data

    def signed(self, role: str) -> Any:
        """The verified content of a top-level role, as the state folder holds it."""
        return Metadata[Any].from_file(str(self._state / f"{role}.json")).signed

    def bytes_of(self, role: str) -> bytes:
        """The verified file of a top-level role."""
        return (self._state / f"{role}.json").read_bytes()

    def expires(self) -> datetime:
        """When the first of everything that was verified ends (UTC)."""
        # The Updater's own set iterates over what it verified, not over names.
        verified = self._updater._trusted_set  # noqa: SLF001
        moments: list[datetime] = [signed.expires for signed in verified]
        return min(moments)


class Repository:
    """A repository of a mirror, refreshed by ``refresh`` below."""

    def __init__(self, client: Client, prefix: str, mirror: Path, last_fresh: datetime | None) -> None:
        """*last_fresh*: the time to try expired roles at, None to refuse them."""
        self._client, self._prefix, self._last_fresh = client, prefix, last_fresh
        self._mirror = FolderFetch(mirror)
        self._files: dict[str, bytes] = {}
        root: Root = client.signed("root")
        if not root.consistent_snapshot:
            raise NotTrusted(reason=f"{prefix} is not kept as consistent snapshots")
        self.root_version, self.root_sha256 = (
            root.version,
            hashlib.sha256(client.bytes_of("root")).hexdigest(),
        )
        #: Ids of the keys that this root lets sign timestamps.
        self.timestamp_keys = set(root.roles[Timestamp.type].keyids)
        timestamp: Timestamp = client.signed("timestamp")
        self._targets: Targets = client.signed("targets")
        #: Beyond these nobody offline vouches for the time that the timestamp claims.
        self.vouched_until: datetime = min(root.expires, self._targets.expires)
        #: When the timestamp says that it was signed (UTC).
        self.issued = _moment(timestamp.unrecognized_fields.get(ISSUED))
        #: Since when something that was used here has been expired, None if nothing was.
        self.stale_since: datetime | None = None

    @property
    def expires(self) -> datetime:
        """When the first signature that was used so far ends (UTC)."""
        return self._client.expires()

    def mark_stale(self) -> None:
        """Something verified here counts only as of the time it was last fresh."""
        self.stale_since = self._client.expires()

    def role_bytes(self, role: str) -> bytes:
        """The verified file of a top-level *role*."""
        return self._client.bytes_of(role)

    def target_bytes(self, name: str, limit: int) -> bytes:
        """The verified bytes of a target, from the own mirror if it is there.

        Raises NotFound, NotTrusted (also if larger than *limit*), Expired, HashMismatch, MissingFile, Unreachable.
        """
        if not _NAME.match(name):
            raise NotTrusted(reason=f"{name!r} is no name of ours")
        info = self._find(name)
        if info.length > limit:
            raise NotTrusted(reason=f"{name} is larger than {limit} bytes")
        hashed = info.hashes.get("sha256", "")
        # One name a target: the mirror's path is made from the hash, so nothing else may stand there.
        if not _SHA256.match(hashed) or len(info.hashes) != 1:
            raise NotTrusted(reason=f"{name} is not signed by its SHA-256")
        folder, slash, last = name.rpartition("/")
        try:
            data = self._mirror.read(f"{self._prefix}/targets/{folder}{slash}{hashed}.{last}", limit)
            if len(data) == info.length and hashlib.sha256(data).hexdigest() == hashed:
                return data
        except EduboxError:
            pass  # not there, or damaged: the source has it
        path, data = self._client.read_target(info, f"{self._prefix}/targets/")
        self._files[path] = data
        return data

    def target_hashes(self) -> dict[str, tuple[str, int]]:
        """Every target of the top-level role: name → (SHA-256, length in bytes). Names are hostile until checked."""
        return {
            name: (info.hashes.get("sha256", ""), info.length) for name, info in self._targets.targets.items()
        }

    def received(self) -> dict[str, bytes]:
        """What has to be written to the mirror, path → bytes, in this order; the timestamp is last.

        Ask after the last ``target_bytes``. Empty when nothing changed.
        """
        files = self._client.received | self._files
        timestamp = f"{self._prefix}/metadata/timestamp.json"
        trusted = self._client.bytes_of("timestamp")
        # One of the same version is thrown away by the Updater, whatever its bytes.
        if files.get(timestamp) != trusted or self._held(timestamp) == trusted:
            files.pop(timestamp, None)
        return {path: files[path] for path in sorted(files, key=_turn)}

    def _find(self, name: str) -> TargetFile:
        try:
            return self._client.find(name)
        except Expired:
            if self._last_fresh is None:
                raise
        # A delegated role has ended: the authority's bin, say. It counts as of the last fresh time.
        self._client.set_time(self._last_fresh)
        info = self._client.find(name)
        self.mark_stale()
        return info

    def _held(self, path: str) -> bytes | None:
        try:
            return self._mirror.read(path, MAX_METADATA)
        except EduboxError:
            return None


@contextmanager
def refresh(
    fetch: Fetch, prefix: str, mirror: Path, bootstrap: bytes, *,
    now: datetime, last_fresh: datetime | None = None, strict: bool = False, work: Path | None = None,
) -> Iterator[Repository]:  # fmt: skip
    """The repository at *prefix*, brought up to date from *fetch*, starting from what *mirror* holds.

    *bootstrap* is the root to begin from. *now* is UTC; *last_fresh* is when this repository was last verified
    without anything expired. *work* is a folder for files that last only as long as this, the system's if None. Raises Expired, Rollback, HashMismatch, NotTrusted, MissingFile, Unreachable, NoRoom.
    """
    last_fresh = None if strict else last_fresh
    with tempfile.TemporaryDirectory(prefix="edubox-trust-", dir=work) as name:
        try:
            repository = _refreshed(Path(name, "now"), fetch, prefix, mirror, bootstrap, now, last_fresh)
        except Expired:
            if last_fresh is None:
                raise
            repository = _refreshed(
                Path(name, "then"), fetch, prefix, mirror, bootstrap, last_fresh, last_fresh
            )
            repository.mark_stale()
        yield repository


def _refreshed(
    state: Path, fetch: Fetch, prefix: str, mirror: Path, bootstrap: bytes, now: datetime,
    last_fresh: datetime | None,
) -> Repository:  # fmt: skip
    with in_our_words(prefix):
        lay_out(mirror, prefix, state)
    client = Client(state, f"{prefix}/metadata/", fetch, bootstrap, now)
    client.refresh()
    return Repository(client, prefix, mirror, last_fresh)


class _Fetcher(FetcherInterface):
    """python-tuf's way to read, on ours; keeps what it read, and no more than MAX_METADATA altogether."""

    def __init__(self, fetch: Fetch, received: dict[str, bytes]) -> None:
        self._source, self._received = fetch, received
        self._room = MAX_METADATA

    def download_bytes(self, url: str, max_length: int) -> bytes:
        # What a snapshot says of lengths is signed, but by somebody who may be hostile.
        limit = min(max_length, self._room)
        try:
            data = self._source.read(url, limit)
        except MissingFile as error:
            raise DownloadHTTPError(str(error), 404) from error
        self._room -= len(data)
        ensure_no_bomb(data)
        self._received[url] = data
        return data

    def _fetch(self, url: str) -> Iterator[bytes]:
        raise NotImplementedError(url)  # everything goes through download_bytes


def _turn(path: str) -> int:
    """When a file is written: roots, targets, their metadata, the snapshot, the timestamp."""
    if "/targets/" in path:
        return 1
    role = path.rpartition("/")[2].removesuffix(".json").rpartition(".")[2]
    return {"root": 0, "snapshot": 3, "timestamp": 4}.get(role, 2)


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
