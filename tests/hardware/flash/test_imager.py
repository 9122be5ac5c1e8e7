"""The list for Raspberry Pi Imager: its own fields, and sums that are those of the files."""

from __future__ import annotations

import hashlib
import json
import lzma
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

from edubox.hardware.flash import imager
from edubox.hardware.flash.fat import Volume
from tests.hardware.flash import images

MIB = images.MIB


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A PC's image, and a packed one of a Pi: with config.txt on its first partition."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    data = bytearray(images.image(tmp_path / "pc-amd64.img"))
    volume = Volume(lambda offset, size: bytes(data[offset : offset + size]), MIB)
    volume.replace_file("config.txt", b"arm_64bit=1\n")
    for offset, sector in volume.sectors.items():
        data[offset : offset + 512] = sector
    (tmp_path / "rpi arm64.img.xz").write_bytes(lzma.compress(bytes(data), preset=0))
    return tmp_path, bytes(data)


def test_it_says_what_imager_checks(folder):
    where, data = folder
    packed = where / "rpi arm64.img.xz"
    imager.write([packed, where / "pc-amd64.img"], where / "list.json", "")
    pi, pc = json.loads((where / "list.json").read_bytes())["os_list"]
    assert pi["extract_size"] == len(data)
    assert pi["extract_sha256"] == hashlib.sha256(data).hexdigest()
    assert pi["image_download_size"] == packed.stat().st_size
    assert pi["image_download_sha256"] == hashlib.sha256(packed.read_bytes()).hexdigest()
    assert url2pathname(urlsplit(pi["url"]).path) == str(packed)
    assert pi["init_format"] == pc["init_format"] == "none"
    assert "pi4-64bit" in pi["devices"]
    assert "devices" not in pc
    assert {"name", "description", "icon", "release_date"} <= pi.keys() & pc.keys()


def test_images_that_will_be_served_have_that_address(folder):
    where, _ = folder
    imager.write([where / "rpi arm64.img.xz"], where / "list.json", "https://cards.example/2026/")
    (pi,) = json.loads((where / "list.json").read_bytes())["os_list"]
    assert pi["url"] == "https://cards.example/2026/rpi%20arm64.img.xz"
