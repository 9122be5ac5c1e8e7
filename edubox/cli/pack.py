"""``edubox pack``: make a lesson file from a folder, a zip or a single document; look into one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from edubox.cli.output import InOrder, Meter, answer, human_size, json_option
from edubox.errors import AlreadyExists
from edubox.pack.manifest import Item, Manifest


@click.group(cls=InOrder)
def pack() -> None:
    """Make lesson files (.edpack) and look into them."""


@pack.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The .edpack file to write."
)
@click.option("--title", help="The lesson's title; taken from the lesson itself when it says one.")
@click.option("--language", help="Its language: fr, en, ar …")
@click.option("--description", help="One or two sentences for pupils.")
@click.option("--level", multiple=True, help="Level id of the country file; may be repeated.")
@click.option("--subject", multiple=True, help="Subject id of the country file; may be repeated.")
@click.option("--licence", help="Licence, such as CC-BY-SA-4.0.")
@click.option("--author", multiple=True, help="An author's name; may be repeated.")
@click.option("--duration", help="How long it takes a class, such as PT45M.")
@click.option("--keyword", multiple=True, help="A word to be found by; may be repeated.")
@click.option(
    "--h5p-libraries",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with H5P libraries, or .h5p files that hold them, for exercises that come without.",
)
@json_option
def build(source: Path, output: Path, as_json: bool, h5p_libraries: Path | None, **given: Any) -> None:
    """Make a lesson file from SOURCE: a folder, a zip or one document."""
    from edubox.importers.folder import build_lesson

    if output.is_dir():  # before anything is read
        raise AlreadyExists(path=output)
    meter = Meter(quiet=as_json)
    described = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    built = build_lesson(source, output, described, progress=meter.show, h5p_libraries=h5p_libraries)
    meter.close()
    facts = {
        "id": built.manifest.id,
        "title": built.manifest.name,
        "files": len(built.manifest.files),
        "size": built.manifest.size,
        "toc": [item.to_json() for item in built.manifest.toc],
        "warnings": built.warnings,
    }
    warnings = "".join(f"\n  note: {warning}" for warning in built.warnings)
    answer(as_json, facts, f"{output}: {_summary(built.manifest)}{warnings}")


@pack.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def show(file: Path, as_json: bool) -> None:
    """Say what is in FILE, without checking every byte."""
    from edubox.pack.edpack import open_edpack

    with open_edpack(file) as lesson:
        manifest = lesson.manifest
        facts = {"id": manifest.id, "title": manifest.name, **_facts(manifest)}
    lines = [_summary(manifest), *_tree(manifest.toc)]
    answer(as_json, facts, "\n".join(lines))


@pack.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check(file: Path, as_json: bool) -> None:
    """Check every byte of FILE against its list of contents."""
    from edubox.pack.edpack import check as check_edpack

    manifest = check_edpack(file)
    answer(
        as_json,
        {"id": manifest.id, "title": manifest.name, "whole": True},
        f"{file}: whole. {_summary(manifest)}",
    )


@pack.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def extract(file: Path, folder: Path, as_json: bool) -> None:
    """Write the lesson's own files to FOLDER, which must not exist yet."""
    from edubox.pack.edpack import extract as extract_edpack

    manifest = extract_edpack(file, folder)
    answer(as_json, {"id": manifest.id, "title": manifest.name, "files": len(manifest.files)},
           f"{len(manifest.files)} files are in {folder}.")  # fmt: skip


def _facts(manifest: Manifest) -> dict[str, Any]:
    return {
        "language": manifest.language,
        "files": len(manifest.files),
        "size": manifest.size,
        "metadata": manifest.metadata,
        "toc": [item.to_json() for item in manifest.toc],
    }


def _summary(manifest: Manifest) -> str:
    counts = f"{_count(len(manifest.items()), 'part')}, {_count(len(manifest.files), 'file')}"
    return f"“{manifest.name}”, {counts}, {human_size(manifest.size)}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _tree(items: tuple[Item, ...], indent: str = "  ") -> list[str]:
    lines = []
    for item in items:
        kind = f"  ({item.type})" if item.entry is not None else ""
        lines += [f"{indent}{item.title}{kind}", *_tree(item.items, indent + "  ")]
    return lines
