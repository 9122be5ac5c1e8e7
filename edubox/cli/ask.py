"""``edubox ask``: what the desk asks of the system, done as root."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.cli.output import InOrder, answer, json_option

_SAYS = {
    "nothing": "Nothing was asked that can be done.",
    "refused": "The clock was left alone: that time cannot be right.",
    "clock": "The clock is set.",
    "poweroff": "This computer switches itself off.",
    "restart": "This computer starts again.",
    "update": "This computer starts the newer system that waits.",
}


@click.group(cls=InOrder)
def ask() -> None:
    """What the desk asks of the system."""


@ask.command(short_help="Do what the desk asked, as root.")
@click.option(
    "--data",
    default="/data/edubox",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The box's data folder.",
)
@click.option(
    "--folder",
    default="/run/edubox/ask",
    show_default=True,
    type=click.Path(path_type=Path),
    help="Where requests are left.",
)
@click.option(
    "--boot",
    default="/boot/firmware",
    show_default=True,
    type=click.Path(path_type=Path),
    help="The card's FAT partition.",
)
@json_option
def apply(data: Path, folder: Path, boot: Path, as_json: bool) -> None:
    """Read one request of the box and do it: switch off, start again, set the clock, or start a newer system that waits."""
    from edubox.hardware.ask.applying import System, starts_new
    from edubox.hardware.ask.applying import apply as do
    from edubox.sync.pinned import read_floor

    done = do(folder, read_floor(data), System(starts_new=lambda: starts_new(boot)))
    answer(as_json, {"done": done}, _SAYS[done])
