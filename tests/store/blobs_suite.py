"""What every blob store promises (``edubox.store.blobs``), asked of one: subclass it and give it a fixture ``store``."""

from __future__ import annotations

import hashlib
import os
import threading
import tracemalloc

import pytest

from edubox.errors import MissingFile, UnsafePath
from edubox.store.blobs import Blob

NAME = "objects/ab/" + "ab" * 32
LARGE = 40 * 1024 * 1024


class BlobSuite:
    """The contract; *store* is empty."""

    def content(self, store, key, *part) -> bytes:
        with store.read(key, *part) as stream:
            return stream.read()

    def test_what_was_put_is_there_with_its_size(self, store, tmp_path):
        (tmp_path / "f").write_bytes(b"une film")
        store.put(NAME, tmp_path / "f")
        (tmp_path / "f").unlink()
        assert self.content(store, NAME) == b"une film"
        assert store.size(NAME) == 8
        store.put_bytes("directory/metadata/timestamp.json", b"{}")
        assert self.content(store, "directory/metadata/timestamp.json") == b"{}"

    def test_an_empty_blob_is_a_blob(self, store, tmp_path):
        (tmp_path / "f").touch()
        store.put("a/empty", tmp_path / "f")
        store.put_bytes("a/none", b"")
        assert [self.content(store, one) for one in ("a/empty", "a/none")] == [b"", b""]
        assert store.size("a/empty") == 0

    def test_putting_again_replaces(self, store, tmp_path):
        for data in (b"first, and longer", b"second", b"second"):
            (tmp_path / "f").unlink(missing_ok=True)
            (tmp_path / "f").write_bytes(data)
            store.put("a/b", tmp_path / "f")
        assert self.content(store, "a/b") == b"second"
        store.put_bytes("a/b", b"third")
        assert (self.content(store, "a/b"), store.size("a/b")) == (b"third", 5)

    def test_any_part_can_be_read(self, store):
        store.put_bytes("a/b", b"0123456789")
        parts = [(0, 4), (3, None), (9, 1), (4, 0), (8, 100), (10, None), (25, 5), (0, None)]
        assert [self.content(store, "a/b", *part) for part in parts] == [
            b"0123", b"3456789", b"9", b"", b"89", b"", b"", b"0123456789",
        ]  # fmt: skip

    def test_a_stream_is_read_in_pieces(self, store):
        store.put_bytes("a/b", b"0123456789")
        with store.read("a/b", 1, 7) as stream:
            assert [stream.read(3) for _ in range(4)] == [b"123", b"456", b"7", b""]

    def test_what_is_missing_is_said_to_be_missing(self, store):
        for part in ((), (1,), (0, 0), (2, 3)):
            with pytest.raises(MissingFile, match="a/b"), store.read("a/b", *part) as stream:
                stream.read()
        assert store.size("a/b") is None
        assert list(store.blobs()) == []
        assert list(store.blobs("a/")) == []

    def test_a_deleted_blob_is_gone_and_deleting_again_is_no_mistake(self, store):
        store.put_bytes("a/b", b"x")
        store.delete("a/b")
        store.delete("a/b")
        store.delete("never/was")
        assert store.size("a/b") is None
        with pytest.raises(MissingFile), store.read("a/b") as stream:
            stream.read()

    def test_a_list_is_complete_with_sizes_in_the_order_of_bytes(self, store):
        keys = ["b/1", "a", "b-c/d", "b/c/e", "b.d", "b/0", "b/c.json", "c/z/z/z"]
        for number, key in enumerate(keys):
            store.put_bytes(key, b"x" * number)
        found = list(store.blobs())
        assert found == sorted(Blob(key, number) for number, key in enumerate(keys))
        assert [one.key for one in store.blobs("b/")] == ["b/0", "b/1", "b/c.json", "b/c/e"]
        assert [one.key for one in store.blobs("b/c/")] == ["b/c/e"]

    def test_a_long_list_comes_in_pages(self, store):
        for number in range(self.many):
            store.put_bytes(f"a/{number:04}", b"")
        assert [one.key for one in store.blobs("a/")] == [f"a/{number:04}" for number in range(self.many)]

    #: More than a page of the list, where that is quick.
    many = 1100

    @pytest.mark.parametrize(
        "key", ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a/.b", "A", "é", "a\nb", "a" * 201, "a/" * 20 + "b", "a b"]
    )  # fmt: skip
    def test_no_other_name_reaches_the_store(self, store, key):
        for call in (
            lambda: store.put_bytes(key, b""), lambda: store.size(key), lambda: store.delete(key),
            lambda: store.read(key).__enter__(),
        ):  # fmt: skip
            with pytest.raises(UnsafePath):
                call()

    @pytest.mark.parametrize("folder", ["a", "../", "/", "A/"])
    def test_a_list_begins_at_a_folder(self, store, folder):
        with pytest.raises(UnsafePath):
            list(store.blobs(folder))

    def test_whoever_reads_while_it_is_replaced_gets_the_one_or_the_other(self, store):
        old, new = b"a" * 3_000_000, b"b" * 3_000_000
        store.put_bytes("a/b", old)
        with store.read("a/b") as stream:
            begun = stream.read(1)
            store.put_bytes("a/b", new)
            assert begun + stream.read() == old
        assert self.content(store, "a/b") == new

    def test_two_who_put_the_same_at_once_leave_one_of_both_whole(self, store, tmp_path):
        values = [bytes([65 + number]) * 500_000 for number in range(4)]
        for number, value in enumerate(values):
            (tmp_path / str(number)).write_bytes(value)
        threads = [threading.Thread(target=store.put, args=("a/b", tmp_path / str(n))) for n in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert self.content(store, "a/b") in values
        assert [one.key for one in store.blobs()] == ["a/b"]

    def test_a_large_blob_passes_through_little_memory(self, store, tmp_path):
        piece = os.urandom(1024 * 1024)
        digest = hashlib.sha256()
        with (tmp_path / "film").open("wb") as out:
            for _ in range(LARGE // len(piece)):
                out.write(piece)
                digest.update(piece)
        store.put("a/warm", tmp_path / "film")
        tracemalloc.start()
        try:
            store.put("a/film", tmp_path / "film")
            back = hashlib.sha256()
            with store.read("a/film") as stream:
                while data := stream.read(1024 * 1024):
                    back.update(data)
            most = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert (store.size("a/film"), back.digest()) == (LARGE, digest.digest())
        assert most < self.memory

    #: Bytes of memory at most for a large blob, whatever its size.
    memory = 24 * 1024 * 1024
