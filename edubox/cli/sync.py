"""``edubox sync``: bring a box up to date from a hub, a mirror folder or several of them."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.cli.output import Meter, answer, human_size, json_option, settings_of
from edubox.errors import BadInput


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--from", "sources", multiple=True, help="An address or a folder, in order of preference.")
@click.option(
    "--once",
    is_flag=True,
    help="Synchronise once and end, as this command does anyway: it is never a service.",
)
@json_option
def sync(data: Path, sources: tuple[str, ...], once: bool, as_json: bool) -> None:  # noqa: ARG001
    """Bring the box in DATA up to date. What is cut is continued the next time."""
    from edubox.box.catalog import Catalogue
    from edubox.sync.job import synchronise
    from edubox.sync.plan import NOTHING
    from edubox.sync.sources import open_sources

    settings = settings_of(data)
    wanted = list(sources) or settings["sources"]
    if not wanted:
        raise BadInput(reason="this box knows no source; say one with --from, or set sources in box.toml")
    meter = Meter(quiet=as_json)
    report = synchronise(
        data,
        [source for one in wanted for source in open_sources(one)],
        settings,
        Catalogue(data),
        progress=meter,
    )
    meter.close()
    lines = [
        f"{one['pack']}: version {one['version']}, {one['plan']}, {human_size(one['bytes'])}"
        for one in report.packs
        if one["bytes"] or one["plan"] != NOTHING
    ] or ["Nothing new."]
    if not settings["follow"]:
        lines.append(f"This box follows no publisher: name some under follow in {data / 'box.toml'}.")
    lines.append(f"{human_size(report.bytes)} received in {report.requests} requests.")
    answer(as_json, report.to_json(), "\n".join(lines))
