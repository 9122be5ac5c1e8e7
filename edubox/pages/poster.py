"""The page for the wall: which Wi-Fi, which address, each as a square for a phone's camera and as text. A PDF, made by hand.

Its letters are those of the fonts that every reader and printer has (WinAnsi): French, Spanish, Portuguese and other languages
of Western Europe. A language with other letters is left out here; the school sheet of the desk prints those. Nothing is
embedded and nothing depends on the computer, so the same school gets the same bytes.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from edubox.pages import render

#: A4, and the margin, in points.
WIDTH, HEIGHT, MARGIN = 595, 842, 48
_COLUMN = (WIDTH - 3 * MARGIN) / 2
_LANGUAGES = 3
#: Mean width of a letter of Helvetica, as a part of its size: a line that is estimated too long is only made smaller.
_LETTER = 0.56


@dataclass(frozen=True, slots=True)
class Poster:
    """What is on it; without a Wi-Fi of the box's own, *wifi* is empty; an open one has no *password*."""

    school: str
    address: str
    wifi: str = ""
    password: str = ""


def wifi_code(poster: Poster) -> str:
    """What a phone's camera understands as a Wi-Fi."""
    kind = (
        f"T:WPA;S:{_escaped(poster.wifi)};P:{_escaped(poster.password)}"
        if poster.password
        else f"T:nopass;S:{_escaped(poster.wifi)}"
    )
    return f"WIFI:{kind};;"


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in '\\;,:"' else sign for sign in text)


def pdf(poster: Poster, languages: tuple[str, ...]) -> bytes:
    """The page, in French and the first two other *languages* that these fonts can write."""
    said = [render.words_of("poster_words.html", one) for one in dict.fromkeys((*languages[:2], "fr"))]
    words = [one for one in said if _can_write(str(one.lessons))][:_LANGUAGES]
    return _document("\n".join(_drawn(poster, words)).encode("cp1252", "replace"))


def _can_write(text: str) -> bool:
    try:
        text.encode("cp1252")
    except UnicodeEncodeError:
        return False
    return True


def _drawn(poster: Poster, words: list[object]) -> Iterator[str]:
    yield from _line(poster.school, MARGIN, HEIGHT - 92, WIDTH - 2 * MARGIN, 40, bold=True)
    yield f"0.12 0.33 0.29 rg {MARGIN} {HEIGHT - 112} {WIDTH - 2 * MARGIN} 4 re f 0 g"
    columns = [("lessons", poster.address, [("", poster.address)])]
    if poster.wifi:
        named = " / ".join(dict.fromkeys(str(word.password) for word in words))  # type: ignore[attr-defined]
        more = [(named, poster.password)] if poster.password else []
        columns.insert(0, ("wifi", wifi_code(poster), [("Wi-Fi", poster.wifi), *more]))
    for number, (name, code, lines) in enumerate(columns):
        left, top = MARGIN + number * (_COLUMN + MARGIN), HEIGHT - 150.0
        for word in words:
            step = f"{number + 1}. " if len(columns) > 1 else ""
            yield from _line(f"{step}{getattr(word, name)}", left, top, _COLUMN, 15)
            top -= 21
        yield from _square(code, left, HEIGHT - 250 - _COLUMN, _COLUMN)
        top = HEIGHT - 285 - _COLUMN
        for label, line in lines:
            if label:
                yield from _line(label, left, top, _COLUMN, 11)
                top -= 24
            yield from _line(line, left, top, _COLUMN, 22, bold=True)
            top -= 26
    top = 150
    for word in words:
        yield from _line(str(word.hint), MARGIN, top, WIDTH - 2 * MARGIN, 12)  # type: ignore[attr-defined]
        top -= 20


def _line(
    text: str, left: float, bottom: float, width: float, size: float, *, bold: bool = False
) -> Iterator[str]:
    """*text*, made smaller where it would be wider than *width*."""
    shown = "".join(
        sign if _can_write(sign) else unicodedata.normalize("NFKD", sign)[0]
        for sign in text
        if sign.isprintable()
    )
    size = min(size, width / max(len(shown) * _LETTER, 1))
    escaped = shown.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    yield f"BT /{'B' if bold else 'R'} {size:.1f} Tf {left:.1f} {bottom:.1f} Td ({escaped}) Tj ET"


def _square(code: str, left: float, bottom: float, side: float) -> Iterator[str]:
    """The square of *code*: one rectangle for each dark module."""
    import segno

    rows = list(segno.make(code, error="m", micro=False).matrix)
    module = side / len(rows)
    for down, row in enumerate(rows):
        for right, dark in enumerate(row):
            if dark:
                yield f"{left + right * module:.2f} {bottom + side - (down + 1) * module:.2f} {module:.2f} {module:.2f} re"
    yield "f"


def _document(content: bytes) -> bytes:
    """A PDF of one page that draws *content*."""
    packed = zlib.compress(content, 9)
    font = "<</Type/Font/Subtype/Type1/BaseFont/{}/Encoding/WinAnsiEncoding>>"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {WIDTH} {HEIGHT}]/Contents 4 0 R/Resources<</Font<</R 5 0 R/B 6 0 R>>>>>>".encode(),
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
        font.format("Helvetica").encode(), font.format("Helvetica-Bold").encode(),
    ]  # fmt: skip
    out, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n"
    return bytes(out) + end % (len(objects) + 1, table, len(objects) + 1, len(out))
