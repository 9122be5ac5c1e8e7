"""A hub in one file: whole or refused, written while it serves, restored to either engine, without open keys."""

from __future__ import annotations

import io
import json
import tarfile

import pytest

from edubox.errors import AlreadyExists, BadBackup, BadInput, NotFound, WrongPassphrase
from edubox.hub import audit, backup, queue, restore
from edubox.hub.hub import open_hub
from edubox.publishing.country import renew
from tests.hub import engines
from tests.hub.filled import contents, fill
from tests.hub.publications import publish


@pytest.fixture
def written(hub, clock, tmp_path):
    """The backup of a filled hub, and what was in it."""
    publish(hub.data, "les-saisons", "Les saisons", clock(), film=b"film" * 1000)
    fill(hub)
    backup.write(hub, tmp_path / "hub.tar", "word")
    return tmp_path / "hub.tar", contents(hub)


def restored(country, clock):
    hub = open_hub(country, clock)
    try:
        found = contents(hub)
        # The line that tells of restoring comes last.
        with hub.database.read() as connection:
            last = audit.lines(connection, limit=1)[0]
        assert last.action == "hub.restore"
        found["rows"]["audit"] = [
            row for row in found["rows"]["audit"] if last.hash not in row.split(",")[-1]
        ]
        found["head"] = f"{last.number - 1}:{last.previous}"
        return found
    finally:
        hub.close()


def test_a_restored_hub_has_everything_and_goes_on(hub, written, clock, tmp_path):
    file, before = written
    made = restore.restore(file, tmp_path / "new", lambda: "word")
    assert made.head == before["head"]
    assert restored(tmp_path / "new", clock) == before
    for path in hub.mirror.rglob("*"):
        if path.is_file() and "/." not in str(path.relative_to(hub.mirror)):
            assert (
                tmp_path / "new" / "mirror" / path.relative_to(hub.mirror)
            ).read_bytes() == path.read_bytes()
    clock.forward(days=20)
    assert renew(tmp_path / "new", clock()), "its online keys sign"
    assert (tmp_path / "new" / "keys" / "online" / "timestamp").stat().st_mode & 0o077 == 0
    publish(tmp_path / "new", "la-lune", "La lune", clock())
    again = open_hub(tmp_path / "new", clock)
    again.database.change(lambda c: queue.put(c, "new", "new", {}, 0))
    audit.verify(again.database)
    assert not again.in_bucket, "it does not touch the place that it comes from"
    again.close()


def test_a_backup_of_one_computer_becomes_a_large_hub(country, clock, tmp_path, request):
    hub = open_hub(country, clock)
    fill(hub)
    backup.write(hub, tmp_path / "hub.tar", None)
    before = contents(hub)
    hub.close()
    settings = engines.of(engines.LARGE, request).write(tmp_path / "large.toml")
    restore.restore(tmp_path / "hub.tar", tmp_path / "new", str, settings)
    assert restored(tmp_path / "new", clock) == before
    large = open_hub(tmp_path / "new", clock)
    assert large.in_bucket
    large.close()


def test_no_open_key_is_in_it(hub, written):
    file, _ = written
    data = file.read_bytes()
    for name in ("snapshot", "timestamp"):
        secret = json.loads((hub.data / "keys" / "online" / name).read_bytes())["key"]
        assert secret.encode() not in data
    assert file.stat().st_mode & 0o077 == 0


def test_without_keys_nobody_is_asked_and_the_hub_only_serves(hub, clock, tmp_path):
    backup.write(hub, tmp_path / "hub.tar", None)
    restore.restore(tmp_path / "hub.tar", tmp_path / "new", lambda: pytest.fail("asked"))
    assert not (tmp_path / "new" / "keys" / "online").exists()


def test_the_wrong_passphrase_makes_no_hub(written, tmp_path):
    with pytest.raises(WrongPassphrase):
        restore.restore(written[0], tmp_path / "new", lambda: "other")
    assert not (tmp_path / "new").exists()
    assert not list(tmp_path.glob(".new*"))


def test_a_backup_that_was_cut_or_altered_makes_no_hub(written, tmp_path):
    file, _ = written
    data = file.read_bytes()
    cuts = [data[:2000], data[: len(data) // 2], data[:-12_000]]
    at = data.index(b"film" * 100)
    for bad in [*cuts, data[:at] + b"F" + data[at + 1 :], b"", b"no tar at all" * 1000]:
        (tmp_path / "bad.tar").write_bytes(bad)
        with pytest.raises(BadBackup):
            restore.restore(tmp_path / "bad.tar", tmp_path / "new", lambda: "word")
        assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "name", ["../evil", "/etc/evil", "country/../../evil", "country/other/x", "evil", "intake/../x"]
)
def test_no_member_leaves_the_folder(tmp_path, name):
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = 1
        tar.addfile(entry, io.BytesIO(b"x"))
    with pytest.raises(BadBackup, match="does not belong"):
        restore.restore(tmp_path / "bad.tar", tmp_path / "new", str)


def test_a_link_in_it_is_refused(tmp_path):
    with tarfile.open(tmp_path / "bad.tar", "w") as tar:
        entry = tarfile.TarInfo("country/mirror/x")
        entry.type, entry.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(entry)
    with pytest.raises(BadBackup, match="does not belong"):
        restore.restore(tmp_path / "bad.tar", tmp_path / "new", str)


def test_nothing_is_written_over(hub, written, tmp_path):
    (tmp_path / "other.txt").write_text("mine")
    with pytest.raises(AlreadyExists):
        backup.write(hub, tmp_path / "other.txt", None)
    assert (tmp_path / "other.txt").read_text() == "mine"
    with pytest.raises(AlreadyExists):
        restore.restore(written[0], hub.data, lambda: "word")
    with pytest.raises(NotFound):
        restore.restore(tmp_path / "absent", tmp_path / "new", str)
    backup.write(hub, written[0], None)


def test_what_happens_while_it_is_written_is_not_half_in_it(hub, clock, tmp_path, monkeypatch):
    """Rows and publications that come between tables and files: the backup is of one moment, and its mirror is whole."""
    fill(hub)
    before = contents(hub)
    real, once = backup._Writer.table, [True]

    def meanwhile(self, connection, table):
        real(self, connection, table)
        if once:
            once.pop()
            hub.database.change(lambda c: audit.write(c, 1, "marie", "late", "x"))
            publish(hub.data, "la-lune", "La lune", clock())

    monkeypatch.setattr(backup._Writer, "table", meanwhile)
    backup.write(hub, tmp_path / "hub.tar", None)
    restore.restore(tmp_path / "hub.tar", tmp_path / "new", str)
    assert restored(tmp_path / "new", clock) == before
    publish(tmp_path / "new", "mars", "Mars", clock())


def test_a_backup_of_another_schema_says_which_edubox_restores_it(written, tmp_path, monkeypatch):
    monkeypatch.setattr(restore.migrations, "latest", lambda: 99)
    with pytest.raises(BadInput, match="schema"):
        restore.restore(written[0], tmp_path / "new", lambda: "word")
