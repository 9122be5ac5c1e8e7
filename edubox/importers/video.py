"""Films: played as they are, with the subtitles that lie beside them.

Of one film in several forms (``cell.mp4``, ``cell.webm``) the one that most phones play opens, the others are its
alternatives; so are subtitles called ``cell.vtt`` or ``cell.fr.srt`` (``subtitles``) and a picture called
``cell.jpg``, which is seen before the film plays. ``read_playable`` serves sound as well.
"""

from __future__ import annotations

from collections.abc import Sequence

from edubox.importers.pictures import POSTER_BYTES, smaller
from edubox.importers.subtitles import as_vtt
from edubox.importers.workshop import Imported, Workshop, spoken
from edubox.pack.media_types import extension

#: Best first.
PLAYED = ("mp4", "m4v", "webm", "mov", "ogv")
EXTENSIONS = (*PLAYED, "avi", "wmv", "mkv", "3gp", "flv", "mpg", "mpeg")
_SUBTITLES = frozenset({"vtt", "srt"})
_POSTERS = frozenset({"jpg", "jpeg", "png", "webp"})


def read(path: str, workshop: Workshop) -> Imported:
    """Import the film *path*; one that phones do not play becomes a download, with a warning."""
    return read_playable(path, workshop, "video", PLAYED, "save it as .mp4 (H.264)")


def read_playable(path: str, workshop: Workshop, kind: str, played: Sequence[str], advice: str) -> Imported:
    """Import the film or recording *path*; *played* are the extensions that phones play, best first."""
    title = spoken(workshop.given[path])
    stem = path[: -len(extension(path)) - 1]
    if extension(path) not in played:
        workshop.warn(f"{path} is a kind of {kind} that most phones do not play: {advice}.")
        return Imported("file", path, title)
    family = workshop.family(stem)
    forms = [form for name in played for form in family if form[len(stem) :].lower() == f".{name}"]
    if forms[0] != path:
        return Imported(kind, path, title)
    spoken_words = [other for other in family if extension(other) in _SUBTITLES]
    subtitles = [shown for other in spoken_words if (shown := as_vtt(other, workshop))]
    still = [other for other in family if kind == "video" and other[len(stem) + 1 :].lower() in _POSTERS][:1]
    posters = [smaller(one, workshop, POSTER_BYTES) or one for one in still]
    uses = frozenset({*spoken_words, *still})
    return Imported(kind, path, title, alternatives=(*forms[1:], *subtitles, *posters), uses=uses)
