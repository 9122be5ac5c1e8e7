"""``edubox site``: the reading site as static files, for home."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edubox.cli.output import InOrder, Meter, answer, counted, json_option, settings_of
from edubox.errors import BadInput, NotFound, OtherCountry, UnreadableSource
from edubox.settings import BY_NAME, check_settings

if TYPE_CHECKING:
    from edubox.box.exporting import Exported


@click.group(cls=InOrder, short_help="The reading site as static files, for home.")
def site() -> None:
    """The reading site as static files: for any web server, a stick, or a folder on a PC."""


@site.command(short_help="Write the reading site.")
@click.argument("mirror", metavar="MIRROR")
@click.argument("out", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    help="MIRROR is this box's own, in its data folder: what it shows.",
)
@click.option(
    "--class",
    "classes",
    multiple=True,
    metavar="CODE",
    help="Only what was given to this class of the box; may be repeated.",
)
@click.option(
    "--country", type=click.Path(path_type=Path), help="The country's root to trust: …/1.root.json."
)
@click.option(
    "--follow",
    multiple=True,
    help="A publisher whose lessons are shown; may be repeated. Without any, all but schools.",
)
@click.option(
    "--language",
    "languages",
    multiple=True,
    help="A language of the pages, the first is the default; may be repeated.",
)
@click.option("--name", help="The name on every page.")
@click.option(
    "--lessons", default="", metavar="URL", help="The address that serves lessons apart from the pages."
)
@click.option(
    "--address", default="", metavar="URL", help="The address of the pages, for squares that phones read."
)
@click.option(
    "--portable", is_flag=True, help="Links that work in any folder, and from a stick or PC without a server."
)
@click.option("--no-zip", is_flag=True, help="No zips to take home: they take the room of the lessons again.")
@click.option("--noindex", is_flag=True, help="Ask search engines to stay away.")
@json_option
def export(
    mirror: str, out: Path, data: Path | None, classes: tuple[str, ...], country: Path | None, follow: tuple[str, ...],
    languages: tuple[str, ...], name: str | None, lessons: str, address: str, portable: bool, no_zip: bool, noindex: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Write the reading site of MIRROR (a folder, a stick, an address) into the folder OUT, or bring it up to date.

    Everything is verified as a box does; what was verified is kept in OUT.kept, so that the next run fetches what
    changed. Files that others put into OUT stay.
    """
    from edubox.box.catalog import Catalogue
    from edubox.box.exporting import export as write_site
    from edubox.pages.export.folder import Folder
    from edubox.pages.export.site import Wishes
    from edubox.pages.player import players

    if portable and (lessons or address):
        raise BadInput(reason="a portable site has no address: leave --lessons and --address out")
    if classes and data is None:
        raise BadInput(reason="classes are known to a box: say which with --data")
    lessons, address = _origin(lessons, "--lessons"), _origin(address, "--address")
    meter = Meter(quiet=as_json)
    if data is not None:
        settings = settings_of(data)
        _ensure_its_own(mirror, data)
    else:
        settings = {one: BY_NAME[one].default for one in BY_NAME}
    settings |= ({"languages": list(languages)} if languages else {}) | ({"name": name} if name else {})
    check_settings({"languages": settings["languages"]}, "--language")
    target = Folder(out, twins=not portable)
    left_out = 0
    if data is None:
        data = out.with_name(f"{out.name}.kept")
        left_out = _synchronise(mirror, data, country, list(follow), settings, meter)
    wishes = Wishes(
        settings["name"], tuple(settings["languages"]), lessons, address, portable=portable, noindex=noindex, zips=not no_zip,
        stale_days=Catalogue(data).stale_days(), class_size=settings["class_size"], air_kbit=settings["air_kbit"],
        players=players(settings["players"]),
    )  # fmt: skip
    done = write_site(
        data, target, wishes, classes, lambda now, all_: meter.show("pages of lessons", now, all_, str)
    )
    meter.close()
    facts = {"pages": done.pages, "written": done.written, "removed": done.removed, "homes": done.homes}
    answer(as_json, {"out": str(out), **facts, "left_out": left_out}, _in_words(out, done, left_out))


def _origin(text: str, option: str) -> str:
    """*text* without its last slash, if it is an address that pages can lie at. Raises BadInput."""
    found = text.rstrip("/")
    plain = found.startswith(("http://", "https://")) and not set(found) & set(" \"'<>?#\\`")
    if text and not plain:
        raise BadInput(reason=f"{option} must be an address such as https://lessons.example.org")
    return found


def _ensure_its_own(mirror: str, data: Path) -> None:
    own = data / "mirror"
    if not (Path(mirror).is_dir() and own.is_dir() and Path(mirror).samefile(own)):
        raise BadInput(reason=f"with --data, MIRROR is the box's own: {own}")


def _synchronise(
    mirror: str, kept: Path, country: Path | None, follow: list[str], settings: dict[str, Any], meter: Meter
) -> int:
    """Bring *kept*, a data folder without a box, up to date from *mirror*; how many publishers that are no schools were left out."""
    from edubox.box.catalog import Catalogue
    from edubox.box.setup import FOLDERS, check_root
    from edubox.store.platform import write_atomic
    from edubox.sync.carried.stick import FOLDER, carries_our_folder, first_root
    from edubox.sync.collections import collections_in
    from edubox.sync.job import synchronise
    from edubox.sync.opening import open_sources

    folder = Path(mirror, FOLDER) if carries_our_folder(Path(mirror)) else Path(mirror)
    pin = kept / "keys" / "root.json"
    root = _read(country) if country is not None else None
    if pin.exists():
        if root is not None and root != pin.read_bytes():
            raise OtherCountry(source=country)
    else:
        if root is None and not folder.is_dir():
            raise BadInput(reason="say which country to trust with --country, or give a folder")
        root = root if root is not None else first_root(folder)
        check_root(root)
        for one in FOLDERS:
            (kept / one).mkdir(parents=True, exist_ok=True)
        write_atomic(pin, root)
    left_out = 0
    if not follow:
        if not folder.is_dir():
            raise BadInput(reason="say whose lessons with --follow: an address does not tell")
        follow, left_out = collections_in(folder)
    synchronise(
        kept,
        open_sources(mirror),
        settings | {"follow": follow, "reserve_mb": 0},
        Catalogue(kept),
        progress=meter,
    )
    return left_out


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(what=f"The country's root {path}") from None
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None


def _in_words(out: Path, done: Exported, left_out: int) -> str:
    files = f"{counted(done.written, 'file was', 'files were')} written, {counted(done.removed, 'file')} left"
    lines = [f"{out}: {counted(done.pages, 'page')}; {files}."]
    lines += [f"Class {code}, with the school's own lessons: {home}" for code, home in done.homes.items()]
    if left_out:
        lines.append(
            f"NOT in it: the lessons of {counted(left_out, 'publisher')}, since there are too many. Name those you want with --follow."
        )
    return "\n".join(lines)
