"""Films: played as they are where phones play them, with the subtitles that lie beside them.

Of one film in several forms (``cell.mp4``, ``cell.webm``) the one that most phones play opens, the others are its
alternatives; so are subtitles called ``cell.vtt`` or ``cell.fr.srt`` (``subtitles``) and a picture called
``cell.jpg``, which is seen before the film plays. ``read_playable`` serves sound as well.

What phones play is told by what is in the file (``film_boxes``), and by its name where that says enough. What they do
not play is converted where ffmpeg is installed (``converting``), else it is a download. Where and with what it was
filmed is taken out of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from edubox.importers import converting, film_boxes
from edubox.importers.notices import Notice
from edubox.importers.pictures import POSTER_BYTES, smaller
from edubox.importers.subtitles import as_vtt
from edubox.importers.workshop import Imported, Workshop, spoken
from edubox.pack.media_types import extension
from edubox.pack.opening import Found

#: Best first.
PLAYED = ("mp4", "m4v", "webm", "mov", "ogv")
EXTENSIONS = (*PLAYED, "avi", "wmv", "mkv", "3gp", "flv", "mpg", "mpeg")
_SUBTITLES = frozenset({"vtt", "srt"})
_POSTERS = frozenset({"jpg", "jpeg", "png", "webp"})
_BOXES = frozenset({"mp4", "m4v", "mov", "m4a", "3gp"})


def read(path: str, workshop: Workshop) -> Imported:
    """Import the film *path*; one that phones do not play is converted, or becomes a download, with a warning."""
    return read_playable(path, workshop, "video", PLAYED)


def read_playable(path: str, workshop: Workshop, kind: str, played: Sequence[str]) -> Imported:
    """Import the film or recording *path*; *played* are the extensions that phones play, best first."""
    title = spoken(workshop.given[path])
    stem = path[: -len(extension(path)) - 1]
    family = workshop.family(stem)
    forms = [form for name in played for form in family if form[len(stem) :].lower() == f".{name}"]
    if not forms or (forms == [path] and _unplayed(path, workshop)):
        made = converting.convert(path, kind, workshop)
        if made is None:
            workshop.warn(_refused(path, kind, workshop))
            return Imported("file", path, title)
        workshop.warn(
            Notice("%(path)s was converted into a form that all phones play: %(new)s.", path=path, new=made)
        )
        workshop.drop(path)
        forms = [made]
    elif extension(path) not in played:
        return Imported("file", path, title)  # a form of it that phones play lies beside it
    else:
        _tidy(path, kind, workshop)
        if forms[0] != path:
            return Imported(kind, path, title)
    spoken_words = [other for other in family if extension(other) in _SUBTITLES]
    subtitles = [shown for other in spoken_words if (shown := as_vtt(other, workshop))]
    still = [other for other in family if kind == "video" and other[len(stem) + 1 :].lower() in _POSTERS][:1]
    posters = [smaller(one, workshop, POSTER_BYTES) or one for one in still]
    uses = frozenset({*spoken_words, *still})
    return Imported(kind, forms[0], title, alternatives=(*forms[1:], *subtitles, *posters), uses=uses)


def _unplayed(path: str, workshop: Workshop) -> bool:
    film = film_boxes.look(workshop.files[path].location) if extension(path) in _BOXES else None
    return film is not None and bool(film.unplayed)


def _tidy(path: str, kind: str, workshop: Workshop) -> None:
    """Take out who made the film where, and bring what a player needs first to its beginning."""
    film = film_boxes.look(workshop.files[path].location) if extension(path) in _BOXES else None
    if film is None:
        return
    late = film.late and kind == "video"
    if late and converting.begins_at_once(path, workshop):
        return
    if late:
        workshop.warn(
            Notice(
                "%(path)s plays only when all of it has arrived: save it with “web optimised” or “fast start”.",
                path=path,
            )
        )
    if film.private:
        target = workshop.free()
        size = film_boxes.without_private(workshop.files[path].location, target, film)
        workshop.replace(path, Found(path, target, size))


def _refused(path: str, kind: str, workshop: Workshop) -> Notice:
    film = film_boxes.look(workshop.files[path].location) if extension(path) in _BOXES else None
    if film and film.unplayed:
        return Notice(
            "%(path)s is coded in a way that many phones do not play (%(codecs)s): save it as .mp4 (H.264 and AAC).",
            path=path,
            codecs=list(film.unplayed),
        )
    if kind == "audio":
        return Notice(
            "%(path)s is a kind of audio that most phones do not play: save it as .mp3 or .m4a.", path=path
        )
    return Notice(
        "%(path)s is a kind of video that most phones do not play: save it as .mp4 (H.264).", path=path
    )
