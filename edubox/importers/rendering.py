"""The page around content that is no page yet: Markdown and notebooks.

The page stands alone: its style is inside, it loads nothing that is not in the lesson. HTML inside the content
is cleaned (``nh3``): scripts, styles and forms go, words, tables, pictures and formulas stay.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from functools import cache
from html import escape
from importlib import resources
from urllib.parse import quote

from edubox.importers.formulas import ATTRIBUTES, ELEMENTS
from edubox.importers.html import is_external
from edubox.importers.workshop import ADDED, Workshop
from edubox.pack.media_types import extension

#: Languages written from right to left.
_RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})
_ALSO_ALLOWED = frozenset({
    "audio", "button", "details", "figcaption", "figure", "footer", "header", "main", "mark", "section", "source",
    "summary", "track", "video",
})  # fmt: skip
_ATTRIBUTES = {
    "*": {"align", "class", "dir", "height", "id", "lang", "title", "width"},
    "a": {"href", "name"}, "img": {"alt", "src"}, "audio": {"controls", "src"}, "ol": {"start"},
    "video": {"controls", "poster", "src"}, "source": {"src", "type"}, "track": {"kind", "label", "src", "srclang"},
    "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan", "scope"}, **dict.fromkeys(ELEMENTS, ATTRIBUTES),
}  # fmt: skip
_PICTURES = (
    "data:image/png;",
    "data:image/jpeg;",
    "data:image/gif;",
    "data:image/webp;",
    "data:image/svg+xml;",
)


def page(title: str, language: str, body: str, style: str = "") -> bytes:
    """A whole page around *body*, which is clean HTML; *style* is added to the style of all pages."""
    direction = "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
    return (
        f'<!doctype html>\n<html lang="{escape(language)}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_style()}{style}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n"
        "</html>\n"
    ).encode()


def clean(body: str, path: str, workshop: Workshop) -> str:
    """*body* without what could act or load, its links led to where the lesson's files now lie.

    *path* is the document that the page is made from, and beside which it will lie.
    """
    return _clean(body, _leader(path, workshop))


def clean_alone(body: str) -> str:
    """*body* without what could act, load or lead to a file, for who writes it: no lesson's files are around it yet."""

    def lead(tag: str, attribute: str, value: str) -> str | None:
        if attribute not in {"href", "src", "poster"}:
            return value
        if attribute == "href":
            return value if is_external(value) or value.startswith(("#", "mailto:", "tel:")) else None
        return value if tag == "img" and value.startswith(_PICTURES) else None

    return _clean(body, lead)


def _clean(body: str, lead: Callable[[str, str, str], str | None]) -> str:
    import nh3

    return nh3.clean(
        body, tags=nh3.ALLOWED_TAGS | _ALSO_ALLOWED | ELEMENTS, attributes=_ATTRIBUTES, attribute_filter=lead,
        url_schemes={"http", "https", "mailto", "tel", "data"}, link_rel=None,
    )  # fmt: skip


def _leader(path: str, workshop: Workshop) -> Callable[[str, str, str], str | None]:
    """A filter that sends references to where files are, and drops pictures that would stay blank."""

    def lead(tag: str, attribute: str, value: str) -> str | None:
        if attribute not in {"href", "src", "poster"}:
            return value
        if value.startswith("data:"):
            return value if tag == "img" and value.startswith(_PICTURES) else None
        if tag == "a" and (is_external(value) or value.startswith(("#", "mailto:", "tel:"))):
            return value
        target = None if is_external(value) else workshop.target(path, value)
        if target is None:
            # A picture from elsewhere would be asked for and stay blank; without src its words show.
            return value if tag == "a" else None
        return _relative(path, _shown(target, workshop), value)

    return lead


def _shown(target: str, workshop: Workshop) -> str:
    """The page made from *target* if it is a Markdown file or notebook, else itself."""
    return workshop.beside(target) if ADDED.get(extension(workshop.given[target])) == ".html" else target


def _relative(page: str, target: str, value: str) -> str:
    _, mark, fragment = value.partition("#")
    start = posixpath.dirname(page) or "."
    return quote(posixpath.relpath(target, start)) + mark + fragment


@cache
def _style() -> str:
    return resources.files("edubox.importers").joinpath("lesson.css").read_text("utf-8")
