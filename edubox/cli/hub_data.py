"""``edubox hub work``, ``queue``, ``audit``, ``release``, ``move``, ``backup`` and ``restore``: what a hub keeps, and who looks after it."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from edubox.cli.output import Meter, NewFile, answer, counted, human_size, json_option, passphrase
from edubox.errors import BadInput, NotFound

if TYPE_CHECKING:
    from edubox.hub.hub import Hub

_data = click.option("--data", required=True, type=click.Path(path_type=Path), help="The country's folder.")
_file = click.Path(dir_okay=False, path_type=Path)


@contextlib.contextmanager
def _opened(data: Path) -> Iterator[Hub]:
    from edubox.hub.hub import open_hub

    hub = open_hub(data)
    try:
        yield hub
    finally:
        hub.close()


@click.command("work", short_help="Do queued work until interrupted.")
@_data
@click.option("--once", is_flag=True, help="Do what is due and end.")
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes at once."
)
def work(data: Path, once: bool, workers: int) -> None:
    """Do what the queue holds: look at offers, publish, copy the mirror into the bucket.

    `edubox hub serve` does this by itself unless its setting workers is 0.
    """
    from edubox.hub import work as room

    with _opened(data) as hub:
        if once:
            room.work(hub)
            return
        foreman = room.Foreman(data, hub.database, hub.now, workers, lambda: room.plan(hub))
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        foreman.start()
        ended.wait()
        foreman.end()


@click.command("queue", short_help="Show queued work, or try failed work again.")
@_data
@click.option("--again", type=int, metavar="ID", help="Try this failed piece of work anew.")
@json_option
def queue(data: Path, again: int | None, as_json: bool) -> None:
    """Show what waits, what is being done, and what failed for good."""
    from edubox.hub import queue as room

    with _opened(data) as hub:
        if again is not None and not hub.database.change(lambda c: room.again(c, again, hub.now())):
            raise NotFound(what=f"Failed work of the number {again}")
        with hub.database.read() as connection:
            counts, found = room.counts(connection), room.listed(connection)
    facts = {
        "counts": counts,
        "jobs": [
            {"id": one.id, "kind": one.kind, "key": one.key, "state": one.state, "due": one.due, "tries": one.tries,
             "said": one.said}
            for one in found
        ],
    }  # fmt: skip
    lines = [
        f"{one.id}  {one.state:8} {_when(one.due)}  {one.kind} {one.key}{f' – {one.said}' if one.said else ''}"
        for one in found
    ]
    answer(as_json, facts, "\n".join(lines) or "Nothing waits.")


@click.command("audit", short_help="Show who did what, and whether the list is whole.")
@_data
@click.option("--verify", is_flag=True, help="Look at every line and say the head, to write down.")
@click.option("--head", metavar="NUMBER:HASH", help="With --verify: a head that was written down earlier.")
@click.option("--subject", help="Only what was done to this.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="Lines at most, the newest first.")  # fmt: skip
@click.option("--export", type=NewFile(), help="Write all lines to this file, one JSON object a line.")
@json_option
def audit(
    data: Path, verify: bool, head: str | None, subject: str | None, limit: int, export: Path | None, as_json: bool
) -> None:  # fmt: skip
    """Show who did what at this hub. Lines are only ever added; one that was changed or taken out is found by --verify.

    Write the head down outside the hub now and then: with it, an audit that was written anew is found too.
    """
    import json
    from dataclasses import asdict

    from edubox.hub import audit as room
    from edubox.store.platform import replacing

    with _opened(data) as hub:
        if export is not None:
            number = 0
            with hub.database.read() as connection, replacing(export, 0o600) as out:
                for number, line in enumerate(room.every(connection), 1):  # noqa: B007
                    out.write(json.dumps(asdict(line), ensure_ascii=False).encode() + b"\n")
            answer(as_json, {"lines": number, "file": str(export)}, f"{counted(number, 'line')} in {export}.")
            return
        if verify or head:
            found = room.verify(hub.database, head)
            answer(
                as_json, {"head": found}, f"Every line is what was written. The head, to write down:\n{found}"
            )
            return
        with hub.database.read() as connection:
            lines = room.lines(connection, subject=subject, limit=limit)
            last = room.head(connection)
    facts = {"head": last, "lines": [asdict(line) for line in lines]}
    text = [
        f"{line.number}  {_when(line.at)}  {line.actor}  {line.action}  {line.subject}{f'  {line.detail}' if line.detail else ''}"
        for line in lines
    ]
    answer(as_json, facts, "\n".join(text) or "Nothing was done yet.")


@click.command("release", short_help="Copy the mirror into the bucket from which readers get it.")
@_data
@click.option(
    "--whole", is_flag=True, help="Trust no note of earlier runs: compare everything with the bucket."
)
@json_option
def release(data: Path, whole: bool, as_json: bool) -> None:
    """Bring the bucket up to the folder, timestamps last; `edubox hub serve` does it every five minutes.

    Cut anywhere, readers see whole publications, and the next run goes on.
    """
    from edubox.hub import release as room

    meter = Meter(quiet=as_json)
    with _opened(data) as hub:
        done = room.release(
            hub, whole=whole, progress=lambda what, so_far, total: meter.show(what, so_far, total, str)
        )
    meter.close()
    facts = {
        "repositories": done.repositories, "files": done.files, "bytes": done.size, "deleted": len(done.deleted),
    }  # fmt: skip
    sentence = f"{counted(done.files, 'file')} ({human_size(done.size)}) of {counted(done.repositories, 'repository', 'repositories')} went up, {len(done.deleted)} left."
    answer(
        as_json, facts, sentence if done.repositories or done.files else "The bucket has everything already."
    )


@click.command("site", short_help="Bring the reading site up to the mirror.")
@_data
@json_option
def site(data: Path, as_json: bool) -> None:
    """Write the reading site of the setting `site` again, if anything was published since; `edubox hub serve` looks every five minutes."""
    from edubox.hub import reading

    with _opened(data) as hub:
        folder = str(hub.settings["site"])
        if not folder:
            raise BadInput(reason="this hub writes no reading site: say where with site = in hub.toml")
        written = reading.write(hub)
    answer(
        as_json, {"site": folder, "written": written},
        f"{folder} shows what is published." if written else f"{folder} shows what is published already.",
    )  # fmt: skip


@click.command("move", short_help="Move the hub to another database and store.")
@_data
@click.option("--to", "settings", required=True, type=_file, help="The new hub.toml: where everything goes.")
@json_option
def move(data: Path, settings: Path, as_json: bool) -> None:
    """Move a stopped hub to where another hub.toml says, and make that its hub.toml.

    Everything is read back and compared first; the old place keeps all it had. Cut anywhere, run it again.
    """
    from edubox.hub.move import move as move_hub

    meter = Meter(quiet=as_json)
    done = move_hub(
        data,
        settings,
        lambda what, so_far, total: meter.show(what, so_far, total, human_size if what == "files" else str),
    )
    meter.close()
    facts = {"rows": done.rows, "files": done.files, "bytes": done.size, "head": done.head}
    answer(
        as_json, facts,
        f"{sum(done.rows.values())} rows and {counted(done.files, 'file')} ({human_size(done.size)}) moved and compared. "
        f"The hub is there now; its old settings are in hub.toml.before. Head of the audit: {done.head}",
    )  # fmt: skip


@click.command("backup", short_help="Write everything that the hub has into one file.")
@click.argument("file", type=NewFile())
@_data
@click.option("--without-keys", is_flag=True, help="Leave the online keys out, and ask for no passphrase.")
@json_option
def backup(file: Path, data: Path, without_keys: bool, as_json: bool) -> None:
    """Write a backup of the hub to FILE, while it serves: database, intake, mirror, keys.

    The two online keys are wrapped with the passphrase that is asked for (EDUBOX_PASSPHRASE); all others are as they lie in keys.
    """
    from edubox.hub.backup import write

    secret = None if without_keys else passphrase(new=True)
    with _opened(data) as hub:
        made = write(hub, file, secret)
    answer(
        as_json, {"file": str(file), "members": made.members, "bytes": made.size, "head": made.head},
        f"{file}: {counted(made.members, 'file')}, {human_size(made.size)}. Head of the audit: {made.head}",
    )  # fmt: skip


@click.command("restore", short_help="Make a hub of a backup.")
@click.argument("file", type=_file)
@_data
@click.option(
    "--settings", type=_file, help="A hub.toml: where database and files go.  [default: in the folder]"
)
@json_option
def restore(file: Path, data: Path, settings: Path | None, as_json: bool) -> None:
    """Make the new folder DATA of the backup FILE; `edubox hub serve` serves it at once.

    Ports and names are those of the backup; where the database and the files go is said here, never by the backup.
    """
    from edubox.hub.restore import restore as restore_hub

    made = restore_hub(file, data, passphrase, settings)
    answer(
        as_json, {"data": str(data), "members": made.members, "head": made.head},
        f"{counted(made.members, 'file')} are in {data} and every one is what it was. Head of the audit: {made.head}",
    )  # fmt: skip


def _when(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M}"


COMMANDS = (work, queue, audit, release, site, move, backup, restore)
