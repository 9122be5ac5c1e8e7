"""An open TUF repository of ours: change its roles, sign them, get back the files to write, in order.

Targets come first, then their metadata, the snapshot, and the timestamp last, which is the moment of
publication. Versions other than root's are ``max(previous + 1, minutes since 2020)``: whoever starts again
from a dead card without its old metadata is still ahead of what clients have seen (DESIGN, Trust).

Clocks of publishers are wrong now and then, far ahead or back in 1970. No role that is signed again ends earlier than it did, so a
clock that fell back publishes nothing that boxes take for ended. Which moment a timestamp says is that of the clock alone: one
that was ahead once is believed by those who heard it then (``trust.clock``), not by every box from then on.

The mirror that is opened may lie on a machine that others can write to. So nothing in it is signed again
unless one of the same keys had signed it before: who changes a file there gains no signature of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from securesystemslib.exceptions import UnverifiedSignatureError
from securesystemslib.signer import Signer
from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import (
    TOP_LEVEL_ROLE_NAMES,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.api.serialization.json import JSONSerializer

from edubox.errors import BadInput, HashMismatch, MissingFile, NotFound, NotTrusted
from edubox.trust.fetch import MAX_METADATA, Fetch, ensure_no_bomb
from edubox.trust.roots import read_root

#: Field of the directory's timestamp: when it was signed, the only clock a box can believe.
ISSUED = "x-edubox-issued"
EPOCH = datetime(2020, 1, 1, tzinfo=UTC)
ROOT_DAYS, SCHOOL_ROOT_DAYS, TARGETS_DAYS = 3 * 365, 20 * 365, 400
_VERSIONED = re.compile(r"(\d{1,10})\.([a-z0-9-]+)\.json\Z")
#: How every file is written: without spaces, a quarter less on the wire.
COMPACT = JSONSerializer(compact=True)


class Editor:
    """The metadata of one repository in memory. Roles are read when they are asked for: a directory has 1,000."""

    def __init__(
        self, fetch: Fetch | None, prefix: str, roles: dict[str, Metadata[Any]], online_days: int
    ) -> None:
        """*roles* has what is known already; *fetch* gives the others, None for a new repository."""
        self.prefix = prefix
        self._fetch, self._days = fetch, online_days
        self._roles = roles
        #: What others may hold of a role: its file as it was read.
        self._published: dict[str, bytes] = {}
        self._targets: dict[str, bytes] = {}
        self._changed: set[str] = set()
        #: Roles that another key signs from now on; what was published of them is checked already.
        self._handed_over: set[str] = set()

    @classmethod
    def open(cls, fetch: Fetch, prefix: str, online_days: int) -> Editor:
        """Open a repository of ours in its mirror. Raises MissingFile, NotTrusted."""
        editor = cls(fetch, prefix, {}, online_days)
        version = 1
        editor._read("root", version)
        while True:
            try:
                editor._read("root", version + 1)
            except MissingFile:
                break
            version += 1
        timestamp = editor._read("timestamp", None)
        editor._read("snapshot", timestamp.signed.snapshot_meta.version)
        return editor

    def targets(self, role: str = "targets") -> Targets:
        """The signed part of a targets role, to be changed in place before ``sign``. Raises NotFound, NotTrusted."""
        signed = self.signed(role)
        assert isinstance(signed, Targets)
        return signed

    @property
    def root(self) -> Root:
        """The signed part of the newest root."""
        signed = self._roles["root"].signed
        assert isinstance(signed, Root)
        return signed

    def target(self, name: str, role: str = "targets") -> bytes | None:
        """The bytes of a published target, None if there is none. Raises HashMismatch, MissingFile."""
        info = self.targets(role).targets.get(name)
        if info is None:
            return None
        path = self._target_path(info)
        assert self._fetch is not None
        data = self._targets[path] if path in self._targets else self._fetch.read(path, info.length)
        try:
            info.verify_length_and_hashes(data)
        except RepositoryError:
            raise HashMismatch(what=path) from None
        return data

    def put(self, name: str, data: bytes, role: str = "targets") -> None:
        """Make *data* the target *name* of *role*; sign the role afterwards."""
        info = TargetFile.from_data(name, data, ["sha256"])
        self.targets(role).targets[name] = info
        self._targets[self._target_path(info)] = data

    def add_role(self, role: str, targets: Targets) -> None:
        """A new delegated role; sign it afterwards."""
        self._roles[role] = Metadata(targets)

    def sign(self, role: str, signers: Sequence[Signer], now: datetime) -> None:
        """Give a targets role its next version and sign it. Raises NotTrusted (see above)."""
        signed = self.targets(role)
        signed.version = next_version(signed.version, now)
        signed.expires = self._until(role, later(now, TARGETS_DAYS))
        self._sign(role, signers)

    def adopt(self, role: str, by: str, data: bytes, targets: Mapping[str, bytes]) -> None:
        """Take *data* as the next version of *role*, which *by* delegates: signed elsewhere, it lists *targets* beside the old ones.

        Raises NotTrusted (another key, or another content), BadInput (it goes on from another version than the one here).
        """
        before = self.targets(role)
        ensure_no_bomb(data)
        try:
            arrived: Metadata[Any] = Metadata.from_bytes(data)
            self.targets(by).verify_delegate(role, arrived.signed_bytes, arrived.signatures)
        except (RepositoryError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise NotTrusted(reason=f"{role} is not signed with the key of {by} ({error})") from None
        signed = arrived.signed
        wanted = dict(before.targets)
        for name, content in targets.items():
            info = TargetFile.from_data(name, content, ["sha256"])
            wanted[name] = info
            self._targets[self._target_path(info)] = content
        if not isinstance(signed, Targets) or signed.delegations is not None:
            raise NotTrusted(reason=f"{role} is signed as something else")
        if signed.version <= before.version or wanted.keys() - signed.targets.keys():
            raise BadInput(reason="the directory changed since this was exported; export it again")
        if signed.targets != wanted:
            raise NotTrusted(reason=f"{role} is signed with something else than what was exported")
        self._roles[role] = arrived
        self._changed.add(role)

    def take(self, role: str, metadata: Metadata[Any]) -> None:
        """A new delegated *role* that was signed elsewhere and is checked already."""
        self._roles[role] = metadata
        self._changed.add(role)

    def files(self, roles: Iterable[str]) -> dict[str, bytes]:
        """What ``open`` needs to read these *roles* elsewhere: every root, timestamp, snapshot and they; path → bytes."""
        assert self._fetch is not None
        paths = [f"{self.prefix}/metadata/{version}.root.json" for version in range(1, self.root.version + 1)]
        paths += [f"{self.prefix}/metadata/timestamp.json", self._path("snapshot")]
        for role in roles:
            self._role(role)
            paths.append(self._path(role))
        return {path: self._fetch.read(path, MAX_METADATA) for path in paths}

    def file(self, role: str) -> bytes:
        """The bytes of *role* as it is now. Raises NotFound, NotTrusted."""
        self._role(role)
        return self._bytes(role)

    def sign_root(self, signers: Sequence[Signer], now: datetime, days: int = ROOT_DAYS) -> None:
        """The next root, signed by *signers*: those of the previous root and of the new one. Raises NotTrusted."""
        self.root.version += 1
        self.root.expires = later(now, days)
        self._sign("root", signers)

    def rotate(
        self, old: Mapping[str, Sequence[Signer]], new: Mapping[str, Sequence[Signer]], now: datetime, *,
        days: int = ROOT_DAYS, threshold: int | None = None,
    ) -> dict[str, bytes]:  # fmt: skip
        """The next root, in which each role of *new* has those keys and no others; the files to write, that root last.

        *old* has the signers of all four roles until now, of root as many as it asks for; *threshold* is how many of the
        new root's must sign from now on, as before if None. Targets, snapshot and timestamp are signed with both keys:
        they hold before the new root is there and after, so a cut between two files harms nobody. Raises NotTrusted (see
        above).
        """
        for role, signers in new.items():
            for keyid in list(self.root.roles[role].keyids):
                self.root.revoke_key(keyid, role)
            for one in signers:
                self.root.add_key(one.public_key, role)
        if threshold is not None:
            self.root.roles["root"].threshold = threshold
        both = {role: [*old[role], *new.get(role, ())] for role in TOP_LEVEL_ROLE_NAMES}
        self.sign_root(both["root"], now, days)
        if "targets" in new:
            self.sign("targets", both["targets"], now)
        files = self.release(both["snapshot"], both["timestamp"], now)
        root = self._path("root")
        return {path: data for path, data in files.items() if path != root} | {root: files[root]}

    def adopt_root(self, data: bytes) -> set[str]:
        """Take *data*, the next root that several people signed, as ``rotate`` makes one; the roles whose keys it changes.

        Sign those roles with both keys and ``release``. Raises NotTrusted (not enough of them signed, or it is not the next one).
        """
        before = self.root
        arrived = read_root(data)
        signed = arrived.signed
        for judge in (before, signed):
            try:
                judge.verify_delegate("root", arrived.signed_bytes, arrived.signatures)
            except RepositoryError as error:
                raise NotTrusted(reason=f"not enough people have signed this root ({error})") from None
        if signed.version != before.version + 1 or not signed.consistent_snapshot:
            raise NotTrusted(reason=f"this is not root {before.version + 1}")
        self._roles["root"] = arrived
        self._changed.add("root")
        return {
            role
            for role in TOP_LEVEL_ROLE_NAMES - {"root"}
            if set(signed.roles[role].keyids) != set(before.roles[role].keyids)
        }

    def hand_over(self, role: str, signer: Signer) -> None:
        """From now on *signer* alone signs the top-level *role*, whose old key is lost; sign root and it afterwards.

        Raises NotTrusted unless what the mirror holds of the role is signed as a root there says. Not always the newest
        one: a hand-over that was cut has left its root, and the roles as they were before.
        """
        if not any(self._is_signed_under(version, role) for version in range(self.root.version, 0, -1)):
            raise NotTrusted(
                reason=f"what the mirror holds for {role} of {self.prefix} was not signed with its own key"
            )
        for key in list(self.root.roles[role].keyids):
            self.root.revoke_key(key, role)
        self.root.add_key(signer.public_key, role)
        self._handed_over.add(role)

    def release(
        self, snapshot: Sequence[Signer], timestamp: Sequence[Signer], now: datetime
    ) -> dict[str, bytes]:
        """Sign snapshot and timestamp and return every file to write, path → bytes, the timestamp last.

        Raises NotTrusted (see above).
        """
        files = dict(self._targets)
        if "root" in self._changed:
            files[self._path("root")] = self._bytes("root")
        listed = self._roles["snapshot"].signed
        assert isinstance(listed, Snapshot)
        # A role's line is never removed, even when its delegation goes: without it every client fails.
        for role in sorted(self._changed - {"root"}):
            files[self._path(role)] = self._bytes(role)
            listed.meta[f"{role}.json"] = MetaFile(self._roles[role].signed.version)
        listed.version = next_version(listed.version, now)
        listed.expires = self._until("snapshot", later(now, self._days))
        self._sign("snapshot", snapshot)
        files[self._path("snapshot")] = self._bytes("snapshot")
        stamp = self._roles["timestamp"].signed
        assert isinstance(stamp, Timestamp)
        # Version and length, as PEP 458 does: the snapshot is signed itself, and its hash would be a sixth of what
        # every box fetches every night.
        stamp.snapshot_meta = MetaFile(listed.version, len(self._bytes("snapshot")))
        stamp.version = next_version(stamp.version, now)
        stamp.expires = self._until("timestamp", later(now, self._days))
        stamp.unrecognized_fields[ISSUED] = now.strftime("%Y-%m-%dT%H:%M:%SZ")
        self._sign("timestamp", timestamp)
        files[f"{self.prefix}/metadata/timestamp.json"] = self._bytes("timestamp")
        self._published |= {role: self._bytes(role) for role in self._changed}
        self._targets, self._changed = {}, set()
        return files

    def signed(self, role: str) -> Any:
        """The signed part of a role. Raises NotFound, NotTrusted."""
        return self._role(role).signed

    def expires(self, role: str) -> datetime:
        """When *role* ends (UTC)."""
        expires: datetime = self.signed(role).expires
        return expires

    def _until(self, role: str, wanted: datetime) -> datetime:
        """When *role*, signed again, ends: as *wanted*, but never before what was published of it."""
        return max(wanted, self._roles[role].signed.expires) if role in self._published else wanted

    def _role(self, role: str) -> Metadata[Any]:
        if role not in self._roles:
            line = self._roles["snapshot"].signed.meta.get(f"{role}.json")
            if line is None:
                raise NotFound(what=f"The role {role} of {self.prefix}")
            self._read(role, line.version)
        return self._roles[role]

    def _read(self, role: str, version: int | None) -> Metadata[Any]:
        name = f"{role}.json" if version is None else f"{version}.{role}.json"
        path = f"{self.prefix}/metadata/{name}"
        assert self._fetch is not None
        data = self._fetch.read(path, MAX_METADATA)
        try:
            metadata: Metadata[Any] = Metadata.from_bytes(data)
        except (RepositoryError, ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotTrusted(reason=f"{path} is damaged ({error})") from None
        wanted = role if role in TOP_LEVEL_ROLE_NAMES else "targets"
        if metadata.signed.type != wanted or version not in {None, metadata.signed.version}:
            raise NotTrusted(reason=f"{path} is another file than its name says")
        self._roles[role], self._published[role] = metadata, data
        return metadata

    def _sign(self, role: str, signers: Sequence[Signer]) -> None:
        known = role in self._published and role not in self._handed_over
        if known and not _signed_by(self._published[role], signers):
            raise NotTrusted(
                reason=f"what the mirror holds for {role} of {self.prefix} was not signed with the same key"
            )
        metadata = self._roles[role]
        metadata.signatures.clear()
        for one in signers:
            metadata.sign(one, append=True)
        self._changed.add(role)

    def _is_signed_under(self, version: int, role: str) -> bool:
        """Whether root *version* lets the published *role* be signed as it is."""
        assert self._fetch is not None
        held = self._role(role)
        try:
            data = self._fetch.read(f"{self.prefix}/metadata/{version}.root.json", MAX_METADATA)
            Metadata[Root].from_bytes(data).signed.verify_delegate(role, held.signed_bytes, held.signatures)
        except (RepositoryError, ValueError, KeyError, TypeError, AttributeError, MissingFile):
            return False
        return True

    def _target_path(self, info: TargetFile) -> str:
        folder, slash, last = info.path.rpartition("/")
        return f"{self.prefix}/targets/{folder}{slash}{info.hashes['sha256']}.{last}"

    def _path(self, role: str) -> str:
        return f"{self.prefix}/metadata/{self._roles[role].signed.version}.{role}.json"

    def _bytes(self, role: str) -> bytes:
        return self._roles[role].to_bytes(COMPACT)


def new(
    prefix: str, keys: Mapping[str, Sequence[Signer]], thresholds: Mapping[str, int], now: datetime, *,
    root_days: int, online_days: int,
) -> Editor:  # fmt: skip
    """A repository that does not exist yet; *keys* gives the signers of the four top-level roles.

    Root 1 is signed here; sign ``targets`` and ``release`` to have all its files.
    """
    root = Root(expires=later(now, root_days), consistent_snapshot=True)
    for role, signers in keys.items():
        for one in signers:
            root.add_key(one.public_key, role)
        root.roles[role].threshold = thresholds.get(role, 1)
    roles: dict[str, Metadata[Any]] = {
        "root": Metadata(root),
        "targets": Metadata(Targets()),
        "snapshot": Metadata(Snapshot(meta={})),
        "timestamp": Metadata(Timestamp(snapshot_meta=MetaFile(1))),
    }
    editor = Editor(None, prefix, roles, online_days)
    root.version = 0  # sign_root makes it 1
    editor.sign_root(keys["root"], now, root_days)
    return editor


def next_version(previous: int, now: datetime) -> int:
    """The version after *previous* of any role but root."""
    return max(previous + 1, int((now - EPOCH).total_seconds() // 60))


def later(now: datetime, days: int) -> datetime:
    """*now* and *days*, in whole seconds as TUF writes them."""
    return now.replace(microsecond=0) + timedelta(days=days)


def _signed_by(data: bytes, signers: Sequence[Signer]) -> bool:
    before: Metadata[Any] = Metadata.from_bytes(data)
    for one in signers:
        signature = before.signatures.get(one.public_key.keyid)
        if signature is not None:
            try:
                one.public_key.verify_signature(signature, before.signed_bytes)
            except UnverifiedSignatureError:
                continue
            return True
    return False
