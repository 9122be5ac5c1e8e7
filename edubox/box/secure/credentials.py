"""The certificate, as the TLS port of the serving process asks for it with each connection."""

from __future__ import annotations

import logging
import os
import ssl
from pathlib import Path
from typing import Any

from edubox.box.secure.certificate import files

log = logging.getLogger(__name__)


class Credentials:
    """The certificate and key files of one box, loaded again when they change: nobody restarts a box for a new one."""

    def __init__(self, data: Path, settings: dict[str, Any]) -> None:
        self._files = files(data, settings)
        self._state: tuple[tuple[int, int], ...] = ()
        self._context: ssl.SSLContext | None = None
        self._complaint = ""

    def context(self) -> ssl.SSLContext | None:
        """What a connection is wrapped with; the last one that was good, None if there was none yet."""
        try:
            found = [os.stat(path) for path in self._files]
            state = tuple((one.st_mtime_ns, one.st_ino) for one in found)
            if state != self._state:
                self._context, self._state = load(*self._files), state
                self._complaint = ""
        except (OSError, ValueError) as error:  # said once, not with each connection
            if self._files[0].exists() and (complaint := str(error)) != self._complaint:
                self._complaint = complaint
                log.error("the certificate cannot be used: %s", error)  # noqa: TRY400 - a file, not a mistake
        return self._context


def load(certificate: Path, key: Path) -> ssl.SSLContext:
    """A context that shows *certificate* with its *key*, both PEM. Raises OSError, ValueError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # phones of 2014 speak it
    # What a client may ask for again and again, to no end but ours.
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    # An encrypted key would ask a terminal that nobody sits at.
    context.load_cert_chain(certificate, key, password=lambda: "")
    return context
