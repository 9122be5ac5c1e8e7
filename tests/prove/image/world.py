"""What stands around a box: a country with one lesson, its hub where a guest of QEMU finds it, and what an image is made from."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from pathlib import Path

from tests.cli.country import Country, build, free_port, make_country, serving, write_lesson

TITLE = "Les marées à Saint-Malo"
TEXT = "La mer monte."
#: Its first page, on the box.
LESSON = "/fr/lecon/ministry/test/marees/1/"
NAME = "École Jean-Macé"
#: The slug of its systems, and what they are called: what an image calls the system in it, or a first update is not short.
SYSTEM, CALLED = "systeme", "Debian 13"
#: One time for everything, so that two images can be the same.
EPOCH = "1764000000"
#: This computer, as a guest of QEMU sees it.
_HOST = "10.0.2.2"


@contextlib.contextmanager
def hub(folder: Path):
    """The country's hub with one lesson; the country, and the port at which the guest finds it."""
    country = make_country(folder / "country")
    build(
        write_lesson(folder / "lesson", index=f"<p>{TEXT}</p>"),
        folder / "lesson.edpack",
        "--title",
        TITLE,
    )
    country.publish(folder / "lesson.edpack", "marees")
    port = free_port()
    with serving(
        "hub",
        "serve",
        "--data",
        country.folder,
        "--port",
        port,
        "--listen",
        "127.0.0.1",
        "--desk-port",
        "0",
        "--review-port",
        "0",
        port=port,
    ):
        yield country, port


def recipe(folder: Path, country: Country, port: int, arguments: str, packages: tuple[str, ...] = ()) -> Path:
    """A ``school.toml`` whose ``edubox.toml`` was saved by an editor of Windows: a mark at its beginning, CR LF, accents.

    Its boxes look for something new every minute, whether somebody reads or not: nobody waits six hours for a proof.
    """
    folder.mkdir()
    (folder / "root.json").write_bytes(country.root.read_bytes())
    lines = [
        f'name = "{NAME}"', 'languages = ["fr"]', 'hostname = "jean-mace"', f'sources = ["http://{_HOST}:{port}/"]',
        f'follow = ["{country.publisher}"]', f'system_from = "{country.publisher}/{SYSTEM}"',
    ]  # fmt: skip
    (folder / "edubox.toml").write_bytes("\r\n".join([*lines, ""]).encode("utf-8-sig"))
    (folder / "school.toml").write_text(
        f'country = "root.json"\ncard = "edubox.toml"\narguments = "{arguments}"\npackages = {json.dumps(packages)}\n'
        "[box]\nevery_minutes = 1\nquiet_minutes = 0\n",
        "utf-8",
    )
    return folder / "school.toml"


def make(school: Path, output: Path, package: Path, board: str = "pc-amd64") -> dict:
    """What ``edubox image build`` says of the image *output* of *board*."""
    line = [
        sys.executable,
        "-m",
        "edubox",
        "image",
        "build",
        school,
        "--board",
        board,
        "--title",
        CALLED,
        "--package",
        package,
        "-o",
        output,
        "--json",
    ]
    done = subprocess.run(
        list(map(str, line)),
        check=False,
        capture_output=True,
        text=True,
        env=os.environ | {"SOURCE_DATE_EPOCH": EPOCH},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def package(folder: Path, architecture: str = "amd64") -> Path:
    """edubox's Debian package of this checkout, for computers of Debian's *architecture*."""
    subprocess.run(
        [sys.executable, "packaging/debian/build.py", "--arch", architecture, "-o", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return next(folder.glob("*.deb"))
