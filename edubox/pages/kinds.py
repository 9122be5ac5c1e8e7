"""How a part is shown: decided by what its file is, since a lesson's description may say anything.

Only ``pdf`` is framed without a sandbox (browsers show no PDF in one); the lesson origin serves it as PDF and nothing
else, so nothing in it runs as a page.
"""

from __future__ import annotations

import re

from edubox.pages.model import Part

#: What a lesson's page may do in its frame. Scripts and its own storage make exercises work; forms send their
#: *submit* event to those scripts while the lesson origin's policy lets no form leave; downloads and dialogues are
#: what lessons about programming use. Not given: the top of the window, other windows, the parent.
FRAME_RIGHTS = "allow-scripts allow-same-origin allow-forms allow-downloads allow-modals"
PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml", "text/plain"})
#: Pictures that every browser of the last ten years shows.
_PICTURES = frozenset({
    "image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml", "image/avif", "image/apng", "image/bmp",
    "image/vnd.microsoft.icon",
})  # fmt: skip
_SUBTITLES = re.compile(r"\.([a-z]{2,3})\.vtt\Z")


def view(part: Part) -> str:
    """How *part* is shown: waiting, page, pdf, picture, video, audio, or file to download."""
    if not part.present:
        return "waiting"
    if part.media_type in PAGE_TYPES:
        return "page"
    if part.media_type == "application/pdf":
        return "pdf"
    if part.media_type in _PICTURES:
        return "picture"
    kind = part.media_type.partition("/")[0]
    # A film that browsers do not play was made a "file" by whoever described the lesson.
    return kind if kind in {"video", "audio"} and part.type != "file" else "file"


def subtitle_language(name: str, lesson: str) -> str:
    """The language of the subtitles *name*, such as ``cell.fr.vtt``; that of the *lesson* if the name tells none."""
    match = _SUBTITLES.search(name)
    return match[1] if match else lesson
