"""Sound: played as it is, or converted where most phones do not play it (``video.read_playable``)."""

from __future__ import annotations

from edubox.importers.video import read_playable
from edubox.importers.workshop import Imported, Workshop

#: Best first: of one recording in two forms, the first is played and the other is its alternative.
PLAYED = ("m4a", "mp3", "aac", "ogg", "oga", "opus", "weba", "flac", "wav")
EXTENSIONS = (*PLAYED, "wma", "amr", "aif", "aiff", "caf", "mid", "midi")


def read(path: str, workshop: Workshop) -> Imported:
    """Import the recording *path*; one that phones do not play is converted, or becomes a download, with a warning."""
    return read_playable(path, workshop, "audio", PLAYED)
