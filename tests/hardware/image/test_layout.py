"""The image as a file: its table, what lies at which place, and that nothing of it depends on the hour."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from edubox.hardware.image import layout
from tests import needs

PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
EPOCH = 1764000000


def table(image):
    said = subprocess.run(
        ["sfdisk", "--json", str(image)], check=True, capture_output=True, env={"PATH": PATH}
    )
    return json.loads(said.stdout)["partitiontable"]


def test_an_image_fits_every_card_of_four_gigabytes():
    assert layout.size() < 4_000_000_000 * 0.95


def test_a_card_has_a_boot_partition_two_equal_slots_and_its_data_last(tmp_path):
    needs.programs("sfdisk")
    layout.create(tmp_path / "box.img", EPOCH)
    found = table(tmp_path / "box.img")
    assert found["label"] == "dos"
    boot, a, b, data = found["partitions"]
    assert (boot["type"], boot["bootable"], a["type"]) == ("c", True, "83")
    assert a["size"] == b["size"] == 1280 * 2048
    assert data["start"] == max(one["start"] for one in found["partitions"]), "it can grow"
    assert (tmp_path / "box.img").stat().st_blocks * 512 < layout.MB, "what nobody wrote takes no room"


def test_the_same_image_comes_twice(tmp_path):
    needs.programs("sfdisk")
    for name in ("one.img", "two.img"):
        layout.create(tmp_path / name, EPOCH)
    heads = [(tmp_path / name).read_bytes()[: layout.FRONT] for name in ("one.img", "two.img")]
    assert heads[0] == heads[1]
    assert any(heads[0])


def test_a_content_lies_at_its_place_and_what_is_too_long_is_refused(tmp_path):
    image, content = tmp_path / "box.img", tmp_path / "content"
    image.write_bytes(b"\xff" * 4096)
    content.write_bytes(b"system")
    layout.place(image, content, 1024, 6)
    assert image.read_bytes() == b"\xff" * 1024 + b"system" + b"\xff" * (4096 - 1030)
    with pytest.raises(ValueError, match="6 bytes, and there are 5"):
        layout.place(image, content, 1024, 5)
