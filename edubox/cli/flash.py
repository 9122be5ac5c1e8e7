"""``edubox flash``: an image becomes cards, each for its own school."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from edubox.cli.output import InOrder, Meter, NewFile, answer, counted, human_size, json_option, passphrase
from edubox.errors import BadInput, EduboxError, NotACard

if TYPE_CHECKING:
    from edubox.hardware.flash.cards import Job
    from edubox.hardware.flash.disks import Disk
    from edubox.hardware.flash.image import Image
    from edubox.hardware.flash.register import Register
    from edubox.hardware.flash.schools import School, Schools

_file = click.Path(path_type=Path, dir_okay=False)


@click.group(cls=InOrder)
def flash() -> None:
    """Cards for schools, written from an image."""


@flash.command("list", short_help="The cards in this computer.")
@json_option
def list_cards(as_json: bool) -> None:
    """List the cards and sticks in this computer, and say of those that are not written why."""
    from edubox.hardware.flash import disks

    cards = [disk for disk in disks.find() if disk.removable]
    lines = [
        _described(disk) + (f"\n         not written: {disk.refusal}" if disk.refusal else "")
        for disk in cards
    ]
    value = [
        {"card": one.name, "size": one.size, "model": one.model, "refusal": one.refusal} for one in cards
    ]
    answer(as_json, {"cards": value}, "\n".join(lines) or "There is no card or stick in this computer.")


@flash.command(short_help="Write an image to cards.")
@click.argument("image", type=_file)
@click.argument("cards", metavar="[CARD]...", nargs=-1)
@click.option(
    "--all", "every", is_flag=True, help="Every card that edubox flash list would write, up to 256 GB."
)
@click.option(
    "--schools", "table", type=_file, help="A list of schools, CSV: each card becomes the next one's."
)
@click.option(
    "--school",
    "only",
    multiple=True,
    help="Only this school of the list, even if it has a card; may be repeated.",
)
@click.option("--key", type=_file, help="A root.json whose key must have signed the image's SHA256SUMS.")
@click.option("--yes", is_flag=True, help="Do not ask before the cards are erased.")
@json_option
def write(
    image: Path, cards: tuple[str, ...], every: bool, table: Path | None, only: tuple[str, ...], key: Path | None,
    yes: bool, as_json: bool,
) -> None:  # fmt: skip
    """Write IMAGE (.img, .img.xz, .img.zst) to each CARD (sdb), all at a time; read them back and compare.

    What was on the cards is lost. With --schools each card becomes that of the next school without one; a card that is
    already one of theirs is left alone, so the same command again is the next round.
    """
    from edubox.hardware.flash import checksums
    from edubox.hardware.flash.cards import Job
    from edubox.hardware.flash.image import open_image

    if only and table is None:
        raise BadInput(reason="--school says which schools of a list: say --schools too")
    chosen = _chosen(cards, every=every)
    meter = Meter(quiet=as_json)
    checked = checksums.check(image, key, lambda done, size: meter.show("checking the image", done, size))
    with ExitStack() as stack:
        opened = stack.enter_context(
            open_image(image, lambda done: meter.show("unpacking the image", done, done))
        )
        meter.close()
        _fits(chosen, opened)
        jobs, held = [Job(disk) for disk in chosen], None
        if table is not None:
            schools, held = stack.enter_context(_list_of(opened, table, meter))
            jobs = _given(opened, chosen, schools, held, only, meter)
        if jobs:
            if not yes:
                _ask(jobs, image, checked=checked)
            _run(jobs, opened, held, quiet=as_json)
    _tell(jobs, held, as_json=as_json)


@flash.command(short_help="Make the one-time codes and labels of a list of schools.")
@click.argument("schools", type=_file)
@click.option(
    "--image",
    type=_file,
    help="The image that the cards will be written from; its own edubox.toml counts too.",
)
@json_option
def codes(schools: Path, image: Path | None, as_json: bool) -> None:
    """Look at the list SCHOOLS (CSV), give each school a code, and write SCHOOLS.codes.csv and SCHOOLS.labels.html beside it.

    The codes are for the academy, which can take in all boxes before they leave; the labels are for the envelopes. Schools
    that have a code keep it.
    """
    from edubox.hardware.flash import labels
    from edubox.hardware.flash.image import open_image

    with ExitStack() as stack:
        opened = stack.enter_context(open_image(image)) if image is not None else None
        listed, held = stack.enter_context(_list_of(opened, schools, Meter(quiet=as_json)))
        page = schools.with_suffix(".labels.html")
        labels.write(page, listed.rows)
        text = (
            f"{counted(len(listed.rows), 'school')}: nothing is wrong with the list.\n"
            f"For the academy, with the codes (keep it to yourselves): {held.path}\nFor the envelopes: {page}"
        )
        answer(as_json, {"schools": len(listed.rows), "codes": str(held.path), "labels": str(page)}, text)


@flash.command(short_help="Make a list for Raspberry Pi Imager.")
@click.argument("images", nargs=-1, required=True, type=_file)
@click.option(
    "--output", "-o", required=True, type=NewFile(), help="The list to write, NAME.rpi-imager-manifest."
)
@click.option(
    "--base-url",
    default="",
    help="Where the images will be served.  [default: where they lie on this computer]",
)
@json_option
def imager(images: tuple[Path, ...], output: Path, base_url: str, as_json: bool) -> None:
    """Make a list of IMAGES that Raspberry Pi Imager opens, on Windows and macOS too, and checks cards with."""
    from edubox.hardware.flash import imager as lists

    meter = Meter(quiet=as_json)
    lists.write(images, output, base_url, lambda name, done: meter.show(name, done, done))
    meter.close()
    text = f"{output} offers {counted(len(images), 'image')}. Open it with Raspberry Pi Imager, or: rpi-imager --repo {output}"
    answer(as_json, {"list": str(output), "images": len(images)}, text)


@flash.command(short_help="Write SHA256SUMS beside images, and sign it.")
@click.argument("images", nargs=-1, required=True, type=_file)
@click.option(
    "--key",
    "keys_files",
    multiple=True,
    type=_file,
    help="A key file that signs, such as keys/targets; may be repeated.",
)
@json_option
def sums(images: tuple[Path, ...], keys_files: tuple[Path, ...], as_json: bool) -> None:
    """Write SHA256SUMS for IMAGES beside them, and with --key SHA256SUMS.sig, which edubox flash write --key checks."""
    from edubox.hardware.flash import checksums
    from edubox.trust import keys

    secret = passphrase() if keys_files else None
    signers = [keys.signer(keys.load(one, secret)) for one in keys_files]
    meter = Meter(quiet=as_json)
    written = checksums.write(images, signers, lambda done, size: meter.show("reading", done, size))
    meter.close()
    signed = f", signed with {counted(len(signers), 'key')}" if signers else ", not signed"
    answer(as_json, {"sums": str(written), "signatures": len(signers)}, f"{written}{signed}.")


def _described(disk: Disk) -> str:
    size = human_size(disk.size) if disk.size else "–"
    return f"{disk.name:8} {size:>8}  {disk.model}".rstrip()


def _chosen(cards: Sequence[str], *, every: bool) -> list[Disk]:
    """The cards that were named, or all that are free. Raises NotACard: nothing is touched when one of them is refused."""
    from edubox.hardware.flash import disks
    from edubox.hardware.flash.cards import MOST

    if every == bool(cards):
        raise BadInput(reason="say which cards, such as sdb, or --all; edubox flash list shows them")
    if every:
        chosen = [one for one in disks.find() if not one.refusal and one.size <= disks.LARGEST_UNNAMED]
    else:
        chosen = list(dict.fromkeys(disks.named(card) for card in cards))
    for disk in chosen:
        if disk.refusal:
            raise NotACard(disk=disk.name, reason=disk.refusal)
    if not chosen:
        raise BadInput(reason="there is no card to write in this computer; edubox flash list says more")
    if len(chosen) > MOST:
        raise BadInput(reason=f"{len(chosen)} cards are too many at a time; take {MOST}")
    return chosen


def _fits(chosen: Sequence[Disk], image: Image) -> None:
    """Raise CardTooSmall before anybody is asked anything."""
    from edubox.errors import CardTooSmall

    for disk in chosen:
        if disk.size < image.size:
            raise CardTooSmall(disk=disk.name, size=human_size(disk.size), needed=human_size(image.size))


@contextmanager
def _list_of(image: Image | None, table: Path, meter: Meter) -> Iterator[tuple[Schools, Register]]:
    """The list of schools in *table*, and its register while it is held."""
    from edubox.hardware.flash import personal, schools
    from edubox.hardware.flash.register import register

    listed = schools.read(table, personal.base_of(image) if image is not None else {})
    if listed.strange:
        meter.say(f"Left alone, as they say nothing about a card: {', '.join(listed.strange)}.")
    with register(table, listed.rows) as held:
        yield listed, held


def _given(
    image: Image, chosen: Sequence[Disk], listed: Schools, held: Register, only: Sequence[str], meter: Meter
) -> list[Job]:
    """Which of the *chosen* cards becomes which school's: in their order, the next school without a card."""
    from edubox.hardware.flash import personal
    from edubox.hardware.flash.cards import Job, opened

    base = personal.base_of(image)
    waiting = _waiting(listed, held, only)
    jobs = []
    for disk in chosen:
        if not waiting:
            break
        with opened(disk) as device:
            owner = held.by_code(personal.code_on(device, image))
        if owner is not None and owner.written and owner.name not in only:
            meter.say(f"{disk.name:8} is the card of {owner.name} already and is left alone. Take it out.")
            continue
        school = waiting.pop(0)
        sectors = personal.sectors_for(image, base, school, held.entry(school.name).code)
        jobs.append(Job(disk, sectors, school.name))
    return jobs


def _waiting(listed: Schools, held: Register, only: Sequence[str]) -> list[School]:
    """The schools that are to get a card. Raises BadInput for a name that is not in the list."""
    if strange := [name for name in only if all(one.name != name for one in listed.rows)]:
        raise BadInput(reason=f"there is no school {strange[0]!r} in the list")
    return [one for one in listed.rows if (one.name in only if only else not held.entry(one.name).written)]


def _ask(jobs: Sequence[Job], image: Path, *, checked: bool) -> None:
    """Show what will be erased, and wait for a yes. Raises BadInput when there is nobody to ask, click.Abort for a no."""
    if not sys.stdin.isatty():
        raise BadInput(reason="nobody is here to say that the cards may be erased; --yes says it")
    for job in jobs:
        click.echo(f"{_described(job.disk):40}{'  → ' + job.whose if job.whose else ''}", err=True)
    if not checked:
        click.echo(f"{image.name} was not compared with any SHA256SUMS.", err=True)
    click.confirm(f"Erase {counted(len(jobs), 'card')} and write {image.name}?", abort=True, err=True)


def _run(jobs: Sequence[Job], image: Image, held: Register | None, *, quiet: bool) -> None:
    from edubox.cli.flash_screen import Screen
    from edubox.hardware.flash.cards import write_all

    def finished(job: Job) -> None:
        if held is not None:
            held.finished(job.whose, datetime.now(UTC))

    screen = Screen(jobs, quiet=quiet)
    screen.draw()
    write_all(jobs, image, screen.draw, finished)


def _tell(jobs: Sequence[Job], held: Register | None, *, as_json: bool) -> None:
    """What came of it; ends with the exit code of the first card that failed."""
    errors: list[EduboxError] = [job.error for job in jobs if job.error is not None]
    value: list[dict[str, Any]] = [
        {"card": job.disk.name, "school": job.whose, "written": job.error is None}
        | ({"error": {"code": job.error.code, "message": str(job.error)}} if job.error is not None else {})
        for job in jobs
    ]
    good = len(jobs) - len(errors)
    lines = [f"{counted(good, 'card')} written and checked." if jobs else "No card was written."]
    if errors:
        lines.append(f"{counted(len(errors), 'card')} not: see above.")
    if held is not None:
        left = held.waiting()
        lines.append(
            f"{counted(left, 'school')} without a card. Put in the next cards and say the same again."
            if left
            else "Every school of the list has its card."
        )
        lines.append(f"For the academy: {held.path}")
    if good:
        lines.append("The cards may be taken out.")
    answer(as_json, {"cards": value}, "\n".join(lines))
    if errors:
        raise click.exceptions.Exit(errors[0].exit_code)
