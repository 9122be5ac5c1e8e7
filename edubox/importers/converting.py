"""Films and sounds in a form that every phone plays, made with ffmpeg where lessons are made and it is installed.

They come from outside: ffmpeg may open nothing but that file, in a container from a short list (a playlist would name other
files), on one core at the lowest priority, in bounded memory, for a bounded time. What it writes holds nothing but the
picture and the sound: no place, no author, no chapters, no attachments.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess

from edubox.importers.workshop import Workshop
from edubox.pack.media_types import extension
from edubox.pack.opening import Found

_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,ogg,avi,asf,flv,mpeg,mpegts,amr,aiff,wav,mp3,aac,flac,caf"
#: Seconds for one film, bytes of memory of the program, bytes of the largest film that is converted.
_PATIENCE, _MEMORY, _LARGEST = 1800, 1_000_000_000, 4 * 1024**3
#: 720 lines at about 1.2 Mbit/s; even numbers of pixels, which H.264 wants.
_FILM = (
    "-map", "0:v:0", "-map", "0:a:0?",
    "-vf", r"scale=w='min(1280,iw)':h='min(720,ih)':force_original_aspect_ratio=decrease:force_divisible_by=2",
    "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "main", "-pix_fmt", "yuv420p", "-crf", "24", "-maxrate", "1200k",
    "-bufsize", "2400k", "-c:a", "aac", "-b:a", "96k", "-ac", "2", "-movflags", "+faststart",
)  # fmt: skip
_SOUND = ("-map", "0:a:0", "-c:a", "aac", "-b:a", "96k", "-movflags", "+faststart")
_AS_IT_IS = ("-map", "0:v:0", "-map", "0:a?", "-c", "copy", "-movflags", "+faststart")


def convert(path: str, kind: str, workshop: Workshop) -> str | None:
    """A new file of the lesson in which all phones play the film or sound *path*; None if that cannot be."""
    ending = "mp4" if kind == "video" else "m4a"
    made = _run(path, workshop, _FILM if kind == "video" else _SOUND, ending)
    if made is None:
        return None
    stem = path[: -len(extension(path)) - 1]
    target = workshop.add(f"{stem}.{ending}", b"")
    workshop.replace(target, made)
    return target


def begins_at_once(path: str, workshop: Workshop) -> bool:
    """Whether the film *path* could be written again so that it plays while it arrives; it then is, under its name."""
    made = _run(path, workshop, _AS_IT_IS, "mp4" if extension(path) != "mov" else "mov")
    if made is not None:
        workshop.replace(path, made)
    return made is not None


def _run(path: str, workshop: Workshop, how: tuple[str, ...], ending: str) -> Found | None:
    program, source = shutil.which("ffmpeg"), workshop.files[path]
    if program is None or not 0 < source.size <= _LARGEST:
        return None
    target = workshop.free()
    command = (
        program, "-v", "error", "-nostdin", "-protocol_whitelist", "file", "-format_whitelist", _FORMATS,
        "-max_pixels", "33177600", "-threads", "1", "-i", f"file:{source.location}", *how, "-threads", "1", "-sn", "-dn",
        "-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-f", ending.replace("m4a", "mp4"), f"file:{target}",
    )  # fmt: skip
    try:
        subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_PATIENCE, check=True,
            preexec_fn=_bounded,
        )  # fmt: skip
        size = target.stat().st_size
    except (OSError, subprocess.SubprocessError):
        target.unlink(missing_ok=True)
        return None
    return Found(path, target, size) if size else None


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * _LARGEST, 2 * _LARGEST))
    os.nice(19)
