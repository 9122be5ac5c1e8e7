"""Many cards at a time, as files of a made-up computer: each is whole or named, and memory stays small."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap

import pytest

from edubox.errors import NotACard
from edubox.hardware.flash import cards, disks
from edubox.hardware.flash.cards import Job, write_all
from edubox.hardware.flash.image import open_image
from tests.hardware.flash import images
from tests.hardware.flash.machine import USB, Machine

MIB = images.MIB
SIZE = 16 * MIB


@pytest.fixture
def computer(tmp_path, monkeypatch):
    monkeypatch.setattr(disks, "ROOT", tmp_path)
    return Machine(tmp_path)


def names(count):
    return [f"sd{chr(98 + number // 26)}{chr(97 + number % 26)}" for number in range(count)]


def test_eight_cards_one_of_them_too_small_and_one_in_use(computer, tmp_path, monkeypatch):
    data = images.image(tmp_path / "box.img")
    for number, name in enumerate(names(8)):
        computer.add(name, SIZE if number != 3 else 8 * MIB, bus=USB, removable=True, file=True)
    jobs = [Job(disks.named(name)) for name in names(8)]
    computer.mount("/media/x", f"/dev/{names(8)[5]}", "0:0")
    finished = []
    with open_image(tmp_path / "box.img") as image:
        write_all(jobs, image, lambda: None, finished.append)
    said = [job.error.code if job.error else "" for job in jobs]
    assert said == ["", "", "", "card-too-small", "", "not-a-card", "", ""]
    assert len(finished) == 6
    for job in jobs:
        held = (tmp_path / "dev" / job.disk.name).read_bytes()
        assert held[: len(data)] == (data if job.error is None else bytes(min(len(held), len(data))))


def test_a_card_that_vanished_before_it_was_opened(computer, tmp_path):
    computer.add("sdb", SIZE, bus=USB, removable=True)  # nothing below dev
    images.image(tmp_path / "box.img")
    job = Job(disks.named("sdb"))
    with open_image(tmp_path / "box.img") as image:
        write_all([job], image, lambda: None)
    assert "it was pulled out" in str(job.error)


def test_a_name_that_passed_to_another_card_is_not_written(computer, tmp_path):
    folder = computer.add("sdb", SIZE, bus=USB, removable=True, file=True)
    disk = disks.named("sdb")
    (folder / "diskseq").write_text("77\n")
    with pytest.raises(NotACard, match="not the card any more"), cards.opened(disk):
        pass
    assert (tmp_path / "dev/sdb").read_bytes() == bytes(SIZE)


def test_an_image_on_a_stick_that_was_pulled_is_not_the_fault_of_the_card(computer, tmp_path):
    computer.add("sdb", SIZE, bus=USB, removable=True, file=True)
    images.image(tmp_path / "box.img")
    job = Job(disks.named("sdb"))
    with open_image(tmp_path / "box.img") as image:
        assert image.places
        read = image.read_into

        def broken(offset, into):
            if offset == 6 * MIB:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            read(offset, into)

        image.read_into = broken
        write_all([job], image, lambda: None)
    assert "box.img cannot be read" in str(job.error)
    assert not any((tmp_path / "dev/sdb").read_bytes()[:MIB])


FORTY = textwrap.dedent("""
    import re, sys
    from pathlib import Path
    from edubox.hardware.flash import disks
    from edubox.hardware.flash.cards import Job, write_all
    from edubox.hardware.flash.image import open_image
    disks.ROOT = Path(sys.argv[1])
    with open_image(Path(sys.argv[2])) as image:
        jobs = [Job(disk) for disk in disks.find()]
        write_all(jobs, image, lambda: None)
    # Not getrusage: that counts what this process was before it became Python of its own.
    most = re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]
    print(sum(job.written is not None for job in jobs), most)
""")


def test_forty_cards_at_a_time_take_little_memory(computer, tmp_path):
    data = images.image(tmp_path / "box.img")
    for name in names(40):
        computer.add(name, SIZE, bus=USB, removable=True, file=True)
    said = subprocess.run(
        [sys.executable, "-c", FORTY, tmp_path, tmp_path / "box.img"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert said[0] == "40"
    assert int(said[1]) < 160 * 1024  # kB; two mebibytes a card and Python itself
    for name in names(40):
        assert (tmp_path / "dev" / name).read_bytes()[: len(data)] == data


STOPPED = textwrap.dedent("""
    import os, signal, sys
    from pathlib import Path
    from edubox.hardware.flash import cards, disks
    from edubox.hardware.flash.device import BlockDevice
    from edubox.cli import main
    disks.ROOT = Path(sys.argv[1])
    whole = BlockDevice.write
    def write(self, offset, data):
        whole(self, offset, data)
        if offset == 6 * 1024 * 1024:
            os.kill(os.getpid(), signal.SIGINT)
    BlockDevice.write = write
    main(sys.argv[2:])
""")


def test_ctrl_c_leaves_cards_that_start_nowhere_and_says_so(computer, tmp_path):
    images.image(tmp_path / "box.img")
    for name in names(3):
        computer.add(name, SIZE, bus=USB, removable=True, file=True)
    line = [sys.executable, "-c", STOPPED, tmp_path, "flash", "write", tmp_path / "box.img", "--all", "--yes"]
    done = subprocess.run(
        line, check=False, capture_output=True, text=True, env=os.environ | {"EDUBOX_DEBUG": ""}
    )
    assert done.returncode == 128 + signal.SIGINT
    assert done.stderr.count("is not finished: you stopped") >= 1
    assert "Traceback" not in done.stderr
    for name in names(3):
        card = (tmp_path / "dev" / name).read_bytes()
        finished = f"{name:8} ✓" in done.stderr
        assert any(card[:512]) == finished
