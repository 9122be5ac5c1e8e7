"""A still picture out of a film, with ffmpeg where lessons are made; without it there is none.

The film comes from outside: ffmpeg may open nothing but that file, read nothing but the containers that phones play
(a playlist would name other files), decode one frame of bounded size on one core, and not for ever.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

_CAREFUL = (
    "-v", "error", "-protocol_whitelist", "file", "-format_whitelist", "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg",
)  # fmt: skip
#: Where in the film: past the title, before the credits.
_SHARE = 0.1
#: Seconds that each program gets, and pixels of the largest frame that is decoded.
_PATIENCE, _PIXELS = 30, 16_000_000


def frame(film: Path) -> bytes | None:
    """A frame of *film* as PNG, taken after a tenth of it; None if there is no ffmpeg or no picture."""
    probe, convert = shutil.which("ffprobe"), shutil.which("ffmpeg")
    if probe is None or convert is None:
        return None
    source = ("-i", f"file:{film}")
    said = _run(probe, *_CAREFUL, "-show_entries", "format=duration", "-of", "csv=p=0", *source)
    try:
        moment = max(float(said or b"") * _SHARE, 0.0)
    except ValueError:
        return None
    return _run(
        convert, "-nostdin", *_CAREFUL, "-max_pixels", str(_PIXELS), "-threads", "1", "-ss", f"{moment:.2f}", *source,
        "-frames:v", "1", "-an", "-sn", "-vf", "scale='min(720,iw)':-2", "-f", "image2pipe", "-c:v", "png", "-",
    ) or None  # fmt: skip


def _run(*command: str) -> bytes | None:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout
