"""``edubox system``: make the pack of a board's system, and on a box bring the next one to the slot that does not run."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.cli import slots as slot_commands
from edubox.cli.output import InOrder, Meter, NewFile, answer, human_size, json_option


@click.group(cls=InOrder)
def system() -> None:
    """The system of a box: published like a lesson, kept in two slots of its card."""


@system.command()
@click.argument("root", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--board", required=True, help="The board that it runs on, such as pc-amd64.")
@click.option("--title", required=True, help="What it is called in lists, such as its date.")
@click.option("-o", "--output", required=True, type=NewFile(), help="The .edpack file to write.")
@json_option
def pack(root: Path, board: str, title: str, output: Path, as_json: bool) -> None:
    """Make a pack of the root image ROOT (ext4, such as the .system beside an image), for edubox publish. It takes minutes."""
    from edubox.hardware.system.packing import pack as pack_system

    meter = Meter(quiet=as_json)
    manifest = pack_system(root, board, title, output, meter.show)
    meter.close()
    facts = {
        "id": manifest.id,
        "title": manifest.name,
        "board": board,
        "size": manifest.size,
        "packed": output.stat().st_size,
    }
    sizes = f"{human_size(manifest.size)} in {human_size(output.stat().st_size)}"
    answer(as_json, facts, f"{output}: “{manifest.name}”, the system of {board}, {sizes}")


@system.command()
@click.option("--data", type=click.Path(path_type=Path), default=Path("/data/edubox"), show_default=True,
              help="The box's data folder.")  # fmt: skip
@click.option(
    "--slots",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that says what the slots hold; that of box.toml when absent.",
)
@click.option("--boot", type=click.Path(path_type=Path), default=Path("/boot/firmware"), show_default=True,
              help="The boot partition.")  # fmt: skip
@click.option("--root", type=click.Path(path_type=Path), default=Path("/usr/share/edubox/card/root.json"), show_default=True,
              help="The country's root, where only root writes.")  # fmt: skip
@click.option("--device-a", required=True, type=click.Path(path_type=Path), help="The device of slot a.")
@click.option("--device-b", required=True, type=click.Path(path_type=Path), help="The device of slot b.")
@click.option(
    "--from",
    "chosen",
    default="",
    help="Take the system from this address from now on, whatever it came from.",
)
@click.option(
    "--running", type=click.Choice(["a", "b"]), help="The slot that runs; the kernel's command line says it."
)
@click.option("--reboot", is_flag=True, help="Start the new system at once, if there is one.")
@json_option
def install(
    data: Path, slots: Path | None, boot: Path, root: Path, device_a: Path, device_b: Path, chosen: str,
    running: str | None, reboot: bool, as_json: bool,
) -> None:  # fmt: skip
    """Bring the newest system that edubox sync fetched to the slot that does not run. Run it as root.

    The running slot is only read. The new one is tried at the next start, and kept if the box then works.
    """
    from datetime import UTC, datetime

    from edubox.errors import NotFound, UnreadableSource
    from edubox.hardware.system import installing
    from edubox.settings import load_settings
    from edubox.store.slots import running as running_slot

    here = running or running_slot()
    if here is None:
        raise NotFound(
            what="The slot that this computer runs from (edubox.slot= on the kernel's command line)"
        )
    settings = load_settings(data / "box.toml")
    card = installing.Card(
        data / "mirror", slots or Path(settings["slots"]), boot, {"a": device_a, "b": device_b}, here
    )
    try:
        pinned = root.read_bytes()
    except OSError as error:
        raise UnreadableSource(path=root, reason=error.strerror) from None
    meter = Meter(quiet=as_json)
    outcome = installing.install(card, pinned, settings["system_from"], datetime.now(UTC), meter.show, chosen)
    meter.close()
    answer(
        as_json,
        {"done": outcome.done, "version": outcome.version, "sentence": outcome.sentence},
        outcome.sentence,
    )
    if reboot and outcome.done != installing.NOTHING:
        _reboot()


def _reboot() -> None:
    import subprocess

    subprocess.run(["systemctl", "reboot"], check=True)


system.add_command(slot_commands.keep)
system.add_command(slot_commands.state)
