"""Two versions of real content, fetched by name from the machine's own package sources and kept in a cache.

``EDUBOX_CORPORA`` names the cache (default: a folder in the system's temporary directory). What cannot be
fetched raises Unavailable with the reason, so that a bench says by name what it left out.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

CACHE = Path(os.environ.get("EDUBOX_CORPORA", Path(tempfile.gettempdir()) / "edubox-corpora"))
POSTGRESQL = ("15.18-0+deb12u1", "15.20-0+deb12u1")
NPM = {
    "katex": ("0.16.9", "0.16.11"), "mathjax": ("3.2.1", "3.2.2"), "pdfjs-dist": ("4.6.82", "4.7.76"),
    "h5p-standalone": ("3.6.0", "3.8.0"), "reveal.js": ("5.0.4", "5.1.0"),
}  # fmt: skip


class Unavailable(Exception):
    """This machine cannot fetch it."""


def postgresql() -> tuple[Path, Path]:
    """The PostgreSQL 15 manual, two minor versions of Debian's package."""
    return _both("postgresql", lambda side, folder: _debian("postgresql-doc-15", POSTGRESQL[side], folder),
                 "usr/share/doc/postgresql-doc-15/html")  # fmt: skip


def npm() -> tuple[Path, Path]:
    """Five players and libraries from npm, two versions each."""
    return _both("npm", _npm, ".")


def _both(name, fetch, inside):
    made = []
    for side, label in enumerate(("old", "new")):
        folder = CACHE / f"{name}-{label}"
        if not folder.is_dir():
            CACHE.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(dir=CACHE))
            try:
                fetch(side, work)
                work.chmod(0o755)
                work.rename(folder)
            except (subprocess.CalledProcessError, FileNotFoundError) as error:
                raise Unavailable(f"{name}: {error}") from None
            finally:
                shutil.rmtree(work, ignore_errors=True)
        made.append(folder / inside)
    return made[0], made[1]


def _run(*command, cwd):
    return subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True).stdout


def _debian(package, version, folder):
    if os.geteuid() == 0:
        folder.chmod(0o777)  # apt's own user downloads
    _run("apt-get", "download", f"{package}={version}", cwd=folder)
    archive = next(folder.glob("*.deb"))
    _run("dpkg-deb", "-x", archive.name, ".", cwd=folder)
    archive.unlink()


def _npm(side, folder):
    for package, versions in NPM.items():
        archive = (
            folder / _run("npm", "pack", "--silent", f"{package}@{versions[side]}", cwd=folder).split()[-1]
        )
        with tarfile.open(archive) as tar:
            tar.extractall(folder / package, filter="data")
        archive.unlink()
