"""Markdown (CommonMark with tables): a page is made beside it, the author's file stays as its alternative.

Formulas become MathML (``formulas``).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from edubox.importers import formulas, html
from edubox.importers.notices import Notice
from edubox.importers.pictures import lighten
from edubox.importers.rendering import clean, page
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.pack.text import decode

EXTENSIONS = ("md", "markdown")
#: Bytes of the largest file that is rendered: a thick book is 2 MiB.
LARGEST = 8 * 1024 * 1024
_FRONT_MATTER = re.compile(r"\A---\n(.{0,20000}?)\n(?:---|\.\.\.)\n", re.DOTALL)
_TITLE = re.compile(r"""^title:\s*["']?(.+?)["']?\s*$""", re.MULTILINE)


def read(path: str, workshop: Workshop) -> Imported | None:
    """Import the Markdown file *path*, or None if it is too large to be a text."""
    if workshop.files[path].size > LARGEST:
        workshop.warn(Notice("%(path)s is very large and is offered as a download only.", path=path))
        return None
    text = decode(workshop.data(path, LARGEST)).replace("\r\n", "\n")
    matter = _FRONT_MATTER.match(text)
    said = _TITLE.search(matter[1]) if matter else None
    lost: list[str] = []
    body = render(text[matter.end() :] if matter else text, lost.append)
    formulas.tell(path, lost, workshop)
    found = html.scan(body)
    uses, leads_to, links = html.follow(path, found, workshop, rewritten=True)
    title = (title_of(said[1]) if said else "") or found.heading or spoken(workshop.given[path])
    shown = workshop.beside(path)
    body = lighten(clean(body, path, workshop), shown, workshop)
    workshop.make(shown, page(title, workshop.language, body))
    return Imported("markdown", shown, title, alternatives=(path,), links=links, uses=uses, leads_to=leads_to)


def render(text: str, lost: Callable[[str], None] = lambda _: None) -> str:
    """*text* as HTML that is not yet clean; headings get the ids that GitHub gives them.

    *lost* is told each formula that is shown as it was typed.
    """
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    formulas.rules(parser, lost)
    tokens = parser.parse(text)
    formulas.fences(tokens, lost)
    known: dict[str, int] = {}
    for opening, inside in pairwise(tokens):
        if opening.type == "heading_open":
            name = re.sub(r"[^\w\- ]", "", inside.content.lower()).strip().replace(" ", "-")
            known[name] = known.get(name, -1) + 1
            opening.attrSet("id", f"{name}-{known[name]}" if known[name] else name)
    rendered: str = parser.renderer.render(tokens, parser.options, {})
    return rendered
