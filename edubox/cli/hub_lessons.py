"""``edubox hub intake``, ``publish`` and ``recall``: what schools offered, where it goes, and what must be nowhere."""

from __future__ import annotations

from pathlib import Path

import click

from edubox.cli.output import answer, counted, json_option, passphrase
from edubox.errors import BadInput

_data = click.option("--data", required=True, type=click.Path(path_type=Path), help="The country's folder.")
_keys = click.option("--keys", type=click.Path(path_type=Path), help="Folder of keys, such as a stick's.  [default: keys in DATA]")  # fmt: skip


@click.command(short_help="Take in the lessons that a courier brings from a school.")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path(path_type=Path))
@_data
@json_option
def intake(files: tuple[Path, ...], data: Path, as_json: bool) -> None:
    """Take the offers out of the parts of a courier that a school wrote with `edubox push --to`.

    They are looked at as those that came over a line, and then wait for a reviewer.
    """
    from edubox.hub.hub import open_hub
    from edubox.hub.intake.courier import take_courier

    hub = open_hub(data)
    try:
        taken = take_courier(hub, files)
    finally:
        hub.close()
    if not taken:
        raise BadInput(
            reason="there is no offer in this courier; a school writes one with edubox push --to FOLDER"
        )
    facts = {"offers": [{"name": one.name, "state": one.state, "said": one.said} for one in taken]}
    answer(
        as_json,
        facts,
        "\n".join(f"{one.name}: {one.state}{f' – {one.said}' if one.said else ''}" for one in taken),
    )


@click.command("publish", short_help="Publish the accepted lessons that wait for a key.")
@_data
@_keys
@click.option("--only", type=int, help="Only the publication of this number.")
@json_option
def publish(data: Path, keys: Path | None, only: int | None, as_json: bool) -> None:
    """Publish what reviewers accepted into collections whose key lies wrapped, or elsewhere.

    Asks for the passphrase of the collections' keys once; a lesson whose key it does not open goes on waiting.
    """
    from edubox.hub.hub import open_hub
    from edubox.hub.review import accept

    hub = open_hub(data)
    try:
        with hub.database.read() as connection:
            if only is not None:
                lines = [accept.get(connection, only)]
            else:
                lines = accept.listed(connection, states=(accept.WAITING, accept.QUEUED))
        at_hand = (
            {one.id for one in accept.collections(hub) if one.key == accept.AT_HAND}
            if keys is None
            else set()
        )
        secret = "" if all(one.publisher in at_hand for one in lines) else passphrase()
        done = [accept.publish_one(hub, one.id, secret, keys) for one in lines]
    finally:
        hub.close()
    facts = {
        "publications": [
            {
                "id": one.id,
                "lesson": one.address,
                "state": one.state,
                "version": one.version,
                "reason": one.reason,
            }
            for one in done
        ]
    }
    told = [
        f"{one.address}: {one.state}" + (f" – {one.reason}" if one.reason else f", version {one.version}")
        for one in done
    ]
    answer(as_json, facts, "\n".join(told) or "No accepted lesson waits.")


@click.command(short_help="Sign the recalls that were asked for at the hub.")
@_data
@json_option
def recall(data: Path, as_json: bool) -> None:
    """Enter every recall that an officer asked for in the ministry's signed list, and delete the files here."""
    from edubox.hub.hub import open_hub
    from edubox.hub.review.recall import WAITING, listed, sign

    hub = open_hub(data)
    try:
        with hub.database.read() as connection:
            waiting = [one for one in listed(connection) if one.state == WAITING]
        done = sign(hub, passphrase()) if waiting else None
    finally:
        hub.close()
    if done is None:
        answer(as_json, {"recalled": 0, "deleted": []}, "No recall waits.")
        return
    facts = {"recalled": len(waiting), "deleted": done.deleted}
    answer(as_json, facts, f"{counted(len(waiting), 'recall is', 'recalls are')} signed; {counted(len(done.deleted), 'file', 'files')} deleted here.")  # fmt: skip
