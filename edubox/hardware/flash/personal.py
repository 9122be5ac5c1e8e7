"""What makes a card the card of one school: its ``edubox.toml``, laid over the image's first partition."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edubox.errors import BadCard, BadInput
from edubox.hardware.card.request import NAME, understand
from edubox.hardware.flash.device import BLOCK, Device, buffer
from edubox.hardware.flash.fat import Volume
from edubox.hardware.flash.image import Image
from edubox.hardware.flash.schools import School, edubox_toml


def base_of(image: Image) -> Mapping[str, Any]:
    """What the *image*'s own ``edubox.toml`` says, by key; nothing if it has none. Raises BadInput (no FAT32, mistakes)."""
    data = Volume(image.read, image.partitions[0].begin).read_file(NAME)
    try:
        return understand(data).values if data is not None else {}
    except BadCard as error:
        raise BadInput(reason=f"the image's own {NAME} has mistakes:\n{error.details['list']}") from None


def sectors_for(image: Image, base: Mapping[str, Any], school: School, code: str) -> dict[int, bytes]:
    """What to lay over *image* (offset → bytes) so that the card is that of *school*, with the one-time *code*."""
    volume = Volume(image.read, image.partitions[0].begin)
    volume.replace_file(NAME, edubox_toml(base, {**school.values, "code": code}))
    return {offset: bytes(sector) for offset, sector in volume.sectors.items()}


def code_on(device: Device, image: Image) -> str:
    """The one-time code that waits on the card *device*, written before from an image like *image*; empty for none."""
    whole = buffer(BLOCK)

    def read(offset: int, size: int) -> bytes:
        begin = offset // BLOCK * BLOCK
        if begin + BLOCK > device.size:
            raise BadInput(reason="it ends there")
        device.read(begin, memoryview(whole))
        return whole[offset - begin : offset - begin + size]

    try:
        # Without its first bytes a card was not finished, whatever lies behind them.
        if read(510, 2) != b"\x55\xaa":
            return ""
        data = Volume(read, image.partitions[0].begin).read_file(NAME)
        return str(understand(data or b"").values.get("code", ""))
    except (BadInput, OSError):
        return ""
