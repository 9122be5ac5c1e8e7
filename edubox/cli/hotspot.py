"""``edubox hotspot``: the network that a box makes; ``edubox poster``: the page that tells a class how to come in."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from edubox.cli.output import InOrder, answer, json_option
from edubox.errors import NotFound

_RUN = Path("/run/edubox")
run_option = click.option(
    "--run", default=_RUN, show_default=True, type=click.Path(path_type=Path),
    help="Where the state of this start is.",
)  # fmt: skip


@click.group(cls=InOrder)
def hotspot() -> None:
    """The network that the box makes: its Wi-Fi, and its cable where nobody else gives addresses."""


@hotspot.command("apply", short_help="Configure the network as wished.")
@click.option(
    "--network", default=Path("/data/system/network.toml"), show_default=True, type=click.Path(path_type=Path),
    help="What is wished.",
)  # fmt: skip
@click.option(
    "--data", default=Path("/data/edubox"), show_default=True, type=click.Path(path_type=Path),
    help="The box's data folder, for its settings.",
)  # fmt: skip
@run_option
@click.option(
    "--networkd", default=Path("/run/systemd/network"), show_default=True, type=click.Path(path_type=Path),
    help="Where systemd-networkd reads.",
)  # fmt: skip
@json_option
def apply_wish(network: Path, data: Path, run: Path, networkd: Path, as_json: bool) -> None:
    """Ask each cable whether somebody gives addresses there, look at the radio, write the configurations of hostapd,
    dnsmasq and systemd-networkd, and have them read what is new. As root; may be repeated at any time.
    """
    from edubox.hardware.hotspot.apply import apply, start, this_host
    from edubox.hardware.hotspot.dnsmasq import Names
    from edubox.settings import load_settings

    settings = load_settings(data / "box.toml")
    portal, wrong = _portal(data, settings)
    names = Names(this_host(), settings["school_domain"], settings["certificate_name"], portal)
    done = apply(network, names, run, networkd, wrong)
    start(done)
    lines = [*_told(asdict(done.state)), *(f"To start: {unit}" for unit in done.start)]
    lines += [f"To stop: {unit}" for unit in done.stop]
    shown = {**_public(asdict(done.state)), "start": done.start, "stop": done.stop}
    answer(as_json, shown, "\n".join(lines))


def _portal(data: Path, settings: dict[str, Any]) -> tuple[str, list[str]]:
    """Where phones may be told to ask whether they are held, and what is wrong with the certificate that they would meet."""
    if not settings["certificate_name"]:
        return "", []
    from edubox.box.own.identity import now_on
    from edubox.box.secure.known import api_address, why_unknown

    if reason := why_unknown(data, settings, now_on(data)):
        name = settings["certificate_name"]
        return "", [
            f"Phones would not believe the certificate for {name}: {reason}. They find the greeting all the same."
        ]
    return api_address(settings), []


@hotspot.command(short_help="Say what network the box makes.")
@run_option
@json_option
def show(run: Path, as_json: bool) -> None:
    """Say what network the box makes just now, and what is wrong with it."""
    found = asdict(_state(run))
    answer(as_json, _public(found), "\n".join(_told(found)))


@click.command(short_help="A page for the wall: how to come in.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="The PDF to write.")
@click.option(
    "--data", default=Path("/data/edubox"), show_default=True, type=click.Path(path_type=Path), help="The box's data folder.",
)  # fmt: skip
@run_option
@json_option
def poster(output: Path, data: Path, run: Path, as_json: bool) -> None:
    """Write an A4 page with the school's name, its Wi-Fi and the address of the lessons, as squares for phones and as text."""
    from edubox.pages.poster import Poster, pdf
    from edubox.settings import load_settings
    from edubox.store.platform import write_atomic

    settings, found = load_settings(data / "box.toml"), _state(run)
    if not found.address:
        raise NotFound(what="A network of the box's own (edubox hotspot show says why)")
    page = pdf(
        Poster(settings["name"], f"http://{found.address}/", found.wifi, found.password),
        tuple(settings["languages"]),
    )
    write_atomic(output, page)
    answer(as_json, {"poster": str(output)}, f"Print {output} and put it on the wall of the class.")


def _state(run: Path) -> Any:
    from edubox.hardware.hotspot import state

    found = state.read(run)
    if found is None:
        raise NotFound(what="The network of this box (edubox hotspot apply makes it, on a box from an image)")
    return found


def _public(found: dict[str, Any]) -> dict[str, Any]:
    """Without the password: what commands print ends in logs."""
    return {name: value for name, value in found.items() if name != "password"}


def _told(found: dict[str, Any]) -> list[str]:
    lines = []
    if found["wifi"]:
        low, high = found["carries"]
        kept = "open to everybody" if found["open"] else "with a password"
        lines.append(
            f"Wi-Fi {found['wifi']!r} on channel {found['channel']}, {kept}; its radio carries about {low} to {high} devices."
        )
    else:
        lines.append("No Wi-Fi of its own.")
    lines.append(f"Address: http://{found['address']}/" if found["address"] else "The box makes no network.")
    if found["portal"]:
        lines.append(f"Phones are told to ask at {found['portal']} whether they are greeted.")
    lines += [f"Cable {name}: {role}." for name, role in found["cables"].items()]
    return [*lines, *(f"Wrong: {sentence}" for sentence in found["wrong"])]
