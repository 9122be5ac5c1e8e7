"""The image: read as it is or unpacked, sparse, and what is not one."""

from __future__ import annotations

import lzma
import os
import subprocess

import pytest

from edubox.errors import BadInput, NotFound, UnreadableSource
from edubox.hardware.flash.image import blocks, open_image
from tests import needs
from tests.hardware.flash import images

MIB = images.MIB


@pytest.mark.parametrize("packed", ["", ".xz", ".zst"])
def test_an_image_is_the_same_however_it_came(tmp_path, monkeypatch, packed):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    path = tmp_path / "box.img"
    data = images.image(path)
    if packed == ".xz":
        path = path.with_suffix(".img.xz")
        path.write_bytes(lzma.compress(data, preset=0))
    elif packed:
        needs.programs("zstd")
        subprocess.run(["zstd", "-q", path], check=True)
        path = path.with_suffix(".img.zst")
    before = set(tmp_path.iterdir())
    with open_image(path) as image:
        assert image.read(0, image.size) == data
        assert [part.begin // MIB for part in image.partitions] == [1, 5, 8, 12]
        assert [offset // MIB for offset in image.places] == [1, 2, 3, 4, 5, 6, 7, 8, 12, 13]
        assert set(tmp_path.iterdir()) == before  # what is unpacked has no name
        if packed:
            assert os.fstat(image._file.fileno()).st_blocks * 512 < 9 * MIB
    assert b"".join(blocks(path)) == data


@pytest.mark.parametrize("suffix", [".img.xz", ".img.zst"])
def test_a_cut_download_is_said_to_be_damaged(tmp_path, suffix):
    if suffix.endswith("zst"):
        needs.programs("zstd")
    path = tmp_path / "box.img"
    data = images.image(path)
    packed = (
        lzma.compress(data, preset=0)
        if suffix.endswith("xz")
        else subprocess.run(["zstd", "-qc", path], check=True, capture_output=True).stdout
    )
    cut = tmp_path / f"cut{suffix}"
    cut.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(BadInput, match="is damaged and cannot be unpacked"), open_image(cut):
        pass


def test_what_is_no_image_of_a_card_is_refused(tmp_path):
    (tmp_path / "photo.img").write_bytes(os.urandom(5000))
    (tmp_path / "empty.img").write_bytes(b"")
    for name in ("photo.img", "empty.img"):
        with pytest.raises(BadInput, match="has no table of partitions"), open_image(tmp_path / name):
            pass
    with pytest.raises(NotFound), open_image(tmp_path / "none.img"):
        pass
    with pytest.raises(UnreadableSource), open_image(tmp_path):
        pass


def test_a_machine_without_zstd_says_what_to_do(tmp_path, monkeypatch):
    (tmp_path / "box.img.zst").write_bytes(b"x")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BadInput, match=r"install it, or take the \.xz"), open_image(tmp_path / "box.img.zst"):
        pass


def test_an_end_that_is_no_whole_block_is_filled_with_zeros(tmp_path):
    data = images.image(tmp_path / "box.img")
    (tmp_path / "box.img").write_bytes(data + b"end")
    with open_image(tmp_path / "box.img") as image:
        assert image.size == len(data) + 4096
        assert image.read(len(data), 4096) == b"end".ljust(4096, b"\0")
