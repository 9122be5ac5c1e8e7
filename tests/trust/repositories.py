"""Small signed repositories in memory, behind the interface of every source, and the ways to attack them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tuf.api.metadata import Metadata, MetaFile
from tuf.api.serialization.json import JSONSerializer

from edubox.errors import MissingFile, NotTrusted
from edubox.trust import directory, publisher
from edubox.trust.editor import Editor
from edubox.trust.keys import generate, signer
from edubox.trust.record import Record
from edubox.trust.verify import refresh

NOW = datetime(2026, 12, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
ID, PREFIX = "ministry/x", "publishers/ministry/x"
TIMESTAMP = f"{PREFIX}/metadata/timestamp.json"


def key():
    return signer(generate())


class Mirror:
    """A mirror in memory; ``asked`` lists what was read."""

    def __init__(self, files=()):
        self.files = dict(files)
        self.asked = []

    def read(self, path, limit):
        self.asked.append(path)
        if path not in self.files:
            raise MissingFile(source="memory", path=path)
        if len(self.files[path]) > limit:
            raise NotTrusted(reason=f"{path} is larger than {limit} bytes")
        return self.files[path]

    def copy(self):
        return Mirror(self.files)

    def path(self, role, prefix=PREFIX):
        """The file of *role* that the timestamp and snapshot name now."""
        timestamp = json.loads(self.files[f"{prefix}/metadata/timestamp.json"])["signed"]
        version = timestamp["meta"]["snapshot.json"]["version"]
        if role == "timestamp":
            return f"{prefix}/metadata/timestamp.json"
        if role != "snapshot":
            snapshot = json.loads(self.files[f"{prefix}/metadata/{version}.snapshot.json"])["signed"]
            version = snapshot["meta"][f"{role}.json"]["version"]
        return f"{prefix}/metadata/{version}.{role}.json"


class Publisher:
    """A publisher's repository, and its keys."""

    def __init__(self, now=NOW, publisher_id=ID):
        self.id, self.prefix = publisher_id, publisher.prefix(publisher_id)
        self.root, self.writer = key(), key()
        self.mirror = Mirror(publisher.create(publisher_id, "ministry", self.root, self.writer, now))

    @property
    def first_root(self):
        return self.mirror.files[f"{self.prefix}/metadata/1.root.json"]

    def publish(self, targets, now=NOW + MINUTE):
        self.mirror.files |= publisher.change(self.mirror, self.id, targets, self.writer, now)

    def rotate(self, now, days=30):
        """A new root key and a new writer, everything signed again."""
        editor = Editor.open(self.mirror, self.prefix, 400)
        old_root, old_writer = self.root, self.writer
        self.root, self.writer = key(), key()
        for role, old, new in [
            ("root", old_root, self.root),
            *((role, old_writer, self.writer) for role in ("targets", "snapshot", "timestamp")),
        ]:
            editor.root.revoke_key(old.public_key.keyid, role)
            editor.root.add_key(new.public_key, role)
        editor.sign_root([old_root, self.root], now, days)
        both = [old_writer, self.writer]
        editor.sign("targets", both, now)
        self.mirror.files |= editor.release(both, both, now)

    def record(self):
        return publisher.describe(self.mirror, self.id, "Le ministère", "ministry")

    def resign(self, role, edit):
        """Let the publisher itself be hostile: *edit* the signed part of *role*, sign it and all above it."""
        path = self.mirror.path(role, self.prefix)
        self.mirror.files[path] = resigned(self.mirror.files[path], self.writer, edit)
        self.chain()

    def chain(self):
        """Make the timestamp name the snapshot as it is now."""
        snapshot = self.mirror.files[self.mirror.path("snapshot", self.prefix)]

        def name(timestamp):
            timestamp.snapshot_meta = MetaFile.from_data(
                timestamp.snapshot_meta.version, snapshot, ["sha256"]
            )

        path = f"{self.prefix}/metadata/timestamp.json"
        self.mirror.files[path] = resigned(self.mirror.files[path], self.writer, name)


class Country:
    """A directory in memory, with the keys of everybody in it."""

    def __init__(self, authorities=("ministry",), now=NOW, bits=2):
        self.keys = {role: [key()] for role in ("root", "targets", "snapshot", "timestamp")}
        self.authorities = {}
        self.mirror = Mirror(directory.create(self.keys, b'{"format":1}', now))
        for authority in authorities:
            self.authorities[authority] = key()
            self.change(
                lambda listed, authority=authority: listed.add_authority(
                    authority, self.keys["targets"], self.authorities[authority], now, bits
                ),
                now,
            )

    @property
    def root(self):
        return self.mirror.files["directory/metadata/1.root.json"]

    def change(self, edit, now=NOW):
        listed = directory.Directory(self.mirror)
        edit(listed)
        self.mirror.files |= listed.release(self.keys["snapshot"][0], self.keys["timestamp"][0], now)

    def enter(self, record: Record, now=NOW):
        authority = record.id.split("/")[0]
        self.change(lambda listed: listed.enter(record, self.authorities[authority], now), now)


def resigned(data, by, edit):
    """*data* with its signed part changed in place by *edit* and signed with the key *by* alone."""
    metadata = Metadata.from_bytes(data)
    edit(metadata.signed)
    metadata.sign(by)
    return metadata.to_bytes(JSONSerializer(compact=True))


class Box:
    """A client with a mirror folder of its own; what was verified is written there, as a synchronisation does."""

    def __init__(self, folder: Path, bootstrap: bytes, prefix: str = PREFIX):
        self.folder, self.bootstrap, self.prefix = folder, bootstrap, prefix
        self.stale_since = None

    def sync(self, source, *names, now=NOW + MINUTE, keep=True, **options):
        """The bytes of *names* by name, verified from *source*."""
        with refresh(source, self.prefix, self.folder, self.bootstrap, now=now, **options) as repository:
            found = {name: repository.target_bytes(name, 10_000) for name in names}
            self.stale_since = repository.stale_since
            self.listed = repository.target_hashes()
            self.received = repository.received()
            self.root_version = repository.root_version
        if keep:
            write(self.folder, self.received)
        return found


def write(folder: Path, files):
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
