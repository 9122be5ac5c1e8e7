"""E-mail addresses of persons and offices in the texts of a lesson. Those at ``example.org`` are nobody's (RFC 2606)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from edubox.importers.notices import Notice
from edubox.lint.lesson import Built

_MAIL = re.compile(r"(?<![\w.+\-@/])[A-Za-z0-9](?:[\w.+\-]{0,62}\w)?\s?(?:@|\[at\]|\(at\)|\[arobase\]|\(arobase\)|\sarobase\s)\s?(?:[A-Za-z0-9\-]{1,63}(?:\.|\s?[\[(](?:point|dot)[\])]\s?)){1,4}(?P<top>[A-Za-z]{2,12})\b")  # fmt: skip
_NOBODY = re.compile(
    r"[@)\]]\s?(?:[\w\-]+\.)*(?:ex[ae]mple|domaine?|test|invalid|localhost|mail|email)(?:\.\w+)?\Z", re.IGNORECASE
)  # fmt: skip
#: Ends of files that no address ends with: ``photo@2x.png``.
_NO_TOP = {"png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "py", "html", "pdf", "zip", "mp4", "txt"}


def check(lesson: Built) -> Iterator[Notice]:
    """Tell each of them once, with the place where it stands."""
    for where, found in lesson.found(mails):
        yield Notice(
            "%(where)s holds an e-mail address (%(found)s). Take it out unless everybody may write there.",
            where=where, found=found,
        )  # fmt: skip


def mails(text: str) -> Iterator[str]:
    """The e-mail addresses in *text*, as they are written."""
    for found in _MAIL.finditer(text):
        if found["top"].lower() not in _NO_TOP and not _NOBODY.search(found[0]):
            yield found[0]
