"""``edubox enrol``: a box asks its academy to be taken in, or says how far that is."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import NewFile, answer, json_option, settings_of
from edubox.errors import BadInput

if TYPE_CHECKING:
    from edubox.sync.enrolment import Enrolment


@click.command(short_help="Ask the academy to take this box in.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option("--code", help="The one-time code that the academy gave for this school.")
@click.option(
    "--authority", default="", help="The academy that is asked.  [default: the one that gave the code]"
)
@click.option(
    "--carry",
    type=NewFile(),
    help="Ask nobody: write the request to this file, - for standard output, for somebody to carry.",
)
@click.option("--status", is_flag=True, help="Only say how far it is.")
@json_option
def enrol(
    data: Path, code: str | None, authority: str, carry: Path | None, status: bool, as_json: bool
) -> None:
    """Ask the academy to take the box in DATA in; it asks again by itself when it synchronises.

    Without a line the request lies in DATA and goes with the next stick, or with a phone as the file of --carry.
    """
    from edubox.box.own.enrol import ask
    from edubox.store.platform import write_atomic
    from edubox.sync.enrolment import REQUEST, keep_code, read_enrolment
    from edubox.trust.codes import understood

    if carry is not None and status:
        raise BadInput(reason="--status asks nobody, and --carry makes a request: say one of them")
    settings = settings_of(data)
    if code is not None:
        spelled = understood(code)
        if not spelled:
            raise BadInput(
                reason="this one-time code has a slip in it; copy it again, character by character"
            )
        keep_code(data, spelled)
    known = read_enrolment(data) if status else ask(data, settings, authority=authority, line=carry is None)
    if carry is not None:
        request = (data / REQUEST).read_bytes()
        if str(carry) == "-":
            click.echo(request, nl=False)
            return
        write_atomic(carry, request)
    value = {
        "state": known.state, "id": known.id, "reason": known.reason, "since": known.since, "next": known.next,
    }  # fmt: skip
    answer(as_json, value, _in_words(known))


def _in_words(known: Enrolment) -> str:
    day = datetime.fromtimestamp(known.since, UTC).strftime("%d %B %Y")
    again = datetime.fromtimestamp(known.next, UTC).strftime("%d %B %Y, %H:%M UTC")
    return {
        "": "This box has asked nobody yet. Next: edubox enrol --code CODE",
        "asked": f"The academy was asked on {day} and has not answered yet. The box asks again after {again}, or carry it: edubox stick.",
        "promised": f"The academy says yes, as {known.id}. It counts when it is signed: the next edubox sync tells.",
        "accepted": f"The academy accepted this box on {day}, as {known.id}.",
        "refused": f"The academy says no: {known.reason or 'it gave no reason'}. Another code: edubox enrol --code CODE",
        "suspended": f"The academy has suspended this box ({known.id}) since {day}. Call it.",
    }[known.state]
