"""Pictures without words for who cannot see them.

An empty ``alt`` is an author's word that a picture only decorates; in Markdown and notebooks it is what nobody wrote.
"""

from __future__ import annotations

from collections.abc import Iterator

from edubox.importers.notices import Notice
from edubox.lint.lesson import Built
from edubox.pack.markup import MarkupReader

_UNWRITTEN = ("markdown", "notebook")


def check(lesson: Built) -> Iterator[Notice]:
    """Tell each page with such pictures."""
    for path, kind, page in lesson.pages():
        reader = _Reader(empty_too=kind in _UNWRITTEN)
        reader.read(page)
        if reader.bare:
            yield Notice(
                "%(path)s: pictures without words for pupils who cannot see them: %(number)s. Write what each one shows.",
                path=path, number=reader.bare,
            )  # fmt: skip


class _Reader(MarkupReader):
    def __init__(self, *, empty_too: bool) -> None:
        super().__init__()
        self._empty_too = empty_too
        self.bare = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "img":
            return
        said = dict(attrs)
        if said.get("role") == "presentation" or said.get("aria-hidden") == "true" or said.get("aria-label"):
            return
        words = said.get("alt")
        self.bare += words is None if not self._empty_too else not (words or "").strip()
