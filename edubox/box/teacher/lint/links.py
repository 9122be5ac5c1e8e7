"""Links that leave the school: without internet they lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from edubox.box.teacher.lint.lesson import Built
from edubox.importers.notices import Notice

#: Sites that are named.
_NAMED = 3


def check(lesson: Built) -> Iterator[Notice]:
    """Tell the sites that each part leads to."""
    for item in lesson.manifest.items():
        sites = list(dict.fromkeys(site for link in item.links if (site := _site(link))))
        if sites:
            yield Notice(
                "“%(title)s” leads to other sites (%(sites)s): without internet, these links open nothing. Bring along what pupils need.",
                title=item.title, sites=[*sites[:_NAMED], *(["…"] if len(sites) > _NAMED else [])],
            )  # fmt: skip


def _site(link: str) -> str:
    try:
        return urlsplit(link if "//" in link else f"//{link}").hostname or ""
    except ValueError:
        return ""
