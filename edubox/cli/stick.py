"""``edubox stick``: lessons on a USB stick, for schools without a line."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import Meter, answer, human_size, json_option, settings_of
from edubox.errors import BadInput, MissingFile

if TYPE_CHECKING:
    from edubox.sync.fill import Filled


@click.group()
def stick() -> None:
    """Lessons on a USB stick, for schools without a line."""


@stick.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--data", type=click.Path(path_type=Path), help="The box whose country and lessons it carries.")
@click.option("--from", "mirror", type=click.Path(path_type=Path), help="Or the mirror folder of a hub.")
@json_option
def prepare(path: Path, data: Path | None, mirror: Path | None, as_json: bool) -> None:
    """Make the stick mounted at PATH one that boxes read and fill, and fill it.

    This alone makes our folder on a stick; what else is on it stays. On a stick that has the folder already it
    writes what the want lists there ask for.
    """
    from edubox.sync.exchange import pinned_root_of
    from edubox.sync.exchange import prepare as prepare_stick
    from edubox.sync.stick import first_root

    if (data is None) == (mirror is None):
        raise BadInput(reason="say either --data, a box, or --from, a mirror folder")
    root = pinned_root_of(data) if data is not None else first_root(mirror or Path())
    meter = Meter(quiet=as_json)
    filled = prepare_stick(path, root, data / "mirror" if data is not None else mirror or Path(), meter)
    meter.close()
    answer(as_json, {"stick": str(path), **_facts(filled)}, f"{path} is ready. {_sentence(filled)}")


@stick.command()
@click.argument("path", type=click.Path(path_type=Path, file_okay=False))
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@json_option
def exchange(path: Path, data: Path, as_json: bool) -> None:
    """Take the lessons that the stick at PATH brings to the box, and give it those that other boxes want."""
    from edubox.box.catalog import Catalogue
    from edubox.box.discovery import host_name
    from edubox.sync.exchange import exchange as exchange_with

    settings = settings_of(data)
    meter = Meter(quiet=as_json)
    done = exchange_with(data, path, host_name(), settings, Catalogue(data), meter)
    meter.close()
    _clean(path, data)
    if done.error is not None:
        raise done.error
    came = [
        {"pack": f"{one.publisher}/{one.slug}", "version": one.version, "state": one.state}
        for one in done.came
    ]
    lines = [f"{one['pack']}: version {one['version']}, {one['state']}" for one in came]
    lines += [] if came else ["The stick brought nothing new."]
    value = {"came": came, **_facts(done.filled)}
    answer(as_json, value, "\n".join([*lines, _sentence(done.filled), "The stick may be pulled now."]))


def _clean(path: Path, data: Path) -> None:
    """Take away from the stick what was erased since it was filled, as the lists say that this box verified."""
    from edubox.publishing.deletion import clean
    from edubox.store.fat import pulled_is_unreachable
    from edubox.sync.exchange import pinned_root_of
    from edubox.sync.stick import recognise

    # A box that has not met its country yet knows of nothing erased.
    if (data / "mirror" / "directory" / "metadata" / "timestamp.json").exists():
        with pulled_is_unreachable(path):
            clean(recognise(path, pinned_root_of(data)), data / "mirror")


def clean_stick(mount: Path, mirror: Path) -> None:
    """Delete from the stick at *mount* the bundles and films of lessons that were erased, as *mirror* knows of them."""
    from edubox.publishing.deletion import clean
    from edubox.store.fat import pulled_is_unreachable
    from edubox.sync.stick import FOLDER

    # Before it has met its country a box knows of nothing that was erased.
    with pulled_is_unreachable(mount), contextlib.suppress(MissingFile):
        clean(mount / FOLDER, mirror)


def _facts(filled: Filled) -> dict[str, object]:
    return {"files": filled.files, "bytes": filled.bytes, "left": filled.left}


def _sentence(filled: Filled) -> str:
    written = f"{human_size(filled.bytes)} in {filled.files} files were written to it."
    if not filled.left:
        return written
    more = f" and {len(filled.left) - 5} more" if len(filled.left) > 5 else ""
    return f"{written} There was no room for {', '.join(filled.left[:5])}{more}."
