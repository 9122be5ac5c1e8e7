"""A picture that was handed in says nothing of where, when and with what it was taken, and looks as it did."""

from __future__ import annotations

import io
import struct

import pytest
from PIL import Image

from edubox.box.school import bare
from edubox.errors import NotTaken

NEEDLE = b"48.8566N-2.3522E"


def picture(kind, *, way=6, **given):
    exif = Image.Exif()
    exif[0x0112] = way
    exif[0x010F] = NEEDLE.decode()
    out = io.BytesIO()
    image = Image.new("RGB", (40, 20), "red")
    image.paste("blue", (0, 0, 20, 20))
    image.save(out, kind, exif=exif, **given)
    return out.getvalue()


def bared(tmp_path, data, media):
    source = tmp_path / "source"
    source.write_bytes(data)
    with (tmp_path / "target").open("w+b") as target:
        bare.strip(source, target, media)
    return (tmp_path / "target").read_bytes()


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (picture("JPEG") + b"trailer" + NEEDLE, "image/jpeg"), (picture("JPEG", progressive=True, comment=NEEDLE), "image/jpeg"),
        (picture("PNG"), "image/png"), (picture("WEBP", lossless=True, xmp=NEEDLE), "image/webp"),
    ],
)  # fmt: skip
def test_nothing_of_the_camera_is_left_and_the_pixels_are(tmp_path, data, media):
    assert NEEDLE in data
    left = bared(tmp_path, data, media)
    assert NEEDLE not in left
    before, after = Image.open(io.BytesIO(data)).convert("RGB"), Image.open(io.BytesIO(left)).convert("RGB")
    assert before.tobytes() == after.tobytes()


@pytest.mark.parametrize("way", [1, 3, 6, 8])
def test_a_photo_stays_the_right_way_up(tmp_path, way):
    left = bared(tmp_path, picture("JPEG", way=way), "image/jpeg")
    assert Image.open(io.BytesIO(left)).getexif().get(0x0112, 1) == way


@pytest.mark.parametrize("media", ["image/jpeg", "image/png", "image/webp"])
def test_a_picture_that_is_cut_anywhere_is_refused_or_bare_and_never_a_traceback(tmp_path, media):
    data = picture(media.rpartition("/")[2].upper())
    refused = 0
    for end in range(3, len(data) - 1, 7):
        try:
            assert NEEDLE not in bared(tmp_path, data[:end], media)
        except NotTaken:
            refused += 1
    assert refused


def test_lengths_that_lie_are_refused(tmp_path):
    for data in (
        b"\xff\xd8\xff\xe0\x00\x00" + bytes(20),
        b"\xff\xd8\xff\xe0\xff\xff" + bytes(20),
        b"\xff\xd8" + b"\xff" * 50,
    ):
        with pytest.raises(NotTaken):
            bared(tmp_path, data, "image/jpeg")
    with pytest.raises(NotTaken):
        bared(tmp_path, b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 2**31) + b"IDAT", "image/png")
