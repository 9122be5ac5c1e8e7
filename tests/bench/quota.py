"""A process that is held to a small computer's share of this one: cgroup v1, as root; without it nothing is held.

Children that it starts afterwards are held with it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Held:
    """What a process is held to: *percent* of one core, *megabytes* of memory (0: all that there is)."""

    percent: int
    megabytes: int
    name: str

    def throttled(self) -> int:
        """How many times it had to wait for its share of the processor."""
        stat = (_GROUPS / "cpu" / self.name / "cpu.stat").read_text().split()
        return int(stat[stat.index("nr_throttled") + 1])

    def most(self) -> int | None:
        """Megabytes that it and its children, with the files that they read and wrote, have taken at most."""
        if not self.megabytes:
            return None
        used = (_GROUPS / "memory" / self.name / "memory.max_usage_in_bytes").read_text()
        return int(used) // 2**20


@contextlib.contextmanager
def quota(pid: int, percent: int, megabytes: int = 0) -> Iterator[Held | None]:
    """Hold process *pid* for the block; gives None where that cannot be done."""
    wanted = ["cpu", "memory"] if megabytes else ["cpu"]
    if os.geteuid() or not all((_GROUPS / one / "cgroup.procs").exists() for one in wanted):
        yield None
        return
    held = Held(percent, megabytes, f"edubox-bench-{os.getpid()}")
    with contextlib.ExitStack() as undone:
        for kind in wanted:
            group = _GROUPS / kind / held.name
            group.mkdir()
            undone.callback(_give_back, group)
            if kind == "cpu":
                (group / "cpu.cfs_period_us").write_text("20000")
                (group / "cpu.cfs_quota_us").write_text(str(percent * 200))
            else:
                (group / "memory.limit_in_bytes").write_text(str(megabytes * 2**20))
            (group / "cgroup.procs").write_text(str(pid))
        yield held


def _give_back(group: Path) -> None:
    """Let whoever is in *group* go, and remove it."""
    for pid in (group / "cgroup.procs").read_text().split():
        with contextlib.suppress(ProcessLookupError):
            (group.parent / "cgroup.procs").write_text(pid)
    group.rmdir()
