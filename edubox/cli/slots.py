"""``edubox system keep`` and ``edubox system state``: may the system that runs stay, and which one starts next?"""

from __future__ import annotations

import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import answer, json_option
from edubox.errors import NotFound

if TYPE_CHECKING:
    from edubox.hardware.slots.keeping import Verdict

_folder = click.Path(path_type=Path, file_okay=False)
_boot = click.option(
    "--boot", type=_folder, default="/boot/firmware", show_default=True, help="The card's FAT partition."
)
_slots = click.option(
    "--slots",
    type=_folder,
    default="/data/system/slots",
    show_default=True,
    help="Folder that says what the slots hold.",
)
#: Where edubox-trial.service sees that this system stays.
_STAYS = Path("/run/edubox/stays")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@click.command(short_help="May the system that runs stay?")
@click.option(
    "--data", type=_folder, default="/data/edubox", show_default=True, help="The box's data folder."
)
@_boot
@_slots
@click.option("--within", type=click.FloatRange(min=0), default=15, show_default=True,
              help="Minutes after the start in which a new system must be well.")  # fmt: skip
@click.option(
    "--running", type=click.Choice(["a", "b"]), help="The slot that runs; the kernel's command line says it."
)
@click.option(
    "--reboot",
    is_flag=True,
    help="Start again when a new system is not well in time: the older one then runs.",
)
@json_option
def keep(
    data: Path, boot: Path, slots: Path, within: float, running: str | None, reboot: bool, as_json: bool
) -> None:  # fmt: skip
    """Look whether a system that is being tried works, and keep it if it does: pages are served, a lesson is what its
    publisher made, the data disk can be written. Run it as root, again and again after a start.

    On a system that is kept it only reports, and remembers a newer one that was tried and did not work.
    """
    from edubox.box import works
    from edubox.box.health import Box
    from edubox.hardware.slots import carriers, keeping
    from edubox.hardware.slots.outcome import GOOD, KEPT
    from edubox.settings import load_settings

    start = keeping.Start(
        _slot(running), _BOOT_ID.read_text().strip(), time.clock_gettime(time.CLOCK_BOOTTIME)
    )
    verdict = keeping.judge(
        carriers.of(boot), slots, start,
        (
            lambda: works.the_disk_keeps(data),
            lambda: works.pages_are_served(load_settings(data / "box.toml")),
            lambda: works.a_lesson_is_right(Box(data, load_settings(data / "box.toml"))),
        ),
        within * 60,
    )  # fmt: skip
    if verdict.outcome.outcome in {KEPT, GOOD} and _STAYS.parent.is_dir():
        _STAYS.touch()
    answer(as_json, asdict(verdict.outcome) | {"gives_up": verdict.gives_up}, _sentence(verdict, start.slot))
    if verdict.gives_up and reboot:
        # It has no try left: the older system starts, however this one ends.
        subprocess.run(["systemctl", "reboot"], check=True)


@click.command(short_help="Which system starts next?")
@_boot
@_slots
@click.option(
    "--running", type=click.Choice(["a", "b"]), help="The slot that runs; the kernel's command line says it."
)
@json_option
def state(boot: Path, slots: Path, running: str | None, as_json: bool) -> None:
    """Say what the two slots hold, which one runs, which one starts next, and what came of the last one that was tried."""
    from edubox.hardware.slots import copies, outcome
    from edubox.hardware.slots import state as loader
    from edubox.store import slots as held

    now, last, here = loader.read(boot), outcome.read(slots), running or held.running()
    there = {slot: held.read(slots, slot) for slot in held.SLOTS}
    facts = {
        "running": here, "good": now.good, "try": now.trying, "left": now.left, "starts": now.starts,
        "slots": {slot: asdict(one) if one else None for slot, one in there.items()},
        "outcome": asdict(last) if last else None,
    }  # fmt: skip
    lines = []
    for slot, one in there.items():
        what = f"version {one.version} for {one.board}" if one else "nobody knows what"
        marks = [word for word, true in (
            ("runs", slot == here), ("good", slot == now.good), ("starts next", slot == now.starts),
            ("was tried", slot == now.trying and now.left < copies.TRIES),
        ) if true]  # fmt: skip
        lines.append(f"Slot {slot}: {what}" + (f" ({', '.join(marks)})" if marks else ""))
    if last is not None:
        lines.append(f"Last: slot {last.slot}, version {last.version}, {last.outcome}. {last.why}".rstrip())
    answer(as_json, facts, "\n".join(lines))


def _slot(running: str | None) -> str:
    from edubox.store.slots import running as running_slot

    slot = running or running_slot()
    if slot is None:
        raise NotFound(
            what="The slot that this computer runs from (edubox.slot= on the kernel's command line)"
        )
    return slot


def _sentence(verdict: Verdict, running: str) -> str:
    found = verdict.outcome
    return {
        "tried": f"Slot {found.slot} is being tried and not well yet: {found.why}",
        "kept": f"Slot {found.slot} works and stays, version {found.version}.",
        "fell-back": f"Slot {found.slot}, version {found.version}, was tried and did not work: {found.why}"
        + ("" if verdict.gives_up else f" The box runs from slot {running}."),
        "good": f"The box runs from slot {found.slot}, which is the good one.",
        "rescued": found.why,
    }[found.outcome]
