"""``edubox console``: the box on a screen or a serial line."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict
from pathlib import Path

import click

from edubox.cli.output import answer, json_option
from edubox.hardware.ask.request import FOLDER
from edubox.hardware.hotspot.state import FOLDER as RUN

_folder = click.Path(path_type=Path, file_okay=False)


@click.command(short_help="The box on a screen or a serial line.")
@click.option(
    "--data", default="/data/edubox", show_default=True, type=_folder, help="The box's data folder."
)
@click.option(
    "--folder",
    default=str(FOLDER),
    show_default=True,
    type=_folder,
    help="Where requests to the system are left.",
)
@click.option(
    "--run", default=str(RUN), show_default=True, type=_folder, help="Where the state of the network is."
)
@click.option("--once", is_flag=True, help="Show the page and end.")
@json_option
def console(data: Path, folder: Path, run: Path, once: bool, as_json: bool) -> None:
    """How the box is, where it is found, and by a number: switch it off, start it again, its Wi-Fi's password, the first
    administrator's code, a report to a stick. As the box's own user; for whoever stands before it. --json shows once what the page says.
    """
    from edubox.box.console import screen
    from edubox.box.console.facts import Places, gather
    from edubox.box.console.talk import Terminal, talk
    from edubox.hardware.card.box_folder import become_owner

    places = Places(data, folder, run)
    if data.is_dir():
        become_owner(data)  # what root would write there, such as SQLite's files, its owner could not read
    if once or as_json:
        facts = gather(places)
        said = asdict(facts) | {"stick": str(facts.stick or "")}
        answer(as_json, said, "\n".join(screen.page(facts, menu=False)))
        return
    wipes = sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"
    talk(places, Terminal(sys.stdin.fileno(), lambda text: click.echo(text, nl=False), wipes))
