"""Writing by FAT's rules; what a pulled stick shows afterwards is tried in tests/sync/carried/test_pulled.py."""

from __future__ import annotations

import errno
import os

import pytest

from edubox.errors import HashMismatch, NoRoom, NotOurStick, Unreachable, UnusablePath
from edubox.store import fat
from edubox.store.fat import New, Room, clear, overwrite, pulled_is_unreachable, sync_disk, write_all

CLUSTER = 128 * 1024


def test_a_file_has_its_name_only_after_its_bytes_are_on_the_stick(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        fat,
        "sync_disk",
        lambda root: seen.append(sorted(path.name for path in root.rglob("*") if path.is_file())),
    )
    shown = []
    write_all(tmp_path, [New.of("a/b/one", b"1" * 10), New.of("two", b"")], shown.append)
    assert seen == [["one.part", "two.part"], ["one", "two"]]
    assert (tmp_path / "a" / "b" / "one").read_bytes() == b"1" * 10
    assert shown[-1] == 10


def test_a_long_writing_is_synced_now_and_then(tmp_path, monkeypatch):
    syncs = []
    monkeypatch.setattr(fat, "sync_disk", syncs.append)
    monkeypatch.setattr(fat, "_BATCH_FILES", 3)
    write_all(tmp_path, [New.of(str(number), b"x") for number in range(8)])
    assert len(syncs) == 6
    assert len(list(tmp_path.iterdir())) == 8


def test_a_file_that_cannot_be_read_is_named_and_the_others_are_written(tmp_path):
    def broken():
        yield b"half"
        raise HashMismatch(what="it")

    assert write_all(tmp_path, [New("bad", 4, broken), New.of("good", b"x")]) == ["bad"]
    assert [path.name for path in tmp_path.iterdir()] == ["good"]


def test_a_link_in_the_place_of_a_part_is_replaced_and_not_written_through(tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "one.part").symlink_to(outside)
    write_all(tmp_path / "stick", [New.of("one", b"x")])
    assert outside.read_text() == "precious"


def test_overwriting_in_place_shortens_and_lengthens(tmp_path):
    path = tmp_path / "timestamp.json"
    for data in (b"long" * 100, b"short", b"longer" * 10):
        overwrite(path, data)
        assert path.read_bytes() == data
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(OSError, match="symbolic"):
        overwrite(tmp_path / "link", b"x")


def test_clearing_removes_what_was_cut_and_refuses_links(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "x.part").write_text("x")
    (tmp_path / "a" / "Y.PART").write_text("y")
    (tmp_path / "a" / "whole").write_text("z")
    clear(tmp_path)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["whole"]
    (tmp_path / "a" / "link").symlink_to("/")
    with pytest.raises(NotOurStick, match="link"):
        clear(tmp_path)
    clear(tmp_path / "nowhere")


def test_folders_without_end_end(tmp_path):
    deep = tmp_path
    for _ in range(100):
        deep /= "d"
    deep.mkdir(parents=True)
    (deep / "x.part").write_text("x")
    clear(tmp_path)
    assert list(fat.files(tmp_path)) == []


def test_room_is_counted_in_clusters_and_keeps_a_reserve(tmp_path, monkeypatch):
    monkeypatch.setattr(
        os, "statvfs", lambda _: os.statvfs_result((CLUSTER, CLUSTER, 1000, 100, 100, 0, 0, 0, 0, 255))
    )
    room = Room.of(tmp_path, 0.05)
    # 16 MB of small files became 154 MB: each takes a cluster, and perhaps one for its folder.
    assert room.cost([1] * 10) == 20 * CLUSTER
    assert room.cost([CLUSTER, CLUSTER + 1]) == 5 * CLUSTER
    assert not room.take([1] * 26)
    assert room.take([1] * 25)
    assert not room.take([1])
    assert room.take([1] * 25, all_of_it=True)
    assert not room.take([1], all_of_it=True)


@pytest.mark.parametrize(("number", "error"), [
    (errno.EIO, Unreachable), (errno.ENODEV, Unreachable), (errno.ENOENT, Unreachable), (errno.EROFS, UnusablePath),
    (errno.ENOSPC, NoRoom), (errno.EDQUOT, NoRoom), (errno.EMFILE, OSError),
])  # fmt: skip
def test_what_the_kernel_says_of_a_stick_is_said_in_our_words(tmp_path, number, error):
    with pytest.raises(error) as caught, pulled_is_unreachable(tmp_path):
        raise OSError(number, os.strerror(number))
    assert type(caught.value) is error


def test_a_stick_that_cannot_be_synced_is_told(tmp_path):
    sync_disk(tmp_path)
    with pytest.raises(OSError, match="No such"):
        sync_disk(tmp_path / "gone")
