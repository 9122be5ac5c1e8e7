"""Subtitles as browsers read them: WebVTT in UTF-8.

What teachers have is often SubRip (``.srt``), and either may be written in a Windows code page. Such a file stays
as it is, and one that browsers read is made beside it, its language still in its name: ``cell.fr.srt`` gives
``cell.fr.vtt``.
"""

from __future__ import annotations

import re

from edubox.importers.notices import Notice
from edubox.importers.workshop import Workshop
from edubox.pack.media_types import extension
from edubox.pack.text import decode

#: Bytes of the longest subtitles that are read: a film of a day has less.
_LARGEST = 8 * 1024 * 1024
_TIME = r"(\d{1,3}):(\d\d):(\d\d)[,.](\d{1,3})"
_CUE = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}.*$", re.MULTILINE)
#: Colours, typefaces and positions of SubRip's players, which WebVTT would show as text.
_DECORATION = re.compile(r"</?font\b[^<>\n]{0,200}>|\{\\[^{}\n]{0,200}\}", re.IGNORECASE)


def as_vtt(path: str, workshop: Workshop) -> str | None:
    """The subtitles *path*, or what was made of them; None if they cannot be read, or if the author made it too."""
    data = workshop.data(path, _LARGEST)
    if extension(path) == "vtt":
        return path if _is_utf8(data) else workshop.add(_with_mark(path), decode(data).encode())
    wanted = f"{path[:-3]}vtt"
    if any(other.casefold() == wanted.casefold() for other in workshop.given):
        return None
    text = from_srt(decode(data))
    if text is None:
        workshop.warn(Notice("%(path)s holds no subtitles that can be read.", path=path))
        return None
    return workshop.add(wanted, text.encode())


def from_srt(text: str) -> str | None:
    """The SubRip subtitles *text* as WebVTT, or None if there is no cue in it."""
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    timed, cues = _CUE.subn(_moments, lines)
    return f"WEBVTT\n\n{_DECORATION.sub('', timed).strip()}\n" if cues else None


def _moments(cue: re.Match[str]) -> str:
    hour, minute, second, part, *end = cue.groups()
    return f"{_moment(hour, minute, second, part)} --> {_moment(*end)}"


def _moment(hour: str, minute: str, second: str, part: str) -> str:
    return f"{int(hour):02}:{minute}:{second}.{part:0<3}"


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _with_mark(path: str) -> str:
    """``cell.fr.vtt`` as ``cell.utf-8.fr.vtt``: a name tells the language by what stands before its extension."""
    folder, slash, name = path.rpartition("/")
    stem, dot, rest = name.partition(".")
    return f"{folder}{slash}{stem}.utf-8{dot}{rest}"
