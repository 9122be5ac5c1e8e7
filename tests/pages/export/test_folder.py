"""The folder of a site, where others may have been before."""

from __future__ import annotations

import pytest

from edubox.errors import UnsafePath
from edubox.pages.export.folder import Folder


def test_a_list_that_names_files_elsewhere_removes_none_of_them(tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("precious")
    (tmp_path / "site").mkdir()
    (tmp_path / "site.list").write_text(f"../mine.txt\n{mine}\nfr/../../mine.txt\n./x\n\n")
    Folder(tmp_path / "site").finish()
    assert mine.read_text() == "precious"


def test_nothing_is_written_or_removed_through_a_link(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "index.html").write_text("precious")
    folder = Folder(tmp_path / "site")
    folder.put("index.html", b"x")
    folder.finish()
    (tmp_path / "site" / "fr").symlink_to(outside)
    (tmp_path / "site.list").write_text("index.html\nfr/index.html\n")
    again = Folder(tmp_path / "site")
    with pytest.raises(UnsafePath):
        again.put("fr/index.html", b"theirs")
    again.finish()
    assert (outside / "index.html").read_text() == "precious"


def test_the_list_of_secret_links_is_read_by_nobody_else(tmp_path):
    folder = Folder(tmp_path / "site")
    folder.put("secret/index.html", b"x")
    assert (tmp_path / "site.list").stat().st_mode & 0o077 == 0
    folder.finish()
    assert (tmp_path / "site.list").stat().st_mode & 0o077 == 0
