"""``edubox country``: make a country's folder, and enter publishers in its directory."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from edubox.cli.ceremony import ceremony
from edubox.cli.output import InOrder, answer, json_option, passphrase
from edubox.errors import BadInput, UnreadableSource


@click.group(cls=InOrder)
def country() -> None:
    """A country: its directory of publishers, and its keys."""


@country.command(short_help="Make a new country.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--name", required=True, help="The country's name.")
@click.option(
    "--country-file", type=click.Path(path_type=Path),
    help="Levels, subjects and tiers, a TOML file.  [default: the French one]",
)  # fmt: skip
@json_option
def create(folder: Path, name: str, country_file: Path | None, as_json: bool) -> None:
    """Make DIR/mirror, DIR/keys and DIR/locks: a new country."""
    from edubox.content import content_folder
    from edubox.publishing.country import create as create_country

    described = read_country_file(country_file or content_folder() / "countries" / "france.toml")
    create_country(folder, name, described, passphrase(new=True), datetime.now(UTC))
    root = folder / "mirror" / "directory" / "metadata" / "1.root.json"
    text = f"The country {name} is in {folder}. Every box needs its root: {root}\nNext: edubox country add-publisher."
    answer(as_json, {"country": str(folder), "root": str(root)}, text)


@country.command(short_help="Give a country another country file.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--country-file", required=True, type=click.Path(path_type=Path), help="A TOML file.")
@json_option
def describe(folder: Path, country_file: Path, as_json: bool) -> None:
    """Replace levels, subjects, tiers and words of the country in DIR by those of another country file."""
    from edubox.publishing.country import describe as describe_country

    changed = describe_country(folder, read_country_file(country_file), passphrase(), datetime.now(UTC))
    text = f"The country in {folder} is described by {country_file.name}{'' if changed else ' already, nothing changed'}."
    answer(as_json, {"country": str(folder), "unchanged": not changed}, text)


@country.command("add-publisher", short_help="Make a publisher's keys and enter it.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--id", "publisher", required=True, help="The publisher: authority/name.")
@click.option("--name", required=True, help="The name to show.")
@click.option("--kind", default="ministry", show_default=True, help="A tier of the country file.")
@json_option
def add_publisher(folder: Path, publisher: str, name: str, kind: str, as_json: bool) -> None:
    """Make a publisher's keys and repository, and enter it in the directory of DIR."""
    from edubox.publishing.country import add_publisher as add_to_country

    add_to_country(folder, publisher, name, passphrase(), datetime.now(UTC), kind)
    root = folder / "mirror" / "publishers" / publisher / "metadata" / "1.root.json"
    answer(
        as_json, {"publisher": publisher, "root": str(root)}, f"{publisher} can publish now: edubox publish."
    )


@country.command(short_help="Boxes take nothing new from a publisher.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--id", "publisher", required=True, help="The publisher: authority/name.")
@json_option
def suspend(folder: Path, publisher: str, as_json: bool) -> None:
    """Suspend a publisher: boxes take nothing new from it and keep what they have."""
    _set_status(folder, publisher, "suspended", as_json)


@country.command(short_help="End the suspension of a publisher.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--id", "publisher", required=True, help="The publisher: authority/name.")
@json_option
def resume(folder: Path, publisher: str, as_json: bool) -> None:
    """End the suspension of a publisher."""
    _set_status(folder, publisher, "active", as_json)


def _set_status(folder: Path, publisher: str, status: str, as_json: bool) -> None:
    from edubox.publishing.move import set_status

    changed = set_status(folder, publisher, status, passphrase(), datetime.now(UTC))
    text = f"{publisher} is {status}{'' if changed else ' already, nothing changed'}."
    answer(as_json, {"publisher": publisher, "status": status, "unchanged": not changed}, text)


@country.command(short_help="Let a publisher go on under another name.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--id", "publisher", required=True, help="The publisher: authority/name.")
@click.option("--to", "new", required=True, help="Its new name: authority/name.")
@json_option
def move(folder: Path, publisher: str, new: str, as_json: bool) -> None:
    """Let a publisher go on under another authority or name, with its lessons and its keys."""
    from edubox.publishing.move import move as move_publisher

    move_publisher(folder, publisher, new, passphrase(), datetime.now(UTC))
    answer(as_json, {"publisher": new, "moved_from": publisher}, f"{publisher} goes on as {new}.")


@country.command("rotate-root", short_help="Sign the country's next root, with new keys if asked.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--new-key", "roles", multiple=True, type=click.Choice(["root", "targets", "snapshot", "timestamp"]),
    help="A role whose key is replaced; may be repeated.",
)  # fmt: skip
@json_option
def rotate_root(folder: Path, roles: tuple[str, ...], as_json: bool) -> None:
    """Sign the next root of a country whose root is one key, with new keys where that is asked for."""
    from edubox.publishing.rotation import rotate_root as rotate

    version = rotate(folder, roles, passphrase(), datetime.now(UTC))
    answer(as_json, {"root": version}, f"Root {version} of this country is published.")


@country.command("add-authority", short_help="Enter an academy whose key is its own.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("founding", metavar="FOUNDING.json", type=click.Path(path_type=Path))
@json_option
def add_authority(folder: Path, founding: Path, as_json: bool) -> None:
    """Let an academy list its schools with a key that never was here: FOUNDING.json comes from `edubox academy found`."""
    from edubox.publishing.authority import add

    try:
        data = founding.read_bytes()
    except OSError as error:
        raise UnreadableSource(path=founding, reason=error.strerror) from None
    name, keyid = add(folder, data, passphrase(), datetime.now(UTC))
    text = f"{name} signs for its schools with the key {keyid}."
    answer(as_json, {"authority": name, "keyid": keyid}, text)


country.add_command(ceremony)


def read_country_file(path: Path) -> dict[str, Any]:
    """Read a country file; raises UnreadableSource, BadInput."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(reason=f"{path.name}: {error}") from None
