"""What U-Boot on a Raspberry Pi is told before it does anything: its own environment, with a few lines of ours (``uboot.env``).

U-Boot takes the file instead of what was built into it, whole or not at all: with a wrong checksum, or none, it goes on as Debian
built it. So what is built in is read out of the program itself and kept, but for the lines of ``hardware/boot/environment.txt``.
"""

from __future__ import annotations

import re
import zlib
from pathlib import Path

from edubox.errors import BadImage

NAME = "uboot.env"
#: Bytes of the file: CONFIG_ENV_SIZE of U-Boot's rpi_arm64.
SIZE = 0x4000
_CHECKSUM = 4
#: How the environment begins in the program, and which line it holds besides: U-Boot's include/env_default.h.
_FIRST, _KNOWN = b"bootcmd=", b"\0bootdelay="
_ENTRY = re.compile(rb"([A-Za-z0-9_]+)=([\x20-\x7e\n\t]*)")


def environment(loader: Path, changes: str) -> bytes:
    """The file for the U-Boot in *loader*, with *changes* as ``environment.txt`` has them. Raises BadImage."""
    values = built_in(loader)
    for line in changes.splitlines():
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            values[name] = value
    text = "".join(f"{name}={value}\0" for name, value in values.items() if value).encode("ascii") + b"\0"
    if len(text) > SIZE - _CHECKSUM:
        raise BadImage(path=loader, reason=f"its environment takes more than {SIZE} bytes")
    text = text.ljust(SIZE - _CHECKSUM, b"\0")
    return zlib.crc32(text).to_bytes(_CHECKSUM, "little") + text


def built_in(loader: Path) -> dict[str, str]:
    """What the U-Boot in *loader* does unless it is told otherwise. Raises BadImage."""
    program = loader.read_bytes()
    known = program.find(_KNOWN)
    begin = program.rfind(_FIRST, 0, known) if known > 0 else -1
    entries = program[begin : program.find(b"\0\0", known)].split(b"\0") if begin > 0 else []
    found = [_ENTRY.fullmatch(entry) for entry in entries]
    if not found or None in found:
        raise BadImage(path=loader, reason="what U-Boot does by itself cannot be read out of it")
    return {one[1].decode("ascii"): one[2].decode("ascii") for one in found if one is not None}
