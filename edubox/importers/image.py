"""Pictures: shown without what they say of place, time and author (``stripping``), by a light form where that saves bytes.

The lesson's own file is changed too: a pupil who touches a photo must not learn where its teacher lives. Photos of iPhones
(HEIC, AVIF) and TIFF become JPEG or PNG where the libraries for it are installed, and the file itself leaves the lesson.
Drawings lose what could act (``drawing``). What a picture is, its bytes say, not its name.
"""

from __future__ import annotations

from edubox.importers import drawing, stripping
from edubox.importers.converted import converted
from edubox.importers.notices import Notice
from edubox.importers.workshop import Imported, Workshop, spoken
from edubox.pack.media_types import extension

SHOWN = frozenset({"png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "apng"})
#: What only some phones show.
CONVERTED = frozenset({"heic", "heif", "avif", "tif", "tiff"})
EXTENSIONS = (*sorted(SHOWN), *sorted(CONVERTED))
#: Bytes of the largest picture; it is held in memory while it is looked at.
LARGEST = 48 * 1024 * 1024


def read(path: str, workshop: Workshop) -> Imported | None:
    """Import the picture *path*; one that phones do not show becomes a download, with a warning.

    None for one that is left out of the lesson.
    """
    title = spoken(workshop.given[path])
    if workshop.files[path].size > LARGEST:
        size = workshop.files[path].size // 1_000_000
        workshop.warn(
            Notice(
                "%(path)s is a picture of %(size)s MB and is left out: save it smaller.", path=path, size=size
            )
        )
        workshop.drop(path)
        return None
    if extension(path) in CONVERTED:
        return _converted(path, title, workshop)
    if extension(path) == "svg":
        return _drawing(path, title, workshop)
    data = workshop.data(path, LARGEST)
    kept = stripping.stripped(data)
    if kept is None and extension(path) != "bmp":
        return _damaged(path, title, workshop)
    if kept is not None and kept != data:
        workshop.replace(path, workshop.write(kept))
    return Imported("image", path, title)


def _damaged(path: str, title: str, workshop: Workshop) -> Imported:
    """What cannot be walked is drawn anew, or goes as it is: then no browser finds a picture in it."""
    found = converted(path, workshop)
    if found is not None:
        workshop.replace(path, workshop.files[found])
        workshop.drop(found)
        return Imported("image", path, title)
    workshop.warn(Notice("%(path)s is damaged, or is no picture: phones may show nothing.", path=path))
    return Imported("image", path, title)


def _converted(path: str, title: str, workshop: Workshop) -> Imported:
    shown = converted(path, workshop)
    if shown is not None:
        workshop.drop(path)
        return Imported("image", shown, title)
    if extension(path) in {"heic", "heif"}:
        notice = Notice(
            "%(path)s is a kind of picture that most phones do not show: iPhones take such pictures unless "
            "Settings > Camera > Formats says Most Compatible; save it as .jpg or .png.",
            path=path,
        )
    else:
        notice = Notice(
            "%(path)s is a kind of picture that most phones do not show: save it as .jpg or .png.", path=path
        )
    workshop.warn(notice)
    return Imported("file", path, title)


def _drawing(path: str, title: str, workshop: Workshop) -> Imported | None:
    data = workshop.data(path, LARGEST)
    kept = drawing.cleaned(data)
    if kept is None:
        workshop.warn(
            Notice(
                "%(path)s is a drawing that cannot be read safely and is left out: save it again as a plain .svg, or as .png.",
                path=path,
            )
        )
        workshop.drop(path)
        return None
    if kept != data:
        workshop.replace(path, workshop.write(kept))
        workshop.warn(
            Notice(
                "%(path)s held a program or led to other sites: that was taken out, the drawing stays.",
                path=path,
            )
        )
    return Imported("image", path, title)
