"""Debian's part is made once for what it is made of, and anew when Debian has a fix."""

from __future__ import annotations

import dataclasses
import hashlib
import os

import pytest

from edubox.errors import FailedCommand, NotFound
from edubox.hardware import boards
from edubox.hardware.files import hardware_folder
from edubox.hardware.image import archive, debian, programs

MIRROR = archive.Archive("http://mirror.example/debian", "http://mirror.example/security")
BOARD = boards.read("pc-amd64")


def signed(state="1", suites=("trixie", "trixie-updates", "trixie-security")):
    """What the archive answers: each suite's signed list, in the *state* of its packages."""

    def fetch(address):
        name = address.split("/")[-2]
        if name not in suites:
            return None
        digest = hashlib.sha256(f"{name} {state}".encode()).hexdigest()
        return f"Date: Sat, 21 Nov 2026 09:15:44 UTC\nSHA256:\n {digest}      12 main/binary-amd64/Packages\n"

    security = MIRROR.security if "trixie-security" in suites else ""
    return archive.look(archive.Archive(MIRROR.main, security), "trixie", fetch)


@pytest.fixture
def made(tmp_path, monkeypatch):
    """How often mmdebstrap ran, with which words; and how to ask for a base."""
    lines = []

    def run(line, epoch, root=None):
        lines.append(line)
        line[line.index("trixie") + 1].write_bytes(b"tar")

    monkeypatch.setattr(debian, "run", run)
    monkeypatch.setattr(debian.os, "geteuid", lambda: 0)

    def base(board=BOARD, packages=(), suites=None, fresh=False):
        ours = debian.Debian(
            MIRROR, signed() if suites is None else suites, tmp_path / "cache", 1, fresh=fresh
        )
        return debian.base(board, packages, hardware_folder(), ours)

    return lines, base


def test_the_second_image_takes_what_the_first_one_made(made):
    lines, base = made
    assert base() == base()
    assert base().place.read_bytes() == b"tar"
    (line,) = lines
    assert any("init-bottom/edubox-overlay" in str(word) for word in line), "before the kernel comes"


def test_a_box_gets_debians_security_fixes(made):
    lines, base = made
    found = base()
    assert lines[0][-3:] == [
        "deb http://mirror.example/debian trixie main non-free-firmware",
        "deb http://mirror.example/debian trixie-updates main non-free-firmware",
        "deb http://mirror.example/security trixie-security main non-free-firmware",
    ]
    assert dict(found.suites)["trixie-security"] == "Sat, 21 Nov 2026 09:15:44 UTC"


def test_another_list_of_packages_or_a_new_fix_makes_another_base(made):
    lines, base = made
    several = {
        base().place, base(packages=("htop",)).place, base(suites=signed("2")).place, base(suites=signed(suites=("trixie",))).place,
    }  # fmt: skip
    assert len(several) == len(lines) == 4


def test_without_the_network_the_newest_that_was_kept_serves_and_says_its_date(made):
    lines, base = made
    old, new = base().place, base(suites=signed("2"))
    os.utime(old, (1, 1))
    assert base(suites=()) == new
    assert len(lines) == 2


def test_without_the_network_and_anything_kept_the_reason_is_said(made):
    _, base = made
    with pytest.raises(NotFound, match=r"mirror\.example"):
        base(suites=())


def test_who_wants_it_fresh_gets_it_made_anew(made):
    lines, base = made
    assert base() == base(fresh=True)
    assert len(lines) == 2


def test_what_nobody_used_for_a_day_makes_room_for_what_is_newer(made):
    _, base = made
    old, other = base().place, base(packages=("htop",)).place
    for path in (old, other):
        os.utime(path, (1, 1))
    base(suites=signed("2"))
    assert not old.exists()
    assert other.exists(), "that is of another image"


def test_a_cut_leaves_no_base_that_is_half_a_one(made, monkeypatch):
    _, base = made

    def cut(line, epoch, root=None):
        line[line.index("trixie") + 1].write_bytes(b"ta")
        raise KeyboardInterrupt

    whole = debian.run
    monkeypatch.setattr(debian, "run", cut)
    with pytest.raises(KeyboardInterrupt):
        base()
    monkeypatch.setattr(debian, "run", whole)
    assert base().place.read_bytes() == b"tar"


def test_a_program_that_fails_says_its_last_words():
    with pytest.raises(FailedCommand, match="no such mirror"):
        programs.run(["sh", "-c", "echo no such mirror >&2; exit 1"], 1)
    with pytest.raises(NotFound, match="program edubox-none"):
        programs.run(["edubox-none"], 1)


def test_every_program_is_told_the_one_time():
    assert programs.run(["sh", "-c", "echo $SOURCE_DATE_EPOCH $TZ"], 1764000000) == "1764000000 UTC\n"


def test_a_pi_can_start_again_after_a_panic_that_comes_early(made):
    lines, base = made
    pi = boards.read("rpi-arm64")
    with_watchdog = base(pi)
    (line,) = lines
    (hook,) = [str(word) for word in line if "bcm2835_wdt" in str(word)]
    assert "/usr/share/initramfs-tools/modules.d/" in hook
    assert hook.startswith("--essential-hook="), "before the kernel comes"
    assert base(dataclasses.replace(pi, early=())).place != with_watchdog.place
