"""Keys that somebody presses all the while a Pi starts: U-Boot hears none of them, and starts the card's system.

Not for the computer ``virt``, whose U-Boot is another one with a place of its own for what it is told.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

#: What would stop U-Boot's second of waiting, and what would end its script.
_KEYS = b" \r\x1b\x03"
#: Seconds between them, and until the loader must have said which system it starts; then keys go on for as long as it loads.
_PAUSE, _PATIENCE, _LOADING = 0.05, 240.0, 10.0


def nobody_stops_it(card: Path, folder: Path, tell: Callable[[str], None]) -> None:
    """Start *card*, to which nothing is written, with the loader and the description of the board in *folder*, as ``machines.pi`` left them."""
    process = subprocess.Popen(
        ["qemu-system-aarch64", "-M", "raspi3b", "-m", "1024", "-display", "none", "-monitor", "none", "-serial", "null", "-serial", "stdio",
         "-kernel", str(folder / "u-boot.bin"), "-dtb", str(folder / "bcm2837-rpi-3-b.dtb"), "-drive", f"file={card},format=raw,if=sd,snapshot=on"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    said, until = b"", time.monotonic() + _PATIENCE
    chosen = 0.0
    try:
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while not chosen or time.monotonic() < chosen + _LOADING:
                assert b"U-Boot>" not in said, said[-2000:]
                assert time.monotonic() < until, said[-2000:]
                process.stdin.write(_KEYS)
                process.stdin.flush()
                if selector.select(_PAUSE):
                    said += os.read(process.stdout.fileno(), 4096)
                if not chosen and b"edubox: slot" in said:
                    chosen = time.monotonic()
    finally:
        process.kill()
        process.wait()
    assert b"U-Boot>" not in said, said[-2000:]
    tell("keys and Ctrl-C all the while: U-Boot gave no shell and chose its slot")
