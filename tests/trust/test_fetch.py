"""Reading a folder that anybody may have prepared: a stick, a copy, our own card after a fault."""

from __future__ import annotations

import os

import pytest

from edubox.errors import MissingFile, NotTrusted, Unreachable
from edubox.trust.fetch import FolderFetch, Overlay, open_inside


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "mirror"
    (root / "a").mkdir(parents=True)
    (root / "a" / "file").write_bytes(b"inside")
    (tmp_path / "secret").write_bytes(b"outside")
    return root


def read(root, path, limit=100):
    return FolderFetch(root).read(path, limit)


def test_a_file_inside_is_read(root):
    assert read(root, "a/file") == b"inside"
    with open_inside(root, "a/file") as handle:
        assert handle.read() == b"inside"


@pytest.mark.parametrize("path", [
    "../secret", "a/../../secret", "/etc/passwd", "a//file", "", ".", "a/.", "a", "a/file/x", "absent", "a/\0", "\ud800",
    "x" * 300, "/".join(["x"] * 3000),
])  # fmt: skip
def test_nothing_else_is_there(root, path):
    with pytest.raises(MissingFile):
        read(root, path)


def test_links_lead_nowhere(root):
    (root / "link").symlink_to(root.parent / "secret")
    (root / "folder").symlink_to(root.parent)
    (root / "within").symlink_to("a/file")
    (root / "self").symlink_to("self")
    for path in ("link", "folder/secret", "within", "self"):
        with pytest.raises(MissingFile):
            read(root, path)


def test_a_pipe_or_a_device_does_not_stop_the_box(root):
    os.mkfifo(root / "pipe")
    with pytest.raises(MissingFile):
        read(root, "pipe")


def test_a_file_larger_than_asked_for_is_refused_and_not_kept_in_memory(root):
    with (root / "huge").open("wb") as out:
        out.truncate(1 << 40)
    with pytest.raises(NotTrusted, match="larger than 1000"):
        read(root, "huge", 1000)
    assert read(root, "a/file", 6) == b"inside"
    with pytest.raises(NotTrusted):
        read(root, "a/file", 5)


def test_a_mirror_that_is_not_there_has_no_files(tmp_path):
    with pytest.raises(MissingFile):
        read(tmp_path / "absent", "a/file")


def test_a_stick_that_cannot_be_read_is_unreachable(root, monkeypatch):
    def broken(*args, **kwargs):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "open", broken)
    with pytest.raises(Unreachable) as caught:
        read(root, "a/file")
    assert not isinstance(caught.value, MissingFile)


def test_what_is_not_written_yet_lies_over_what_is(root):
    both = Overlay({"a/file": b"new", "b": b"more"}, FolderFetch(root))
    assert both.read("a/file", 10) == b"new"
    assert both.read("b", 10) == b"more"
    with pytest.raises(NotTrusted):
        both.read("b", 3)
    with pytest.raises(MissingFile):
        both.read("c", 3)
