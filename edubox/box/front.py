"""The web server in front sends the files of lessons; which file, and with which headers, the box says.

nginx sends a film to thirty slow phones with less memory and less of the processor than we do, and it knows none of the
rules of ``lessons``. So it asks here for each file, and gets an answer without a body whose ``X-Accel-Redirect`` names the
file below an address that only nginx itself may open (``packaging/nginx/box.conf``). On our own ports nobody gets such an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from edubox.store.file_response import SENT_BY_FRONT

#: Where nginx finds the folder that it may send.
ADDRESS = "/sent-by-nginx"
_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def behind(application: _Application, folder: Path) -> _Application:
    """*application* for the socket of a web server that sends the files below *folder* itself."""
    folder = folder.resolve()

    def address(path: Path) -> str | None:
        """The address at which the web server finds *path*; None for a file that we send ourselves."""
        return (
            f"{ADDRESS}/{quote(path.relative_to(folder).as_posix())}" if path.is_relative_to(folder) else None
        )

    def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return application(environ | {SENT_BY_FRONT: address}, start_response)

    return served
