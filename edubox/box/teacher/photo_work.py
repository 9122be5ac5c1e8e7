"""Photos of paper as one PDF, in a child of its own: small pictures and a proposal first, the PDF when a teacher says so.

One photo is in memory at a time, decoded no larger than a page needs: the largest phones' photos of 48 megapixels take 30 MB
instead of 200. A page is a JPEG of about 150 dots to the inch on A4, with nothing of what the camera wrote into its file.
The PDF is written here, since it is no more than a list of pictures.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from edubox.box.teacher import drafts
from edubox.box.teacher.photos import FOLDER, PROGRESS, WHOLE, Photo, change, forget, listed, small
from edubox.box.teacher.work import FAILED, WORKING, tell
from edubox.errors import EduboxError, EmptyPack, TooHeavy
from edubox.store.lock import lock
from edubox.store.platform import ensure_room, full_disk_is_no_room

if TYPE_CHECKING:
    from PIL.Image import Image

#: Pixels of the longer side of a small picture, and of a page: A4 at 150 dots to the inch.
SMALL, PAGE = 640, 1754
#: Pixels of the longer side of a photo of which only a part is a page.
MOST = 2 * PAGE
#: PDF points of A4.
_A4 = (595, 842)
_QUALITY, _SMALL_QUALITY = 78, 70
#: Bytes of a photo, and pixels of one that is decoded whole since its format knows nothing smaller.
_LARGEST, _PIXELS = 64 * 1024 * 1024, 26_000_000
#: Pixels of a photo that is decoded smaller.
_JPEG_PIXELS = 220_000_000
_FORMATS = ("JPEG", "PNG", "WEBP", "HEIF", "MPO")
#: Pixels of the longer side of what is looked at to find the paper; how much brighter than the table it is, of 255.
_LOOKED_AT, _CONTRAST = 160, 45
#: The part of a row or column that is bright where paper is, and the shares of the photo that a sheet may have.
_BRIGHT, _SHARES = 0.45, (0.25, 0.96)
_LOCK, _PATIENCE = ".photo-work", 900.0


def look(data: Path, ident: str) -> dict[str, Any]:
    """Make small pictures of the photos of the draft *ident* that have none, and propose what of each is paper.

    What is no picture stays in the list, and says so (``width`` -1). Raises NotFound, NoRoom, Busy.
    """
    place = drafts.folder(data, ident)
    drafts.read(data, ident)
    with _alone(place), full_disk_is_no_room(data):
        waiting = [one for one in listed(place) if one.width == 0]
        for number, photo in enumerate(waiting):
            tell(place / PROGRESS, WORKING, what="looking", done=number, total=len(waiting))
            seen = _looked_at(place, photo)
            change(data, ident, partial(_with, seen))
    return {"photos": len(listed(place))}


def _with(seen: Photo, known: list[Photo]) -> list[Photo]:
    """*known*, in which somebody may have changed the order meanwhile, with what was *seen* of one of them."""
    return [seen if one.id == seen.id else one for one in known]


def make_pdf(data: Path, ident: str) -> dict[str, Any]:
    """Make one PDF of the photos of the draft *ident*, put it into the draft and forget them.

    Raises NotFound, EmptyPack (there is no photo), TooMany, NoRoom, Busy; then the photos stay.
    """
    place = drafts.folder(data, ident)
    title = drafts.read(data, ident).title
    with _alone(place), full_disk_is_no_room(data):
        wanted = [one for one in listed(place) if one.width >= 0]
        if not wanted:
            raise EmptyPack(path=title)
        ensure_room(data, sum((place / FOLDER / one.id).stat().st_size for one in wanted), 4)
        made = place / FOLDER / ".pdf"
        pages = 0
        with made.open("wb") as out:
            writer = _Pdf(out)
            for number, photo in enumerate(wanted):
                tell(place / PROGRESS, WORKING, what="pages", done=number, total=len(wanted))
                page = _page(place, photo)
                if page is not None:
                    writer.add(*page)
                    pages += 1
            writer.end()
            out.flush()
            os.fsync(out.fileno())
        if not pages:
            made.unlink()
            raise EmptyPack(path=title)
        path = drafts.add_file(data, ident, "Photos.pdf", made)
        forget(place)
    return {"photos": pages, "path": path}


def _looked_at(place: Path, photo: Photo) -> Photo:
    image = _opened(place / FOLDER / photo.id, SMALL)
    if image is None:
        return replace(photo, width=-1, height=-1)
    image.thumbnail((SMALL, SMALL))
    small(place, photo.id).write_bytes(_jpeg(image, _SMALL_QUALITY))
    left, top, right, bottom = _paper(image)
    return replace(
        photo, width=image.width, height=image.height, left=left, top=top, right=right, bottom=bottom
    )


def _page(place: Path, photo: Photo) -> tuple[bytes, int, int] | None:
    """The JPEG of a page, and its width and height in pixels."""
    kept = min(photo.right - photo.left, photo.bottom - photo.top) / WHOLE
    image = _opened(place / FOLDER / photo.id, min(round(PAGE / kept), MOST))
    if image is None:
        return None
    if photo.turn:
        image = image.rotate(-photo.turn, expand=True)
    width, height = image.size
    image = image.crop((
        width * photo.left // WHOLE, height * photo.top // WHOLE, max(width * photo.right // WHOLE, 1),
        max(height * photo.bottom // WHOLE, 1),
    ))  # fmt: skip
    image.thumbnail((PAGE, PAGE))
    return _jpeg(image, _QUALITY), image.width, image.height


def _opened(path: Path, longest: int) -> Image | None:
    """The pixels of the photo *path*, upright, at least *longest* on the longer side if it has them; None if it is no photo."""
    try:
        from PIL import Image, ImageOps

        with contextlib.suppress(ImportError):
            from pi_heif import register_heif_opener

            register_heif_opener(thumbnails=False)
        Image.MAX_IMAGE_PIXELS = _JPEG_PIXELS
        if path.stat().st_size > _LARGEST:
            return None
        with Image.open(
            path, formats=[one for one in _FORMATS if one in Image.OPEN or one != "HEIF"]
        ) as image:
            if image.format not in {"JPEG", "MPO"} and image.width * image.height > _PIXELS:
                return None
            share = min(longest / max(image.size), 1)
            image.draft("RGB", (round(image.width * share), round(image.height * share)))
            image.thumbnail((longest, longest), reducing_gap=2.0)
            return ImageOps.exif_transpose(image).convert("RGB")
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a library does with a broken picture
        return None


def _jpeg(image: Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.info.clear()
    image.save(out, "JPEG", quality=quality, optimize=True, exif=b"", icc_profile=b"")
    return out.getvalue()


def _paper(image: Image) -> tuple[int, int, int, int]:
    """Where in *image* a bright sheet lies on something darker: its edges in thousandths; all of it if that is not clear."""
    grey = image.convert("L")
    grey.thumbnail((_LOOKED_AT, _LOOKED_AT))
    level = _threshold(grey.histogram())
    if level is None:
        return 0, 0, WHOLE, WHOLE
    bright = grey.point([0] * level + [255] * (256 - level))
    # One pixel a column, and a row: how much of it is bright.
    across = _edges(bright.resize((grey.width, 1), resample=4).tobytes())
    down = _edges(bright.resize((1, grey.height), resample=4).tobytes())
    if across is None or down is None:
        return 0, 0, WHOLE, WHOLE
    share = (across[1] - across[0]) * (down[1] - down[0]) / WHOLE**2
    if not _SHARES[0] < share < _SHARES[1]:
        return 0, 0, WHOLE, WHOLE
    return across[0], down[0], across[1], down[1]


def _edges(line: bytes) -> tuple[int, int] | None:
    """The first and the last place of *line* that is bright, in thousandths."""
    found = [place for place, value in enumerate(line) if value > 255 * _BRIGHT]
    return (found[0] * WHOLE // len(line), (found[-1] + 1) * WHOLE // len(line)) if found else None


def _threshold(counts: list[int]) -> int | None:
    """The brightness that parts a picture best in two (Otsu); None if its halves differ little."""
    total, whole = sum(counts), sum(value * count for value, count in enumerate(counts))
    below = darker = 0
    best, level, apart = 0.0, None, 0.0
    for value, count in enumerate(counts):
        below, darker = below + count, darker + value * count
        if not below or below == total:
            continue
        gap = (whole - darker) / (total - below) - darker / below
        spread = below * (total - below) * gap * gap
        if spread > best:
            best, level, apart = spread, value + 1, gap
    return level if apart >= _CONTRAST else None


class _Pdf:
    """A PDF whose pages are JPEGs, written as they come; nothing of it waits in memory but where its parts begin."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        #: Where each object begins; the first two, the catalogue and the list of pages, come last.
        self._places: dict[int, int] = {}
        self._pages: list[int] = []
        out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")

    def add(self, jpeg: bytes, width: int, height: int) -> None:
        """A page of A4, upright or across as the picture is, which fills it as far as it can."""
        paper = _A4 if height >= width else _A4[::-1]
        scale = min(paper[0] / width, paper[1] / height)
        shown = (width * scale, height * scale)
        left, below = (paper[0] - shown[0]) / 2, (paper[1] - shown[1]) / 2
        number = 3 + 3 * len(self._pages)
        drawn = f"q {shown[0]:.2f} 0 0 {shown[1]:.2f} {left:.2f} {below:.2f} cm /P Do Q".encode()
        self._object(
            number,
            f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode",
            jpeg,
        )
        self._object(number + 1, "", drawn)
        self._object(
            number + 2,
            f"/Type/Page/Parent 2 0 R/MediaBox[0 0 {paper[0]} {paper[1]}]/Contents {number + 1} 0 R"
            f"/Resources<</XObject<</P {number} 0 R>>>>",
        )
        self._pages.append(number + 2)

    def end(self) -> None:
        """Write where everything is."""
        kids = " ".join(f"{number} 0 R" for number in self._pages)
        self._object(1, "/Type/Catalog/Pages 2 0 R")
        self._object(2, f"/Type/Pages/Count {len(self._pages)}/Kids[{kids}]")
        begin, size = self._out.tell(), len(self._places) + 1
        lines = "".join(f"{self._places[number]:010d} 00000 n \n" for number in range(1, size))
        self._out.write(
            f"xref\n0 {size}\n0000000000 65535 f \n{lines}trailer\n<</Size {size}/Root 1 0 R>>\n".encode()
        )
        self._out.write(f"startxref\n{begin}\n%%EOF\n".encode())

    def _object(self, number: int, says: str, stream: bytes | None = None) -> None:
        self._places[number] = self._out.tell()
        if stream is None:
            self._out.write(f"{number} 0 obj\n<<{says}>>\nendobj\n".encode())
            return
        self._out.write(f"{number} 0 obj\n<<{says}/Length {len(stream)}>>\nstream\n".encode())
        self._out.write(stream)
        self._out.write(b"\nendstream\nendobj\n")


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Work on the photos of a draft by oneself, and say how it ended."""
    with lock(place / _LOCK, _PATIENCE):
        tell(place / PROGRESS, WORKING)
        try:
            yield
        except EduboxError as error:
            tell(place / PROGRESS, FAILED, error=error.code, said=str(error))
            raise
        except MemoryError:
            tell(place / PROGRESS, FAILED, error=TooHeavy.code)
            raise TooHeavy from None
        tell(place / PROGRESS, "done")
