"""One file as an HTTP answer: ranges, revalidation and compressed twins (RFC 9110), for the hub and the box.

The caller has decided that the path may be served and how long it may be kept; this module only turns it into
an answer. Bytes never pass through Python's memory: the server's ``wsgi.file_wrapper`` gets the open file at
the right place, and our own ``Content-Length`` ends it (waitress honours it). A library's range support
copied videos into temporary files instead (field notes §2). A header that is wrong is ignored, as RFC 9110
wants; none of them can raise.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator
from io import RawIOBase
from pathlib import Path
from typing import Any, BinaryIO

#: One range and nothing else: several are allowed to be ignored, and are (RFC 9110 §14.2).
_RANGE = re.compile(r"bytes=([0-9]{0,19})-([0-9]{0,19})\Z", re.IGNORECASE)
_ETAG = re.compile(r'(?:W/)?"([^"]*)"')
_BLOCK = 64 * 1024
#: In ``environ``: gives the address at which a web server in front sends a file itself, None if it does not (``box.front``).
SENT_BY_FRONT = "edubox.sent_by_front"


class _Unsatisfiable(Exception):
    """The range begins behind the file's end."""


def respond(
    environ: dict[str, Any], start_response: Callable[..., Any], path: Path, *,
    etag: str | None, media_type: str, headers: list[tuple[str, str]], twin: Path | None = None,
) -> Iterable[bytes]:  # fmt: skip
    """Answer a GET or HEAD with the regular file *path*; 404 when it is not there.

    *etag* names its bytes (no quotes; None if nothing does). *headers* are added to every answer, except that
    a refusal is never kept. *twin* is the same file compressed with gzip, sent to whoever asks for it whole
    and understands it.
    """
    asked = environ.get("HTTP_RANGE")
    # A range counts bytes of what is sent, and players seek in the file itself.
    compressed = _open(twin) if twin and asked is None and _understands_gzip(environ) else None
    handle = compressed or _open(path)
    if handle is None:
        return _without_body(start_response, "404 Not Found", headers)
    front = environ.get(SENT_BY_FRONT)
    address = front(twin if compressed else path) if front else None
    if twin:
        # One line: nginx before 1.23 hands on no more of them.
        varies = [value for name, value in headers if name == "Vary"]
        headers = [one for one in headers if one[0] != "Vary"]
        headers.append(("Vary", ", ".join((*varies, "Accept-Encoding"))))
    if compressed:
        headers = [*headers, ("Content-Encoding", "gzip")]
        etag = f"{etag}-gz" if etag is not None else None
    return respond_with(
        environ, start_response, handle, os.fstat(handle.fileno()).st_size, etag=etag, media_type=media_type,
        headers=headers, address=address,
    )  # fmt: skip


def respond_with(
    environ: dict[str, Any], start_response: Callable[..., Any], handle: BinaryIO | RawIOBase, size: int, *,
    etag: str | None, media_type: str, headers: list[tuple[str, str]], address: str | None = None,
) -> Iterable[bytes]:  # fmt: skip
    """Answer a GET or HEAD with the open *handle*, which has *size* bytes, can be sought in, and is closed here.

    *etag*, *headers* as for ``respond``. *address* is where a web server in front has these bytes: it sends them, and
    the range that was asked for.
    """
    asked = environ.get("HTTP_RANGE")
    described = [("Content-Type", media_type), ("Accept-Ranges", "bytes"), *headers]
    tag = None
    if etag is not None:
        tag = f'"{etag}"'
        described.append(("ETag", tag))
        if _known(environ.get("HTTP_IF_NONE_MATCH", ""), tag):
            handle.close()
            start_response("304 Not Modified", [one for one in described if one[0] != "Content-Type"])
            return []
    if address is not None:
        handle.close()
        # Whether it sends ranges, that server says itself.
        told = [one for one in described if one[0] != "Accept-Ranges"]
        start_response("200 OK", [*told, ("X-Accel-Redirect", address), ("Content-Length", "0")])
        return []
    try:
        part = _range(asked, size) if asked and environ.get("HTTP_IF_RANGE", tag) == tag else None
    except _Unsatisfiable:
        handle.close()
        return _without_body(
            start_response, "416 Range Not Satisfiable", [("Content-Range", f"bytes */{size}"), *headers]
        )
    begin, length = part or (0, size)
    described.append(("Content-Length", str(length)))
    if part:
        described.append(("Content-Range", f"bytes {begin}-{begin + length - 1}/{size}"))
    start_response("206 Partial Content" if part else "200 OK", described)
    if environ["REQUEST_METHOD"] == "HEAD":
        handle.close()
        return []
    handle.seek(begin)
    wrapper = environ.get("wsgi.file_wrapper")
    body: Iterable[bytes] = wrapper(handle, _BLOCK) if wrapper else _blocks(handle, length)
    return body


def _open(path: Path) -> BinaryIO | None:
    """The regular file *path*, unbuffered, or None; never through a link, never waiting for a pipe."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return None
    return os.fdopen(handle, "rb", buffering=0)


def _without_body(
    start_response: Callable[..., Any], status: str, headers: list[tuple[str, str]]
) -> Iterable[bytes]:
    # What the caller says of keeping is about the file. This answer may be wrong in a moment: a disk that
    # is read again, a process that has a file to spare.
    told = [one for one in headers if one[0].lower() != "cache-control"]
    start_response(status, [("Content-Length", "0"), ("Cache-Control", "no-store"), *told])
    return []


def _range(text: str, size: int) -> tuple[int, int] | None:
    """Begin and length that *text* asks of *size* bytes; None when it is to be ignored."""
    match = _RANGE.match(text.strip())
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        begin, end = max(size - int(match[2]), 0), size - 1
    else:
        begin, end = int(match[1]), int(match[2] or size)
        if match[2] and end < begin:
            return None
        end = min(end, size - 1)
    if begin > end:
        raise _Unsatisfiable
    return begin, end - begin + 1


def _known(text: str, tag: str) -> bool:
    """Whether an If-None-Match lists *tag*; weak and strong compare the same there (RFC 9110 §13.1.2)."""
    return text.strip() == "*" or tag.strip('"') in _ETAG.findall(text)


def _understands_gzip(environ: dict[str, Any]) -> bool:
    for offer in environ.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        coding, _, weight = offer.partition(";")
        if coding.strip() in {"gzip", "x-gzip"}:
            return re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", weight) is None
    return False


def _blocks(handle: BinaryIO | RawIOBase, length: int) -> Iterator[bytes]:
    """The next *length* bytes, for a server without a file wrapper (tests call applications so)."""
    with handle:
        while length and (block := handle.read(min(length, _BLOCK))):
            length -= len(block)
            yield block
