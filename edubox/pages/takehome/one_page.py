"""A whole lesson as one web page, for phones: opened from a card with the network off, it asks for nothing.

Every part is a section with a frame of its own (``srcdoc``), sandboxed: scripts of the lesson run, without a way to this page,
to other parts or to a network (a content security policy in the page says so too). One section is shown at a time by its
address (``:target``), so contents, *previous* and *next* work without any script, from ``file://`` and Android's
``content://`` alike. Frames stand in ``noscript``: a viewer without scripts shows them all the same, and where scripts run, one
of ours loads a part only when it is opened (browsers load such frames at once, whatever ``loading`` says). Others let a
lesson's own links lead to its other pages and give it a memory that lasts while it is open, since frames without an origin
have none.

Pages that no contents name but a link does come after the parts. Films, documents to download and what needs a player stay in
school, and their place says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from edubox.pages import render
from edubox.pages.kinds import PAGE_TYPES, view
from edubox.pages.model import Lesson, Part
from edubox.pages.stylesheet import compact
from edubox.pages.takehome.assembly import Assembly, Base64, Piece, length
from edubox.pages.takehome.inline import MOST_FILE, Inliner, attribute
from edubox.pages.words import primary

#: Bytes of the largest page: what phones of five years open, and what a class can download in five minutes.
MOST = 20_000_000
#: Pages that are followed beyond the contents.
MOST_PAGES = 2000
#: What a part may do at home; see the module's docstring.
RIGHTS = "allow-scripts allow-forms allow-modals allow-downloads"
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' data: blob:; style-src 'unsafe-inline' data:; "
    "img-src data: blob:; media-src data: blob:; font-src data:; frame-src data: blob:; connect-src data: blob:; "
    "form-action 'none'; base-uri 'none'"
)
#: In every frame: a memory for pages that ask for one, and links to other parts.
_IN_FRAME = (
    '<script>(()=>{for(const k of["localStorage","sessionStorage"])try{window[k]}catch(e){const m=new Map;'
    "Object.defineProperty(window,k,{value:{getItem:n=>m.has(n+'')?m.get(n+''):null,setItem:(n,v)=>{m.set(n+'',v+'')},"
    "removeItem:n=>{m.delete(n+'')},clear:()=>m.clear(),key:i=>[...m.keys()][i]||null,get length(){return m.size}}})}"
    "addEventListener('click',e=>{const a=e.target.closest&&e.target.closest('a[href^=\"#edubox:\"]');"
    "if(a){e.preventDefault();parent.postMessage({edubox:a.getAttribute('href').slice(8)},'*')}})})()</script>"
)


@dataclass(frozen=True, slots=True)
class _Page:
    """One section: a part, or (without *part*) a page that a link leads to."""

    number: int
    path: str
    part: Part | None = None


def one_page(lesson: Lesson, tree: Path) -> Assembly | None:
    """The lesson whose files are in *tree*, in its own language; None if it would be larger than MOST or says nothing.

    A lesson with nothing to read without a player or a film gains nothing from being taken home as a page.
    """
    pieces: list[Piece] = []
    return Assembly(pieces) if _hand_over(lesson, tree, pieces.append) else None


def weight(lesson: Lesson, tree: Path) -> int:
    """Bytes of ``one_page``, 0 if there is none; they are counted without being held, one page of the lesson at a time."""
    return _hand_over(lesson, tree, lambda _: None)


def _hand_over(lesson: Lesson, tree: Path, take: Callable[[Piece], None]) -> int:
    """Give *take* every piece; bytes of all, 0 if there is no such page."""
    if not any(view(part) in {"page", "picture"} for part in lesson.openable()):
        return 0
    total = 0
    for piece in _pieces(lesson, tree):
        total += length(piece)
        if total > MOST:
            return 0
        take(piece)
    return total


def _pieces(lesson: Lesson, tree: Path) -> Iterator[Piece]:
    parts = lesson.openable()
    pages = [_Page(part.number, part.path, part) for part in parts]
    numbers = {page.path: page.number for page in reversed(pages)}

    def page_at(path: str) -> str | None:
        if path not in numbers:
            if (
                len(pages) >= MOST_PAGES
                or not path.endswith((".html", ".htm", ".xhtml"))
                or not (tree / path).is_file()
            ):
                return None
            numbers[path] = len(pages) + 1
            pages.append(_Page(len(pages) + 1, path))
        return f"#edubox:{numbers[path]}"

    inliner = Inliner(tree, page_at)
    yield _template("top", lesson, style=Markup(compact("takehome.css")), policy=_POLICY)  # noqa: S704 - a file of ours
    # The list grows while it is walked, by what its pages link to.
    for page in pages:
        yield from _section(page, lesson, tree, inliner)
    yield _template("end", lesson)


def _section(page: _Page, lesson: Lesson, tree: Path, inliner: Inliner) -> Iterator[Piece]:
    part, source = page.part, tree / page.path
    shown = "page" if part is None else view(part)
    size = source.stat().st_size if source.is_file() else 0
    if (shown == "picture" and size > MOST_FILE) or (
        part is not None and part.media_type in PAGE_TYPES and not size
    ):
        shown = "file"
    yield _template("section", lesson, page=page, part=part, shown=shown, rights=RIGHTS)
    if shown == "page":
        yield b'srcdoc="'
        yield from attribute(iter([_IN_FRAME]))
        yield from attribute(inliner.page(page.path))
        yield b'"></iframe></noscript>'
    elif shown == "picture" and part is not None:
        yield f'src="data:{part.media_type};base64,'.encode()
        yield Base64(source, size)
        yield b'">'
    yield _template("section_end", lesson, page=page, count=len(lesson.openable()))


def _template(block: str, lesson: Lesson, **shown: object) -> bytes:
    language = primary(lesson.card.language)
    return render.piece(
        "take_page.html", language, block=block, lesson=lesson, card=lesson.card, language=language, **shown
    ).encode()
