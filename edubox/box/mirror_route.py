"""The box's own mirror for boxes next door, below ``/m/`` on the port of the pages.

What a hub serves, by the same rules; nothing is written for it and no session is kept. It must cost pupils
nothing: a few files travel at once, one while somebody reads, and whoever comes more is asked to come back. A
file travels until the server closes it, which is when its last byte was given away or the reader is gone.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, BinaryIO

from edubox.store.mirror_app import mirror_app

PREFIX = "/m"
#: Files that travel at once to boxes next door, and while pupils read.
MOST, WHILE_READING = 4, 1
#: And to one address: a box asks for one at a time, and nobody shall take all the turns of the others.
FOR_ONE = 2
#: Seconds to come back in.
LATER = 30

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def with_mirror(pages: Application, mirror: Path, reading: Callable[[], bool]) -> Application:
    """The application *pages*, and *mirror* below PREFIX; *reading*: whether pupils read now."""
    files = mirror_app(mirror)
    travelling = _Travelling()

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not path.startswith(f"{PREFIX}/"):
            return pages(environ, start_response)
        who = environ.get("REMOTE_ADDR", "")
        if not travelling.begin(who, WHILE_READING if reading() else MOST):
            start_response(
                "503 Service Unavailable",
                [("Content-Length", "0"), ("Cache-Control", "no-store"), ("Retry-After", str(LATER))],
            )
            return []
        # Whatever has no open file when it is answered has travelled already.
        opened: list[_File] = []

        def wrap(file: BinaryIO, size: int) -> Iterable[bytes]:
            opened.append(_File(file, lambda: travelling.end(who)))
            wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](opened[0], size)
            return wrapped

        inner = environ | {"SCRIPT_NAME": PREFIX, "PATH_INFO": path.removeprefix(PREFIX)}
        if "wsgi.file_wrapper" in environ:
            inner["wsgi.file_wrapper"] = wrap
        try:
            return files(inner, start_response)
        finally:
            if not opened:
                travelling.end(who)

    return app


class _Travelling:
    """How many files are on their way to which address; forgotten when they are there."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()

    def begin(self, who: str, most: int) -> bool:
        with self._lock:
            if self._counts.total() >= most or self._counts[who] >= FOR_ONE:
                return False
            self._counts[who] += 1
            return True

    def end(self, who: str) -> None:
        with self._lock:
            self._counts[who] -= 1
            self._counts += Counter()  # drops those that have none


class _File:
    """The open *file*; *closed* is called once, when it is closed."""

    def __init__(self, file: BinaryIO, closed: Callable[[], None]) -> None:
        self._closed: Callable[[], None] | None = closed
        self._file = file
        self.read, self.seek, self.tell = file.read, file.seek, file.tell

    def seekable(self) -> bool:
        """See io."""
        return True

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        closed, self._closed = self._closed, None
        if closed is not None:
            closed()
