"""``edubox hub alert`` and ``edubox hub forecast``: who is told of what, and what a lesson will cost before it is published."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.cli.academy_codes import actor, open_hub_of
from edubox.cli.output import InOrder, answer, human_size, json_option
from edubox.errors import UnreadableSource

_data = click.option("--data", required=True, type=click.Path(path_type=Path), help="The country's folder.")
_authority = click.option("--authority", default="", help="Of this authority's boxes alone.")


@click.group(cls=InOrder, short_help="Who is told when boxes fall silent or break.")
def alert() -> None:
    """Messages by mail or to a web address: silent boxes, broken ones, releases that were stopped."""


@alert.command(short_help="Tell somebody.")
@_data
@_authority
@click.option(
    "--of", "kind", type=click.Choice(["silent", "broken", "release"]), required=True, help="What is told."
)
@click.option("--to", "target", required=True, help="A mail address, or an https address that takes JSON.")
@json_option
def add(data: Path, authority: str, kind: str, target: str, as_json: bool) -> None:
    """Tell TARGET from now on; the hub looks every hour and says only what is new."""
    from edubox.hub.fleet import alerts

    number = alerts.add(open_hub_of(data), authority, kind, target, actor())
    answer(as_json, {"alert": number}, f"{target} is told of {kind} from now on (number {number}).")


@alert.command("list", short_help="Who is told.")
@_data
@_authority
@json_option
def list_alerts(data: Path, authority: str, as_json: bool) -> None:
    """List who is told of what."""
    from edubox.hub.fleet import alerts

    with open_hub_of(data).database.read() as connection:
        found = [
            {"alert": one.id, "authority": one.authority, "of": one.kind, "to": one.target}
            for one in alerts.listed(connection, authority)
        ]
    lines = [f"{one['alert']}: {one['of']} of {one['authority'] or 'the country'} to {one['to']}" for one in found]  # fmt: skip
    answer(as_json, {"alerts": found}, "\n".join(lines) or "Nobody is told of anything.")


@alert.command(short_help="Tell somebody no more.")
@_data
@click.argument("number", type=int)
@json_option
def remove(data: Path, number: int, as_json: bool) -> None:
    """Remove the alert NUMBER."""
    from edubox.hub.fleet import alerts

    alerts.remove(open_hub_of(data), number, actor())
    answer(as_json, {"alert": number}, f"Alert {number} is gone.")


@click.command(short_help="What a lesson costs boxes and hub before it is published.")
@_data
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@_authority
@json_option
def forecast(data: Path, file: Path, authority: str, as_json: bool) -> None:
    """Say how long the boxes need for the lesson FILE (.edpack), as fast as they fetched lately, and what leaves the hub."""
    from dataclasses import asdict

    from edubox.hub.fleet.forecast import forecast as look

    try:
        size = file.stat().st_size
    except OSError as error:
        raise UnreadableSource(path=file, reason=error.strerror) from None
    hub = open_hub_of(data)
    with hub.database.read() as connection:
        told = look(connection, size, authority, hub.now())
    hours = [
        f"{words}: {hour:.1f} hours at most"
        for words, hour in (("half of them", told.middle), ("the slowest tenth", told.slow))
        if hour is not None
    ] or ["nobody knows how fast they fetch: they have not told of any day's bytes yet"]
    lines = [
        f"{human_size(size)} for {told.boxes} boxes: {human_size(told.total)} from the hub, once to each mirror in front of it.",
        f"Time: {', '.join(hours)}.", f"No word of {told.unknown} boxes; {told.full} have no room.",
    ]  # fmt: skip
    answer(as_json, asdict(told), "\n".join(lines))
