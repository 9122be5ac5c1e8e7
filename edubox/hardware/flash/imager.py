"""A list of images for Raspberry Pi Imager, the program that technicians know, on systems where we write no cards.

It is Imager's own format (``os_list``, schema in its repository under doc/json-schema): addresses, sizes and SHA-256 of the
file and of what it unpacks to. Imager checks the sums and no signature. ``init_format`` is ``none``: the settings that Imager
offers (a user, a password, SSH) are for other systems, ours come from ``edubox.toml`` on the card.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from edubox.hardware.flash.checksums import sha256
from edubox.hardware.flash.fat import Volume
from edubox.hardware.flash.image import blocks, open_image
from edubox.store.platform import write_atomic

#: Imager's names for the computers that the Pi image starts on; a PC is none of them.
_PI = ("pi4-64bit", "pi3-64bit")
#: An open book, 40 pixels square as Imager wants it.
_ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="8" fill="#1f5449"/>'
    '<path d="M20 13c-3-3-8-3-12-2v18c4-1 9-1 12 2 3-3 8-3 12-2V11c-4-1-9-1-12 2z" fill="#fff"/></svg>'
)


def write(
    images: Sequence[Path], out: Path, base_url: str, show: Callable[[str, int], None] = lambda *_: None
) -> None:
    """Write to *out* a list that offers *images*, at *base_url* or, when that is empty, where they lie on this computer.

    *show* gets a name and the bytes read so far. Raises NotFound, UnreadableSource, BadInput (not an image), NoRoom.
    """
    value = {"os_list": [_entry(path, base_url, show) for path in images]}
    write_atomic(out, json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n")


def _entry(path: Path, base_url: str, show: Callable[[str, int], None]) -> dict[str, Any]:
    with open_image(path, lambda done: show(path.name, done)) as image:
        is_pi = Volume(image.read, image.partitions[0].begin).read_file("config.txt") is not None
        size = image.length
    digest = hashlib.sha256()
    for block in blocks(path):
        digest.update(block)
    stat = path.stat()
    return {
        "name": f"edubox ({path.name.partition('.')[0]})",
        "description": "Lessons for a school, from a box of its own. After writing, edubox.toml on the card says which school."
        + ("" if is_pi else " For PCs."),
        "icon": "data:image/svg+xml;base64," + base64.b64encode(_ICON.encode()).decode("ascii"),
        "url": f"{base_url.rstrip('/')}/{quote(path.name)}" if base_url else path.absolute().as_uri(),
        "extract_size": size,
        "extract_sha256": digest.hexdigest(),
        "image_download_size": stat.st_size,
        "image_download_sha256": sha256(path),
        "release_date": datetime.fromtimestamp(stat.st_mtime, UTC).strftime("%Y-%m-%d"),
        "init_format": "none",
        **({"devices": list(_PI), "architecture": "armv8"} if is_pi else {}),
    }
