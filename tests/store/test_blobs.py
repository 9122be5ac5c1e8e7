"""The conformance suite of blob stores over a folder and over the store in memory that other tests make fail.

The bucket passes it in ``tests/hub/test_s3.py``, beside the script that starts an object store.
"""

from __future__ import annotations

import os

import pytest

from edubox.errors import NoRoom, StoreAway
from edubox.store import folder
from edubox.store.folder import FolderStore
from tests.store.blobs_suite import BlobSuite
from tests.store.faulty import FaultyStore


class TestFolder(BlobSuite):
    memory = 4 * 1024 * 1024

    @pytest.fixture
    def store(self, tmp_path):
        return FolderStore(tmp_path / "store")

    def test_a_file_of_another_disk_is_copied(self, store, tmp_path, monkeypatch):
        def refuse(*_):
            raise OSError(18, "Invalid cross-device link")

        monkeypatch.setattr(folder.os, "link", refuse)
        (tmp_path / "f").write_bytes(b"film")
        store.put("a/b", tmp_path / "f")
        assert (tmp_path / "f").stat().st_ino != (tmp_path / "store" / "a" / "b").stat().st_ino
        assert self.content(store, "a/b") == b"film"

    def test_a_put_that_was_cut_leaves_what_was_there_and_no_blob(self, store, tmp_path, monkeypatch):
        store.put_bytes("a/b", b"old")

        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(folder, "_sync", full)
        (tmp_path / "f").write_bytes(b"new")
        for put in (lambda: store.put("a/b", tmp_path / "f"), lambda: store.put_bytes("a/b", b"new")):
            with pytest.raises(NoRoom):
                put()
        assert self.content(store, "a/b") == b"old"
        assert os.listdir(tmp_path / "store" / "a") == ["b"]

    def test_what_a_killed_process_left_is_no_blob_and_goes_a_day_later(self, store, tmp_path, monkeypatch):
        store.put_bytes("a/b", b"x")
        left = tmp_path / "store" / "a" / ".0123.new"
        left.write_bytes(b"half")
        assert [one.key for one in store.blobs()] == ["a/b"]
        assert store.tidy() == 0
        monkeypatch.setattr(folder, "LEFT", -10)
        assert store.tidy() == 1
        assert not left.exists()

    def test_a_disk_that_fails_is_away(self, store, monkeypatch):
        store.put_bytes("a/b", b"x")

        def fail(*_, **__):
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(folder.Path, "open", fail)
        with pytest.raises(StoreAway, match="Input/output"), store.read("a/b"):
            pass

    def test_links_and_folders_are_no_blobs(self, store, tmp_path):
        store.put_bytes("a/b", b"x")
        (tmp_path / "store" / "a" / "link").symlink_to("/etc/passwd")
        (tmp_path / "store" / "a" / "folder").mkdir()
        assert [one.key for one in store.blobs()] == ["a/b"]
        assert store.size("a/folder") is None


class TestMemory(BlobSuite):
    memory = 8 * 40 * 1024 * 1024

    @pytest.fixture
    def store(self):
        return FaultyStore()
