"""``edubox publish`` and ``edubox withdraw``: put a lesson into a mirror, signed, and take it back."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from edubox.cli.output import Meter, answer, human_size, json_option, passphrase
from edubox.errors import NotFound

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
@click.option("--full-only", is_flag=True, help="Make no short updates from older versions.")
@json_option
def publish(
    file: Path, mirror: Path, publisher: str, slug: str, keys: Path | None, author: str | None, full_only: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Sign the lesson FILE and write it to a mirror. The same file again changes nothing."""
    from edubox.publishing.job import Publication
    from edubox.publishing.job import publish as publish_lesson
    from edubox.publishing.workplace import Workplace

    if not file.is_file():  # before anybody types a passphrase
        raise NotFound(what=f"The lesson file {file}")
    meter = Meter(quiet=as_json)
    done = publish_lesson(
        Publication(publisher, slug, file, author, deltas=not full_only), Workplace.beside(mirror, keys),
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
