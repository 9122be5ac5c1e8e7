"""What a lesson's page says, as HTML that prints and does nothing: titles, paragraphs, lists, tables, formulas, pictures.

A lesson is somebody else's program; on paper none of it has to run. Tags are those of two short lists, written anew and without
their attributes, and always closed; text is escaped; pictures are the lesson's own. Everything else leaves its text, and what nobody
sees on a page (scripts, menus, fields) leaves nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from html import escape

from markupsafe import Markup

from edubox.pack.markup import MarkupReader

#: A page's own headings stand below those of the booklet.
_HEADINGS = {f"h{one}": f"h{min(one + 2, 6)}" for one in range(1, 7)}
_TEXT = {
    "p", "ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "blockquote", "pre",
    "code", "em", "strong", "b", "i", "u", "sub", "sup", "figure", "figcaption", "small", "mark", "q", "cite", "div",
}  # fmt: skip
_FORMULAS = {
    "math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "mfrac", "msqrt", "mroot", "mstyle", "msub", "msup", "msubsup",
    "munder", "mover", "munderover", "mmultiscripts", "mtable", "mtr", "mtd", "mpadded", "mphantom", "menclose",
}  # fmt: skip
_LONE = {"br", "hr"}
_UNSEEN = {
    "script", "style", "template", "noscript", "head", "title", "nav", "svg", "canvas", "iframe", "object", "audio", "video", "button",
    "select", "textarea", "datalist", "annotation", "annotation-xml",
}  # fmt: skip
#: Tags that are open at once; a page of a million open lists is nobody's.
_DEEPEST = 60


def plain(page: str, picture: Callable[[str], str | None], most: int) -> Markup:
    """*page* (HTML) to print, at most about *most* characters of it; *picture* gives the address of one that it names, or None."""
    writer = _Writer(picture, most)
    writer.read(page)
    return Markup(writer.written())  # noqa: S704 - escaped piece by piece below


class _Writer(MarkupReader):
    def __init__(self, picture: Callable[[str], str | None], most: int) -> None:
        super().__init__()
        self._picture, self._room = picture, most
        self._out: list[str] = []
        self._open: list[str] = []
        self._unseen: list[str] = []

    def written(self) -> str:
        """Everything, every tag closed."""
        return "".join([*self._out, *(f"</{tag}>" for tag in reversed(self._open))])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"body", "main", "p", "h1"} and "head" in self._unseen:
            self._unseen.clear()  # a head that was never closed
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif self._unseen:
            return
        elif tag == "img":
            self._image(dict(attrs))
        elif tag in _LONE:
            self._write(f"<{tag}>")
        else:
            self._begin(_HEADINGS.get(tag, tag))

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
            return
        tag = _HEADINGS.get(tag, tag)
        if not self._unseen and tag in self._open:
            while True:
                last = self._open.pop()
                self._out.append(f"</{last}>")
                if last == tag:
                    return

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._write(escape(data, quote=False))

    def _begin(self, tag: str) -> None:
        known = tag in _TEXT or tag in _FORMULAS or tag in _HEADINGS.values()
        if known and self._room > 0 and len(self._open) < _DEEPEST:
            self._open.append(tag)
            self._write(f"<{tag}>")
            self._room -= len(tag) + 3  # what will close it

    def _image(self, said: dict[str, str | None]) -> None:
        address = self._picture(said.get("src") or "")
        if address is not None:
            self._write(f'<img src="{escape(address)}" alt="{escape(said.get("alt") or "")}" loading="lazy">')

    def _write(self, text: str) -> None:
        if self._room > 0:
            self._out.append(text)
            self._room -= len(text)
