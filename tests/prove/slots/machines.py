"""QEMU, without the processor's help: what it says on its serial line, until it says what is waited for."""

from __future__ import annotations

import os
import re
import selectors
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

#: Seconds until a machine that says nothing more is a failure.
PATIENCE = 240.0


@dataclass(frozen=True, slots=True)
class Machine:
    """A kind of computer: its QEMU and the words that make it start from a disk."""

    command: tuple[str, ...]

    def run(self, disk: Path, until: re.Pattern[str], kill_after: float | None = None) -> str:
        """Start with *disk* until what it says holds *until* or it is off; what it said.

        It is killed then, or *kill_after* seconds after its start, whatever comes first.
        """
        words = [word.format(disk=disk) for word in self.command]
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        said, began = "", time.monotonic()
        assert process.stdout is not None
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            try:
                while not until.search(said):
                    past = time.monotonic() - began
                    if kill_after is not None and past >= kill_after:
                        break
                    if past > PATIENCE:
                        raise AssertionError(f"nothing came of it: {said[-2000:]}")
                    left = 1.0 if kill_after is None else max(kill_after - past, 0)
                    if not selector.select(left):
                        continue
                    data = os.read(process.stdout.fileno(), 4096)
                    if not data:
                        break
                    said += data.decode("utf-8", "replace")
            finally:
                process.kill()
                process.wait()
        return said


PC = Machine(
    ("qemu-system-x86_64", "-M", "q35", "-m", "256", "-display", "none", "-serial", "stdio", "-monitor", "none", "-nic", "none",
     "-drive", "file={disk},format=raw,if=virtio")
)  # fmt: skip


def virt(firmware: Path) -> Machine:
    """An arm64 machine that starts with U-Boot."""
    return Machine(
        ("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a53", "-m", "512", "-display", "none", "-serial", "stdio", "-monitor",
         "none", "-nic", "none", "-bios", str(firmware), "-drive", "file={disk},format=raw,if=virtio")
    )  # fmt: skip
