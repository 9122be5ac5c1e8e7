"""``edubox box``: make a box's data folder, and serve it; ``own`` has what a school publishes itself."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edubox.cli import own
from edubox.cli.output import InOrder, answer, json_option, port_number, settings_of
from edubox.errors import NotFound, UnreadableSource


@click.group(cls=InOrder)
def box() -> None:
    """The computer in the school."""


@box.command(short_help="Make a box's data folder.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The new data folder.")
@click.option(
    "--country", required=True, type=click.Path(path_type=Path), help="The country's root: …/1.root.json"
)
@click.option("--follow", multiple=True, help="A publisher whose lessons this box keeps; may be repeated.")
@click.option("--from", "sources", multiple=True, help="Where lessons come from: an address or a folder.")
@click.option("--name", help="The name of the school.")
@json_option
def init(
    data: Path,
    country: Path,
    follow: tuple[str, ...],
    sources: tuple[str, ...],
    name: str | None,
    as_json: bool,
) -> None:
    """Make a data folder that trusts one country and follows some of its publishers."""
    from edubox.box.setup import init as init_box

    try:
        root = country.read_bytes()
    except FileNotFoundError:
        raise NotFound(what=f"The country's root {country}") from None
    except OSError as error:
        raise UnreadableSource(path=country, reason=error.strerror) from None
    settings = {"name": name} if name else {}
    init_box(data, root, list(follow), list(sources), settings)
    lessons = "edubox sync" if sources else "a stick, a courier, or edubox sync --from an address or a folder"
    text = f"The box is ready in {data}. Next, for its lessons: {lessons}; for the school: edubox box serve --data {data}"
    text += f"\n{_sheet(data)}"
    if not follow:
        text += f"\n  note: it follows no publisher yet, so no lesson will come. Name some under follow in {data / 'box.toml'}."
    answer(as_json, {"data": str(data), "follow": list(follow)}, text)


def _sheet(data: Path) -> str:
    """What a person must put on paper now; never part of ``--json``, which ends up in logs."""
    from edubox.box.own import identity

    code = identity.unprinted_code(data, identity.read(data))
    return f"Recovery code of the school's own lessons: {code}\nPrint it: edubox box sheet --data {data} -o sheet.html"


@box.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--port", type=port_number, help="TCP port of the pages.")
@click.option("--lesson-port", type=port_number, help="TCP port of the lessons.")
@click.option("--listen", help="Address to listen on; 127.0.0.1 for this machine only.")
def serve(data: Path, port: int | None, lesson_port: int | None, listen: str | None) -> None:
    """Serve the lessons of DATA to the school until Ctrl-C."""
    from edubox.box.serve import serve as serve_box

    settings = settings_of(data)
    given = {"port": port, "lesson_port": lesson_port, "listen": listen}
    settings |= {key: value for key, value in given.items() if value is not None}
    serve_box(data, settings, ready=lambda url: click.echo(f"The box answers at {url}"))


@box.command(short_help="The secret address for the person in charge.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option(
    "--new", is_flag=True, help="Make another address first; whoever has the old one is locked out."
)
@json_option
def link(data: Path, new: bool, as_json: bool) -> None:
    """The secret address of the pages for the person in charge, and its QR code."""
    import segno

    from edubox.box.discovery import own_addresses
    from edubox.box.own import identity

    settings = settings_of(data)
    code = (None if new else identity.desk_code(data)) or identity.new_desk_code(data)
    here = next(iter(own_addresses()), "127.0.0.1")
    address = f"http://{here}:{settings['port']}/b/{code}/"
    answer(as_json, {"address": address}, f"For the person in charge: {address}\nKeep it like a key.")
    if not as_json and sys.stdout.isatty():
        segno.make(address, error="m").terminal(compact=True)


for _command in (
    own.sheet,
    own.backup,
    own.restore,
    own.resolve,
    own.rekey,
    own.publish,
    own.withdraw,
    own.erase,
):
    box.add_command(_command)
