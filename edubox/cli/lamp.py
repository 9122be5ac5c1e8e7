"""``edubox lamp``: what the board's light says."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.cli.output import answer, json_option
from edubox.errors import UnusablePath
from edubox.hardware.lamp.codes import CODES

_LOOK = "look"


@click.command(short_help="What the board's light says, as root.")
@click.argument("state", metavar="[STATE]", type=click.Choice([_LOOK, *CODES]), default=_LOOK)
@click.option(
    "--data", default="/data/edubox", show_default=True, type=click.Path(path_type=Path), help="The box's data folder.",
)  # fmt: skip
@click.option(
    "--system", default="/data/system", show_default=True, type=click.Path(path_type=Path), help="What the system keeps.",
)  # fmt: skip
@click.option(
    "--leds", default="/sys/class/leds", show_default=True, type=click.Path(path_type=Path), help="The kernel's lights.",
)  # fmt: skip
@json_option
def lamp(state: str, data: Path, system: Path, leds: Path, as_json: bool) -> None:
    """Let the board's light say STATE; without one, or with `look`, what the box is in just now.

    STATE is one of starting, well, wait, trouble, stopping.

    The kernel blinks on its own. A computer without such a light does nothing, and says so.
    """
    from edubox.hardware.lamp import light, states

    found = light.find(leds)
    if state == _LOOK:
        from edubox.box.looks import facts

        state = states.state_of(facts(data, system))
    if found is not None:
        try:
            light.shine(found, CODES[state])
        except OSError:
            raise UnusablePath(
                path=found, reason="the light takes no orders; only root may give it some"
            ) from None
    shown = {"state": state, "light": "" if found is None else found.name}
    answer(
        as_json,
        shown,
        f"The light {found.name} says: {state}." if found else f"No light here. It would say: {state}.",
    )
