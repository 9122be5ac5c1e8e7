"""``edubox box publish``, ``give``, ``week``, ``withdraw``, ``erase``, ``sheet``, ``backup``, ``restore``, ``resolve``, ``rekey``: a school's own lessons."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edubox.cli.output import Meter, NewFile, answer, counted, human_size, json_option, settings_of
from edubox.errors import BadInput, EduboxError, MissingRecoveryCode, NotFound

if TYPE_CHECKING:
    from edubox.box.own.takeover import Taken
    from edubox.sync.fetching.sources import Source

_data = click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
_from = click.option(
    "--from", "sources", multiple=True,
    help="An address, a folder or a stick that may have the school's own lessons; sources of box.toml when absent.",
)  # fmt: skip
_no_source = click.option(
    "--no-source", is_flag=True, help="Nobody else has the school's own lessons: ask no source."
)


@click.command(short_help="Publish a lesson of this school.")
@click.argument("file", type=click.Path(path_type=Path))
@_data
@click.option(
    "--slug", required=True, help="The lesson's short name in addresses; never used for another one."
)
@click.option("--author", help="Who publishes; shown with the lesson.")
@click.option(
    "--staff",
    type=click.Path(path_type=Path),
    help="A lesson file for teachers only, which goes with it.  [default: what there is already]",
)
@json_option
def publish(file: Path, data: Path, slug: str, author: str | None, staff: Path | None, as_json: bool) -> None:
    """Publish the lesson FILE as a lesson of this school, and show it to pupils at once."""
    from edubox.box.own.lessons import publish as publish_own

    settings = settings_of(data)
    if not file.is_file():
        raise NotFound(what=f"The lesson file {file}")
    if staff is not None and not staff.is_file():
        raise NotFound(what=f"The lesson file {staff}")
    meter = Meter(quiet=as_json)
    done = publish_own(data, file, slug, author, meter.show, staff=staff, keep_staff=staff is None)
    _show(data, settings)
    meter.close()
    facts = {"pack": done.address, "version": done.index.version, "unchanged": done.unchanged}
    said = "is the current version already, nothing changed" if done.unchanged else "can be read now"
    notes = "".join(f"\n  note: {note}" for note in done.notes)
    answer(as_json, facts, f"{done.address}, version {done.index.version}, {said}.{notes}")


@click.command(short_help="Do what a teacher asked for with a lesson.")
@click.argument("slug")
@_data
@json_option
def give(slug: str, data: Path, as_json: bool) -> None:
    """Do what a teacher asked for at the box's desk with the lesson SLUG: the pages run this.

    The draft is built if need be, published, shown and given to its classes. What was cut is asked for still: run it again.
    """
    from edubox.box.teacher.give import carry_out
    from edubox.box.teacher.work import heavy

    settings = settings_of(data)
    with heavy():
        version = carry_out(data, settings, slug)
    answer(as_json, {"slug": slug, "version": version}, f"{slug}, version {version}: done.")


@click.command(short_help="Make what a class takes along when its school closes.")
@click.argument("code")
@_data
@json_option
def week(code: str, data: Path, as_json: bool) -> None:
    """Make what a teacher asked for at the box's desk before the school closes, for the class CODE: the pages run this.

    The lessons of its next week, the lightest first, become one zip that opens on any computer or stick. What was cut is
    asked for still: run it again.
    """
    from edubox.box.own.identity import now_on
    from edubox.box.school import week as weeks
    from edubox.box.teacher.closing import progress_of
    from edubox.box.teacher.work import heavy, telling

    settings = settings_of(data)
    with heavy(), telling(progress_of(data, code)) as show:
        made = weeks.make(data, settings, code, int(now_on(data).timestamp()), show)
    facts = {"lessons": list(made.lessons), "left": list(made.left), "size": made.size}
    answer(
        as_json,
        facts,
        f"{weeks.zip_of(data, code)}: {counted(len(made.lessons), 'lesson')}, {human_size(made.size)}.",
    )


@click.command(short_help="Take this school's lesson back.")
@click.argument("slug")
@_data
@json_option
def withdraw(slug: str, data: Path, as_json: bool) -> None:
    """Take this school's lesson SLUG back: pupils no longer find it."""
    from edubox.box.own.lessons import withdraw as withdraw_own

    settings = settings_of(data)
    done = withdraw_own(data, slug)
    _show(data, settings)
    facts = {"pack": done.address, "version": done.index.version}
    answer(as_json, facts, f"{done.address} is withdrawn (version {done.index.version}).")


@click.command(short_help="Delete a lesson of this school, everywhere.")
@click.argument("slug")
@_data
@json_option
def erase(slug: str, data: Path, as_json: bool) -> None:
    """Erase this school's lesson SLUG, all its versions: here at once, elsewhere at the next synchronisation.

    For what should never have been published. It cannot be undone; to take a lesson back, withdraw it.
    """
    from edubox.box.catalog import Catalogue
    from edubox.box.own.lessons import erase as erase_own
    from edubox.box.own.show import forget_erased

    settings = settings_of(data)
    done = erase_own(data, slug)
    forget_erased(data, settings, Catalogue(data), done.erasure)
    notes = "".join(f"\n  note: {note}" for note in done.notes)
    answer(
        as_json, {"withdrawn": done.withdrawn, "notes": done.notes}, f"{slug} is erased from this box.{notes}"
    )


@click.command(short_help="The school sheet, to print and lock away.")
@_data
@click.option("-o", "--output", type=NewFile(), help="Write the page to print to this file.")
@click.option(
    "--address", help="Address of the box's pages.  [default: this computer's, with the port of box.toml]"
)
@click.option("--printed", is_flag=True, help="It is on paper: the box forgets the recovery code.")
@json_option
def sheet(data: Path, output: Path | None, address: str | None, printed: bool, as_json: bool) -> None:
    """The school sheet: addresses and recovery code, on one page to print and lock away."""
    from edubox.box.discovery import own_addresses
    from edubox.box.own import identity
    from edubox.box.own.sheet import sheet as sheet_of
    from edubox.pages.sheet import alone
    from edubox.store.platform import write_atomic

    settings = settings_of(data)
    here = next(iter(own_addresses()), "127.0.0.1")
    made = sheet_of(data, settings, (address or f"http://{here}:{settings['port']}").rstrip("/"))
    text = f"{made.school}: {made.pages}\nThe teachers' desk: {made.desk}\nOwn lessons: {made.mark}"
    text += f"\nFingerprint of the desk: {made.fingerprint or 'none yet, edubox box certificate makes one'}"
    text += f"\nOne-time code of the first administrator: {made.first or 'it was used'}"
    text += f"\nRecovery code: {made.code or 'it was printed before, the box no longer has it'}"
    if output is not None:
        # A secret on its way to a printer.
        write_atomic(output.absolute(), alone(made, tuple(settings["languages"])).encode(), 0o600)
        text = f"The school sheet is in {output}: print it, lock the paper away, and remove the file."
    if printed:
        identity.forget_code(data)
        text += "\nThe box has forgotten the recovery code."
    facts = {
        "pages": made.pages,
        "desk": made.desk,
        "own": made.mark,
        "fingerprint": made.fingerprint,
        "printed": printed or made.code is None,
    }
    answer(as_json, facts, text)


@click.command(short_help="Write what nobody else has to one encrypted file.")
@_data
@click.option("-o", "--output", required=True, type=NewFile(), help="The file to write.")
@json_option
def backup(data: Path, output: Path, as_json: bool) -> None:
    """Write what no one else has of this box to one encrypted file, which the recovery code opens."""
    from edubox.box.own.backup import write

    settings_of(data)
    made = write(data, output)
    answer(
        as_json, {"file": made.file, "bytes": made.size, "when": made.when.isoformat()},
        f"The backup is in {output} ({human_size(made.size)}). Only the recovery code opens it.",
    )  # fmt: skip


@click.command(short_help="Make a data folder of a backup.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The new data folder.")
@_from
@_no_source
@json_option
def restore(file: Path, data: Path, sources: tuple[str, ...], no_source: bool, as_json: bool) -> None:
    """Make a data folder of the backup FILE, with the recovery code; pupils can read at once."""
    from edubox.box.own import backup as backups
    from edubox.box.own.takeover import restored_backup

    code = recovery_code()
    backups.restore(file, data, code)
    settings = settings_of(data)
    _show(data, settings)
    ready, said = True, "It publishes from this computer now."
    try:
        restored_backup(data, code, _sources(sources, settings, no_source=no_source))
    except EduboxError as error:
        ready, said = False, f"It does not publish yet. {error}\nThen: edubox box resolve --restored-backup"
    text = f"The box is restored in {data}. {said}\nNext: edubox sync --data {data}"
    answer(as_json, {"data": str(data), "publishes": ready}, text)


@click.command(short_help="Card replaced, or copied: say which.")
@_data
@click.option(
    "--replaced-card", "choice", flag_value="replaced-card", help="This card goes on; the old one or the old computer is gone."
)  # fmt: skip
@click.option(
    "--second-box", "choice", flag_value="second-box", help="The first box goes on; this copy becomes a box of its own."
)  # fmt: skip
@click.option(
    "--restored-backup", "choice", flag_value="restored-backup", help="This box comes out of a backup: ask the sources, then go on."
)  # fmt: skip
@_from
@_no_source
@json_option
def resolve(data: Path, choice: str | None, sources: tuple[str, ...], no_source: bool, as_json: bool) -> None:
    """Say why the box's own lessons do not go on by themselves. Lessons are shown meanwhile."""
    from edubox.box.own import takeover

    settings = settings_of(data)
    if choice is None:
        raise BadInput(reason="say what happened: --replaced-card, --second-box or --restored-backup")
    if choice == "second-box":
        own = takeover.second_box(data)
        text = f"This is a box of its own now, {own.id}. Print its sheet: edubox box sheet --data {data} -o sheet.html"
        answer(as_json, {"own": own.id, "epoch": own.epoch}, text)
        return
    take = takeover.replaced_card if choice == "replaced-card" else takeover.restored_backup
    opened = _sources(sources, settings, no_source=no_source or choice == "replaced-card")
    _say_taken(take(data, recovery_code(), opened), as_json)


@click.command(short_help="Go on after a lost card, with the recovery code.")
@_data
@click.option(
    "--id", "own_id", help="Name of the school's own lessons, on the sheet: local/…  [default: this box's]"
)
@_from
@json_option
def rekey(data: Path, own_id: str | None, sources: tuple[str, ...], as_json: bool) -> None:
    """Go on with the school's own lessons after a card was lost without a backup, with the recovery code."""
    from edubox.box.own import takeover

    settings = settings_of(data)
    opened = _sources(sources, settings, no_source=own_id is None)
    _say_taken(takeover.rekey(data, own_id, recovery_code(), opened), as_json)
    _show(data, settings)


def recovery_code() -> str:
    """The recovery code as typed, from EDUBOX_RECOVERY_CODE or asked for. Raises MissingRecoveryCode."""
    if given := os.environ.get("EDUBOX_RECOVERY_CODE"):
        return given
    if not sys.stdin.isatty():
        raise MissingRecoveryCode
    asked: str = click.prompt("Recovery code of the school sheet", err=True)
    return asked


def _show(data: Path, settings: dict[str, Any]) -> None:
    from edubox.box.catalog import Catalogue
    from edubox.box.own.identity import now_on
    from edubox.box.own.show import show_own

    show_own(data, settings, Catalogue(data), now_on(data))


def _sources(given: tuple[str, ...], settings: dict[str, Any], *, no_source: bool) -> list[Source]:
    """The sources to ask. Raises BadInput if there is none and nobody said so with *no_source*."""
    from edubox.sync.opening import open_sources

    named = list(given) or settings["sources"]
    if not named and not no_source:
        raise BadInput(
            reason="this box knows no source; say one with --from, or --no-source if nobody else has its lessons"
        )
    return [source for one in named for source in open_sources(one)]


def _say_taken(taken: Taken, as_json: bool) -> None:
    facts = {
        "own": taken.own.id,
        "epoch": taken.own.epoch,
        "unanswered": {name: error.code for name, error in taken.unanswered.items()},
    }
    text = f"This computer goes on with {taken.own.id} (key {taken.own.epoch})."
    for name, error in taken.unanswered.items():
        text += f"\n  note: {name} was not asked: {error}"
    answer(as_json, facts, text)
