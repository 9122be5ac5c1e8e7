"""A quota smaller than the card, in bytes and in inodes, on a disk that nobody else writes to."""

from __future__ import annotations

import os
import random

import pytest

from edubox.errors import NoRoom
from edubox.store.platform import Reserve
from edubox.store.space import reserve_of, use_of
from tests.sync.country import PUBLISHER, Box, film, text

OTHER = "ministry/other"
MB = 1_000_000


@pytest.fixture
def box(country, small_disk):
    return Box(small_disk(size="64m", nr_inodes=10_000) / "box", country)


def test_a_quota_smaller_than_the_card_is_kept_and_room_is_made_within_it(country, box):
    country.add_publisher(OTHER)
    country.publish(
        "autre", {"b.html": text(10, 30_000), "f.mp4": film(10, 2 * MB)}, frozenset(["f.mp4"]), author=OTHER
    )
    box.settings |= {"follow": [OTHER], "quota_mb": 3}
    box.sync()
    country.publish("suivie", {"a.html": text(1, 20_000), "f.mp4": film(1, 2 * MB)}, frozenset(["f.mp4"]))
    box.settings["follow"] = [OTHER, PUBLISHER]
    with pytest.raises(NoRoom) as caught:
        box.sync()
    assert "may be used" in str(caught.value)
    assert (box.state("suivie"), box.state("autre")) == ("waiting", "ready"), (
        "the text came, followed lessons stayed"
    )
    assert use_of(box.data).size < 3 * MB
    box.settings["follow"] = [PUBLISHER]
    box.sync()
    assert (box.state("suivie"), box.state("autre")) == ("ready", "waiting")
    assert use_of(box.data).size < 3 * MB


def test_a_quota_of_files_is_kept(country, box):
    country.publish("petite", {"a.html": text(1, 3000)})
    box.sync()
    used = use_of(box.data).files
    box.settings["quota_files"] = used + 60
    country.publish("grande", {f"{n}.html": text(n, 1500) for n in range(200)})
    country.publish("moyenne", {"b.html": text(3, 3000)})
    with pytest.raises(NoRoom) as caught:
        box.sync()
    assert "more files" in str(caught.value)
    assert box.lessons().keys() == {f"{PUBLISHER}/petite", f"{PUBLISHER}/moyenne"}
    assert use_of(box.data).files <= used + 60
    box.settings["quota_files"] = 0
    box.sync()
    assert len(box.lessons()) == 3


def test_what_a_quota_reserves(small_disk):
    tmp_path = small_disk(size="64m")
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "a").write_bytes(random.Random(1).randbytes(2 * MB))
    (tmp_path / "site").mkdir()
    os.link(tmp_path / "mirror" / "a", tmp_path / "site" / "a")
    (tmp_path / "site" / "copy").write_bytes(bytes([1]) * MB)
    used = use_of(tmp_path)
    assert (3 * MB <= used.size < 3.1 * MB, used.files) == (True, 2), "a link counts once, a copy counts"
    chosen = {"reserve_mb": 7, "quota_mb": 0, "quota_files": 0}
    assert reserve_of(tmp_path, chosen) == Reserve(7 * MB)
    disk = os.statvfs(tmp_path)
    free = disk.f_bavail * disk.f_frsize
    reserve = reserve_of(tmp_path, chosen | {"quota_mb": 10})
    assert free - reserve.size == 10 * MB - used.size
    assert reserve_of(tmp_path, chosen | {"quota_mb": 10**9}) == Reserve(7 * MB), (
        "a quota larger than the card is none"
    )
