"""``python -m tests.prove.system [OLD NEW]``: a system of real size from its publisher to the other slot, in figures.

OLD and NEW are two root images, such as the ``.system`` files that ``edubox image build`` leaves; without them two of 300 MB are
made here. States the bytes of the whole system and of the short update, those of ``xdelta3 -9``, and for each step its
seconds and the most memory of its process: all of it, and without the pages of mapped files, which the kernel may drop.
The exit code is 1 when a box would need more than it has.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from edubox.hardware.system.packing import pack
from edubox.publishing.job import Publication, publish
from edubox.publishing.workplace import Workplace
from tests.hardware.system.world import BOARD, SlottedBox, fake
from tests.publishing.country import ID, PASSPHRASE, make_country

#: Bytes of memory that an installation may take (the whole sync process has the same budget).
MOST = 96 * 1024 * 1024
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
_PIECE = 1 << 20


def main(given: list[str]) -> int:
    """Run every step; the exit code."""
    with tempfile.TemporaryDirectory(dir=os.environ.get("EDUBOX_PROVE_ROOM"), prefix="edubox-prove-") as name:
        folder = Path(name)
        old, new = (
            (Path(one) for one in given) if given else (_made(folder / "old", 0), _made(folder / "new", 8))
        )
        print(f"old {old.stat().st_size:,} bytes, new {new.stat().st_size:,} bytes")
        print(f"{'step':24} {'s':>7} {'MiB':>6} {'MiB without mapped files':>26}")
        place = make_country(folder / "country", NOW)
        _step("pack the old one", lambda: pack(old, BOARD, "Debian 13", folder / "1.edpack"))
        _step("pack the new one", lambda: pack(new, BOARD, "Debian 13", folder / "2.edpack"))
        for number in (1, 2):
            _step(
                f"publish version {number}",
                lambda number=number: _publish(place, folder / f"{number}.edpack"),
            )
        box = _box(folder, place, old, new)
        _step("box: synchronise", box.sync)
        _, memory = _step("box: install", box.install)
        assert box.holds("b", new), "the other slot is not the new system"
        assert box.state.trying == "b"
        _sizes(folder, box, old, new)
    return int(memory > MOST)


def _publish(place: Workplace, file: Path) -> None:
    for said in publish(Publication(ID, BOARD, file), place, PASSPHRASE, NOW).notes:
        print(said)


def _box(folder: Path, place: Workplace, old: Path, new: Path) -> SlottedBox:
    country = type("Published", (), {"mirror": place.mirror})()
    country.root = (place.mirror / "directory/metadata/1.root.json").read_bytes()
    from edubox.store import slots

    slots.running = lambda *_: "a"
    room = -(-max(old.stat().st_size, new.stat().st_size) // _PIECE) * _PIECE
    return SlottedBox(folder, country, old, title="Debian 13", slot=room, system=f"{ID}/{BOARD}")


def _sizes(folder: Path, box: SlottedBox, old: Path, new: Path) -> None:
    full = (folder / "2.edpack").stat().st_size
    delta = next(one for one in (box.data / "mirror/bundles").rglob("*") if one.is_file()).stat().st_size
    print(
        f"whole {full:,} bytes; short update {delta:,} bytes ({delta / new.stat().st_size:.2%} of the system)"
    )
    if shutil.which("xdelta3"):
        begun = time.monotonic()
        line = [
            "xdelta3",
            "-9",
            "-S",
            "lzma",
            "-B",
            str(512 << 20),
            "-e",
            "-f",
            "-s",
            old,
            new,
            folder / "xdelta",
        ]
        subprocess.run(line, check=True)
        theirs = (folder / "xdelta").stat().st_size
        print(
            f"xdelta3 -9: {theirs:,} bytes in {time.monotonic() - begun:.1f} s; ours is {delta / theirs:.2f} of it"
        )


def _step(what: str, work: Callable[[], object]) -> tuple[int, int]:
    """Do *work* in a process of its own and print what it took: its most memory, and that without mapped files (bytes)."""
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    peak = own = 0
    while os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        found = _memory(child)
        peak, own = max(peak, found.get("VmHWM", 0)), max(own, found.get("RssAnon", 0))
        time.sleep(0.05)
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"{what} failed")
    print(f"{what:24} {time.monotonic() - begun:7.1f} {peak >> 20:6} {own >> 20:26}", flush=True)
    return peak, own


def _memory(process: int) -> dict[str, int]:
    """The lines of memory of a process, in bytes; none once it has ended."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return {}
    words = [line.split() for line in lines if line.endswith(" kB")]
    return {word[0].rstrip(":"): int(word[1]) * 1024 for word in words}


def _made(path: Path, added: int) -> Path:
    """300 MB of something between programs and texts; *added* MB more, in eight places, that push the rest along."""
    with path.open("wb") as out:
        out.write(fake(b""))
        for number in range(300):
            noise = random.Random(number)
            words = [noise.randbytes(noise.randrange(4, 40)) for _ in range(2000)]
            body = b"".join(noise.choices(words, k=60_000))
            out.write(body.ljust(_PIECE, b"\0")[:_PIECE])
            if added and number % (300 // added) == 7:
                out.write(random.Random(-number).randbytes(_PIECE // 4))
    return path


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
