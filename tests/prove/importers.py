"""``python -m tests.prove.importers [--large]``: a lesson of every sample, as a table.

Of each: what it became, parts, notices, seconds, and the most memory that its making took (a process of its own, so that none
inherits another's). EDUBOX_SAMPLES names their folder. ``--large`` adds what is made here: a film and a zip of 1.5 GB, and large
files that compress well (zeros, sound, a picture, a log, a page, a project). Each may take as much memory as a box gives it
(``work.MEMORY``). The exit code is 1 when one took more than a teacher's work may.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from edubox.errors import EduboxError

#: Bytes of memory of one lesson's making; what a large file holds.
MOST, LARGE = 200 * 1024 * 1024, 1536 * 1024 * 1024
_BLOCK = 1024 * 1024


def one(source: Path) -> str:
    """Build *source* in this process: a line of the table."""
    from edubox.box.teacher.work import MEMORY, heavy
    from edubox.importers.folder import build_lesson

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, resource.RLIM_INFINITY))  # as the bench does
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(dir=os.environ.get("EDUBOX_PROVE_ROOM")) as name:
        try:
            with heavy():
                built = build_lesson(source, Path(name) / "lesson.edpack", {"language": "fr"})
            kinds = sorted({item.type for item in built.manifest.items()})
            result = f"{'+'.join(kinds):24} {len(built.manifest.items()):5} {len(built.warnings):5}"
        except EduboxError as error:
            result = f"{error.code:24} {0:5} {1:5}"
        left = sorted(path.name for path in Path(name).iterdir() if path.name != "lesson.edpack")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    wrong = "  LEFT " + " ".join(left) if left else "  TOO HEAVY" if peak > MOST else ""
    return f"{result} {time.monotonic() - begun:7.1f} {peak / 1024**2:6.0f}{wrong}"


def large(folder: Path) -> Iterator[Path]:
    """A film and a zip that no memory holds."""
    film = folder / "film.mp4"
    with film.open("wb") as handle:
        handle.write(
            b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x08moov" + (LARGE + 8).to_bytes(4, "big") + b"mdat"
        )
        for _ in range(LARGE // _BLOCK):
            handle.write(os.urandom(_BLOCK))  # as films do, it cannot be made smaller
    yield film
    with zipfile.ZipFile(folder / "cours.zip", "w", zipfile.ZIP_STORED) as archive:
        archive.write(film, "film.mp4")
        archive.writestr("page.html", "<title>La page</title>")
    film.unlink()
    yield folder / "cours.zip"


def compressible(folder: Path) -> Iterator[Path]:
    """Large files that become much smaller, on both sides of what travels alone whatever it gains."""
    line = b"2026-11-25 08:00:00 salle 12 la page des fractions a ete ouverte, tout va bien\n"
    row = bytes(range(96))
    for name, head, block, size in (
        ("film.mp4", b"\0\0\0\x10ftypisom\0\0\0\0" + b"\0\0\0\x08moov", bytes(_BLOCK), LARGE),
        ("zeros.bin", b"", bytes(_BLOCK), 300 * _BLOCK),
        ("lecture.wav", b"RIFF\xff\xff\xff\x7fWAVEfmt ", row * 10923, 300 * _BLOCK),
        ("short.wav", b"RIFF\xff\xff\xff\x03WAVEfmt ", row * 10923, 60 * _BLOCK),
        ("picture.bmp", b"BM", row * 10923, 47 * _BLOCK),
        ("server.log", b"", line * 13981, 60 * _BLOCK),
        ("long.txt", b"", line * 13981, 300 * _BLOCK),
        ("page.html", b"<title>La page</title><pre>", line * 13981, 60 * _BLOCK),
        ("notes.md", b"# Notes\n", line * 13981, 60 * _BLOCK),
        ("table.csv", b"jour;salle\n", line * 13981, 60 * _BLOCK),
    ):
        with (folder / name).open("wb") as handle:
            handle.write(head)
            while handle.tell() < size:
                handle.write(block)
        yield folder / name
        (folder / name).unlink()
    project = folder / "project.sb3"
    with zipfile.ZipFile(project, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("project.json", '{"targets": [{"isStage": true, "name": "Stage", "costumes": []}]}')
        archive.writestr("sound.wav", row * 10923 * 60)
    yield project
    project.unlink()


def measured(source: Path, shown: str) -> bool:
    """Print the line of *source*, made in a process of its own; whether all is well."""
    command = [sys.executable, "-m", "tests.prove.importers", "--one", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=1800)
    line = done.stdout.rstrip("\n") if done.returncode == 0 else f"FAILED {done.stderr.strip()[-200:]}"
    print(f"{shown:56} {line}", flush=True)
    return not any(word in line for word in ("FAILED", "LEFT", "TOO HEAVY"))


def main() -> int:
    """Print the table; 1 if a line of it is not as it should be."""
    if sys.argv[1:2] == ["--one"]:
        print(one(Path(sys.argv[2])))
        return 0
    print(f"{'sample':56} {'became':24} parts  said seconds    MiB")
    root = Path(os.environ.get("EDUBOX_SAMPLES", Path(__file__).parents[3] / "shared" / "samples"))
    given = sorted(path for path in root.rglob("*") if path.is_file() and path.parent != root)
    fine = [measured(path, str(path.relative_to(root))) for path in given]
    if "--large" in sys.argv:
        with tempfile.TemporaryDirectory(dir=os.environ.get("EDUBOX_PROVE_ROOM")) as name:
            fine += [measured(path, path.name) for path in chain(compressible(Path(name)), large(Path(name)))]
    return int(not all(fine))


if __name__ == "__main__":
    sys.exit(main())
