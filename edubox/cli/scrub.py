"""``edubox scrub``: read the card before a class does, and take away what it no longer keeps right."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from edubox.cli.output import Meter, answer, human_size, json_option
from edubox.errors import NotFound


@click.command(short_help="Read the whole card and take away what is damaged.")
@click.option("--data", required=True, type=click.Path(path_type=Path), help="The box's data folder.")
@click.option(
    "--for",
    "seconds",
    type=click.FloatRange(min=0),
    help="Stop after so many seconds; the next call goes on there.",
)
@json_option
@click.pass_context
def scrub(context: click.Context, data: Path, seconds: float | None, as_json: bool) -> None:
    """Compare every stored file with its hash, and take away what is damaged; the next edubox sync repairs it.

    Classes go on meanwhile. What is cut is continued the next time.
    """
    from edubox.store.platform import Reserve
    from edubox.store.scrub import scrub as read_card
    from edubox.sync.local import Local
    from edubox.sync.pacing.orders import Orders

    if not data.is_dir():
        raise NotFound(what=f"The data folder {data}")
    # Pupils' requests come first; the kernel takes a process's priority on the disk from this one too.
    os.nice(19)
    orders = context.find_object(Orders) or Orders()
    end = time.monotonic() + (float("inf") if seconds is None else seconds)
    meter = Meter(quiet=as_json)
    outcome = read_card(
        data, Local(data, [], Reserve()).contents, time.monotonic, time.time,
        stop=lambda: bool(orders.ending) or orders.reading or time.monotonic() >= end, show=lambda path: _show(meter, path),
    )  # fmt: skip
    meter.close()
    facts = {
        "files": outcome.files, "bytes": outcome.size, "complete": outcome.complete,
        "damaged": [{"path": one.path, "why": one.why} for one in outcome.damaged],
    }  # fmt: skip
    lines = [f"{outcome.files} files read, {human_size(outcome.size)}."]
    lines += [f"Damaged and taken away ({one.why}): {one.path}" for one in outcome.damaged]
    if outcome.damaged:
        lines.append(f"To repair: edubox sync --data {data}")
    lines.append("The whole card was read." if outcome.complete else "The next call goes on from here.")
    answer(as_json, facts, "\n".join(lines))


def _show(meter: Meter, path: str) -> None:
    """How far through its folder the file is: hashes are spread evenly, so their first two letters are the share."""
    folder, _, name = path.rpartition("/")
    meter.show(
        folder.rpartition("/")[0] or folder,
        int(f"0{name[:2]}" if _is_hex(name[:2]) else "0", 16),
        256,
        _share,
    )


def _is_hex(text: str) -> bool:
    return all(letter in "0123456789abcdef" for letter in text)


def _share(place: int) -> str:
    return f"{place * 100 // 256} %"
