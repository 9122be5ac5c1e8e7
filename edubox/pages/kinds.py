"""How a part is shown: decided by what its file is, since a lesson's description may say anything.

Exercises, activities and books need one of our players (``player.py``); without it they are files to download.

Only ``pdf`` is framed without a sandbox (browsers show no PDF in one); the lesson origin serves it as PDF and nothing
else, so nothing in it runs as a page.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from edubox.pages.model import Part

#: What a lesson's page may do in its frame. Scripts and its own storage make exercises work; forms send their
#: *submit* event to those scripts while the lesson origin's policy lets no form leave; downloads and dialogues are
#: what lessons about programming use. Not given: the top of the window, other windows, the parent.
FRAME_RIGHTS = "allow-scripts allow-same-origin allow-forms allow-downloads allow-modals"
#: The same where lessons and pages have one origin, as on a static site without a host for lessons: what runs in a frame
#: then has no origin at all, hence no storage, and its requests for its own files need the server's permission.
RIGHTS_TOGETHER = FRAME_RIGHTS.replace("allow-same-origin ", "")
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
#: Pictures that every browser of the last ten years shows.
PICTURES = frozenset({
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml", "image/avif", "image/apng", "image/bmp",
    "image/vnd.microsoft.icon",
})  # fmt: skip
#: What a pupil looks for, in the order in which it is offered, and the types of parts that are it.
KINDS = {
    "film": {"video"}, "exercise": {"h5p", "quiz", "scorm"}, "sound": {"audio"}, "picture": {"image"},
    "reading": {"html", "pdf", "epub", "markdown", "notebook"},
}  # fmt: skip
_SUBTITLES = re.compile(r"\.([a-z]{2,3})(?:[-_][A-Za-z]{2,4})?(?:-\d+)?\.vtt\Z")
#: What the first file of an opened container is called, for each player of them.
_ENTRIES = {
    "h5p": re.compile(r"(\A|/)h5p\.json\Z"),
    "epub": re.compile(r"\.opf\Z"),
    "scorm": re.compile(r"\.x?html?\Z"),
}


def view(part: Part, playable: Container[str] = frozenset(_ENTRIES)) -> str:
    """How *part* is shown: waiting, page, pdf, picture, video, audio, h5p, scorm, epub, or file to download.

    *playable* are the players that there are.
    """
    if not part.present:
        return "waiting"
    entry = _ENTRIES.get(part.type)
    if entry is not None:
        return part.type if part.type in playable and entry.search(part.path) else "file"
    if part.media_type in PAGE_TYPES:
        return "page"
    if part.media_type == "application/pdf":
        # Other servers than the box's tell a file's type by its name, and this one is framed without a sandbox.
        return "pdf" if part.path.lower().endswith(".pdf") else "file"
    if part.media_type in PICTURES:
        return "picture"
    kind = part.media_type.partition("/")[0]
    # A film that browsers do not play was made a "file" by whoever described the lesson.
    return kind if kind in {"video", "audio"} and part.type != "file" else "file"


def kinds(parts: Iterable[Part]) -> tuple[str, ...]:
    """Which of ``KINDS`` a lesson of these *parts* has."""
    types = {part.type for part in parts}
    return tuple(kind for kind, of_kind in KINDS.items() if types & of_kind)


def subtitle_language(name: str, lesson: str) -> str:
    """The language of the subtitles *name*, such as ``cell.fr.vtt``; that of the *lesson* if the name tells none."""
    match = _SUBTITLES.search(name)
    return match[1] if match else lesson
