"""``edubox draft``: lessons that teachers are making on a box, as its pages use them."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.cli.output import InOrder, answer, human_size, json_option

_ident = click.argument("ident", metavar="ID")
_data = click.option(
    "--data",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The box's data folder.",
)


@click.group(cls=InOrder)
def draft() -> None:
    """Lessons that teachers are making on a box."""


@draft.command()
@_ident
@_data
@click.option(
    "--h5p-libraries",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder with H5P libraries, or .h5p files that hold them, for exercises that come without.",
)
@json_option
def build(ident: str, data: Path, h5p_libraries: Path | None, as_json: bool) -> None:
    """Make the lesson file of the draft ID, as its preview and its class will get it.

    The box's pages run this after every change; what it finds stands in the draft's report.
    """
    from edubox.box.teacher.build import build as build_draft
    from edubox.box.teacher.work import heavy

    with heavy():
        made = build_draft(data, ident, h5p_libraries=h5p_libraries)
    answer(
        as_json,
        made,
        f"{ident}: {made['files']} files, {human_size(made['size'])}, {len(made['lint']) + len(made['warnings'])} notes.",
    )


@draft.command(name="open")
@_ident
@_data
@json_option
def open_lesson(ident: str, data: Path, as_json: bool) -> None:
    """Make the draft ID of the lesson file or the lesson that it was given.

    The box's pages run this when a lesson file was uploaded, or a lesson is copied to be changed.
    """
    from edubox.box.teacher.copying import open_given
    from edubox.box.teacher.work import heavy

    with heavy():
        made = open_given(data, ident)
    answer(
        as_json, {"draft": ident, "title": made.title, "files": len(made.entries)}, f"{ident}: {made.title}"
    )


@draft.command()
@_ident
@_data
@click.option("--pdf", is_flag=True, help="Make one PDF of them, and forget them.")
@json_option
def photos(ident: str, data: Path, pdf: bool, as_json: bool) -> None:
    """Look at the photos of the draft ID: small pictures of them, and where the paper ends.

    The box's pages run this when photos were uploaded, and with --pdf when their order is as wanted.
    """
    from edubox.box.teacher.photo_work import look, make_pdf
    from edubox.box.teacher.work import heavy

    with heavy():
        made = make_pdf(data, ident) if pdf else look(data, ident)
    answer(as_json, made, f"{ident}: {made['photos']} photos")
