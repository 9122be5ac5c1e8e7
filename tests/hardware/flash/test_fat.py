"""A file in a FAT32 volume, written by us: read back by us, by mtools, and looked over by fsck."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edubox.errors import BadInput
from edubox.hardware.flash.fat import Volume
from tests import needs
from tests.hardware.flash.images import MIB, fat32


@pytest.fixture
def tools():
    needs.programs("mkfs.vfat", "mcopy")


def volume(data, begin=0):
    return Volume(lambda offset, size: bytes(data[offset : offset + size]).ljust(size, b"\0"), begin)


def lay(data, changed):
    for offset, sector in changed.sectors.items():
        data[offset : offset + len(sector)] = sector
    return data


@given(
    texts=st.lists(st.binary(max_size=3000), min_size=1, max_size=4), per_cluster=st.sampled_from([1, 2, 8])
)
def test_the_last_text_is_the_one_that_is_read(texts, per_cluster):
    data = fat32(MIB // 2, per_cluster=per_cluster)
    for text in texts:
        changed = volume(data)
        changed.replace_file("edubox.toml", text)
        assert changed.read_file("EDUBOX.toml") == text
        lay(data, changed)
    assert volume(data).read_file("edubox.toml") == texts[-1]
    assert volume(data).read_file("STATUS.txt") is None


def test_many_names_make_the_folder_longer():
    data = fat32(MIB // 2)
    changed = volume(data)
    for number in range(30):
        changed.replace_file(f"file{number:02}.text", bytes([number]) * 700)
    lay(data, changed)
    assert [volume(data).read_file(f"file{number:02}.text") for number in (0, 29)] == [
        b"\0" * 700,
        b"\x1d" * 700,
    ]


def test_a_full_volume_and_things_that_are_none_are_refused():
    small = volume(fat32(64 * 1024))
    with pytest.raises(BadInput, match="is full"):
        small.replace_file("edubox.toml", b"x" * 60_000)
    for data in (bytes(4096), b"\xff" * 4096, fat32(MIB)[:512].replace(b"FAT32", b"FAT16")):
        with pytest.raises(BadInput, match="is not FAT32"):
            volume(data)


@given(st.data())
def test_a_volume_of_nonsense_ends(data):
    made = fat32(128 * 1024)
    changed = volume(made)
    changed.replace_file("edubox.toml", b"a" * 2000)
    lay(made, changed)
    for _ in range(data.draw(st.integers(1, 30))):
        made[data.draw(st.integers(0, 20_000))] = data.draw(st.integers(0, 255))
    try:
        held = volume(made)
        held.read_file("edubox.toml")
        held.replace_file("edubox.toml", b"b" * 1000)
    except BadInput:
        pass


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("there", [False, True])
def test_mtools_reads_it_and_fsck_finds_nothing(tmp_path, there):
    path, first = tmp_path / "fat", tmp_path / "edubox.toml"
    subprocess.run(
        ["mkfs.vfat", "-F", "32", "-n", "EDUBOX", "-C", path, "36864"], check=True, capture_output=True
    )
    first.write_text("name = 'x'\n" * 400)
    for name in ["config.txt", "cmdline.txt", "grub.cfg", "bootcode.bin", "a long name of a file.dtb"] + [
        "edubox.toml"
    ] * there:
        subprocess.run(["mcopy", "-i", path, first, f"::{name}"], check=True)
    data = bytearray(path.read_bytes())
    text = "name = 'École'\r\n".encode() * 100
    changed = volume(data)
    changed.replace_file("edubox.toml", text)
    path.write_bytes(lay(data, changed))
    subprocess.run(["mcopy", "-n", "-o", "-i", path, "::edubox.toml", tmp_path / "back"], check=True)
    assert (tmp_path / "back").read_bytes() == text
    said = subprocess.run(["fsck.vfat", "-n", path], check=False, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout
