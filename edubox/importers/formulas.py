r"""Formulas in Markdown and notebooks, written as in LaTeX, become MathML while the lesson is made.

``rules`` teaches markdown-it what a formula is: ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]``, environments such as
``\begin{align}``, and fences called ``math``. ``mathml`` translates one (latex2mathml) and lets through only the
elements and attributes named here. So a phone gets a few hundred bytes that its browser draws and reads aloud, and
no script. A browser that knows no MathML shows the ``alttext``, which is the author's own source (``lesson.css``).
A formula that cannot be translated keeps its source, and its author is told.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

from edubox.importers.html import Names
from edubox.importers.notices import Notice
from edubox.importers.workshop import Workshop

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

#: What MathML may consist of, in our pages and in what authors write themselves. No links, no scripts, no events.
ELEMENTS = frozenset({
    "math", "maction", "menclose", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts",
    "mroot", "mrow", "ms", "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder",
    "munderover", "none", "semantics",
})  # fmt: skip
ATTRIBUTES = frozenset({
    "accent", "accentunder", "alttext", "columnalign", "columnspan", "depth", "display", "displaystyle", "fence", "form",
    "height", "largeop", "linethickness", "lspace", "mathcolor", "mathvariant", "maxsize", "minsize", "movablelimits",
    "notation", "rowspan", "rspace", "scriptlevel", "separator", "stretchy", "symmetric", "voffset", "width",
})  # fmt: skip
#: How many parts these must have; browsers draw something misleading when one is missing.
_PARTS = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "munder": 2,
    "mover": 2,
    "msubsup": 3,
    "munderover": 3,
}
_LIMITS = frozenset({"lim", "max", "min", "sup", "inf", "gcd"})
#: Characters of the longest formula that is translated: a page of aligned equations.
_LONGEST = 5000
#: A macro may name itself, twice: such a formula never ends. Authors who define commands have few in a lesson.
_DEFINES = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|newenvironment|def|let|DeclareMathOperator)(?![A-Za-z])"
)
_LABEL = re.compile(r"\\label\{[^{}]*\}|\\(?:nonumber|notag)(?![A-Za-z])")
#: Environments that number their lines, which nothing here refers to.
_NUMBERED = re.compile(r"\\(begin|end)\{(align|alignat|equation|gather|multline|eqnarray)\}")
_INLINE = re.compile(
    r"""\$\$(?!\s*\$)(?P<double>[^$`]{1,5000})\$\$
    |\$(?![\s$])(?P<single>(?:\\.|[^$\n`\\]){1,1000})(?<!\s)\$(?!\d)
    |\\{1,2}\((?P<round>(?:(?!\\\)).){1,1000}?)\\{1,2}\)
    |\\{1,2}\[(?P<square>[^`]{1,5000}?)\\{1,2}\]""",
    re.VERBOSE,
)
_BRACKET = re.compile(r"\\{1,2}([(\[])")
_CLOSING = {"(": "\\)", "[": "\\]"}
#: Characters of the signs around a formula.
_MARGIN = 40
#: What tells a formula in brackets from words: a sign of LaTeX or of calculation, or a name of one or two letters.
_IS_FORMULA = re.compile(r"[\\^_={}<>+]|\A\s*\w{1,2}\s*\Z")
_OPENING = re.compile(
    r"(?P<dollars>\$\$)|\\{1,2}(?P<square>\[)|\\begin\{(?P<name>(?:align|alignat|aligned|equation|gather|multline|eqnarray)\*?)\}"
)


def rules(parser: MarkdownIt, lost: Callable[[str], None]) -> None:
    """Teach *parser* formulas; *lost* is told each formula whose source is shown because it cannot be translated."""

    def inline(state: StateInline, silent: bool) -> bool:
        bracket = _BRACKET.match(state.src, state.pos)
        if bracket and state.src.find(_CLOSING[bracket[1]], state.pos, state.pos + _LONGEST + _MARGIN) < 0:
            return False  # the pattern would look at as many letters, one by one
        found = _INLINE.match(state.src, state.pos)
        if found is None or found.end() > state.posMax or _is_prose(state.src, found):
            return False
        if not silent:
            inside = str(next(value for value in found.groups() if value is not None))
            display = found["double"] is not None or found["square"] is not None
            state.push("html_inline", "", 0).content = _shown(inside, found[0], lost, display=display)
        state.pos = found.end()
        return True

    def block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        found = _block(state, start, end)
        if found is None:
            return False
        if not silent:
            source, formula, state.line = found
            token = state.push("html_block", "", 0)
            token.content = f"<p>{_shown(formula, source, lost, display=True)}</p>\n"
            token.map = [start, state.line]
        return True

    parser.inline.ruler.before("escape", "formula", inline)
    parser.block.ruler.before(
        "fence", "formula", block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )


def fences(tokens: list[Token], lost: Callable[[str], None]) -> None:
    """Turn the code fences called ``math`` among *tokens* into formulas; see ``rules`` for *lost*."""
    for token in tokens:
        if token.type == "fence" and token.info.strip() == "math":
            token.type, source = "html_block", token.content.strip()
            token.content = f"<p>{_shown(source, source, lost, display=True)}</p>\n"


def mathml(formula: str, *, display: bool) -> str:
    """*formula* as MathML for HTML, *display* on lines of its own. Raises ValueError if it cannot be translated."""
    from latex2mathml.converter import convert_to_element

    if len(formula) > _LONGEST or _DEFINES.search(formula):
        raise ValueError(formula)
    tidy = _NUMBERED.sub(r"\\\1{\2*}", _LABEL.sub("", formula)).strip()
    try:
        root = convert_to_element(tidy, display="block" if display else "inline")
        root.set("alttext", " ".join(formula.split()))
        return "".join(_written(root))
    except Exception as error:
        # Whatever a library does with what it does not know, and RecursionError: the source is there for that.
        raise ValueError(formula) from error


def tell(path: str, lost: list[str], workshop: Workshop) -> None:
    """Warn of the *lost* formulas of the document *path*."""
    named = Names()
    for formula in lost:
        named.add(" ".join(formula.split()))
    if named:
        workshop.warn(
            Notice(
                "%(path)s has formulas that are shown as they were typed, since they cannot be read: %(formulas)s.",
                path=path,
                formulas=named.said(),
            )
        )


def _shown(formula: str, source: str, lost: Callable[[str], None], *, display: bool) -> str:
    try:
        found = mathml(formula, display=display)
    except ValueError:
        lost(source)
        return f"<code>{html.escape(source)}</code>"
    return f'<span class="formula">{found}</span>' if display else found


def _written(element: Element) -> Iterator[str]:
    """*element* in HTML's spelling. Raises ValueError for what is no formula."""
    if element.tag not in ELEMENTS or len(element) != _PARTS.get(element.tag, len(element)):
        raise ValueError(element.tag)
    tag = element.tag
    if tag == "msub" and element[0].tag == "mo" and (element[0].text or "").strip() in _LIMITS:
        # What a limit tends to stands below it, in a line of text beside it: "movablelimits" says both.
        tag = "munder"
        element[0].set("movablelimits", "true")
    kept = "".join(
        f' {name}="{html.escape(value)}"' for name, value in element.attrib.items() if name in ATTRIBUTES
    )
    yield f"<{tag}{kept}>"
    text = html.unescape(element.text or "")
    if text.startswith("\\") and len(text) > 1:
        raise ValueError(text)  # a command that the library does not know
    yield html.escape(text)
    for child in element:
        yield from _written(child)
    yield f"</{tag}>"


def _is_prose(text: str, found: re.Match[str]) -> bool:
    r"""Whether a price (``5$/kg or 6$``) or brackets that Markdown has escaped (``\[Stack\]``) look like a formula."""
    bracketed = found["round"] or found["square"]
    if bracketed is not None:
        return _IS_FORMULA.search(bracketed) is None
    inside = found["single"]
    before = text[found.start() - 1 : found.start()] if found.start() else ""
    return inside is not None and before.isdigit() and not inside.startswith("\\")


def _block(state: StateBlock, start: int, end: int) -> tuple[str, str, int] | None:
    """(source, formula, line after it) of the formula that fills the lines from *start*, or None."""
    if state.is_code_block(start):
        return None
    first = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    opening = _OPENING.match(first)
    if opening is None:
        return None
    named = opening["name"]
    closing = "$$" if opening["dollars"] else "\\]" if opening["square"] else f"\\end{{{named}}}"
    # Most that begins like a formula and is none has no end nearby; text is searched much faster than lines are walked.
    if (
        state.src.find(
            closing, state.bMarks[start] + len(opening[0]), state.bMarks[start] + _LONGEST + _MARGIN
        )
        < 0
    ):
        return None
    size = 0
    for line in range(start, end):
        if state.isEmpty(line) or state.sCount[line] < state.blkIndent or size > _LONGEST:
            return None
        size += state.eMarks[line] - state.bMarks[line] + 1
        written = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].rstrip()
        if line == start:
            written = written[opening.end() :]
        if written.endswith(closing):
            source = state.getLines(start, line + 1, state.blkIndent, False).strip()
            inside = source[opening.end() : -len(closing)]
            if closing in inside or (opening["square"] and not _IS_FORMULA.search(inside)):
                return None  # two on one line with words between, or words in brackets: a paragraph
            return source, source if named else inside.rstrip("\\") if opening["square"] else inside, line + 1
        if closing in written:
            return None
    return None
