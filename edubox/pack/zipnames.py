"""What the bytes of a file name in a zip mean.

The format has a flag for UTF-8, and many programs do not set it: macOS writes UTF-8 without saying so, Windows
writes the code page of DOS (cp850 in western Europe) or its own (cp1252). ``zipfile`` reads all of them as cp437,
so the bytes can be had back. UTF-8 is tried first, since other text is almost never valid UTF-8 by accident;
then the code page that gives the more letters wins, for all names of an archive at once: one program made them.
"""

from __future__ import annotations

import unicodedata
import zipfile

_UTF8_FLAG = 0x800
_CODE_PAGES = ("cp850", "cp1252")
#: What people of western Europe write in file names, by how likely it is. One code page's small letters are
#: the other's capitals and signs, so small letters count most.
_LIKELY = {
    **dict.fromkeys("ÀÂÄÁÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜ°«»‘–—…€§", 1),
    "’": 2,
    **dict.fromkeys("àâäáãåæçéèêëíìîïñóòôöõøœúùûüÿß", 3),
}


def decode_names(members: list[zipfile.ZipInfo]) -> list[str]:
    """The names of *members* in their order, as their author wrote them, in Unicode NFC."""
    names: list[str | bytes] = []
    for member in members:
        # orig_filename is what the archive says, before zipfile cuts it at a NUL.
        name = member.orig_filename
        names.append(name if member.flag_bits & _UTF8_FLAG else name.encode("cp437"))
    page = _code_page([name for name in names if isinstance(name, bytes)])
    return [decode_name(name, page) if isinstance(name, bytes) else nfc(name) for name in names]


def decode_name(name: bytes, page: str | None = None) -> str:
    """*name* as UTF-8 if it is, else in the code page *page*, else in the one that fits this name best."""
    try:
        return nfc(name.decode("utf-8"))
    except UnicodeDecodeError:
        return nfc(name.decode(page or _code_page([name]), "replace"))


def nfc(text: str) -> str:
    """*text* in Unicode NFC."""
    return unicodedata.normalize("NFC", text)


def _code_page(names: list[bytes]) -> str:
    foreign = b"".join(name for name in names if not _is_utf8(name))
    return max(_CODE_PAGES, key=lambda page: _score(foreign, page))


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _score(names: bytes, page: str) -> int:
    text = names.decode(page, "replace")
    return sum(_worth(letter) for letter in text if letter > "\x7f")


def _worth(letter: str) -> int:
    return _LIKELY.get(letter, 0 if unicodedata.category(letter).startswith("L") else -2)
