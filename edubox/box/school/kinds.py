"""Which files pupils may hand in, known by their first bytes: what a file calls itself proves nothing.

Whatever a browser would run (HTML, SVG, scripts) is on no list. A file of an office program is a zip or an OLE file whose
name says which.
"""

from __future__ import annotations

_ZIPS = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text", ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".odp": "application/vnd.oasis.opendocument.presentation",
}  # fmt: skip
_OLD = {
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
}
#: Where in a file what stands, its media type, and the endings of names that are kept; the first is the usual one.
_BEGINNINGS: tuple[tuple[int, bytes, str, tuple[str, ...]], ...] = (
    (0, b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")), (0, b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (8, b"WEBP", "image/webp", (".webp",)), (8, b"WAVE", "audio/wav", (".wav",)), (0, b"%PDF-", "application/pdf", (".pdf",)),
    (0, b"OggS", "audio/ogg", (".ogg", ".oga", ".opus", ".ogv")), (0, b"ID3", "audio/mpeg", (".mp3",)),
    (0, b"\xff\xfb", "audio/mpeg", (".mp3",)), (0, b"\xff\xf3", "audio/mpeg", (".mp3",)),
    (0, b"\xff\xf1", "audio/aac", (".aac",)), (0, b"\xff\xf9", "audio/aac", (".aac",)), (0, b"#!AMR", "audio/amr", (".amr",)),
    (0, b"fLaC", "audio/flac", (".flac",)), (0, b"\x1aE\xdf\xa3", "video/webm", (".webm", ".mkv")),
    (4, b"ftypM4A ", "audio/mp4", (".m4a",)), (4, b"ftyp", "video/mp4", (".mp4", ".mov", ".3gp", ".m4a")),
)  # fmt: skip
_PICTURE = {b"heic", b"heix", b"mif1", b"msf1", b"avif"}
#: What of a file ``known`` must see.
BEGINNING = 16
#: What the form asks browsers for; phones that keep photos as HEIC make a JPEG for such a list.
ACCEPT = ",".join(
    ("image/jpeg", "image/png", "image/webp", "application/pdf", *_ZIPS, *_OLD, "audio/*", "video/*")
)
#: Pictures of which ``bare`` can take away what the camera wrote.
BARED = {"image/jpeg", "image/png", "image/webp"}


def known(beginning: bytes, name: str) -> tuple[str, str] | None:
    """The media type and the ending of a file that begins like this and is called *name*; None: it is not taken."""
    end = "." + name.rpartition(".")[2].lower() if "." in name else ""
    if beginning[:4] == b"PK\x03\x04":
        return (_ZIPS[end], end) if end in _ZIPS else None
    if beginning[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return (_OLD[end], end) if end in _OLD else None
    if beginning[4:8] == b"ftyp" and beginning[8:12] in _PICTURE:
        return None  # where it was taken could not be taken out of it
    for place, begin, media, ends in _BEGINNINGS:
        if beginning.startswith(begin, place):
            return media, end if end in ends else ends[0]
    return None
