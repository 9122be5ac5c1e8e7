"""Pictures made light while a lesson is made: a phone gets one that fits it, and the original when it is touched.

A *twin* is a second file beside a picture, WebP, as wide as our pages' column and without a word about who took it
where (EXIF). ``lighten`` puts twins into the pages that we make ourselves (Markdown, notebooks); pages that authors
wrote are never changed. ``smaller`` makes the twin of one picture, ``cover`` the small one for a list of lessons.

Pillow does it, where lessons are made and nowhere else (extra ``importers``). Without it, and for what it cannot
read, pictures stay as they are. They come from outside: few formats, read in bounded memory, and no fault of one of
them ends a lesson.
"""

from __future__ import annotations

import base64
import binascii
import io
import posixpath
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape, unescape
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from edubox.importers.notices import Notice
from edubox.importers.workshop import Workshop, spoken
from edubox.pack.media_types import extension

if TYPE_CHECKING:
    from PIL.Image import Image

#: Pixels of a twin's width: what a page's column has on a projector, and two for each of a phone's.
WIDTH = 720
#: Width, height and most bytes of a cover: six of them are on the first page, which has 60 kB for everything.
COVER, COVER_BYTES = (400, 300), 6000
#: Most bytes of the picture that stands for a film before it plays.
POSTER_BYTES = 40_000
#: Bytes of a picture that is worth a twin, and the share that a twin may have of it.
WORTH, SHARE = 24_000, 0.7
#: Bytes and pixels of the largest picture that is opened; the pixels need 130 MB while they are.
_LARGEST, _PIXELS = 64 * 1024 * 1024, 32_000_000
#: Colours up to which a picture without loss may be the smaller one (measured: in a third of them).
_FEW_COLOURS = 4096
#: Bytes from which an animation is worth a word to its author.
_HEAVY = 1_000_000
#: How many times as long as wide a picture may be: a strip is no cover, and WebP holds no more than 16,383 pixels.
_STRIP = 20
#: Pixels below which nothing is made smaller.
_SMALLEST = 32
#: Extension → what Pillow may take it for. Others would start programs (EPS) or be films (animations).
_READ = {"png": "PNG", "jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP", "bmp": "BMP", "gif": "GIF"}
#: EXIF's tag for how the camera was held, and its values that change width and height.
_ORIENTATION, _TURNED = 0x0112, frozenset({5, 6, 7, 8})
_MODES = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr"})
#: As nh3 writes them.
_IMG = re.compile(r'<a[ >]|</a>|<img(?: [a-z-]+="[^"]*")*>')
_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
#: Characters of a picture inside a page from which it becomes a file: text comes first.
_INSIDE = 4000
_KINDS = {"png": "png", "jpeg": "jpg", "gif": "gif", "webp": "webp", "svg+xml": "svg"}


def lighten(body: str, page: str, workshop: Workshop) -> str:
    """The clean *body* of *page* with light pictures: twins that lead to their originals, sizes, loading when seen.

    Large pictures inside the page become files beside it.
    """
    linked = 0
    drawn = 0

    def change(found: re.Match[str]) -> str:
        nonlocal linked, drawn
        if not found[0].startswith("<img"):
            linked += -1 if found[0] == "</a>" else 1
            return found[0]
        known = {name: unescape(value) for name, value in _ATTRIBUTE.findall(found[0])}
        source = known.get("src", "")
        if source.startswith("data:"):
            path = _unpacked(source, page, drawn + 1, workshop)
            drawn += path is not None
        else:
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(source)))
        if path is None or path not in workshop.files:
            return found[0]
        twin = smaller(path, workshop)
        known |= {"src": _relative(page, twin or path), "loading": "lazy"}
        size = dimensions(twin or path, workshop)
        if size and not known.keys() & {"width", "height"}:
            known |= {"width": str(size[0]), "height": str(size[1])}
        shown = "<img" + "".join(f' {name}="{escape(value)}"' for name, value in known.items()) + ">"
        if twin is None or linked > 0:
            return shown
        label = "" if known.get("alt") else f' aria-label="{escape(spoken(path))}"'
        return f'<a href="{escape(_relative(page, path))}"{label}>{shown}</a>'

    return _IMG.sub(change, body)


def smaller(path: str, workshop: Workshop, most: int | None = None) -> str | None:
    """The twin of the picture *path*, of at most *most* bytes if that can be; None if none would be much lighter."""
    if path not in workshop.twins:
        workshop.twins[path] = _smaller(path, workshop, most)
    return workshop.twins[path]


def cover(path: str, workshop: Workshop) -> str | None:
    """The small picture of a lesson made from the picture *path*; None if it cannot be."""
    if extension(path) == "svg" or not _has_pillow(path, workshop):
        return path if workshop.files[path].size <= COVER_BYTES else None
    image = _opened(path, workshop)
    return workshop.add(f"{path}.cover.webp", _encoded(_framed(image), COVER_BYTES)) if image else None


def poster(data: bytes, path: str, workshop: Workshop) -> str | None:
    """A file at *path* for the frame *data* of a film; None if it is no picture."""
    image = decoded(data, ("PNG", "JPEG"))
    return workshop.add(path, _encoded(_narrow(image), POSTER_BYTES)) if image else None


def dimensions(path: str, workshop: Workshop) -> tuple[int, int] | None:
    """Width and height in pixels of the picture *path* as it is seen, or None."""
    if extension(path) not in _READ:
        return None
    try:
        from PIL import Image

        with (
            workshop.files[path].open() as handle,
            _no_bombs(),
            Image.open(handle, formats=[_READ[extension(path)]]) as image,
        ):
            said = Image.Exif()
            said.load(image.info.get("exif", b""))  # image.getexif() would decode a PNG, whatever its size
            turned = said.get(_ORIENTATION) in _TURNED
            return (image.height, image.width) if turned else image.size
    except Exception:  # noqa: BLE001 - whatever a library does with a broken picture
        return None


# --- one picture ----------------------------------------------------------------------------------------


def _smaller(path: str, workshop: Workshop, most: int | None) -> str | None:
    size = workshop.files[path].size
    if size < WORTH or extension(path) not in _READ or not _has_pillow(path, workshop):
        return None
    image = _opened(path, workshop)
    if image is None:
        if extension(path) == "gif" and size >= _HEAVY:
            workshop.warn(
                Notice(
                    "%(path)s is an animation of %(size)s MB, which each reader loads: as a film (.mp4) it weighs a tenth.",
                    path=path,
                    size=size // 1_000_000,
                )
            )
        return None
    narrow = _narrow(image)
    data = _encoded(narrow, most)
    if narrow.getcolors(_FEW_COLOURS) is not None:
        # Drawings and screens of few colours are often smaller, and always sharper, without loss.
        data = min(data, _saved(narrow, lossless=True), key=len)
    return workshop.add(f"{path}.webp", data) if len(data) <= SHARE * size else None


def _opened(path: str, workshop: Workshop) -> Image | None:
    if workshop.files[path].size > _LARGEST:
        return None
    size = dimensions(path, workshop)
    if size and size[0] * size[1] > _PIXELS:
        workshop.warn(
            Notice(
                "%(path)s is a very large picture (%(width)s × %(height)s) and goes as it is: save it smaller.",
                path=path,
                width=size[0],
                height=size[1],
            )
        )
        return None
    return (
        decoded(workshop.data(path, _LARGEST), (_READ[extension(path)],))
        if extension(path) in _READ
        else None
    )


def decoded(data: bytes, formats: tuple[str, ...]) -> Image | None:
    """The pixels of a still picture, upright, RGB or RGBA; nothing else of what the file says."""
    try:
        from PIL import Image, ImageOps

        with _no_bombs(), Image.open(io.BytesIO(data), formats=formats) as image:
            if (
                getattr(image, "is_animated", False)
                or image.mode not in _MODES
                or image.width * image.height > _PIXELS
                or max(image.size) > _STRIP * min(image.size)
            ):
                return None
            image.draft("RGB", (2 * WIDTH, 2 * WIDTH))  # a JPEG is decoded as small as it is needed
            upright = ImageOps.exif_transpose(image)
            clear = upright.mode in {"LA", "PA", "RGBA"} or "transparency" in upright.info
            return upright.convert("RGBA" if clear else "RGB")
    except Exception:  # noqa: BLE001 - whatever a library does with a broken picture
        return None


def _narrow(image: Image) -> Image:
    if image.width <= WIDTH:
        return image
    return image.resize((WIDTH, max(round(image.height * WIDTH / image.width), 1)))


def _framed(image: Image) -> Image:
    """*image* as a cover: cut to its shape; a tall or wide one stands whole on its own mean colour."""
    from PIL import Image as Pictures
    from PIL import ImageOps

    if image.mode == "RGBA":
        ground = Pictures.new("RGBA", image.size, "#ffffff")
        image = Pictures.alpha_composite(ground, image).convert("RGB")
    if 0.9 <= image.width / image.height <= 2.2:
        return ImageOps.fit(image, COVER)
    mean = tuple(image.resize((1, 1)).tobytes())
    return ImageOps.pad(image, COVER, color=mean)


def _encoded(image: Image, most: int | None = None) -> bytes:
    """*image* as WebP; worse, then smaller, until it has at most *most* bytes."""
    data = b""
    for quality in (75, 60, 45, 30, 15):
        data = _saved(image, quality=quality)
        if most is None or len(data) <= most:
            return data
    return _encoded(image.reduce(2), most) if min(image.size) > _SMALLEST else data


def _saved(image: Image, *, quality: int = 75, lossless: bool = False) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=quality, lossless=lossless, method=4, icc_profile=b"", exif=b"", xmp=b"")
    return out.getvalue()


@contextmanager
def _no_bombs() -> Iterator[None]:
    """Pillow's own limit is set aside: pixels are counted here, before any of them is decoded."""
    from PIL import Image

    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _has_pillow(path: str, workshop: Workshop) -> bool:
    try:
        import PIL  # noqa: F401 - only whether it is there
    except ImportError:
        if None not in workshop.twins.values():
            workshop.warn(
                Notice(
                    "Pictures such as %(path)s go as they are, whatever they weigh: install edubox[importers] to make them light.",
                    path=path,
                )
            )
        return False
    return True


# --- files ----------------------------------------------------------------------------------------------


def _unpacked(source: str, page: str, number: int, workshop: Workshop) -> str | None:
    """The file made of the picture *source*, which is written inside *page*; None for a small one."""
    head, _, packed = source.partition(";base64,")
    kind = _KINDS.get(head.removeprefix("data:image/"))
    if len(source) < _INSIDE or kind is None:
        return None
    try:
        data = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return None
    return workshop.add(f"{page.removesuffix('.html')}-{number}.{kind}", data)


def _relative(page: str, target: str) -> str:
    return quote(posixpath.relpath(target, posixpath.dirname(page) or "."))
