from __future__ import annotations

import subprocess
import sys
import threading
import time

from edubox.box.sticks import Sticks, Unhurried
from tests.faults.conftest import small_disk  # noqa: F401


def stick(folder, name="directory"):
    (folder / "edubox" / name).mkdir(parents=True)
    return folder


def write(mounts, *folders, device="/dev/sda"):
    lines = ["proc /proc proc rw 0 0", "/dev/mmcblk0p2 / ext4 rw 0 0", "broken"]
    for number, folder in enumerate(folders):
        name = str(folder).replace("\\", "\\134").replace(" ", "\\040")
        lines.append(f"{device}{number} {name} vfat rw 0 0")
    mounts.write_text("\n".join(lines))


def test_a_stick_is_seen_once_each_time_it_is_plugged_in(tmp_path):
    media, mounts = tmp_path / "media", tmp_path / "mounts"
    one, two = stick(media / "user" / "CLÉ USB"), stick(media / "two")
    sticks = Sticks([media], mounts)
    write(mounts)
    assert sticks.appeared() == []
    write(mounts, one)
    assert sticks.appeared() == [one]
    assert sticks.appeared() == []
    write(mounts, one, two)
    assert sticks.appeared() == [two]
    write(mounts)
    assert sticks.appeared() == []
    write(mounts, one)
    assert sticks.appeared() == [one]


def test_another_stick_and_the_box_s_own_card_are_left_alone(tmp_path):
    media, mounts = tmp_path / "media", tmp_path / "mounts"
    (media / "photos" / "DCIM").mkdir(parents=True)
    (media / "link").mkdir()
    (media / "link" / "edubox").symlink_to(stick(tmp_path / "elsewhere") / "edubox")
    (media / "file").mkdir()
    (media / "file" / "edubox").write_text("x")
    write(mounts, media / "photos", media / "link", media / "file", media / "gone", stick(tmp_path / "srv"))
    assert Sticks([media], mounts).appeared() == []


def test_nobody_waits_for_a_stick_that_is_dying(tmp_path):
    media, mounts = tmp_path / "media", tmp_path / "mounts"
    dying, good = stick(media / "dying"), stick(media / "good")
    answered, looked = threading.Event(), threading.Event()

    def is_ours(folder):
        if folder == dying:
            answered.wait(20)
            looked.set()
        return True

    sticks = Unhurried(Sticks([media], mounts), is_ours)
    write(mounts, dying, good)
    found = sticks.appeared()
    assert dying not in found
    answered.set()
    assert looked.wait(20)
    deadline = time.monotonic() + 20
    while len(found) < 2 and time.monotonic() < deadline:
        found += sticks.appeared()
    assert sorted(found) == [dying, good]


def test_any_name_of_a_stick_is_understood(tmp_path):
    media, mounts = tmp_path / "media", tmp_path / "mounts"
    odd = stick(media / "a\x0bb\x85c\u2028d")
    write(mounts, odd)
    assert Sticks([media], mounts).appeared() == [odd]


def test_without_a_list_of_mounts_there_are_no_sticks(tmp_path):
    assert Sticks([tmp_path], tmp_path / "none").appeared() == []
    assert Sticks().appeared() == []


def test_the_system_s_own_list_is_understood(tmp_path, small_disk):  # noqa: F811
    disk = small_disk(size="1m")
    sticks = Sticks([tmp_path])
    stick(disk)
    assert sticks.appeared() == [disk]


def test_looking_for_sticks_needs_nothing_heavy():
    program = "import sys, edubox.box.sticks; print([name for name in ('tuf', 'cryptography', 'edubox.pack.bundle') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
