"""``edubox push``: send the lessons that teachers offered to the academy, over a line or in a courier."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import Meter, answer, human_size, json_option, settings_of

if TYPE_CHECKING:
    from edubox.sync.pushing import Report


@click.command(short_help="Send the lessons that teachers offered to the academy.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option(
    "--hub", "address", default="", help="The hub's address.  [default: hub or sources of box.toml]"
)
@click.option("--to", "folder", type=click.Path(path_type=Path), help="Write a courier to this folder instead, for a way without a line.")  # fmt: skip
@json_option
def push(data: Path, address: str, folder: Path | None, as_json: bool) -> None:
    """Send what teachers of the box in DATA offered, and hear what the academy says. What is cut is continued the next time.

    A box does this by itself when it synchronises. Only offered lessons leave, and nothing that is for teachers only.
    """
    from edubox.box.own.offering import send, write_courier

    settings, meter = settings_of(data), Meter(quiet=as_json)
    if folder is not None:
        parts, chosen = write_courier(data, settings, folder, show=meter.show)
        meter.close()
        lines = [f"{path}: {human_size(path.stat().st_size)}" for path in parts]
        told = [{"lesson": one.lesson, "version": one.version, "said": one.said} for one in chosen]
        hint = "Take it to the academy: edubox hub intake FILE there. What it says comes back over a line."
        answer(as_json, {"parts": [str(path) for path in parts], "offers": told}, "\n".join([*lines, hint]))
        return
    report = send(data, settings, address=address, show=meter.show)
    meter.close()
    answer(as_json, report.to_json(), _in_words(report))


def _in_words(report: Report) -> str:
    lines = [
        f"{one.lesson}, version {one.version}: {one.state}" + (f" – {one.said}" if one.said else "")
        for one in report.offers
    ] or ["Nothing is offered, or nothing new is said."]
    if report.postponed:
        lines.append(f"The rest goes later: {report.postponed}.")
    return "\n".join([*lines, f"{human_size(report.sent)} sent in {report.requests} requests."])
