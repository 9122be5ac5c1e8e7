"""What must be true of a box that starts for the first time: it prepares itself, fetches a lesson, shows it, and opens nothing else."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

from tests.prove.image import world
from tests.prove.image.machine import Machine

#: Ports that a box may have open to others, and nothing else: names and addresses it gives out, pages, desk, lessons, neighbours.
PORTS = {"tcp": {"80", "443", "8081"}, "udp": {"53", "67", "68", "546", "5353"}}
#: MiB that the whole system may use, beside what the kernel keeps of files.
MEMORY = 150
#: Looks at it, and seconds between them, until what fetched the lesson has ended: a Pi in QEMU takes minutes for that.
_TRIES, _PAUSE = 12, 20.0


def first(machine: Machine, tell: Callable[[str], None]) -> None:
    """Look at *machine*, which was just powered on with a fresh card, until its lesson is read."""
    tell(f"first page {machine.wait_for('/', 'html'):.0f} s after power-on")
    tell(f"the lesson that it fetched by itself {machine.wait_for('/', world.TITLE):.0f} s after power-on")
    _read(machine)
    tell("and what it says is read")
    assert world.NAME in (machine.page("/") or ""), "the page does not have the school's name"
    busy = used = _used(machine)
    for _ in range(_TRIES):
        if used <= MEMORY:
            break
        time.sleep(_PAUSE)
        used = _used(machine)
    tell(f"{used} MiB used of the whole system, {busy} when the lesson came")
    print(
        machine.ask("ss -Hltun; systemctl --failed --no-legend; cat /boot/firmware/STATUS.txt; df -h / /data")
    )
    listening = machine.ask("ss -Hltun")
    for line in filter(str.strip, listening.splitlines()):
        kind, _, _, _, local = line.split()[:5]
        address, _, number = local.rpartition(":")
        assert number in PORTS[kind] or address.startswith(("127.", "[::1]")), f"somebody listens: {line}"
    assert used <= MEMORY, f"{used} MiB used, {MEMORY} are allowed"
    assert world.NAME in machine.ask("cat /boot/firmware/STATUS.txt"), (
        "STATUS.txt does not have the school's name"
    )


def _used(machine: Machine) -> int:
    memory = dict(line.split(":") for line in machine.ask("cat /proc/meminfo").strip().splitlines())
    kb = {name: int(said.split()[0]) for name, said in memory.items()}
    # Not what is available: of that the kernel takes off what it holds in reserve, on a board with 1 GB some 60 MiB.
    kept = kb["MemFree"] + kb["Buffers"] + kb["Cached"] - kb["Shmem"] + kb["SReclaimable"]
    return (kb["MemTotal"] - kept) // 1024


def _read(machine: Machine) -> None:
    """Open the lesson as a pupil does: its page, and the frame in it from the lessons' own port."""
    page = machine.page(world.LESSON) or ""
    frame = re.search(r'src="https?://[^"/]+:8081(/[^"?#]+)', page)
    assert frame, page
    assert world.TEXT in (machine.page(frame[1], machine.lesson_port) or ""), frame[1]
