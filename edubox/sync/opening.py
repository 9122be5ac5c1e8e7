"""The sources that a person names, in ``box.toml`` or with ``--from``."""

from __future__ import annotations

from pathlib import Path

from edubox.errors import BadInput
from edubox.sync.carried.courier_source import CourierSource
from edubox.sync.carried.stick import carries_our_folder, sources_of
from edubox.sync.fetching.http_source import HttpSource
from edubox.sync.fetching.sources import FolderSource, Source


def open_sources(text: str, *, receive_buffer: int = 0) -> list[Source]:
    """The sources that *text* names: the base address of a mirror, a folder, a stick or a courier's part.

    A stick gives two, the second with its previous timestamps. *receive_buffer* as in ``HttpSource``. Raises BadInput.
    """
    if text.startswith(("http://", "https://")):
        return [HttpSource(text, receive_buffer=receive_buffer)]
    if "://" in text:
        raise BadInput(reason=f"{text} begins with what no source does; use http://, https:// or a folder")
    if text.lower().endswith(".zip"):
        return [CourierSource([Path(text)])]
    return sources_of(Path(text)) if carries_our_folder(Path(text)) else [FolderSource(Path(text))]
