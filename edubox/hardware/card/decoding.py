"""From the bytes that some editor wrote to text: UTF-8, UTF-16 and, where it can only be that, the older Windows letters.

An editor that nobody chose has saved the file: Notepad as UTF-8 with or without its mark, "Unicode" (UTF-16) or "ANSI"
(Windows-1252), with the line ends of its system. Text is given back as it stands, with those line ends, so that a place in it
is a place in the file.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from edubox.hardware.card.mistakes import Mistake, refuse

#: Bytes of the longest file that is read.
LARGEST = 64 * 1024
#: Beyond ASCII, what people write in Windows-1252: letters of French, Spanish, Portuguese, German and typographers' signs.
#: Bytes of the letters of other code pages decode to something else, and are refused rather than guessed.
_WRITTEN = frozenset("ÀÁÂÃÄÇÈÉÊËÌÍÎÏÑÒÓÔÕÖÙÚÛÜàáâãäçèéêëìíîïñòóôõöùúûüßœŒæÆÿ«»’“”–…€°ºª¿¡ ")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Decoded:
    """The *text* of a file, after its first *mark* bytes written in *encoding* (a codec's name)."""

    text: str
    encoding: str
    mark: int = 0

    def spans(self) -> list[tuple[int, int]]:
        """Where each line begins and ends in the text, without its line end."""
        found, begin = [], 0
        for end in _LINE_END.finditer(self.text):
            found.append((begin, end.start()))
            begin = end.end()
        return [*found, (begin, len(self.text))]

    def lines(self) -> list[str]:
        """The text line by line, without line ends."""
        return [self.text[begin:end] for begin, end in self.spans()]

    def offset(self, place: int) -> int:
        """Where the character at *place* of the text lies in the file, in bytes."""
        return self.mark + len(self.text[:place].encode(self.encoding))

    @property
    def is_old_windows(self) -> bool:
        """Whether it was saved in the older Windows letters, which another computer may read as others."""
        return self.encoding == "cp1252"


def decode(data: bytes) -> Decoded:
    """The text of *data*. Raises BadCard when its letters cannot be told."""
    if len(data) > LARGEST:
        raise refuse(Mistake(0, "too-long", {"limit": str(LARGEST // 1024)}))
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return Decoded(_strictly(data[len(mark) :], encoding), encoding, len(mark))
    if b"\0" in data[:200]:
        # Without its mark: in what people write here every second byte is zero.
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return Decoded(_strictly(data, encoding), encoding)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return Decoded(_old_windows(data), "cp1252")


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise refuse(Mistake(0, "unreadable")) from None


def _old_windows(data: bytes) -> str:
    """*data* as Windows-1252, if every letter is one that people write in it and none is UTF-8: an editor may mix both."""
    rows = [
        (number, row) for number, row in enumerate(re.split(rb"\r\n|\r|\n", data), 1) if not row.isascii()
    ]
    mixed = any(_is_utf8(row) for _, row in rows)
    strange = [number for number, row in rows if not _is_utf8(row) and (mixed or not _is_written(row))]
    if strange:
        raise refuse(*(Mistake(number, "accents") for number in strange))
    return data.decode("cp1252")


def _is_utf8(row: bytes) -> bool:
    try:
        row.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _is_written(row: bytes) -> bool:
    return all(letter.isascii() or letter in _WRITTEN for letter in row.decode("cp1252", "replace"))
