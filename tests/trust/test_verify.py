"""What a box believes: every attack that the design names, against the box's own client."""

from __future__ import annotations

import hashlib
import tracemalloc

import pytest
from tuf.api.metadata import DelegatedRole, Delegations, MetaFile, TargetFile
from tuf.ngclient import Updater

from edubox.errors import Expired, HashMismatch, MissingFile, NoRoom, NotFound, NotTrusted, Rollback
from edubox.trust.publisher import pinned_root
from edubox.trust.verify import Client
from tests.trust.repositories import (
    DAY,
    MINUTE,
    NOW,
    PREFIX,
    TIMESTAMP,
    Box,
    Country,
    Mirror,
    Publisher,
    key,
    resigned,
    write,
)  # fmt: skip


@pytest.fixture
def author():
    author = Publisher()
    author.publish({"a.json": b"first"})
    return author


@pytest.fixture
def box(author, tmp_path):
    return Box(tmp_path / "mirror", author.first_root)


def state(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_new_box_reads_what_was_signed_and_keeps_the_timestamp_for_last(author, box):
    assert box.sync(author.mirror, "a.json") == {"a.json": b"first"}
    assert list(box.received)[-1] == TIMESTAMP
    assert box.listed == {"a.json": (hashlib.sha256(b"first").hexdigest(), 5)}
    assert box.stale_since is None


def test_when_nothing_changed_two_requests_are_made_and_nothing_is_written(author, box):
    box.sync(author.mirror, "a.json")
    author.mirror.asked.clear()
    assert box.sync(author.mirror, "a.json") == {"a.json": b"first"}
    assert author.mirror.asked == [f"{PREFIX}/metadata/2.root.json", TIMESTAMP]
    assert box.received == {}


def test_a_box_reads_its_own_mirror_like_any_other(author, box, tmp_path):
    from edubox.trust.fetch import FolderFetch

    box.sync(author.mirror, "a.json")
    other = Box(tmp_path / "other", author.first_root)
    assert other.sync(FolderFetch(box.folder), "a.json") == {"a.json": b"first"}


def test_brackets_without_end_do_not_fill_the_memory_before_any_signature_is_checked(author, box):
    box.sync(author.mirror, "a.json")
    author.publish({"a.json": b"second"}, NOW + 2 * MINUTE)
    hostile = author.mirror.copy()
    for path in hostile.files:
        if path.endswith(".targets.json"):
            hostile.files[path] = b"[" + b"[]," * 600_000 + b"[]]"
    tracemalloc.start()
    with pytest.raises(NotTrusted):
        box.sync(hostile, "a.json")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 30_000_000


# --- older, mixed, damaged -----------------------------------------------------------------------------


def test_an_older_state_is_refused_and_the_box_keeps_what_it_has(author, box):
    old = author.mirror.copy()
    author.publish({"a.json": b"second"}, NOW + 2 * MINUTE)
    box.sync(author.mirror, "a.json")
    before = state(box.folder)
    with pytest.raises(Rollback):
        box.sync(old, "a.json")
    assert state(box.folder) == before


def test_a_card_that_lost_its_timestamp_still_refuses_an_older_state(author, box):
    old = author.mirror.copy()
    author.publish({"a.json": b"second"}, NOW + 2 * MINUTE)
    box.sync(author.mirror, "a.json")
    (box.folder / TIMESTAMP).write_bytes(b"\0" * 100)
    with pytest.raises(Rollback):
        box.sync(old, "a.json")
    assert box.sync(author.mirror, "a.json") == {"a.json": b"second"}


def test_parts_of_two_publications_are_not_one(author, box):
    old_targets = author.mirror.files[author.mirror.path("targets")]
    old_snapshot = author.mirror.files[author.mirror.path("snapshot")]
    author.publish({"a.json": b"second"}, NOW + 2 * MINUTE)
    mixed = author.mirror.copy()
    mixed.files[mixed.path("snapshot")] = old_snapshot
    with pytest.raises(Rollback):
        box.sync(mixed, "a.json")
    mixed = author.mirror.copy()
    mixed.files[mixed.path("targets")] = old_targets
    with pytest.raises(Rollback):
        box.sync(mixed, "a.json")
    assert not box.folder.exists()


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_what_somebody_else_signed_is_refused(author, box, role):
    path = author.mirror.path(role)
    author.mirror.files[path] = resigned(author.mirror.files[path], key(), lambda _: None)
    if role == "snapshot":
        author.chain()
    with pytest.raises(NotTrusted):
        box.sync(author.mirror, "a.json")


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
@pytest.mark.parametrize("damage", [
    lambda data: data[: len(data) // 2], lambda _: b"", lambda data: data[:-20] + b"}",
    lambda data: data.replace(b'"version":', b'"version": 1', 1), lambda _: b"[" * 100_000,
    lambda _: b'{"signed":1,"signatures":[]}', lambda data: b"\xff\xfe" + data,
])  # fmt: skip
def test_damaged_metadata_is_an_error_of_ours_and_nothing_is_kept(author, box, role, damage):
    path = author.mirror.path(role)
    author.mirror.files[path] = damage(author.mirror.files[path])
    with pytest.raises(NotTrusted):
        box.sync(author.mirror, "a.json")
    assert not box.folder.exists()


def test_a_damaged_target_is_refused_and_a_damaged_own_copy_is_fetched_again(author, box):
    path = next(path for path in author.mirror.files if path.endswith(".a.json"))
    box.sync(author.mirror, "a.json")
    (box.folder / path).write_bytes(b"f1rst")
    assert box.sync(author.mirror, "a.json") == {"a.json": b"first"}
    assert box.received == {path: b"first"}
    bad = author.mirror.copy()
    bad.files[path] = b"f1rst"
    with pytest.raises(HashMismatch):
        Box(box.folder.parent / "new", author.first_root).sync(bad, "a.json")


def test_a_timestamp_of_the_same_version_with_other_bytes_is_thrown_away(author, box):
    box.sync(author.mirror, "a.json")
    before = state(box.folder)
    twin = author.mirror.copy()
    twin.files[TIMESTAMP] = resigned(
        twin.files[TIMESTAMP], author.writer, lambda signed: signed.unrecognized_fields.update(x="y")
    )
    assert box.sync(twin, "a.json") == {"a.json": b"first"}
    assert box.received == {}
    assert state(box.folder) == before


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets"])
def test_a_copy_that_lacks_a_file_is_incomplete_not_wrong(author, box, role):
    del author.mirror.files[author.mirror.path(role)]
    with pytest.raises(MissingFile):
        box.sync(author.mirror, "a.json")


# --- time ----------------------------------------------------------------------------------------------


def test_expired_signatures_are_refused_in_strict_mode_and_by_a_box_that_never_saw_them_fresh(author, box):
    late = NOW + 401 * DAY
    with pytest.raises(Expired):
        box.sync(author.mirror, "a.json", now=late, last_fresh=NOW, strict=True)
    with pytest.raises(Expired):
        box.sync(author.mirror, "a.json", now=late)


def test_expired_signatures_count_as_of_the_last_fresh_time_and_are_marked_old(author, box):
    box.sync(author.mirror, "a.json")
    late = NOW + 401 * DAY
    assert box.sync(author.mirror, "a.json", now=late, last_fresh=NOW + MINUTE) == {"a.json": b"first"}
    assert box.stale_since == NOW + MINUTE + 400 * DAY, "since the signature ended, not since today"
    author.publish({"a.json": b"second"}, late)
    assert box.sync(author.mirror, "a.json", now=late, last_fresh=NOW + MINUTE) == {"a.json": b"second"}
    assert box.stale_since is None


def test_being_old_does_not_open_the_door_to_something_older(author, box):
    old = author.mirror.copy()
    author.publish({"a.json": b"second"}, NOW + 2 * MINUTE)
    box.sync(author.mirror, "a.json")
    with pytest.raises(Rollback):
        box.sync(old, "a.json", now=NOW + 500 * DAY, last_fresh=NOW + MINUTE)


def test_an_authority_whose_bins_ended_is_old_not_lost(tmp_path):
    country = Country()
    country.enter(Publisher().record())
    box = Box(tmp_path, country.root, "directory")
    box.sync(country.mirror, "pub/ministry/x.json")
    # The hub goes on signing snapshot and timestamp, the ministry signs its targets; the bins end.
    late = NOW + 401 * DAY
    country.change(
        lambda listed: listed.add_authority("other", country.keys["targets"], key(), late, 1), late
    )
    with pytest.raises(Expired):
        box.sync(country.mirror, "pub/ministry/x.json", now=late, keep=False)
    found = box.sync(country.mirror, "pub/ministry/x.json", now=late, last_fresh=NOW)
    assert b"ministry/x" in found["pub/ministry/x.json"]
    assert box.stale_since == NOW + 400 * DAY


def test_the_time_is_ours_not_the_computers(author, tmp_path):
    # python-tuf takes the time only through a private attribute: when it moves, this must go red.
    updater = Updater(str(tmp_path), "x", fetcher=None, bootstrap=author.first_root)
    assert hasattr(updater._trusted_set, "reference_time")
    for year, accepted in [(2026, True), (2126, False)]:
        state = tmp_path / str(year)
        state.mkdir()
        client = Client(
            state, f"{PREFIX}/metadata/", author.mirror, author.first_root, NOW.replace(year=year)
        )
        if accepted:
            client.refresh()
        else:
            with pytest.raises(Expired):
                client.refresh()


# --- roots ---------------------------------------------------------------------------------------------


def test_a_box_follows_twenty_root_rotations_through_roots_that_ended_years_ago(author, box):
    box.sync(author.mirror, "a.json")
    for turn in range(1, 21):
        author.rotate(NOW + 45 * turn * DAY, days=30)
    author.rotate(NOW + 1000 * DAY, days=400)
    assert box.sync(author.mirror, "a.json", now=NOW + 1000 * DAY) == {"a.json": b"first"}
    assert box.root_version == 22
    assert len(list((box.folder / PREFIX / "metadata").glob("*.root.json"))) == 21
    author.mirror.asked.clear()
    box.sync(author.mirror, "a.json", now=NOW + 1001 * DAY)
    assert author.mirror.asked == [f"{PREFIX}/metadata/23.root.json", TIMESTAMP]


def test_a_root_that_the_previous_one_did_not_sign_is_refused(author, box):
    thief = Publisher()
    thief.rotate(NOW)
    author.mirror.files[f"{PREFIX}/metadata/2.root.json"] = thief.mirror.files[
        f"{PREFIX}/metadata/2.root.json"
    ]
    with pytest.raises(NotTrusted):
        box.sync(author.mirror, "a.json")
    assert not box.folder.exists()


def test_a_stolen_old_root_key_deceives_no_new_box_because_the_record_pins_the_newest(author, tmp_path):
    stolen = Publisher()
    stolen.root, stolen.writer, stolen.mirror = author.root, author.writer, author.mirror.copy()
    author.rotate(NOW + DAY, days=400)
    stolen.rotate(NOW + 2 * DAY, days=400)
    stolen.publish({"a.json": b"forged"}, NOW + 2 * DAY)
    # With the first root pinned the fork would win: this is why the record names the newest.
    naive = Box(tmp_path / "naive", author.first_root)
    assert naive.sync(stolen.mirror, "a.json", now=NOW + 2 * DAY) == {"a.json": b"forged"}
    record = author.record()
    assert record.root_version == 2
    with pytest.raises(HashMismatch):
        pinned_root(record, tmp_path / "new", stolen.mirror)
    with pytest.raises(NotTrusted):
        Box(tmp_path / "new", pinned_root(record, tmp_path / "new", author.mirror)).sync(
            stolen.mirror, "a.json"
        )


def test_a_record_that_names_another_root_of_a_known_version_is_a_fork(author, box):
    box.sync(author.mirror)
    write(box.folder, {f"{PREFIX}/metadata/1.root.json": author.first_root})
    assert pinned_root(author.record(), box.folder, Mirror()) == author.first_root
    with pytest.raises(NotTrusted, match="another root"):
        pinned_root(Publisher().record(), box.folder, author.mirror)


@pytest.mark.parametrize(
    "place", [b'"signed"', b'"_type"', b'"version"', b'"expires"', b'"sig"', b'"sig":"', b"}"]
)
def test_a_known_root_that_lost_a_bit_is_no_fork(author, box, place):
    """Also where one of two signatures was hit, and the other still holds."""
    author.rotate(NOW + DAY, days=400)
    record, path = author.record(), f"{PREFIX}/metadata/2.root.json"
    whole = author.mirror.files[path]
    at = whole.index(place) + len(place) + (4 if place.endswith(b':"') else -1)
    write(box.folder, {path: whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :]})
    assert pinned_root(record, box.folder, author.mirror) == whole
    write(box.folder, {path: b""})
    assert pinned_root(record, box.folder, author.mirror) == whole


def test_a_known_root_that_is_another_stays_a_fork_whatever_the_source_holds(author, box):
    write(box.folder, {f"{PREFIX}/metadata/1.root.json": author.first_root})
    other = Publisher()
    for mirror in (other.mirror, Mirror(), Mirror({f"{PREFIX}/metadata/1.root.json": b"{}"})):
        with pytest.raises(NotTrusted, match="another root"):
            pinned_root(other.record(), box.folder, mirror)


def test_a_removed_role_line_is_refused(tmp_path):
    country = Country()
    box = Box(tmp_path, country.root, "directory")
    box.sync(country.mirror)
    path = country.mirror.path("snapshot", "directory")
    snapshot = resigned(
        country.mirror.files[path],
        country.keys["snapshot"][0],
        lambda signed: signed.meta.pop("ministry.json"),
    )
    next_version = path.replace(".snapshot", "1.snapshot")
    country.mirror.files[next_version] = resigned(
        snapshot,
        country.keys["snapshot"][0],
        lambda signed: setattr(signed, "version", signed.version * 10 + 1),
    )

    def name(signed):
        version = signed.snapshot_meta.version * 10 + 1
        signed.snapshot_meta = MetaFile.from_data(version, country.mirror.files[next_version], ["sha256"])
        signed.version += 1

    stamp = "directory/metadata/timestamp.json"
    country.mirror.files[stamp] = resigned(country.mirror.files[stamp], country.keys["timestamp"][0], name)
    with pytest.raises(NotTrusted, match="missing info"):
        box.sync(country.mirror)


# --- cuts ----------------------------------------------------------------------------------------------


def test_what_a_cut_left_behind_is_not_trusted_and_not_in_the_way(author, box):
    box.sync(author.mirror, "a.json")
    ahead = Publisher()
    ahead.root, ahead.writer, ahead.mirror = author.root, author.writer, author.mirror.copy()
    ahead.publish({"a.json": b"never finished"}, NOW + 60 * MINUTE)
    write(box.folder, {path: data for path, data in ahead.mirror.files.items() if path != TIMESTAMP})
    assert box.sync(author.mirror, "a.json") == {"a.json": b"first"}
    author.publish({"a.json": b"second"}, NOW + 2 * MINUTE)
    assert box.sync(author.mirror, "a.json") == {"a.json": b"second"}


# --- hostile publishers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../x.json", "a/../../x.json", "/etc/x.json", "A.json", "a.html", "", "a\0.json"]
)
def test_a_target_name_that_is_not_ours_is_never_turned_into_a_path(author, box, name):
    author.resign("targets", lambda signed: signed.targets.update({name: TargetFile.from_data(name, b"x")}))
    with pytest.raises(NotTrusted):
        box.sync(author.mirror, name)
    assert all(".." not in path for path in author.mirror.asked)


@pytest.mark.parametrize("hashes", [
    {"sha256": "../../../../etc/passwd"}, {"sha512": "0" * 128}, {"sha256": "0" * 64, "md5": "0" * 32},
    {"sha512": "../x", "sha256": "0" * 64},
])  # fmt: skip
def test_a_target_that_is_not_signed_by_its_sha256_alone_is_refused(author, box, hashes):
    author.resign("targets", lambda signed: setattr(signed.targets["a.json"], "hashes", hashes))
    with pytest.raises(NotTrusted, match="SHA-256"):
        box.sync(author.mirror, "a.json")
    assert all(".." not in path for path in author.mirror.asked)


def test_an_endless_role_name_is_refused_in_our_words(author, box):
    role = "r" * 300

    def delegate(signed):
        by = author.writer.public_key
        signed.delegations = Delegations(
            {by.keyid: by}, {role: DelegatedRole(role, [by.keyid], 1, False, ["*"])}
        )

    author.resign("targets", delegate)
    author.resign("snapshot", lambda signed: signed.meta.update({f"{role}.json": MetaFile(1)}))
    path = f"{PREFIX}/metadata/1.{role}.json"
    data = author.mirror.files[author.mirror.path("targets")]
    author.mirror.files[path] = resigned(
        data,
        author.writer,
        lambda signed: (setattr(signed, "version", 1), setattr(signed, "delegations", None)),
    )
    with pytest.raises(NotTrusted):
        box.sync(author.mirror, "b.json")


def test_lengths_that_a_publisher_signs_do_not_fill_the_memory(author, box):
    author.resign("snapshot", lambda signed: setattr(signed.meta["targets.json"], "length", 10**12))
    limits = []
    read = author.mirror.read
    author.mirror.read = lambda path, limit: limits.append(limit) or read(path, limit)
    with pytest.raises(NotTrusted):
        box.sync(author.mirror, "a.json")
    assert max(limits) <= 16 * 1024 * 1024


def test_a_target_larger_than_asked_for_is_refused_before_it_is_fetched(author, box):
    author.publish({"big.json": b"x" * 20_000}, NOW + 2 * MINUTE)
    with pytest.raises(NotTrusted, match="larger"):
        box.sync(author.mirror, "big.json")
    assert not [path for path in author.mirror.asked if "/targets/" in path]


def test_a_repository_without_consistent_snapshots_is_refused(author, box):
    root = resigned(
        author.first_root, author.root, lambda signed: setattr(signed, "consistent_snapshot", False)
    )
    plain = Mirror({f"{PREFIX}/metadata/{role}.json": author.mirror.files[author.mirror.path(role)]
                    for role in ("timestamp", "snapshot", "targets")})  # fmt: skip
    with pytest.raises(NotTrusted, match="consistent"):
        Box(box.folder, root).sync(plain)


def test_a_lesson_that_is_not_listed_is_not_found(author, box):
    with pytest.raises(NotFound):
        box.sync(author.mirror, "b.json")


def test_a_full_disk_is_no_fault_of_the_source(author, box, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(NoRoom):
        box.sync(author.mirror, "a.json")


def test_the_own_mirror_is_read_without_following_links_or_pipes(author, box, tmp_path):
    import os

    box.sync(author.mirror, "a.json")
    folder = box.folder / PREFIX / "metadata"
    stamp = box.folder / TIMESTAMP
    stamp.unlink()
    os.mkfifo(stamp)
    (folder / "1.root.json").symlink_to("/dev/zero")
    (folder / "7.root.json").mkdir()
    assert box.sync(author.mirror, "a.json", keep=False) == {"a.json": b"first"}


def test_the_directorys_time_comes_from_its_signed_timestamp(tmp_path):
    from edubox.trust.verify import refresh

    country = Country()
    with refresh(country.mirror, "directory", tmp_path, country.root, now=NOW) as repository:
        assert repository.issued == NOW
        assert repository.vouched_until == NOW + 400 * DAY
        assert repository.timestamp_keys == {country.keys["timestamp"][0].public_key.keyid}
    path = "directory/metadata/timestamp.json"
    for wrong in (7, "yesterday", None):
        country.mirror.files[path] = resigned(
            country.mirror.files[path], country.keys["timestamp"][0],
            lambda signed, wrong=wrong: signed.unrecognized_fields.update({"x-edubox-issued": wrong}),
        )  # fmt: skip
        with refresh(country.mirror, "directory", tmp_path, country.root, now=NOW) as repository:
            assert repository.issued is None
