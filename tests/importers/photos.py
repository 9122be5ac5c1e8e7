"""Pictures for tests: noise that compresses like a photo, with what a camera writes into it."""

from __future__ import annotations

import io

from PIL import Image

#: EXIF tags: orientation, artist, the block of positions.
_ORIENTATION, _ARTIST, _GPS = 0x0112, 0x013B, 0x8825


def photo(width=1600, height=1200, kind="JPEG", *, orientation=1, artist="Jeanne Secret"):
    """A picture of *width* × *height*, red at its top, as a camera stores it that was turned (*orientation*)."""
    noise = Image.effect_noise((width // 8, height // 8), 60).resize((width, height)).convert("RGB")
    noise.paste("#d01010", (0, 0, width, height // 4))
    exif = Image.Exif()
    exif[_ORIENTATION], exif[_ARTIST] = orientation, artist
    exif.get_ifd(_GPS)[2] = (48.0, 51.0, 29.0)
    out = io.BytesIO()
    noise.save(out, kind, exif=exif, **({"quality": 95} if kind in {"JPEG", "WEBP"} else {}))
    return out.getvalue()


def drawing(width=1200, height=800):
    """A PNG of two colours, in which nothing is smooth."""
    image = Image.new("P", (width, height), 0)
    image.putpalette([255, 255, 255, 20, 40, 160])
    image.paste(Image.effect_noise((width, height), 90).point(lambda value: 1 if value > 120 else 0, "1"))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def animation(frames=8, width=400, height=300):
    """A GIF that moves."""
    pictures = [Image.effect_noise((width, height), 40 + number).convert("P") for number in range(frames)]
    out = io.BytesIO()
    pictures[0].save(out, "GIF", save_all=True, append_images=pictures[1:], duration=100)
    return out.getvalue()


def opened(data):
    """The picture that *data* is."""
    return Image.open(io.BytesIO(data))
