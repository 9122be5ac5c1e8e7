"""Listens to somebody at the screen, a line at a time, and does what a number asks for.

Whole lines, not keys: a serial line without a cable hears noise, and no noise types a number, Enter, YES, Enter. Who stops typing is
left alone with the page for a while, with a password for a minute; then this ends, and what was shown is wiped.
"""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from edubox.box.accounts import journal
from edubox.box.accounts.person import ADMIN, Person
from edubox.box.console import facts as known
from edubox.box.console import screen
from edubox.box.console.facts import Facts, Places
from edubox.box.console.plain import wrapped
from edubox.box.school.database import SchoolFile
from edubox.errors import EduboxError
from edubox.hardware.ask import request as asking
from edubox.hardware.ask.request import POWEROFF, RESTART, Request
from edubox.program import EDUBOX

#: Seconds that somebody may take for a choice; that a secret stays; bytes of a line that are looked at.
PATIENCE, SHORT, LONGEST = 180.0, 60.0, 200
#: Seconds that a report may take.
_REPORTS = 120.0
#: Home, wipe, and forget what could be scrolled back to; where a terminal does none of it, a screen of nothing.
_WIPE, _PUSH = "\x1b[H\x1b[2J\x1b[3J", "\n" * 24
#: Whose the lines of the desk's journal are: nobody who has an account.
_WHO = Person(0, "console", ADMIN)


@dataclass(slots=True)
class Terminal:
    """Lines that come from *handle*, and text that goes to it by *write*; *wipes*: whether it understands how to wipe."""

    handle: int
    write: Callable[[str], None]
    wipes: bool = True
    _heard: bytes = field(default=b"", init=False)

    def show(self, lines: list[str]) -> None:
        """Wipe, then *lines*."""
        self.write((_WIPE if self.wipes else _PUSH) + "\n".join(lines) + "\n")

    def hear(self, prompt: str, seconds: float) -> str | None:
        """What was typed after *prompt*, without spaces around; None if nobody typed for so many *seconds*, or hung up."""
        self.write(prompt)
        while b"\n" not in self._heard:
            ready, _, _ = select.select([self.handle], [], [], seconds)
            try:
                more = os.read(self.handle, LONGEST) if ready else b""
            except OSError:
                more = b""
            if not more:
                return None
            self._heard = (self._heard + more)[-LONGEST:]
        line, _, self._heard = self._heard.partition(b"\n")
        return line.decode("utf-8", "replace").strip()


def talk(places: Places, terminal: Terminal, gather: Callable[[Places], Facts] = known.gather) -> None:
    """Show the box to whoever is at *terminal*, until they leave."""
    while True:
        terminal.show([screen.LOOKING])
        facts = gather(places)
        terminal.show([*screen.page(facts), ""])
        typed = terminal.hear(screen.CHOOSE, PATIENCE)
        if typed is None or typed == screen.LEAVE:
            break
        if typed in screen.offered(facts):
            _DO[typed](places, facts, terminal)
    terminal.show([])


def _off(places: Places, _facts: Facts, terminal: Terminal) -> None:
    _ask(places, terminal, POWEROFF, "switched-off", screen.OFF_SAID)


def _again(places: Places, _facts: Facts, terminal: Terminal) -> None:
    _ask(places, terminal, RESTART, "restarted", screen.AGAIN_SAID)


def _ask(places: Places, terminal: Terminal, word: str, noted: str, said: tuple[str, str]) -> None:
    if (terminal.hear(screen.SURE, SHORT) or "").lower() not in screen.YES:
        return
    # Noted first, as at the desk; a card that takes no more keeps nobody from switching off.
    with contextlib.suppress(EduboxError, OSError):
        journal.note(SchoolFile(places.data), _WHO, noted)
    try:
        asking.put(places.ask, Request(word))
    except (EduboxError, OSError) as error:
        said = (str(error), "")
    terminal.show([*said, ""])
    terminal.hear("", SHORT)


def _password(places: Places, facts: Facts, terminal: Terminal) -> None:
    terminal.show(screen.secret(f"Wi-Fi {facts.wifi}", known.password(places)))
    terminal.hear(screen.BACK, SHORT)


def _code(places: Places, facts: Facts, terminal: Terminal) -> None:
    terminal.show(screen.secret(f"{facts.desk}premier/", known.code(places)))
    terminal.hear(screen.BACK, SHORT)


def _report(places: Places, facts: Facts, terminal: Terminal) -> None:
    terminal.show([screen.LOOKING])
    terminal.show([*write_report(places.data, facts.stick or Path()), ""])
    terminal.hear(screen.BACK, SHORT)


def write_report(data: Path, stick: Path) -> list[str]:
    """Let the doctor of the box in *data* write its report to *stick*; what to say of it."""
    line = [*EDUBOX, "doctor", "--data", str(data), "--report", str(stick)]
    try:
        done = subprocess.run(
            line, stdin=subprocess.DEVNULL, capture_output=True, timeout=_REPORTS, check=False, text=True
        )
        os.sync()
    except (OSError, subprocess.TimeoutExpired) as error:
        return wrapped(str(error), 3)
    written = [said for said in done.stdout.splitlines() if said.startswith("Written: ")]
    if not written:
        said = done.stderr.strip().splitlines()
        return wrapped(said[-1] if said else "?", 3)
    return [*written, "La clé peut être retirée. / The stick may be pulled out."]


def _more(_places: Places, facts: Facts, terminal: Terminal) -> None:
    terminal.show([*screen.details(facts), ""])
    terminal.hear(screen.BACK, PATIENCE)


_DO: dict[str, Callable[[Places, Facts, Terminal], None]] = {
    screen.OFF: _off, screen.AGAIN: _again, screen.PASSWORD: _password, screen.CODE: _code, screen.REPORT: _report,
    screen.MORE: _more,
}  # fmt: skip
