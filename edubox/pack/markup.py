"""HTML from outside, read once from its beginning to its end in a time that grows with its length alone.

Python's ``html.parser`` looks for the end of whatever begins, again at each beginning: a hostile page of ten kilobytes that
ends nothing takes seconds, one of a megabyte a day, and some malformed declarations end it with an AssertionError. What
nothing ends takes the rest of the page here, as in browsers, so that it is looked for once.
"""

from __future__ import annotations

from html.parser import HTMLParser

#: How what is no tag begins and ends.
_SECTIONS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<", ">"))


class MarkupReader(HTMLParser):
    """A reader of one page; subclasses say what they take from it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def read(self, page: str) -> None:
        """Read the whole *page*; never fails."""
        self.feed(page if page.rfind(">") >= page.rfind("<") else f"{page}>")
        self.close()

    def parse_html_declaration(self, i: int) -> int:
        """Skip a comment, a declaration or a section; see html.parser."""
        begin, end = next(one for one in _SECTIONS if self.rawdata.startswith(one[0], i))
        found = self.rawdata.find(end, i + len(begin))
        return len(self.rawdata) if found < 0 else found + len(end)

    def parse_comment(self, i: int, report: int = 1) -> int:  # noqa: ARG002
        """Skip a comment; see html.parser."""
        return self.parse_html_declaration(i)

    def parse_pi(self, i: int) -> int:
        """Skip a processing instruction; see html.parser."""
        return self.parse_html_declaration(i)
