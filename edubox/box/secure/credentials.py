"""The certificate, as the TLS port of the serving process asks for it with each connection."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edubox.box.secure.certificate import files
from edubox.store.tls import Certificate, load

__all__ = ["Credentials", "load"]


class Credentials(Certificate):
    """The certificate and key files of one box."""

    def __init__(self, data: Path, settings: dict[str, Any]) -> None:
        super().__init__(*files(data, settings))
