"""Links that leave the school: without internet they lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from edubox.importers.notices import Notice
from edubox.lint.lesson import Built

#: Sites that are named.
_NAMED = 6


def check(lesson: Built) -> Iterator[Notice]:
    """Tell once where the links of all parts lead, and of which part when it is one."""
    found = ((item.title, set(map(_site, item.links)) - {""}) for item in lesson.manifest.items())
    leaving = [(title, sites) for title, sites in found if sites]
    every = sorted(set().union(*(sites for _, sites in leaving)))
    named = [*every[:_NAMED], *(["…"] if len(every) > _NAMED else [])]
    if len(leaving) == 1:
        yield Notice(
            "“%(title)s” leads to other sites (%(sites)s): without internet, these links open nothing. Bring along what pupils need.",
            title=leaving[0][0], sites=named,
        )  # fmt: skip
    elif leaving:
        yield Notice(
            "%(number)s parts lead to other sites (%(sites)s): without internet, these links open nothing. Bring along what pupils need.",
            number=len(leaving), sites=named,
        )  # fmt: skip


def _site(link: str) -> str:
    try:
        return urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:
        return ""
