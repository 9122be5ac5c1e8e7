"""Debian's part: a base root for each board and a folder of tools, made once and kept as long as Debian's packages are the same.

Packages come from where this computer's own apt takes Debian's, or from ``--mirror``, which may be a folder on a disk; nothing
else is asked. What is kept is named for all that it was made of, the state of the archive too: so another list of packages
makes another one, and so does a fix of Debian's. Where the archive cannot be reached, the newest that was kept serves, or
one is made of the packages that were (``kept``).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edubox.errors import BadInput, NotFound
from edubox.hardware.boards import Board
from edubox.hardware.image.archive import FOLDER, Archive, Suite, look
from edubox.hardware.image.kept import Kept
from edubox.hardware.image.programs import run

#: What makes file systems, beside a board's loader: of the image's own Debian, whatever this computer runs.
_TOOLS = ("e2fsprogs", "dosfstools", "mtools", "fdisk")
#: Compiles edubox for a board whose own Python could only be emulated.
_PYTHON = "python3"
#: Settings of apt, which resolves less than it could: an image has what is named and what that needs.
_APT = 'APT::Install-Recommends "false"'
_ROOT_FILES = ("etc/initramfs-tools",)
#: A folder that was kept is older than Debian wants its lists of fixes to be; it is still signed.
_OLD = 'Acquire::Check-Valid-Until "false"'
#: Seconds after which what was made of an earlier state of the archive goes, if nobody used it: it has half a gigabyte.
_UNUSED = 86_400.0
#: Where a package would name modules for the first file system; ``etc/initramfs-tools/modules`` is of all boards.
_EARLY = Path("usr/share/initramfs-tools/modules.d/edubox")


@dataclass(frozen=True, slots=True)
class Debian:
    """Where an image's Debian comes from: its *archive* has these *suites* now (none: nobody answers); what is kept is in *cache*.

    *epoch* is the time of everything; *fresh*: nothing that was made before is used.
    """

    archive: Archive
    suites: tuple[Suite, ...]
    cache: Path
    epoch: int
    say: Callable[[str], None] = lambda _: None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Root:
    """What was made: its *place*, and the name and the date of each suite that it came from."""

    place: Path
    suites: tuple[tuple[str, str], ...]


def base(board: Board, packages: tuple[str, ...], hardware: Path, debian: Debian) -> Root:
    """A tar of the board's root as Debian makes it, its first file system for the kernel included.

    What ``hardware/root`` says of that one (``etc/initramfs-tools``) is laid in before the kernel comes: making it takes long.
    Raises NotFound, FailedCommand, BadInput (not root).
    """
    wanted = sorted({*board.packages, *packages})
    laid = [(path, path.relative_to(hardware / "root")) for name in _ROOT_FILES for path in sorted((hardware / "root" / name).rglob("*")) if path.is_file()]  # fmt: skip
    mixed = _mixed(board, wanted)
    for path, place in laid:
        mixed.update(f"{place}\0".encode() + path.read_bytes())
    hooks = [
        f'--essential-hook=install -D -m {"755" if os.access(path, os.X_OK) else "644"} "{path.resolve()}" "$1/{place}"'
        for path, place in laid
    ]
    if board.early:
        mixed.update("\0".join(board.early).encode())
        hooks.append(
            f'--essential-hook=mkdir -p "$1/{_EARLY.parent}" && printf "%s\\n" {" ".join(board.early)} > "$1/{_EARLY}"'
        )
    return _root(board, f"base-{board.id}-{mixed.hexdigest()[:16]}", wanted, hooks, debian, _as_tar)


def tools(board: Board, debian: Debian) -> Path:
    """A folder with the programs that make file systems and loaders, for this computer's own processor. Raises as ``base``.

    For a board with another processor there is a Python too, the one of the board's Debian: see ``root.make``.
    """
    own = native()
    foreign = (_PYTHON,) if own != board.architecture else ()
    like_us, wanted = replace(board, architecture=own), sorted({*_TOOLS, *board.tools, *foreign})
    return _root(
        like_us,
        f"tools-{board.id}-{_mixed(like_us, wanted).hexdigest()[:16]}",
        wanted,
        [],
        debian,
        _as_folder,
    ).place


def native() -> str:
    """Debian's name of this computer's own architecture."""
    asked = ["dpkg", "--print-architecture"]
    return subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()


def _mixed(board: Board, wanted: list[str]) -> hashlib._Hash:
    return hashlib.sha256(json.dumps([board.suite, board.architecture, board.components, wanted]).encode())


def _root(
    board: Board, stem: str, packages: list[str], hooks: list[str], debian: Debian, finish: Callable[[Path, Path, int], None],
) -> Root:  # fmt: skip
    """What is kept under *stem* for the state of the archive, made now if it is not; *finish* gives the tar its place."""
    kept, suites, cache = Kept(debian.cache, board.id, board.architecture), debian.suites, debian.cache
    if not suites and not debian.fresh:
        there = _there(cache, stem)
        if there:
            return _used(max(there, key=lambda path: path.stat().st_mtime))
    if not suites:
        folder = f"{FOLDER}{kept.folder}"
        suites = look(Archive(folder, folder), board.suite)
    if not suites:
        raise NotFound(
            what=f"A way to Debian's packages at {debian.archive.main}, or some that were kept in {cache}"
        )
    state = json.dumps([[one.name, one.packages(board.architecture, board.components)] for one in suites])
    place = cache / f"{stem}-{hashlib.sha256(state.encode()).hexdigest()[:12]}"
    for made in (place, place.with_suffix(".tar")):
        if made.exists() and _suites(made) and not debian.fresh:
            return _used(made)
    if os.geteuid() != 0:
        raise BadInput(reason="a root of Debian is made by root: run this with sudo")
    debian.say(
        f"Debian {' + '.join(one.name for one in suites)} for {board.architecture}: {len(packages)} packages and what they need; this is kept in {cache}"
    )
    cache.mkdir(parents=True, exist_ok=True)
    tar, keeps = place.with_suffix(".part.tar"), not suites[0].address.startswith(FOLDER)
    _make(board, packages, suites, [*hooks, *(kept.words() if keeps else ())], tar, debian.epoch)
    if keeps:
        kept.take([one.name for one in suites], board.components)
    _note(place).write_text(json.dumps([[one.name, one.date] for one in suites]), "utf-8")
    finish(tar, place, debian.epoch)
    _forget(cache, stem, place)
    return _used(place if place.exists() else place.with_suffix(".tar"))


def _make(board: Board, packages: list[str], suites: Sequence[Suite], hooks: list[str], tar: Path, epoch: int) -> None:  # fmt: skip
    line: list[str | Path] = [
        "mmdebstrap", "--quiet", "--variant=minbase", "--mode=root", f"--architectures={board.architecture}", f"--aptopt={_APT}",
        *([f"--aptopt={_OLD}"] if any(one.address.startswith(FOLDER) for one in suites) else ()),
        f"--include={','.join(packages)}", *hooks, board.suite, tar,
        *(f"deb {one.address} {one.name} {' '.join(board.components)}" for one in suites),
    ]  # fmt: skip
    run(line, epoch)


def _as_tar(tar: Path, place: Path, _: int) -> None:
    tar.rename(place.with_suffix(".tar"))


def _as_folder(tar: Path, place: Path, epoch: int) -> None:
    fresh = place.with_suffix(".part")
    for folder in (fresh, place):
        run(["rm", "-rf", folder], epoch)
    fresh.mkdir()
    run(["tar", "--numeric-owner", "-xpf", tar, "-C", fresh, "--exclude=./dev/*"], epoch)
    tar.unlink()
    fresh.rename(place)


def _note(place: Path) -> Path:
    """Where it is said which suites what is kept at *place* came from."""
    return place.with_suffix(".json")


def _suites(place: Path) -> tuple[tuple[str, str], ...]:
    try:
        return tuple((name, date) for name, date in json.loads(_note(place).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return ()


def _there(cache: Path, stem: str) -> list[Path]:
    """What was made under *stem*, whatever state the archive was in."""
    return [path for path in cache.glob(f"{stem}-*") if path.suffix in {"", ".tar"} and _suites(path)]


def _used(place: Path) -> Root:
    os.utime(place)
    return Root(place, _suites(place))


def _forget(cache: Path, stem: str, place: Path) -> None:
    """Remove what was made under *stem* of earlier states of the archive, unless somebody may be using it."""
    for path in _there(cache, stem):
        if path.with_suffix("") != place and path.stat().st_mtime < time.time() - _UNUSED:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            _note(path).unlink()
