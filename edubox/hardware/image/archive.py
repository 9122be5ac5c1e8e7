"""Where Debian's packages come from, and what state that is in: the suites of an image's Debian, with its fixes of security.

``find`` says where to ask: the mirror of this computer's own apt, or the one that was named. ``look`` asks each suite for its
signed list (InRelease), which tells apart two states of an archive; nobody there is no error, for what was kept still serves.
Signatures are not looked at here: mmdebstrap's apt does that before it takes a package.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from edubox.errors import NotFound

#: What is said instead of an address by who wants an image without fixes of security.
NONE = "none"
#: apt's own program to fetch one file, with the proxies and ways that this computer's apt knows, and its patience.
_HELPER = "/usr/lib/apt/apt-helper"
_PATIENCE = (
    "-o",
    "Acquire::http::Timeout=20",
    "-o",
    "Acquire::https::Timeout=20",
    "-o",
    "Acquire::Retries=1",
)
#: How an address of a folder begins.
FOLDER = "copy:"
#: Bytes of the longest signed list that is read; Debian's own has 140 kB.
_LONGEST = 4 * 1024 * 1024
_DATE = re.compile(r"^Date: ([A-Za-z0-9 :,+-]{1,40})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Archive:
    """The address of Debian's packages, and that of its fixes of security: empty when nobody knows one."""

    main: str
    security: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite of an archive as it was found: its *name*, its *address*, the *date* that it gives itself, its *signed* list."""

    name: str
    address: str
    date: str
    signed: str

    def packages(self, architecture: str, components: Iterable[str]) -> str:
        """A hash of all that may come from here for *architecture*: the same as long as no package changes."""
        wanted = re.compile(rf" ([0-9a-f]{{64}}) +[0-9]+ (?:{'|'.join(map(re.escape, components))})/binary-(?:{re.escape(architecture)}|all)/Packages(?:\.[a-z0-9]+)?")  # fmt: skip
        lines = [line for line in self.signed.splitlines() if wanted.fullmatch(line)]
        return hashlib.sha256("\n".join(sorted(lines) or [self.signed]).encode()).hexdigest()


def find(mirror: str, security: str) -> Archive:
    """The archive at *mirror* and *security*, addresses or folders; where they are empty, as this computer's apt has it.

    A folder brings its own fixes of security, and nothing beside it is asked. Raises NotFound.
    """
    main = _address(mirror) or _of_apt("Debian")
    if not main:
        raise NotFound(what="A mirror of Debian among this computer's apt settings (say one with --mirror)")
    if security:
        return Archive(main, "" if security == NONE else _address(security))
    return Archive(main, main if main.startswith(FOLDER) else _of_apt("Debian-Security"))


def look(archive: Archive, suite: str, fetch: Callable[[str], str | None] | None = None) -> tuple[Suite, ...]:
    """The suites of Debian *suite* in *archive*: itself, its updates, its fixes of security. Empty when nobody answers.

    Raises NotFound when the fixes of security should be there and are not: they are not left out by accident.
    """
    fetch = fetch or _fetch
    found = [_asked(name, archive.main, fetch) for name in (suite, f"{suite}-updates")]
    if found[0] is None:
        return ()
    if archive.security:
        name = f"{suite}-security"
        fixes = _asked(name, archive.security, fetch)
        if fixes is None and archive.security != archive.main:
            raise NotFound(
                what=f"{name} at {archive.security} (say where Debian's security fixes are with --security-mirror, or --security-mirror {NONE})"
            )
        found.append(fixes)
    return tuple(one for one in found if one is not None)


def _address(given: str) -> str:
    # Copied by apt: what it only names, dpkg would look for inside the new root.
    return f"{FOLDER}{Path(given).resolve()}" if given and os.path.isdir(given) else given


def _of_apt(label: str) -> str:
    """Where this computer's own apt takes the packages of the archive called *label* from, empty if it does not."""
    line = ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian", f"Label: {label}"]  # fmt: skip
    try:
        told = subprocess.run(line, check=False, capture_output=True, text=True).stdout.split()
    except FileNotFoundError:
        told = []
    return told[0] if told else ""


def _asked(name: str, address: str, fetch: Callable[[str], str | None]) -> Suite | None:
    signed = fetch(f"{address.rstrip('/')}/dists/{name}/InRelease")
    if signed is None:
        return None
    date = _DATE.search(signed)
    return Suite(name, address, date[1] if date else "", signed)


def _fetch(address: str) -> str | None:
    """The text at *address*, None if it cannot be had."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "InRelease"
        if address.startswith(FOLDER):
            path = Path(address.removeprefix(FOLDER))
        else:
            line = [_HELPER, *_PATIENCE, "download-file", address, str(path)]
            try:
                subprocess.run(line, check=True, capture_output=True, stdin=subprocess.DEVNULL)
            except (OSError, subprocess.CalledProcessError):
                return None
        try:
            with path.open("rb") as handle:
                return handle.read(_LONGEST).decode("utf-8", "replace")
        except OSError:
            return None
