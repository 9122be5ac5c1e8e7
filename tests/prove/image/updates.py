"""A box that is out there gets its next system, and then one that is broken on purpose; and twenty power cuts meanwhile.

The second system has one Debian package more than the first, the third is the second with ``/usr/bin/edubox`` replaced by a
program that fails. Both travel as any lesson does: published, fetched by the box when it is time, written by root. Nobody
touches the box but to cut its power, which is also how a new system gets its turn.
"""

from __future__ import annotations

import json
import random
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from edubox.hardware.slots.copies import TRIES
from tests.cli.country import Country, edubox, edubox_json
from tests.prove.image import world
from tests.prove.image.machine import PATIENCE, SHELL, Machine, powered

#: Minutes that the broken system gets, instead of the twenty of edubox-trial.timer.
TRIAL = 2
Tell = Callable[[str], None]


def pack(system: Path) -> Path:
    """The pack of the root image *system*: minutes of one processor."""
    packed = system.with_suffix(".edpack")
    edubox(
        "system", "pack", system, "--board", "pc-amd64", "--title", world.CALLED, "-o", packed, timeout=3600
    )
    return packed


def publish(country: Country, packed: Path) -> dict[str, int]:
    """Publish a system; how many bytes lead to it, from nothing and from each older one."""
    line = ("publish", packed, "--to", country.mirror, "--as", country.publisher, "--slug", world.SYSTEM)
    said = edubox_json(*line, timeout=3600)
    packed.unlink()
    return {one.get("from", "whole")[:8]: one["size"] for one in said["bundles"]}


def publish_both(country: Country, port: int, work: Path, package: Path) -> tuple[Path, dict[str, int]]:
    """Publish what the first card holds, and a system with one package more; where that one is, and the sizes of its bundles."""
    publish(country, pack(work / "first.system"))
    world.make(world.recipe(work / "newer", country, port, SHELL, ("busybox",)), work / "newer.img", package)
    (work / "newer.img").unlink()
    said = publish(country, pack(work / "newer.system"))
    return work / "newer.system", said


def broken(system: Path, output: Path) -> Path:
    """*system* with a program in the place of edubox that fails, and less patience of its timer."""
    shutil.copyfile(system, output)
    fails, timer = output.with_suffix(".sh"), output.with_suffix(".timer")
    fails.write_text("#!/bin/sh\nexit 1\n")
    name = "usr/lib/systemd/system/edubox-trial.timer"
    timer.write_text(
        Path("packaging/systemd/edubox-trial.timer").read_text().replace("=20min", f"={TRIAL}min")
    )
    commands = "".join(
        f"rm /{place}\nwrite {source} /{place}\nsif /{place} mode 0100{mode}\n"
        for place, source, mode in (("usr/bin/edubox", fails, 755), (name, timer, 644))
    )
    subprocess.run(
        ["debugfs", "-w", "-f", "-", output], input=commands, text=True, check=True, capture_output=True
    )
    return output


def slot_of(machine: Machine) -> str:
    """The slot that runs."""
    return machine.ask("cat /proc/cmdline").partition("edubox.slot=")[2][:1]


def state_of(machine: Machine) -> dict:
    """What ``edubox system state`` says in the guest."""
    state: dict = json.loads(machine.ask("edubox system state --json"))
    return state


def look(machine: Machine) -> None:
    """Let the box look for something new, as with *now* on its page: its own moment is up to a quarter of an hour after its start."""
    machine.ask(
        "systemd-run --quiet --collect --unit=look --no-block --uid=edubox /usr/bin/edubox sync --data /data/edubox"
    )


def install(machine: Machine, slot: str) -> float:
    """Wait until the box has fetched the next system and written it to *slot*; seconds that took."""
    look(machine)
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        machine.ask("systemctl start edubox-system.service")
        state = state_of(machine)
        if state["starts"] == slot and state["left"] == TRIES:
            return time.monotonic() - began
        time.sleep(5)
    raise AssertionError(machine.ask("journalctl -u edubox-system -u look -n 40 --no-pager"))


def kept(machine: Machine, slot: str) -> None:
    """Wait until the box has found the system of *slot* good."""
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if state_of(machine)["good"] == slot:
            return
        time.sleep(5)
    raise AssertionError(f"slot {slot} was not kept: " + machine.ask("edubox system state"))


def cut_updates(card: Path, count: int, chance: random.Random, tell: Tell) -> None:
    """Cut the power *count* times while the next system is fetched, written or tried; after each the box starts with every lesson.

    A system whose first minute was cut twice counts as one that does not work (docs/adr/0021-slots.md), so which one runs in the end
    is left open here.
    """
    for _ in range(count):
        with powered(card) as machine:
            machine.wait_for("/", world.TITLE)
            look(machine)
            machine.ask("systemctl start --no-block edubox-system.service")
            time.sleep(chance.uniform(0, 45))
    with powered(card) as machine:
        machine.wait_for("/", world.TITLE)
        tell(
            f"{count} power cuts while a system was fetched, written or tried: every lesson is there, slot {slot_of(machine)} runs"
        )


def second_arrives(card: Path, tell: Tell) -> None:
    """The next system comes as a short update, is tried at the next start, and stays."""
    with powered(card) as machine:
        machine.wait_for("/", world.TITLE)
        seconds = install(machine, "b")
        tell(f"the second system fetched and written to slot b in {seconds:.0f} s")
    with powered(card) as machine:
        machine.wait_for("/", world.TITLE)
        assert slot_of(machine) == "b", "the new system was not tried"
        kept(machine, "b")
        tell("slot b runs, every lesson is there, and the box keeps it")


def third_is_broken(card: Path, tell: Tell) -> None:
    """A system in which nothing works is tried twice, and the box is back by itself."""
    with powered(card) as machine:
        machine.wait_for("/", world.TITLE)
        install(machine, "a")
    # QEMU goes off at a restart (-no-reboot), so each start is a machine of its own: the broken one ends by itself.
    for _ in range(TRIES):
        with powered(card) as machine:
            minutes = machine.wait_for_its_end() / 60
            assert "edubox: slot a" in machine.said(), "the broken system was not tried"
            tell(
                f"the broken system was started from slot a, and the box gave it up by itself after {minutes:.0f} minutes"
            )
    with powered(card) as machine:
        machine.wait_for("/", world.TITLE)
        assert slot_of(machine) == "b"
        tell("slot b runs again, with every lesson")


def cuts(
    card: Path, most: int, chance: random.Random, tell: Tell, enough: Callable[[], bool] = lambda: False
) -> int:
    """Cut the power *most* times, or until it is *enough*, at random moments, from the first seconds on; how often it was.

    After each the box must start with all it had.
    """
    seen, longest, count = False, 0.0, 0
    while count < most and not enough():
        with powered(card) as machine:
            # One in three lives until it answers and a while more, so that synchronising is cut too; the others are cut while they start.
            if count % 3 == 2:
                longest = max(longest, machine.wait_for("/", world.TITLE if seen else world.NAME))
                seen = seen or world.TITLE in (machine.page("/") or "")
                time.sleep(chance.uniform(0, 60))
            else:
                time.sleep(chance.uniform(5, 100))
        count += 1
    with powered(card) as machine:
        longest = max(longest, machine.wait_for("/", world.TITLE))
    tell(f"{count} power cuts: it started each time with every lesson, within {longest:.0f} s")
    return count
