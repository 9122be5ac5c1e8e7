"""The same lesson on three servers: a box as it is shipped, nginx with compressed twins, kiwix-serve.

All hold the files of the tree that the box made of the lesson, so that they differ in how they serve. What is not
installed is left out by name. Kolibri, which shows only what belongs to a channel, is in ``class_kolibri``.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import struct
import subprocess
import sys
import urllib.parse
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.cli.country import Country, build, edubox, make_country
from tests.prove.class_air import BOX, Air
from tests.prove.line import run

#: A chapter of a textbook, of which two sections become one long page with a style sheet and about 45 pictures.
CHAPTER = "Theme04_Architecture_materielle/"
SECTIONS = ("03_Architecture_reseau.md", "04_Protocoles_de_communication.md")
PART = "cours.md.html"
ZIP = "textbook-fr/nsi-premiere-glassus.zip"
MARKDOWN, WEB = "markdown", "web"
_LAZY = re.compile(rb' loading="?lazy"?')
_PAGES, _LESSONS, _NGINX, _KIWIX = 8001, 8002, 8003, 8004


@dataclass(frozen=True)
class Server:
    """*url* is what a pupil opens; *pid* the process that answers."""

    name: str
    url: str
    pid: int


class Absent(Exception):
    """This server is not here; the text says what to install."""


def prepare(samples: Path, folder: Path) -> Path:
    """A box's data folder with two lessons: the chapter in the author's Markdown, and the web page made of it.

    The page is as most web pages are, with pictures that browsers fetch at once; all servers serve it. What the box makes of
    the Markdown itself is served by the box alone.
    """
    with zipfile.ZipFile(samples / ZIP) as archive:
        archive.extractall(
            folder / "author", [name for name in archive.namelist() if name.startswith(CHAPTER)]
        )
    sections = [folder / "author" / CHAPTER / name for name in SECTIONS]
    (sections[0].with_name("cours.md")).write_text(
        "\n\n".join(one.read_text("utf-8") for one in sections), "utf-8"
    )
    country = make_country(folder / "country")
    data = folder / "box"
    edubox("box", "init", "--data", data, "--country", country.root, "--follow", country.publisher)
    _publish(country, folder / "author", MARKDOWN)
    edubox("sync", "--data", data, "--from", country.mirror)
    made = tree(data)
    for path in (place for place in made.rglob("*") if place.is_file() and place.suffix != ".gz"):
        copy = folder / "web" / path.relative_to(made)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(_LAZY.sub(b"", path.read_bytes()) if path.suffix == ".html" else path.read_bytes())
    _publish(country, folder / "web", WEB)
    edubox("sync", "--data", data, "--from", country.mirror)
    return data


def _publish(country: Country, source: Path, slug: str) -> None:
    lesson = source.with_suffix(".edpack")
    build(source, lesson)
    country.publish(lesson, slug)


def tree(data: Path) -> Path:
    """The files of the lesson that was installed last."""
    return max((data / "site").iterdir(), key=lambda found: found.stat().st_ctime)


def page(data: Path) -> str:
    """The path of the chapter's page in ``tree``."""
    return next(found for found in tree(data).rglob(PART)).relative_to(tree(data)).as_posix()


def part_number(data: Path, slug: str) -> int:
    """Which part of the lesson *slug* the pupils open, from 1."""
    from edubox.box.library import Library

    lesson = Library(data).lesson(f"ministry/test/{slug}")
    assert lesson is not None
    return next(part.number for part in lesson.parts if part.path.endswith(PART))


@contextlib.contextmanager
def box(
    air: Air, data: Path, folder: Path, slug: str = WEB, checkout: Path | None = None
) -> Iterator[Server]:
    """A box with both its origins; of another *checkout* of this project, to compare with."""
    line = [sys.executable, "-m", "edubox", "box", "serve", "--data", data, "--port", _PAGES, "--lesson-port", _LESSONS, "--desk-port", "0", "--listen", "0.0.0.0"]  # fmt: skip
    name = f"edubox {checkout.name if checkout else ''}".rstrip() + (
        ", from Markdown" if slug == MARKDOWN else ""
    )
    with air.serving(_PAGES, *line, cwd=checkout) as child:
        yield Server(
            name, f"http://{BOX}:{_PAGES}/fr/lecon/ministry/test/{slug}/{part_number(data, slug)}/", child.pid
        )


@contextlib.contextmanager
def nginx(air: Air, data: Path, folder: Path) -> Iterator[Server]:
    """Nginx as a school's administrator would set it: one worker a processor, twins, sendfile."""
    if shutil.which("nginx") is None:
        raise Absent("nginx is not installed (Debian package nginx-light)")
    place = folder / "nginx"
    place.mkdir(exist_ok=True)
    (place / "nginx.conf").write_text(
        f"""daemon off; user root; pid {place}/pid; error_log {place}/errors; worker_processes auto;
events {{ worker_connections 2048; }}
http {{
  include /etc/nginx/mime.types; charset utf-8; access_log off; sendfile on; tcp_nopush on; gzip_static on;
  server {{ listen {_NGINX} backlog=1024; root {tree(data)}; }}
}}"""
    )
    with air.serving(_NGINX, "nginx", "-c", place / "nginx.conf") as child:
        yield Server(
            "nginx gzip_static", f"http://{BOX}:{_NGINX}/{urllib.parse.quote(page(data))}", child.pid
        )


@contextlib.contextmanager
def kiwix(air: Air, data: Path, folder: Path) -> Iterator[Server]:
    """Debian's kiwix-serve with the lesson as a ZIM file, seen with its toolbar."""
    for program in ("kiwix-serve", "zimwriterfs"):
        if shutil.which(program) is None:
            raise Absent(f"{program} is not installed (Debian packages kiwix-tools, zim-tools)")
    zim = folder / "nsi.zim"
    if not zim.exists():
        copy = folder / "zim"
        shutil.copytree(tree(data), copy, ignore=shutil.ignore_patterns("*.gz"))
        (copy / "cover.png").write_bytes(_picture(48))
        run("zimwriterfs", "-w", page(data), "-I", "cover.png", "-l", "fra", "-t", "NSI", "-d", "NSI", "-c", "x", "-p", "x",
            "-n", "nsi", copy, zim)  # fmt: skip
    with air.serving(_KIWIX, "kiwix-serve", "-p", _KIWIX, "-t", 8, zim) as child:
        yield Server("kiwix-serve", f"http://{BOX}:{_KIWIX}/nsi/{urllib.parse.quote(page(data))}", child.pid)


def _picture(side: int) -> bytes:
    """A black PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0\0\0" * side) * side)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def record(air: Air, server: Server) -> bytes:
    """The visit of a real browser, as JSON."""
    line = air.inside("box", sys.executable, "-m", "tests.prove.class_visit", server.url, PART)
    return subprocess.run(line, check=True, capture_output=True).stdout
