"""What a picture or a film says of who took it where does not reach pupils; what it shows stays bit for bit."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image, PngImagePlugin

from edubox.importers import film_boxes
from edubox.importers.stripping import orientation, stripped
from tests.importers.building import Lesson
from tests.importers.photos import animation, opened, photo

#: What the cameras and programs of these tests write.
SECRETS = (b"Jeanne", b"ns.adobe.com", b"Photoshop", b"48.8584", b"secret")


def segment(marker, body):
    """A part of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def talkative_jpeg():
    """A JPEG with XMP, IPTC, a comment, a second picture behind its end, and an EXIF that holds a thumbnail."""
    data = photo(80, 60, orientation=6)
    more = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x>Jeanne</x>") + segment(
        0xED, b"Photoshop 3.0\x008BIM Jeanne"
    )
    more += segment(0xFE, b"Jeanne secret") + segment(
        0xE1, b"Exif\0\0II*\0" + struct.pack("<I", 8) + bytes(6) + data
    )
    return data[:2] + more + data[2:] + b"secret film"


def talkative_png():
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Jeanne")
    words.add_itxt("XML:com.adobe.xmp", "<x>Jeanne</x>", zip=False)
    exif = Image.Exif()
    exif[0x013B] = "Jeanne"
    out = io.BytesIO()
    opened(photo(80, 60, "PNG")).save(out, "PNG", pnginfo=words, exif=exif)
    return out.getvalue()


def talkative_webp():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x013B] = "Jeanne"
    opened(photo(80, 60)).save(out, "WEBP", exif=exif, xmp=b"<x>Jeanne</x>")
    return out.getvalue()


def talkative_gif():
    data = animation(2, 40, 30)
    at = data.index(b"\x21\xf9")
    return data[:at] + b"\x21\xfe\x06Jeanne\0" + b"\x21\xff\x0bXMP DataXMP\x06secret\0" + data[at:]


@pytest.mark.parametrize("made", [talkative_jpeg, talkative_png, talkative_webp, talkative_gif])
def test_a_picture_tells_nothing_of_its_maker_and_keeps_its_pixels(made):
    data = made()
    assert b"Jeanne" in data
    kept = stripped(data)
    assert not [secret for secret in SECRETS if secret in kept]
    assert opened(kept).tobytes() == opened(data).tobytes()
    assert stripped(kept) == kept


def test_a_photo_still_stands_as_it_was_held():
    exif = opened(stripped(talkative_jpeg())).getexif()
    assert dict(exif) == {0x0112: 6}
    assert opened(stripped(photo(80, 60))).getexif() == {}


def test_an_animation_still_moves():
    kept = opened(stripped(talkative_gif()))
    assert kept.n_frames == 2


def test_a_picture_cut_short_tells_nothing_either():
    png, jpeg = talkative_png(), talkative_jpeg()
    assert b"Jeanne" not in stripped(png[:-40])
    assert b"Jeanne" not in stripped(jpeg[:-200])


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\xff", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"%PDF", b"\xff\xd8xx"],
)
def test_what_is_no_whole_picture_gives_nothing_to_show(data):
    assert stripped(data) in {None, data}


@pytest.mark.parametrize(
    "exif", [b"", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"II*\0\xff\xff\xff\xff", b"XX" + bytes(20)]
)
def test_broken_exif_means_upright(exif):
    assert orientation(exif) == 1


def test_a_lesson_holds_no_picture_that_tells(tmp_path):
    lesson = Lesson(tmp_path, {
        "a.jpg": talkative_jpeg(), "b.png": talkative_png(), "c.webp": talkative_webp(), "d.gif": talkative_gif(),
        "e.jpg": talkative_png(),  # its bytes say what it is
    })  # fmt: skip
    for path in lesson.folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [secret for secret in SECRETS if secret in data], path.name


# --- films ------------------------------------------------------------------------------------------------


def box(kind, *inside):
    body = b"".join(inside)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def film(codec=b"avc1", *, late=False, place=b"+48.8584+002.2945/"):
    """An MP4 as a phone writes it, with the place where it was filmed."""
    entry = box(codec, bytes(78))
    described = box(b"stsd", struct.pack(">II", 0, 1), entry)
    track = box(
        b"trak", box(b"mdia", box(b"minf", box(b"stbl", described))), box(b"udta", box(b"name", b"Jeanne"))
    )
    head = box(
        b"moov",
        box(b"mvhd", bytes(100)),
        track,
        box(b"udta", box(b"\xa9xyz", place)),
        box(b"meta", b"Jeanne"),
    )
    first = box(b"ftyp", b"isom", bytes(4))
    pictures = box(b"mdat", b"pictures" * 9)
    return first + (pictures + head if late else head + pictures)


@pytest.fixture
def _without_ffmpeg(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda _: None)


@pytest.mark.usefixtures("_without_ffmpeg")
@pytest.mark.parametrize(("name", "kind"), [("a.mp4", "video"), ("a.mov", "video"), ("a.m4a", "audio")])
def test_a_film_or_recording_does_not_say_where_it_was_made(tmp_path, name, kind):
    data = film()
    lesson = Lesson(tmp_path, {name: data})
    assert lesson.toc == [("A", kind, name)]
    kept = (lesson.folder / name).read_bytes()
    assert len(kept) == len(data)
    assert b"48.8584" not in kept
    assert b"Jeanne" not in kept
    assert kept.endswith(box(b"mdat", b"pictures" * 9))


@pytest.mark.usefixtures("_without_ffmpeg")
def test_a_film_that_begins_late_or_is_coded_for_few_phones_is_named(tmp_path):
    late = Lesson(tmp_path / "1", {"a.mp4": film(late=True)})
    assert late.said("a.mp4", "plays only when all of it has arrived")
    assert b"48.8584" not in (late.folder / "a.mp4").read_bytes()
    modern = Lesson(tmp_path / "2", {"a.mp4": film(b"hvc1")})
    assert modern.said("a.mp4", "(hvc1)", "H.264")
    assert modern.manifest.items()[0].type == "file"


@pytest.mark.parametrize("data", [
    b"", b"\0\0\0\x08ftyp", box(b"ftyp"), box(b"ftyp") + b"\xff\xff\xff\xffmoov", box(b"ftyp") + b"\0\0\0\x01moov" + b"\xff" * 8,
    box(b"ftyp") + b"\0\0\0\x04moov", zlib.compress(bytes(99)),
])  # fmt: skip
def test_boxes_that_cannot_be_walked_are_no_film(tmp_path, data):
    path = tmp_path / "a.mp4"
    path.write_bytes(data)
    assert film_boxes.look(path) is None


def test_boxes_within_boxes_without_end_are_walked_for_a_while_only(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_bytes(box(b"ftyp") + box(b"moov", *[box(b"free")] * 50_000, box(b"udta")))
    assert film_boxes.look(path) == film_boxes.Film()
