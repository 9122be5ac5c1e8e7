"""What commands share: how they answer, find a box's settings, ask for a passphrase and show long work."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from edubox.errors import BadInput, MissingPassphrase
from edubox.settings import load_settings

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object on stdout.")
#: A TCP port; 0 is a free one.
port_number = click.IntRange(0, 65_535)


class InOrder(click.Group):
    """A group whose help lists its commands in the order in which they are defined: that of the work."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command, as it came."""
        return list(self.commands)


class NewFile(click.Path):
    """A file to write. Its folder is looked for before any work is done for it."""

    def __init__(self) -> None:
        super().__init__(dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """See click; fails with a usage error when the folder is not there."""
        path = Path(os.fsdecode(super().convert(value, param, ctx)))
        if not path.parent.is_dir():
            self.fail(f"there is no folder {path.parent}", param, ctx)
        return path


def counted(number: int, one: str, more: str = "") -> str:
    """*number* with its word: ``1 file``, ``2 files``."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def answer(as_json: bool, value: dict[str, Any], text: str) -> None:
    """Print *value* as JSON or *text* for a person."""
    click.echo(json.dumps(value, ensure_ascii=False) if as_json else text)


def settings_of(data: Path) -> dict[str, Any]:
    """The settings of the box in *data*. Raises BadInput, also if no box was made there."""
    if not (data / "keys" / "root.json").exists() and not (data / "box.toml").exists():
        raise BadInput(reason=f"there is no box in {data}; edubox box init makes one")
    return load_settings(data / "box.toml")


def passphrase(*, new: bool = False) -> str:
    """The passphrase of wrapped keys, from EDUBOX_PASSPHRASE or asked for; twice when it is *new*."""
    if given := os.environ.get("EDUBOX_PASSPHRASE"):
        return given
    if not sys.stdin.isatty():
        raise MissingPassphrase
    asked: str = click.prompt("Passphrase", hide_input=True, confirmation_prompt=new, err=True)
    return asked


def human_size(size: int) -> str:
    """Bytes in words: ``131 kB``, ``2.0 MB``; powers of 1000 as on every phone."""
    if size < 1000:
        return f"{size} bytes"
    value, unit = float(size), "kB"
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007
        value /= 1000
        if value < 999.5:
            break
    return f"{value:.0f} {unit}" if value >= 10 else f"{value:.1f} {unit}"


class Meter:
    """Progress of long work on stderr: one moving line on a terminal, a plain line now and then elsewhere."""

    #: Seconds between two drawings: often enough to look alive, rare enough to cost nothing.
    TERMINAL_EVERY, PLAIN_EVERY = 0.1, 5.0

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet, self._clock = quiet, clock
        self._terminal = sys.stderr.isatty()
        self._shown = float("-inf")
        self._open_line = False

    def show(self, what: str, done: int, total: int, unit: Callable[[int], str] = human_size) -> None:
        """Say that *done* of *total* of *what* are there: bytes, or what *unit* puts into words."""
        now = self._clock()
        every = self.TERMINAL_EVERY if self._terminal else self.PLAIN_EVERY
        if self._quiet or (now - self._shown < every and done < total):
            return
        self._shown = now
        share = min(done / total, 1.0) if total else 1.0
        sizes = f"{unit(done)} of {unit(total)}"
        if self._terminal:
            bar = "█" * round(share * 24)
            click.echo(f"\r\x1b[K{bar:░<24} {share:4.0%}  {sizes}  {what}", nl=False, err=True)
            self._open_line = True
        else:
            click.echo(f"{share:4.0%}  {sizes}  {what}", err=True)

    def say(self, sentence: str) -> None:
        """A line that stays."""
        self.close()
        if not self._quiet:
            click.echo(sentence, err=True)

    def close(self) -> None:
        """End the moving line."""
        if self._open_line:
            click.echo(err=True)
            self._open_line = False
