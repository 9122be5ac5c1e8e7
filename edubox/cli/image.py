"""``edubox image``: make the image of a card."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import click

from edubox.cli.output import InOrder, answer, human_size, json_option
from edubox.errors import BadInput, ChildFailed, NotFound

_file = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=InOrder)
def image() -> None:
    """Images of cards: a whole box to be written to a card."""


@image.command()
@click.argument("recipe", type=_file, metavar="SCHOOL.TOML")
@click.option("--board", required=True, help="The computer it is for: pc-amd64 or rpi-arm64.")
@click.option(
    "-o", "--output", required=True, type=_file, help="The image to write; what belongs to it lies beside it."
)
@click.option("--package", type=_file, help="edubox's Debian package; in a checkout it is made when absent.")
@click.option(
    "--mirror",
    default="",
    help="Where Debian's packages come from, an address or a folder; this computer's own mirror when absent.",
)
@click.option(
    "--security-mirror",
    default="",
    help="Where Debian's security fixes come from, or none; where this computer's own apt has them when absent.",
)
@click.option(
    "--cache", type=click.Path(path_type=Path, file_okay=False), help="What is kept for the next image."
)
@click.option("--fresh", is_flag=True, help="Make Debian's part anew, though it was kept.")
@click.option("--title", default="", help="What the system is called; the day of its making when absent.")
@json_option
def build(
    recipe: Path, board: str, output: Path, package: Path | None, mirror: str, security_mirror: str, cache: Path | None,
    fresh: bool, title: str, as_json: bool,
) -> None:  # fmt: skip
    """Make an image from SCHOOL.TOML. Run it as root; the first one takes minutes, the next ones seconds.

    Everything in it has the time SOURCE_DATE_EPOCH, so that the same inputs make the same bytes.
    """
    from edubox.hardware import boards
    from edubox.hardware.image import archive, sbom
    from edubox.hardware.image import build as building
    from edubox.hardware.image import recipe as recipes

    chosen, asked = boards.read(board), recipes.read(recipe)
    if os.geteuid() != 0:
        raise BadInput(reason="an image holds files of root: run this with sudo")
    if output.suffix != ".img":
        raise BadInput(reason=f"{output} must end in .img, since other files are named after it")
    if not output.absolute().parent.is_dir():
        raise NotFound(what=f"The folder {output.absolute().parent}")
    if package is not None and not package.is_file():
        raise NotFound(what=f"The package {package}")
    began, epoch = time.monotonic(), _epoch()
    called = title or time.strftime("%Y-%m-%d", time.gmtime(epoch))
    kept = (cache or _cache()).resolve()
    say = (
        (lambda _: None)
        if as_json
        else (lambda what: click.echo(f"  {time.monotonic() - began:5.0f} s  {what}", err=True))
    )
    with tempfile.TemporaryDirectory() as folder:
        made = building.build(
            chosen, asked, package or _package(chosen.architecture, Path(folder)), output, cache=kept,
            source=archive.find(mirror, security_mirror), epoch=epoch, title=called, say=say, fresh=fresh,
        )  # fmt: skip
    building.owner_of(output)
    facts = {
        "image": str(output), "board": board, "size": made.size, "stored": made.stored, "system": str(made.system),
        "system_size": made.system_size, "packages": made.packages, "debian": dict(made.suites),
        "seconds": round(time.monotonic() - began, 1),
    }  # fmt: skip
    answer(as_json, facts, (
        f"{output}: {human_size(made.size)}, of which {human_size(made.stored)} are written; for cards of 4 GB and more.\n"
        f"{sbom.from_debian([name for name, _ in made.suites])} ({'; '.join(date for _, date in made.suites)}).\n"
        f"Its system is {made.system.name} ({human_size(made.system_size)}, {made.packages} packages). Publish it too, so that the next\n"
        f"one is a short update: edubox system pack {made.system.name} --board {board} --title '{called}' -o system.edpack"
    ))  # fmt: skip


def _epoch() -> int:
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if given and not given.isdigit():
        raise BadInput(reason="SOURCE_DATE_EPOCH must be seconds since 1970")
    return int(given or time.time())


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edubox" / "image"


def _package(architecture: str, folder: Path) -> Path:
    """The Debian package made of this checkout. Raises NotFound, ChildFailed."""
    import edubox

    script = Path(edubox.__file__).parent.parent / "packaging" / "debian" / "build.py"
    if not script.exists():
        raise NotFound(what="edubox's Debian package (say which with --package)")
    done = subprocess.run(
        [sys.executable, str(script), "--arch", architecture, "-o", str(folder)],
        check=False,
        stdout=subprocess.DEVNULL,
    )
    if done.returncode:
        raise ChildFailed(command="packaging/debian/build.py", status=done.returncode)
    return next(folder.glob("*.deb"))
