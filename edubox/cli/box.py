"""``edubox box``: make a box's data folder, and serve it; ``own`` has what a school publishes itself."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from edubox.cli import own
from edubox.cli.output import InOrder, answer, json_option, port_number, settings_of
from edubox.errors import NotFound, UnreadableSource, WrongRecoveryCode

_data = click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
#: Characters of a recovery code, however it is written.
_LONGEST_CODE = 200


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
    from edubox.box.accounts import first
    from edubox.box.own import identity

    code = identity.unprinted_code(data, identity.read(data))
    return (
        f"One-time code of the first administrator: {first.read(data)}\n"
        f"Recovery code of the school's own lessons: {code}\nPrint both: edubox box sheet --data {data} -o sheet.html"
    )


@box.command()
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--port", type=port_number, help="TCP port of the pages.")
@click.option("--lesson-port", type=port_number, help="TCP port of the lessons.")
@click.option("--desk-port", type=port_number, help="TCP port of the teachers' desk, over HTTPS.")
@click.option("--listen", help="Address to listen on; 127.0.0.1 for this machine only.")
def serve(
    data: Path, port: int | None, lesson_port: int | None, desk_port: int | None, listen: str | None
) -> None:
    """Serve the lessons of DATA to the school until Ctrl-C."""
    from edubox.box.serve import serve as serve_box

    settings = settings_of(data)
    given = {"port": port, "lesson_port": lesson_port, "desk_port": desk_port, "listen": listen}
    settings |= {key: value for key, value in given.items() if value is not None}
    serve_box(data, settings, ready=lambda url: click.echo(f"The box answers at {url}"))


@box.command(short_help="The certificate of the teachers' desk.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--new", is_flag=True, help="Make another one of its own; every teacher's browser warns again.")
@json_option
def certificate(data: Path, new: bool, as_json: bool) -> None:
    """Show the fingerprint of the desk's certificate; make the box's own where there is none."""
    from edubox.box.secure import certificate as secure

    settings = settings_of(data)
    path, key = secure.files(data, settings)
    if new or not (settings["certificate"] or (path.exists() and key.exists())):
        secure.make(data / "keys")
    shown = secure.fingerprint(path)
    if not shown:
        raise NotFound(what=f"The certificate {path}")
    answer(as_json, {"certificate": str(path), "fingerprint": shown}, f"SHA-256 of {path}:\n{shown}")


@box.command("first-code", short_help="The one-time code of the first administrator.")
@_data
@json_option
def first_code(data: Path, as_json: bool) -> None:
    """Show the address of the teachers' desk and the one-time code of its first administrator."""
    from edubox.box.accounts import first

    code = first.read(data)
    if not code:
        raise NotFound(what="The one-time code (it was used; edubox box admin makes another one)")
    _show_code(data, code, as_json=as_json)


@box.command(short_help="Make another administrator.")
@_data
@json_option
def admin(data: Path, as_json: bool) -> None:
    """Make a one-time code, by which one more administrator comes in, or one who is there gets a new password.

    For whoever has the box in hand when no administrator can come in any more.
    """
    from edubox.box.accounts import first

    _show_code(data, first.make(data), as_json=as_json)


def _show_code(data: Path, code: str, *, as_json: bool) -> None:
    import segno

    from edubox.box.discovery import own_addresses
    from edubox.box.own.sheet import desk_address

    settings = settings_of(data)
    here = next(iter(own_addresses()), "127.0.0.1")
    desk = desk_address(settings, f"http://{here}:{settings['port']}")
    entry = f"{desk}premier/{code}/"
    answer(
        as_json,
        {"address": entry, "desk": desk, "code": code},
        f"One-time code: {code}\nType it at {desk}, or open {entry}",
    )
    if not as_json and sys.stdout.isatty():
        segno.make(entry, error="m").terminal(compact=True)


@box.command("is-recovery-code", hidden=True)
@_data
def is_recovery_code(data: Path) -> None:
    """Whether the line on standard input is this school's recovery code: the pages ask, which know no keys."""
    from edubox.box.own import identity, recovery

    typed = sys.stdin.readline(_LONGEST_CODE)
    if not identity.is_recovery_code(identity.read(data), recovery.parse(typed)):
        raise WrongRecoveryCode(what=data)


for _command in (
    own.give,
    own.week,
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
