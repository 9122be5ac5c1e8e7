"""Markdown (CommonMark with tables): a page is made beside it, the author's file stays as its alternative.

Formulas between dollars stay as their author typed them: Markdown would eat their backslashes.
"""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise
from typing import TYPE_CHECKING

from edubox.importers import html
from edubox.importers.rendering import clean, page
from edubox.importers.workshop import Imported, Workshop, spoken, title_of
from edubox.pack.text import decode

if TYPE_CHECKING:
    from markdown_it.rules_inline import StateInline

EXTENSIONS = ("md", "markdown")
#: Bytes of the largest file that is rendered: a thick book is 2 MiB.
LARGEST = 8 * 1024 * 1024
_FRONT_MATTER = re.compile(r"\A---\n(.{0,20000}?)\n(?:---|\.\.\.)\n", re.DOTALL)
_FORMULA = re.compile(r"\$\$(?!\s*\$)[^$]{1,5000}\$\$|\$(?![\s$])[^$\n]{0,1000}(?<![\s\\])\$(?!\d)")
_TITLE = re.compile(r"""^title:\s*["']?(.+?)["']?\s*$""", re.MULTILINE)


def read(path: str, workshop: Workshop) -> Imported | None:
    """Import the Markdown file *path*, or None if it is too large to be a text."""
    if workshop.files[path].size > LARGEST:
        workshop.warn(f"{path} is very large and is offered as a download only.")
        return None
    text = decode(workshop.data(path, LARGEST)).replace("\r\n", "\n")
    matter = _FRONT_MATTER.match(text)
    said = _TITLE.search(matter[1]) if matter else None
    body = render(text[matter.end() :] if matter else text)
    found = html.scan(body)
    uses, leads_to, links = html.follow(path, found, workshop, rewritten=True)
    title = (title_of(said[1]) if said else "") or found.heading or spoken(workshop.given[path])
    shown = workshop.make(workshop.beside(path), page(title, workshop.language, clean(body, path, workshop)))
    return Imported("markdown", shown, title, alternatives=(path,), links=links, uses=uses, leads_to=leads_to)


def render(text: str) -> str:
    """*text* as HTML that is not yet clean; headings get the ids that GitHub gives them."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("escape", "formula", _formula)
    tokens = parser.parse(text)
    known: dict[str, int] = {}
    for opening, inside in pairwise(tokens):
        if opening.type == "heading_open":
            name = re.sub(r"[^\w\- ]", "", inside.content.lower()).strip().replace(" ", "-")
            known[name] = known.get(name, -1) + 1
            opening.attrSet("id", f"{name}-{known[name]}" if known[name] else name)
    rendered: str = parser.renderer.render(tokens, parser.options, {})
    return rendered


def _formula(state: StateInline, silent: bool) -> bool:
    """markdown-it's rule for ``$x^2$`` and ``$$x^2$$``; ``5 $ or 6 $`` is none (the rule of pandoc)."""
    found = _FORMULA.match(state.src, state.pos)
    if found is None or found.end() > state.posMax:
        return False
    if not silent:
        state.push("html_inline", "", 0).content = f'<span class="math">{escape(found[0])}</span>'
    state.pos = found.end()
    return True
