"""``edubox sync``: bring a box up to date from a hub, a mirror folder, boxes nearby or several of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edubox.cli.output import Meter, answer, human_size, json_option, settings_of
from edubox.errors import BadInput, Busy, EduboxError

if TYPE_CHECKING:
    from edubox.sync.fetching.sources import Source
    from edubox.sync.pacing.orders import Orders
    from edubox.sync.pacing.paced import Pacer
    from edubox.sync.report import Report


@click.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--from", "sources", multiple=True, help="An address or a folder, in order of preference.")
@click.option(
    "--neighbour", "neighbours", multiple=True, help="The address of a box nearby, asked before any hub."
)
@click.option("--paced", is_flag=True, help="Keep to the rate, the budgets and the metered line of box.toml.")
@click.option("--now", is_flag=True, help="With --paced: a metered line may carry large files this once.")
@click.option(
    "--accept-old", is_flag=True,
    help="Take new lessons although the country's signatures are so old that they would wait.",
)  # fmt: skip
@click.option(
    "--here",
    is_flag=True,
    help="Ask nobody: only show the lessons that are on this box and whose moment has come.",
)
@click.option(
    "--once",
    is_flag=True,
    help="Synchronise once and end, as this command does anyway: it is never a service.",
)
@json_option
@click.pass_obj
def sync(
    orders: Orders | None, data: Path, sources: tuple[str, ...], neighbours: tuple[str, ...], paced: bool, now: bool,
    accept_old: bool, here: bool, once: bool, as_json: bool,  # noqa: ARG001
) -> None:  # fmt: skip
    """Bring the box in DATA up to date. What is cut is continued the next time."""
    from edubox.box.catalog import Catalogue
    from edubox.box.own.check_in import check_in
    from edubox.box.own.enrol import ask_if_due
    from edubox.box.own.lessons import renew
    from edubox.box.own.offering import offer_if_any
    from edubox.sync.job import synchronise
    from edubox.sync.pacing.orders import Orders
    from edubox.sync.pacing.pace import Pace
    from edubox.sync.pacing.paced import Pacer
    from edubox.sync.pacing.usage import UsageFile
    from edubox.sync.pinned import read_floor

    settings = settings_of(data)
    if here:
        _open_what_is_here(data, settings, as_json=as_json)
        return
    wanted = list(sources) or settings["sources"]
    if not wanted and not neighbours:
        raise BadInput(reason="this box knows no source; say one with --from, or set sources in box.toml")
    usage = UsageFile(data, read_floor(data))
    pacer = Pacer(Pace.of(settings) if paced else Pace(), usage, orders or Orders(), asked=now)
    meter = Meter(quiet=as_json)
    try:
        renew(data)
        ask_if_due(data, settings)
        if not sources:
            check_in(data, settings)
        opened = _open(wanted, neighbours, pacer)
        report = synchronise(data, opened, settings, Catalogue(data), progress=meter, accept_old=accept_old)
        if paced and not report.postponed:
            offer_if_any(data, settings, pacer, orders)
    except Busy:
        raise  # the other one tells how it went
    except EduboxError as error:
        usage.failed(error)
        raise
    if report.postponed:
        usage.ended_early()
    else:
        usage.went_well([source.name for source in opened if source.received])
    meter.close()
    answer(as_json, report.to_json(), _in_words(report, settings, data))


def _open_what_is_here(data: Path, settings: dict[str, Any], *, as_json: bool) -> None:
    """A run that reads this box's own copy alone; how fetching went is not its business."""
    from edubox.box.catalog import Catalogue
    from edubox.sync.fetching.sources import OWN, FolderSource
    from edubox.sync.job import synchronise

    source = FolderSource(data / "mirror", OWN)
    report = synchronise(data, [source], settings, Catalogue(data), progress=Meter(quiet=as_json))
    answer(as_json, report.to_json(), _in_words(report, settings, data))


def _open(wanted: list[str], neighbours: tuple[str, ...], pacer: Pacer) -> list[Source]:
    """Every source, paced and counted; without the hub when its line may carry nothing more."""
    from edubox.sync.fetching.http_source import HttpSource
    from edubox.sync.fetching.neighbours import Neighbour
    from edubox.sync.fetching.sources import HUB, NEIGHBOUR
    from edubox.sync.opening import open_sources
    from edubox.sync.pacing.paced import Paced

    held = pacer.receive_buffer
    near: list[Source] = [
        Neighbour(Paced(HttpSource(address, NEIGHBOUR, receive_buffer=held), pacer)) for address in neighbours
    ]
    others = [source for one in wanted for source in open_sources(one, receive_buffer=held)]
    if near and pacer.line_is_closed():
        others = [source for source in others if source.kind != HUB]
    return [*near, *(Paced(source, pacer) for source in others)]


def _in_words(report: Report, settings: dict[str, Any], data: Path) -> str:
    from edubox.sync.following import followed
    from edubox.sync.plan import NOTHING

    lines = [
        f"{one['pack']}: version {one['version']}, {one['plan']}, {human_size(one['bytes'])}"
        for one in report.packs
        if one["bytes"] or one["plan"] != NOTHING
    ] or ["Nothing new."]
    if report.postponed:
        lines.append(report.postponed)
    if not followed(data, settings):
        lines.append(f"This box follows no publisher: name some under follow in {data / 'box.toml'}.")
    lines.append(f"{human_size(report.bytes)} received in {report.requests} requests.")
    return "\n".join(lines)
