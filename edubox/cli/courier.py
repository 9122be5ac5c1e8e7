"""``edubox courier``: lessons in files that a phone or a stick carries, to a box and from one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import InOrder, Meter, NewFile, answer, counted, human_size, json_option, settings_of
from edubox.errors import BadInput, UnreadableSource
from edubox.sync.carried.courier_source import PART_SIZE

if TYPE_CHECKING:
    from edubox.sync.carried.wants import Want

_data = click.option("--data", type=click.Path(path_type=Path), help="The box's data folder.")
_MEGABYTE = 1_000_000


@click.group(cls=InOrder, short_help="Lessons in files that a phone or a stick carries.")
def courier() -> None:
    """Lessons in files that a phone or a stick carries to a school without a line."""


@courier.command(short_help="Write the list of what a box has.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option(
    "-o",
    "--output",
    required=True,
    type=NewFile(),
    help="The want list to write, - for standard output.",
)
@json_option
def want(data: Path, output: Path, as_json: bool) -> None:
    """Write down what the box in DATA has, so that whoever has a line brings what it lacks."""
    from edubox.box.catalog import Catalogue
    from edubox.box.discovery import host_name
    from edubox.store.platform import write_atomic
    from edubox.sync.carried.wants import want_of

    list_ = want_of(data, Catalogue(data), host_name(), settings_of(data))
    if str(output) == "-":
        click.echo(list_.to_bytes(), nl=False)
        return
    write_atomic(output, list_.to_bytes())
    facts = {
        "box": list_.box,
        "follow": sorted(list_.follow),
        "have": len(list_.have),
        "media": len(list_.media),
    }
    answer(
        as_json, facts, f"{output}: what {list_.label} ({list_.box}) has. Take it to where there is a line."
    )


@courier.command(short_help="Fill files with lessons, all or what a box lacks.")
@click.option("--from", "mirror", type=click.Path(path_type=Path), help="The mirror folder to take from.")
@_data
@click.option("--want", "wants", multiple=True, type=click.Path(path_type=Path),
              help="A box's want list; may be repeated. Without any, everything goes.")  # fmt: skip
@click.option("--to", "folder", type=click.Path(path_type=Path), help="The folder to write the parts to.")
@click.option("--part-size", default=PART_SIZE // _MEGABYTE, show_default=True,
              type=click.IntRange(1, PART_SIZE // _MEGABYTE), help="Megabytes of the largest part.")  # fmt: skip
@click.option("--asked", is_flag=True, help="Make what somebody asked for on the page of the box in DATA.")
@json_option
def export(
    mirror: Path | None, data: Path | None, wants: tuple[Path, ...], folder: Path | None, part_size: int, asked: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Write a courier: zip files that carry lessons. What was interrupted is continued, part by part."""
    from edubox.store.platform import Reserve
    from edubox.store.space import reserve_of
    from edubox.sync.carried.carry import chosen
    from edubox.sync.carried.courier import export as export_courier
    from edubox.sync.carried.courier_shelf import Shelf
    from edubox.sync.carried.courier_work import make_asked, name_of

    settings = settings_of(data) if data else {}
    reserve = reserve_of(data, settings) if data else Reserve()
    meter = Meter(quiet=as_json)
    if asked:
        if data is None:
            raise BadInput(reason="say whose page: --data")
        make_asked(Shelf(data, reserve), data, settings, meter)
        meter.close()
        return
    if folder is None or (mirror is None) == (data is None):
        raise BadInput(
            reason="say where the lessons are, with --from or --data, and where they go, with --to"
        )
    lists = [_read_want(path) for path in wants]
    place = mirror or Path(f"{data}/mirror")
    parts = export_courier(
        place, chosen(place, lists), folder, name_of(lists), part_size=part_size * _MEGABYTE, reserve=reserve,
        progress=meter.show,
    )  # fmt: skip
    meter.close()
    sizes = [path.stat().st_size for path in parts]
    lines = [f"{path}: {human_size(size)}" for path, size in zip(parts, sizes, strict=True)]
    answer(as_json, {"parts": [str(path) for path in parts], "size": sum(sizes)}, "\n".join(lines))


@courier.command("import", short_help="Bring what such files hold to a box.")
@click.argument("files", nargs=-1, metavar="FILE…", type=click.Path(path_type=Path))
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--handed-in", is_flag=True, help="Bring what was handed in on the box's page, and remove it.")
@json_option
def import_(files: tuple[Path, ...], data: Path, handed_in: bool, as_json: bool) -> None:
    """Bring what parts of a courier hold to the box in DATA, in any order; what is in other parts waits for them."""
    from edubox.box.catalog import Catalogue
    from edubox.store.space import reserve_of
    from edubox.sync.carried.courier_shelf import Shelf
    from edubox.sync.carried.courier_work import bring, bring_shelf

    settings = settings_of(data)
    meter = Meter(quiet=as_json)
    if handed_in:
        bring_shelf(Shelf(data, reserve_of(data, settings)), data, settings, Catalogue(data), meter)
        meter.close()
        return
    if not files:
        raise BadInput(reason="name the parts of a courier, files that end with .zip")
    brought = bring(data, files, settings, Catalogue(data), meter)
    meter.close()
    facts = {"bytes": brought.bytes, "lessons": brought.lessons, "rest": brought.rest}
    text = f"{counted(brought.lessons, 'lesson is', 'lessons are')} new or newer, {human_size(brought.bytes)} were taken."
    if brought.rest and not brought.bytes:
        text += "\nIf parts with smaller numbers are still to come, import them first, then this again."
    elif brought.rest:
        text += "\nMore comes with the other parts; what is here is kept."
    answer(as_json, facts, text)


def _read_want(path: Path) -> Want:
    """Read a want list."""
    from edubox.sync.carried.wants import MAX_WANT, parse

    try:
        with path.open("rb") as handle:
            return parse(handle.read(MAX_WANT + 1))
    except OSError as error:
        raise UnreadableSource(path=path, reason=error.strerror) from None
