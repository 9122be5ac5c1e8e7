"""``edubox publish``, ``withdraw`` and ``revert``: put a lesson into a mirror, signed, take it back, and go back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from edubox.cli.output import Meter, answer, human_size, json_option, passphrase
from edubox.errors import BadInput, NotFound

_to = click.option(
    "--to", "mirror", required=True, type=click.Path(path_type=Path), help="The mirror folder."
)
_keys = click.option(
    "--keys", type=click.Path(path_type=Path), help="Folder of keys.  [default: keys beside the mirror]"
)


@click.command(short_help="Sign a lesson file and write it to a mirror.")
@click.argument("file", type=click.Path(path_type=Path))
@_to
@click.option("--as", "publisher", required=True, help="The publisher: authority/name.")
@click.option(
    "--slug", required=True, help="The lesson's short name in addresses; never used for another one."
)
@_keys
@click.option("--author", help="Who publishes; shown with the lesson.")
@click.option(
    "--not-before", metavar="MOMENT", help="Boxes fetch it now and show it from then on: 2026-11-30T06:00Z."
)
@click.option(
    "--stage",
    "stages",
    metavar="MOMENT=BOXES",
    multiple=True,
    help="From this moment so many boxes in a thousand may have it; may be repeated, the last one is 1000.",
)
@click.option("--full-only", is_flag=True, help="Make no short updates from older versions.")
@json_option
def publish(
    file: Path, mirror: Path, publisher: str, slug: str, keys: Path | None, author: str | None, not_before: str | None,
    stages: tuple[str, ...], full_only: bool, as_json: bool,
) -> None:  # fmt: skip
    """Sign the lesson FILE and write it to a mirror. The same file again changes nothing."""
    from edubox.publishing.job import Publication
    from edubox.publishing.job import publish as publish_lesson
    from edubox.publishing.workplace import Workplace

    if not file.is_file():  # before anybody types a passphrase
        raise NotFound(what=f"The lesson file {file}")
    meter = Meter(quiet=as_json)
    done = publish_lesson(
        Publication(
            publisher, slug, file, author, deltas=not full_only, not_before=not_before, stages=_stages(stages)
        ),
        Workplace.beside(mirror, keys),
        passphrase(), datetime.now(UTC), meter.show,
    )  # fmt: skip
    meter.close()
    index = done.index
    facts = {
        "pack": done.address, "version": index.version, "manifest": index.manifest,
        "bundles": [bundle.to_json() for bundle in index.bundles], "unchanged": done.unchanged,
    }  # fmt: skip
    sizes = [
        f"{'whole' if bundle.base is None else 'short update'}: {human_size(bundle.size)}"
        for bundle in index.bundles
    ]
    said = "is the current version already, nothing changed" if done.unchanged else "is published"
    notes = "".join(f"\n  note: {note}" for note in done.notes)
    answer(as_json, facts, f"{done.address}, version {index.version}, {said} ({', '.join(sizes)}).{notes}")


def _stages(told: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
    """``MOMENT=BOXES`` in pairs. Raises BadInput."""
    pairs = [one.partition("=") for one in told]
    if any(not share.isascii() or not share.isdigit() for _, _, share in pairs):
        raise BadInput(reason="a stage is a moment and boxes in a thousand, such as 2026-11-30T06:00Z=10")
    return tuple((moment, int(share)) for moment, _, share in pairs)


@click.command(short_help="Take a lesson back.")
@click.argument("publisher", metavar="ID")
@click.argument("slug")
@_to
@_keys
@json_option
def withdraw(publisher: str, slug: str, mirror: Path, keys: Path | None, as_json: bool) -> None:
    """Take the lesson SLUG of the publisher ID back: boxes stop showing it at their next synchronisation."""
    from edubox.publishing.job import withdraw as withdraw_lesson
    from edubox.publishing.workplace import Workplace

    done = withdraw_lesson(publisher, slug, Workplace.beside(mirror, keys), passphrase(), datetime.now(UTC))
    facts = {"pack": done.address, "version": done.index.version}
    answer(as_json, facts, f"{done.address} is withdrawn (version {done.index.version}).")


@click.command(short_help="Go back to what was published before.")
@click.argument("publisher", metavar="ID")
@click.argument("slug", required=False)
@_to
@click.option(
    "--version", type=click.IntRange(1), help="The version to go back to.  [default: the one before]"
)
@click.option(
    "--at", "moment", metavar="MOMENT",
    help="Without SLUG: every lesson as it was at this moment, UTC: 2026-11-27T18:00Z.",
)  # fmt: skip
@_keys
@click.option("--full-only", is_flag=True, help="Make no short updates from the version that is replaced.")
@json_option
def revert(
    publisher: str, slug: str | None, mirror: Path, version: int | None, moment: str | None, keys: Path | None,
    full_only: bool, as_json: bool,
) -> None:  # fmt: skip
    """Publish what the publisher ID had before again: the lesson SLUG, or with --at all its lessons.

    Versions go on counting, since boxes refuse lower ones; the files are those of then, and boxes that still have them fetch none.
    """
    from edubox.publishing.way_back import revert as revert_lesson
    from edubox.publishing.way_back import revert_all
    from edubox.publishing.workplace import Workplace

    if (slug is None) == (moment is None) or (version is not None and slug is None):
        raise BadInput(reason="name a lesson, or with --at a moment for all lessons of the publisher")
    workplace, now, meter = Workplace.beside(mirror, keys), datetime.now(UTC), Meter(quiet=as_json)
    if slug is not None:
        done = revert_lesson(publisher, slug, version, workplace, passphrase(), now, deltas=not full_only)
    else:
        at = _moment(str(moment))
        done = revert_all(
            publisher, at, workplace, passphrase(), now, deltas=not full_only,
            progress=lambda number, total: meter.show("looking at lessons", number, total, str),
        )  # fmt: skip
    meter.close()
    facts = {
        "publisher": publisher, "unchanged": done.unchanged,
        "packs": [
            {"pack": f"{publisher}/{one.slug}", "version": one.index.version, "of": one.of} for one in done.lessons
        ],
    }  # fmt: skip
    lines = [
        f"{publisher}/{one.slug}, version {one.index.version}, "
        + ("is withdrawn, as it was then." if one.of is None else f"has the files of version {one.of} again.")
        for one in done.lessons
    ] or ["Nothing changed: that is what is published."]
    answer(as_json, facts, "\n".join([*lines, *(f"  note: {note}" for note in done.notes)]))


def _moment(told: str) -> datetime:
    """``2026-11-27T18:00Z``. Raises BadInput."""
    try:
        return datetime.strptime(told, "%Y-%m-%dT%H:%MZ").replace(tzinfo=UTC)
    except ValueError:
        raise BadInput(reason=f"{told!r} is not a moment such as 2026-11-27T18:00Z") from None
