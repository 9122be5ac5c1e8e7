"""The state on a PC: two environment blocks of GRUB on the FAT partition, overwritten where they stand.

A block is 1,024 bytes: a line that says what it is, one ``name=value`` a line, and ``#`` to its end. GRUB writes into the
sectors of a file and can neither make one nor make it longer, so the image brings both. ``grub-editenv`` empties the file before
it writes, which a power cut can catch: nobody uses it here. All that changes lies in the first 512 bytes, one sector; and
``seal`` repeats the values, since a block has no checksum and GRUB can compare strings.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from edubox.hardware.card.boot_folder import writable

NAMES = ("edubox/slot0.env", "edubox/slot1.env")
SIZE = 1024
_HEADER = "# GRUB Environment Block\n"
_LINE = re.compile(r"([a-z]{1,16})=([0-9a-z.]{0,32})", re.ASCII)
_SEALED = ("seq", "good", "try", "left")


def block(values: Mapping[str, str]) -> bytes:
    """The environment block that says *values*, sealed."""
    said = {**values, "seal": _seal(values)}
    return (_HEADER + "".join(f"{name}={value}\n" for name, value in said.items())).encode().ljust(SIZE, b"#")


def parse(data: bytes) -> dict[str, str] | None:
    """What the environment block *data* says; None if it is none, or its seal does not fit."""
    text = data.decode("ascii", "replace")
    if len(data) != SIZE or not text.startswith(_HEADER):
        return None
    values: dict[str, str] = {}
    for line in text.removeprefix(_HEADER).split("\n"):
        if line.startswith("#"):
            continue  # a remark, or the filling, which has no end of line
        found = _LINE.fullmatch(line)
        if found is None or found[1] in values:
            return None
        values[found[1]] = found[2]
    return values if values.pop("seal", None) == _seal(values) else None


def _seal(values: Mapping[str, str]) -> str:
    return ".".join(values.get(name, "") for name in _SEALED)


@dataclass(frozen=True, slots=True)
class Files:
    """The two files of the FAT partition that is mounted at *boot*; see ``copies.Carrier``."""

    boot: Path

    def read(self, copy: int) -> dict[str, str] | None:
        """See Carrier."""
        try:
            with _opened(self.boot / NAMES[copy], os.O_RDONLY) as handle:
                return parse(handle.read(SIZE + 1))
        except OSError:
            return None

    def write(self, copy: int, values: Mapping[str, str]) -> None:
        """See Carrier; a file that is not there or has another length is made anew, which only an intact one never needs."""
        path, data = self.boot / NAMES[copy], block(values)
        with writable(self.boot):
            path.parent.mkdir(exist_ok=True)
            with _opened(path, os.O_RDWR | os.O_CREAT) as handle:
                if os.fstat(handle.fileno()).st_size != SIZE:
                    handle.truncate(SIZE)
                handle.write(data)
                handle.flush()
                os.fsync(handle.fileno())


def _opened(path: Path, flags: int) -> BinaryIO:
    """The file *path*, open; a link is not followed, and nothing is waited for."""
    handle = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK, 0o644)
    return open(handle, "rb" if flags == os.O_RDONLY else "r+b")
