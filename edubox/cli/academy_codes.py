"""``edubox academy codes``: one-time codes that let boxes in; and what the commands of an academy share."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import InOrder, answer, counted, json_option
from edubox.errors import NotFound, UnreadableSource

if TYPE_CHECKING:
    from edubox.hub.hub import Hub

data_option = click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="The country's folder."
)
authority_option = click.option("--authority", help="Only this academy.  [default: every one]")


@click.group(cls=InOrder)
def codes() -> None:
    """One-time codes that let boxes in."""


@codes.command("import", short_help="Take in a list of one-time codes.")
@click.argument("table", metavar="CODES.csv", type=click.Path(path_type=Path))
@data_option
@click.option("--authority", required=True, help="The academy whose codes they are.")
@click.option("--name", help="Name of the list.  [default: that of the file]")
@click.option("--automatic", is_flag=True, help="Boxes with these codes are accepted without a person.")
@click.option(
    "--days", type=click.IntRange(1, 3650), help="Days for which the codes are good.  [default: for ever]"
)
@json_option
def import_codes(
    table: Path,
    data: Path,
    authority: str,
    name: str | None,
    automatic: bool,
    days: int | None,
    as_json: bool,
) -> None:
    """Take in the table that `edubox flash codes` wrote. The hub keeps no code, only what it knows one by."""
    from edubox.hub.enrol import codes as room

    hub = open_hub_of(data)
    expires = None if days is None else int(hub.clock().timestamp()) + days * 86_400
    done = room.import_list(hub, authority, name or table.stem, bytes_of(table), actor(), expires)
    if automatic:
        room.set_automatic(hub, done.number, True, actor())
    text = f"{counted(done.new, 'new code')} of {authority}, {done.known} known before."
    text += "".join(f"\n  note: {one}" for one in done.mistakes)
    value = {"list": done.number, "new": done.new, "known": done.known, "mistakes": done.mistakes}
    answer(as_json, value, text)


@codes.command("list", short_help="Lists of codes, and how many were used.")
@data_option
@authority_option
@json_option
def list_codes(data: Path, authority: str | None, as_json: bool) -> None:
    """Say which lists of codes there are, and how many of them were used."""
    from edubox.hub.enrol import codes as room

    found = room.lists(open_hub_of(data), authority)
    text = "\n".join(
        f"{one.id:>4}  {one.authority}/{one.name}: {one.used} of {one.codes} used{', automatic' if one.automatic else ''}"
        for one in found
    )
    value = [
        {"list": one.id, "authority": one.authority, "name": one.name, "codes": one.codes, "used": one.used, "automatic": one.automatic}
        for one in found
    ]  # fmt: skip
    answer(as_json, {"lists": value}, text or "There is no list of codes.")


@codes.command("automatic", short_help="Accept boxes of a list without a person, or not.")
@click.argument("number", metavar="LIST", type=int)
@data_option
@click.option("--off", is_flag=True, help="From now on a person decides.")
@json_option
def automatic_codes(number: int, data: Path, off: bool, as_json: bool) -> None:
    """Let boxes with a code of LIST (a number) in without a person."""
    from edubox.hub.enrol import codes as room

    room.set_automatic(open_hub_of(data), number, not off, actor())
    answer(
        as_json,
        {"list": number, "automatic": not off},
        f"List {number}: {'a person decides' if off else 'automatic'}.",
    )


def open_hub_of(data: Path) -> Hub:
    """The hub of the country's folder *data*. Raises NotFound, BadInput, DatabaseAway."""
    from edubox.hub.hub import open_hub

    if not (data / "mirror").is_dir():
        raise NotFound(what=f"The folder {data / 'mirror'}")
    return open_hub(data)


def bytes_of(path: Path) -> bytes:
    """The file *path*. Raises NotFound, UnreadableSource."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound(what=f"The file {path}") from None
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None


def actor() -> str:
    """Whoever sits at this computer, for the list of what was done."""
    try:
        return f"shell:{getpass.getuser()}"
    except (OSError, KeyError):
        return "shell"
