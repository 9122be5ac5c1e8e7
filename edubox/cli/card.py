"""``edubox card``: what a technician writes on a card and what a box makes of it; giving a box away, moving it to another card."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edubox import __version__
from edubox.cli.output import InOrder, answer, counted, human_size, json_option, settings_of
from edubox.errors import BadCard, BadInput, ChildFailed, EduboxError, NotFound, UnusablePath, WrongCard
from edubox.program import EDUBOX

if TYPE_CHECKING:
    from edubox.hardware.card.apply import Wishes
    from edubox.hardware.card.box_folder import Owner
    from edubox.hardware.card.mistakes import Mistake
    from edubox.hardware.card.state import CardState
    from edubox.hardware.card.status_file import Here

#: The system's folder on a card; any other is somebody's trial, whose disk is left as it is.
_OF_A_CARD = Path("/data/system")
_folder = click.Path(path_type=Path, file_okay=False)
_boot = click.option(
    "--boot", type=_folder, default="/boot/firmware", show_default=True, help="The card's FAT partition."
)
_system = click.option(
    "--system", type=_folder, default=str(_OF_A_CARD), show_default=True, help="What the system keeps."
)
_data = click.option(
    "--data", type=_folder, default="/data/edubox", show_default=True, help="The box's data folder."
)
_seed = click.option(
    "--seed",
    type=_folder,
    default="/usr/share/edubox/card",
    show_default=True,
    help="What the image brings: root.json, the country's root, and box.toml, settings of every box of it.",
)
#: The backup of a box that moves, on the stick.
_MOVED = "school.backup"


@click.group(cls=InOrder)
def card() -> None:
    """The card of a box that was made from an image."""


@card.command(short_help="Is this edubox.toml right?")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Look whether FILE can be applied as the edubox.toml of a card: each mistake with its line and what to write, in English and
    French.
    """
    from edubox.hardware.card import request
    from edubox.hardware.card.mistakes import in_both

    try:
        read = request.read(file)
    except BadCard as error:
        raise WrongCard(path=file, list=in_both(error.details["mistakes"])) from None  # type: ignore[arg-type]
    secret = {key for _, key in read.taken} & read.values.keys()
    said = {key: value for key, value in read.values.items() if key not in secret}
    notes = [one.said("en") for one in read.notes]
    text = f"{file} can be applied: {counted(len(read.values), 'line')}."
    answer(
        as_json,
        {"values": said, "secrets": sorted(secret), "notes": notes},
        "\n".join([text, *(f"  note: {one}" for one in notes)]),
    )


@card.command(short_help="Do what edubox.toml on this card asks.")
@_boot
@_system
@_data
@_seed
@click.option(
    "--etc", type=_folder, default="/etc", show_default=True, help="Where the system's name and hour are."
)
@json_option
def apply(boot: Path, system: Path, data: Path, seed: Path, etc: Path, as_json: bool) -> None:
    """Prepare this box, as root, at each start: room for its data, what edubox.toml asks, STATUS.txt.

    What was applied before is not applied again. A file with a mistake changes nothing; STATUS.txt says what to write instead.
    """
    from edubox.box.discovery import host_name
    from edubox.hardware.card import apply as card_apply
    from edubox.hardware.card.apply import Host, Places
    from edubox.hardware.card.mistakes import Mistake
    from edubox.hardware.card.state import CardState

    if system == _OF_A_CARD and not system.parent.is_mount():
        lost = CardState(problems=(Mistake(0, "no-data").in_both(),))
        _write_status(boot, lost, _nothing())
        raise UnusablePath(path=system.parent, reason="the data partition is not there")
    problems = _grow(system.parent) if system == _OF_A_CARD else ()
    host = Host(_maker(data, seed, _whose(system)), host_name)
    try:
        state = card_apply.apply(Places(boot, system, data, etc), host, problems)
    except (EduboxError, OSError) as error:
        # A card that cannot be written any more: its FAT partition may still take the news.
        lost = CardState(problems=(Mistake(0, "box", {"reason": str(error)}).in_both(),))
        _write_status(boot, lost, _nothing())
        raise
    here = _here(system, data, state)
    _write_status(boot, state, here)
    _show(system, state, here)
    said = [*state.said("en"), *(one["en"] for one in state.notes)]
    facts = {"outcome": state.outcome, "says": said, "hostname": state.hostname}
    answer(as_json, facts, "\n".join([f"The card: {state.outcome}.", *(f"  {one}" for one in said)]))


@card.command(short_help="Write STATUS.txt anew.")
@_boot
@_system
@_data
@json_option
def status(boot: Path, system: Path, data: Path, as_json: bool) -> None:
    """Write STATUS.txt with the addresses of now, as root; only if it says something else."""
    from edubox.hardware.card import state as states

    state = states.read(system)
    if state.outcome == states.UNKNOWN:
        raise NotFound(what=f"What was prepared on this card (in {system}; edubox card apply does it)")
    here = _here(system, data, state)
    written = _write_status(boot, state, here)
    _show(system, state, here)
    answer(as_json, {"written": written}, "STATUS.txt is new." if written else "STATUS.txt says so already.")


@card.command(hidden=True)
@_data
@_seed
@json_option
def provision(data: Path, seed: Path, as_json: bool) -> None:
    """Make the box in DATA, or bring it forward: what `edubox card apply` asks on standard input."""
    from edubox.box.provision import provision as provision_box

    asked = json.load(sys.stdin)
    provision_box(data, seed, asked["settings"], asked["wifi"], again=asked["reset"], code=asked["code"])
    answer(as_json, {"data": str(data)}, f"The box is ready in {data}.")


@card.command(short_help="Take people and classes off a box, for other people.")
@_data
@click.option("--keep-lessons", is_flag=True, help="Lessons stay, the school's own too, and its keys.")
@click.option("--yes", "sure", count=True, help="Twice: do not ask. For scripts.")
@json_option
def reset(data: Path, keep_lessons: bool, sure: int, as_json: bool) -> None:
    """Take people, classes, passwords, what was handed in and drafts off this box; stop `edubox.service` before.

    Lessons, those of the school too, its keys and the Wi-Fi stay. To have nothing stay, flash the card anew.
    """
    from edubox.box.own import reset as own_reset
    from edubox.hardware.card import box_folder

    name = settings_of(data)["name"]
    if not keep_lessons:
        raise click.UsageError(
            "Say --keep-lessons too: lessons always stay. For an empty card, flash it anew.",
            click.get_current_context(),
        )
    if sure < 2:
        click.echo(
            "People, classes, passwords, drafts and what pupils handed in leave this box. It cannot be undone."
        )
        click.confirm("Is there a backup, or does nobody need it?", abort=True, err=True)
        if click.prompt(f"Type the name of the school ({name}) to go on", err=True).strip() != name:
            raise BadInput(reason="this is not the name; nothing was changed")
    box_folder.become_owner(data)
    code = own_reset.reset(data)
    answer(
        as_json,
        {"data": str(data)},
        f"The box belongs to nobody now. Lessons are there. One-time code of its first administrator: {code}\n"
        "Print the sheet again, and start the box: systemctl start edubox",
    )


@card.command(short_help="Move a box to a new card, with a stick.")
@click.argument("stick", type=_folder)
@_data
@_system
@_seed
@click.option("--here", is_flag=True, help="This is the new card: take the box from the stick.")
@json_option
def move(stick: Path, data: Path, system: Path, seed: Path, here: bool, as_json: bool) -> None:
    """Write what nobody else has of this box to STICK; on the new card, with --here, go on with it.

    The file on the stick opens with the recovery code alone. Lessons of others come with `edubox stick exchange`, or by line.
    """
    if not stick.is_dir():
        raise NotFound(what=f"The stick {stick}")
    file = stick / _MOVED
    if not here:
        from edubox.box.own.backup import write

        settings_of(data)
        made = write(data, file)
        text = f"{file} has it all ({human_size(made.size)}). Lessons of others: edubox stick exchange {stick} --data {data}"
        text += f"\nThen, on the new card: edubox card move --here {stick}. Do not use this card again."
        answer(as_json, {"file": made.file, "bytes": made.size}, text)
        return
    _arrive(stick, data, system, seed, as_json=as_json)


def _arrive(stick: Path, data: Path, system: Path, seed: Path, *, as_json: bool) -> None:
    """Put the box whose backup is on *stick* in the place of the fresh one in *data*."""
    from edubox.box.own import backup, moving
    from edubox.box.own.takeover import restored_backup
    from edubox.box.provision import settle
    from edubox.cli.own import recovery_code
    from edubox.hardware.card import apply as card_apply
    from edubox.hardware.card import box_folder
    from edubox.sync.opening import open_sources

    code = recovery_code()
    moving.ensure_fresh(data)
    fresh = data.with_name(".arriving")
    shutil.rmtree(fresh, ignore_errors=True)
    backup.restore(stick / _MOVED, fresh, code)
    settle(fresh, seed)
    named = [*settings_of(fresh)["sources"], str(stick)]
    publishes, said = True, "It publishes from this card now."
    try:
        restored_backup(fresh, code, [source for one in named for source in open_sources(one)])
    except EduboxError as error:
        publishes = False
        said = f"It does not publish yet. {error}\nThen: edubox box resolve --restored-backup"
    # All of it is ready before it takes the place of the fresh box: cut before that, the same command does it again.
    box_folder.give(fresh, _whose(system))
    card_apply.keep_paper(system, fresh)
    moving.exchange(fresh, data)
    text = (
        f"The box is here. {said}\nNext: switch it off and on, then edubox sync --data {data} --from {stick}"
    )
    answer(as_json, {"data": str(data), "publishes": publishes}, text)


def _grow(folder: Path) -> tuple[Mistake, ...]:
    from edubox.hardware.card import grow
    from edubox.hardware.card.mistakes import Mistake

    try:
        partition = grow.partition_of(folder)
        if partition is not None and os.geteuid() == 0:
            grow.grow(partition)
    except (EduboxError, OSError) as error:
        return (Mistake(0, "grow", {"reason": str(error)}),)
    return ()


def _whose(system: Path) -> Owner | None:
    """Whose the box of the card with the folder *system* is to be; None: as this process."""
    from edubox.hardware.card import box_folder

    return box_folder.owner() if system == _OF_A_CARD else None


def _maker(data: Path, seed: Path, whose: Owner | None) -> Callable[[Wishes], None]:
    """What makes the box in *data* or brings it forward, as the user *whose*: root does not write among that user's files."""
    from edubox.hardware.card import box_folder

    def make(wishes: Wishes) -> None:
        asked = {
            "settings": dict(wishes.settings),
            "wifi": dict(wishes.wifi),
            "reset": wishes.reset,
            "code": wishes.code,
        }

        def child(place: Path) -> None:
            where = ["--data", str(place.absolute()), "--seed", str(seed.absolute())]
            _run([*EDUBOX, "card", "provision", "--json", *where], json.dumps(asked), whose)

        box_folder.prepare(data, whose, child)

    return make


def _run(command: list[str], told: str, whose: Owner | None) -> None:
    """Run *command* as the user *whose* (None: this one). Raises NotFound and ChildFailed with what it said."""
    drop: dict[str, Any] = (
        {} if whose is None else {"user": whose.user, "group": whose.group, "extra_groups": []}
    )
    done = subprocess.run(
        command, input=told, text=True, capture_output=True, check=False, umask=0o022, cwd="/", **drop
    )
    if done.returncode == 0:
        return
    try:
        error = json.loads(done.stdout)["error"]
        code, said = error["code"], error["message"]
    except (ValueError, KeyError, TypeError):
        code, said = "", done.stderr.strip()[-500:]
    if code == NotFound.code:
        raise NotFound(what=said)
    raise ChildFailed(command=f"edubox card provision: {said}", status=done.returncode)


def _here(system: Path, data: Path, state: CardState) -> Here:
    """What ``STATUS.txt`` says of now."""
    from edubox.box.accounts import first
    from edubox.box.whereabouts import desk, hosts_of, reading
    from edubox.hardware.card import kept
    from edubox.hardware.card.status_file import Here
    from edubox.settings import BY_NAME, load_settings

    try:
        settings = load_settings(data / "box.toml")
    except BadInput:  # the doctor says which line
        settings = {name: setting.default for name, setting in BY_NAME.items()}
    # The box announces itself by the one name, its hotspot's name server answers for the other.
    hosts = hosts_of(state.hostname if state.shown.get("wifi") else "")
    shown, code = kept.applied(system), first.read(data)
    wished = kept.wishes(system)
    return Here(
        __version__,
        reading(settings, hosts),
        desk(settings, hosts),
        kept.word(system),
        wished.wifi.password if wished and shown.get("wifi.show_password") is True else "",
        code if shown.get("show_code") is True else "",
        waits_for_code=bool(code),
    )


def _show(system: Path, state: CardState, here: Here) -> None:
    """Let the screen of the box say the same (``box.console``); only of this card's own box, and where the system has a place for it."""
    from edubox.box.console import front
    from edubox.hardware.card import kept
    from edubox.hardware.hotspot.state import FOLDER
    from edubox.hardware.hotspot.state import read as network

    if system == _OF_A_CARD and FOLDER.is_dir():
        made = network()
        wifi = state.shown.get("wifi", "") if made is None else made.wifi
        kept.keep(FOLDER / front.NAME, front.render(state, here, wifi).decode().strip())


def _nothing() -> Here:
    from edubox.hardware.card.status_file import Here

    return Here(__version__)


def _write_status(boot: Path, state: CardState, here: Here) -> bool:
    """Write ``STATUS.txt``; that it cannot be is told where the service's log goes, and stops nothing."""
    from edubox.hardware.card import status_file
    from edubox.hardware.card.boot_folder import write_text

    try:
        return write_text(boot / status_file.NAME, status_file.render(state, here))
    except (EduboxError, OSError) as error:
        click.echo(f"STATUS.txt was not written: {error}", err=True)
        return False
