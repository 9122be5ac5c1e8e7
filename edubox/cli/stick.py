"""``edubox stick``: lessons on a USB stick, for schools without a line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import InOrder, Meter, answer, counted, human_size, json_option, settings_of
from edubox.errors import BadInput

if TYPE_CHECKING:
    from edubox.sync.carried.fill import Filled


@click.group(cls=InOrder)
def stick() -> None:
    """Lessons on a USB stick, for schools without a line."""


@stick.command(short_help="Make a stick one that boxes read and fill.")
@click.argument("path", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--data", type=click.Path(path_type=Path), help="The box whose country and lessons it carries.")
@click.option("--from", "mirror", type=click.Path(path_type=Path), help="Or the mirror folder of a hub.")
@json_option
def prepare(path: Path, data: Path | None, mirror: Path | None, as_json: bool) -> None:
    """Make the stick mounted at PATH one that boxes read and fill, and fill it.

    This alone makes our folder on a stick; what else is on it stays. On a stick that has the folder already
    it writes what the want lists there ask for.
    """
    from edubox.sync.carried.exchange import prepare as prepare_stick
    from edubox.sync.carried.stick import first_root
    from edubox.sync.pinned import country_root

    if (data is None) == (mirror is None):
        raise BadInput(reason="say either --data, a box, or --from, a mirror folder")
    root = country_root(data) if data is not None else first_root(mirror or Path())
    meter = Meter(quiet=as_json)
    filled = prepare_stick(path, root, data / "mirror" if data is not None else mirror or Path(), meter)
    meter.close()
    answer(as_json, {"stick": str(path), **_facts(filled)}, f"{path} is ready. {_sentence(filled)}")


@stick.command(short_help="Take from a stick what is new, and give it what others lack.")
@click.argument("path", type=click.Path(path_type=Path, file_okay=False))
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@json_option
def exchange(path: Path, data: Path, as_json: bool) -> None:
    """Take the lessons that the stick at PATH brings to the box, and give it those that other boxes want."""
    from edubox.box.catalog import Catalogue
    from edubox.box.discovery import host_name
    from edubox.box.own.enrol import ask_if_due
    from edubox.sync.carried.exchange import exchange as exchange_with

    settings = settings_of(data)
    meter = Meter(quiet=as_json)
    ask_if_due(data, settings, line=False)
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
    lines += [] if came else ["The stick brought nothing new to the box."]
    value = {"came": came, **_facts(done.filled)}
    answer(as_json, value, "\n".join([*lines, _sentence(done.filled), "The stick may be pulled now."]))


def _clean(path: Path, data: Path) -> None:
    """Take away from the stick what was erased since it was filled, as the lists say that this box verified."""
    from edubox.publishing.deletion import clean
    from edubox.store.fat import pulled_is_unreachable
    from edubox.sync.carried.stick import recognise
    from edubox.sync.pinned import country_root

    # A box that has not met its country yet knows of nothing erased.
    if (data / "mirror" / "directory" / "metadata" / "timestamp.json").exists():
        with pulled_is_unreachable(path):
            clean(recognise(path, country_root(data)), data / "mirror")


def _facts(filled: Filled) -> dict[str, object]:
    return {"files": filled.files, "bytes": filled.bytes, "left": filled.left}


def _sentence(filled: Filled) -> str:
    size = f"{human_size(filled.bytes)} in {counted(filled.files, 'file was', 'files were')}"
    written = f"{size} written to it." if filled.files else "Nothing had to be written to it."
    if not filled.left:
        return written
    more = f" and {len(filled.left) - 5} more" if len(filled.left) > 5 else ""
    return f"{written} There was no room for {', '.join(filled.left[:5])}{more}."
