"""``edubox erase`` and ``edubox recall``: take the bytes of lessons away, here and on every box."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from edubox.cli.output import Meter, answer, counted, json_option, passphrase
from edubox.errors import BadInput


@click.command(short_help="Delete a lesson or a file of it, here and on every box.")
@click.option("--to", "mirror", required=True, type=click.Path(path_type=Path), help="The mirror folder.")
@click.option("--as", "publisher", required=True, help="The publisher: authority/name.")
@click.option("--slug", required=True, help="The lesson's short name in addresses.")
@click.option("--file", "paths", multiple=True, help="Only this file of the lesson; may be repeated.")
@click.option(
    "--keys", type=click.Path(path_type=Path), help="Folder of keys.  [default: keys beside the mirror]"
)
@json_option
def erase(
    mirror: Path, publisher: str, slug: str, paths: tuple[str, ...], keys: Path | None, as_json: bool
) -> None:
    """Erase a lesson, all its versions, or some of its files: boxes delete them at their next synchronisation."""
    from edubox.publishing.erase import erase as erase_lesson
    from edubox.publishing.workplace import Workplace

    meter = Meter(quiet=as_json)
    done = erase_lesson(
        publisher, slug, Workplace.beside(mirror, keys), passphrase(), datetime.now(UTC), paths,
        lambda seen, total: meter.show("versions", seen, total, unit=str),
    )  # fmt: skip
    meter.close()
    facts = {"withdrawn": done.withdrawn, "deleted": done.deleted, "notes": done.notes}
    what = (
        f"{publisher}/{slug} is erased"
        if not paths
        else f"Erased from {publisher}/{slug}: {', '.join(paths)}"
    )
    lines = [f"{what}; {counted(len(done.deleted), 'file was', 'files were')} deleted here."]
    lines += [f"  taken back: {address}" for address in done.withdrawn]
    lines += [f"  note: {note}" for note in done.notes]
    answer(as_json, facts, "\n".join(lines))


@click.command(short_help="Delete anybody's lesson everywhere, in the ministry's name.")
@click.option(
    "--country", "folder", required=True, type=click.Path(path_type=Path), help="The country's folder."
)
@click.option("--manifest", "manifests", multiple=True, help="A version, by its hash; may be repeated.")
@click.option("--object", "objects", multiple=True, help="A file, by its SHA-256; may be repeated.")
@json_option
def recall(folder: Path, manifests: tuple[str, ...], objects: tuple[str, ...], as_json: bool) -> None:
    """Recall versions or files of anybody's lessons in the name of the ministry: no box shows them any more."""
    from edubox.publishing.erase import recall as recall_everywhere

    if not manifests and not objects:
        raise BadInput(reason="say what to recall with --manifest or --object")
    meter = Meter(quiet=as_json)
    done = recall_everywhere(
        folder, manifests, objects, passphrase(), datetime.now(UTC),
        lambda seen, total: meter.show("versions", seen, total, unit=str),
    )  # fmt: skip
    meter.close()
    facts = {
        "manifests": sorted(done.erasure.manifests), "objects": sorted(done.erasure.objects), "deleted": done.deleted,
    }  # fmt: skip
    listed = f"{counted(len(facts['manifests']), 'version')} and {counted(len(facts['objects']), 'file')}"
    gone = f"{counted(len(done.deleted), 'file was', 'files were')} deleted here"
    answer(as_json, facts, f"The recall list now names {listed}; {gone}.")
