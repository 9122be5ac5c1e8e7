"""The system's part, a minute after each start and then every minute: is what runs well enough to stay?

A tried system that is well becomes the good one. One that is not has until *within* seconds after the start; then its tries are
over, whoever asked may start the box again, and the loader falls back. The good system looks whether another one was tried and is not what
runs: then that one did not make it and is refused from now on, *before* its try is forgotten, so that no cut can lose that.
Nothing here changes what the old system would have to read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from edubox.errors import EduboxError, NoRoom
from edubox.hardware.slots import copies, outcome
from edubox.hardware.slots.copies import Carrier, State
from edubox.hardware.slots.outcome import FELL_BACK, GOOD, KEPT, RESCUED, TRIED, Outcome
from edubox.store import slots

#: Looks, and says in a sentence what is not well; nothing if all is.
Check = Callable[[], str]
_SILENT = "It did not start, or it ended before it could say what was wrong."


@dataclass(frozen=True, slots=True)
class Start:
    """The start that this is: the *slot* that runs, the kernel's name for the *boot*, and how many seconds it is *up*."""

    slot: str
    boot: str
    up: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it; *gives_up*: this system is not well and its time is over."""

    outcome: Outcome
    gives_up: bool = False


def judge(carrier: Carrier, folder: Path, start: Start, checks: Iterable[Check], within: float) -> Verdict:
    """Decide about the system that runs, and note it in *folder* (``/data/system/slots``).

    *checks* are only called for a system that is being tried. Raises OSError, UnusablePath and FailedSlot when the decision cannot be
    written for the loader; a note that cannot be written only lacks.
    """
    state, _ = copies.load(carrier)
    if start.slot == state.good:
        return Verdict(_noted(folder, start, _as_good(carrier, folder, start, state)))
    if start.slot != state.trying:
        why = f"The loader could not start slot {state.good}, which is the good one. Replace the card soon."
        return Verdict(_noted(folder, start, _of(folder, start.slot, RESCUED, why)))
    wrong = next((said for check in checks if (said := _asked(check))), "")
    if not wrong:
        copies.keep(carrier, start.slot)
        return Verdict(_noted(folder, start, _of(folder, start.slot, KEPT)))
    over = start.up >= within
    found = _of(folder, start.slot, FELL_BACK if over else TRIED, wrong)
    verdict = Verdict(_noted(folder, start, found), gives_up=over)
    if over:
        # On a card that does not keep this it is tried once more, and ends here again.
        with contextlib.suppress(OSError, EduboxError):
            copies.spend(carrier)
    return verdict


def _as_good(carrier: Carrier, folder: Path, start: Start, state: State) -> Outcome:
    """The good system's look: at what was tried before it, and at the two copies."""
    before = outcome.read(folder)
    # One that was started and has a try left would run now, if the loader could read it.
    # Without the data disk, nobody could remember it.
    if state.trying and state.left < copies.TRIES and folder.is_dir():
        held = slots.read(folder, state.trying)
        if held is not None:
            slots.refuse(folder, held.manifest)
        copies.forget(carrier)
        about_it = before is not None and before.slot == state.trying and before.outcome in {TRIED, FELL_BACK}
        return _of(folder, state.trying, FELL_BACK, before.why if before and about_it else _SILENT)
    copies.mend(carrier)
    if before is not None and (
        before.outcome == FELL_BACK or (before.outcome, before.slot) == (KEPT, start.slot)
    ):
        return before
    if before is not None and (before.outcome, before.slot) == (
        TRIED,
        start.slot,
    ):  # cut just after it was kept
        return _of(folder, start.slot, KEPT)
    return _of(folder, start.slot, GOOD)


def _asked(check: Check) -> str:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a system whose check fails is not well, and must not stay for that
        return f"This could not be looked at: {error}"


def _of(folder: Path, slot: str, what: str, why: str = "") -> Outcome:
    held = slots.read(folder, slot)
    return Outcome(slot, held.version if held else 0, what, why)


def _noted(folder: Path, start: Start, found: Outcome) -> Outcome:
    """*found* with its count of starts, written down if the data disk allows it."""
    before = outcome.read(folder)
    same = before is not None and (before.slot, before.outcome, before.version) == (
        found.slot,
        found.outcome,
        found.version,
    )
    boots = before.boots if before is not None and same else 0
    if not (before is not None and same and before.boot == start.boot):
        boots += 1
    found = replace(found, boots=boots, boot=start.boot)
    with contextlib.suppress(OSError, NoRoom):
        outcome.write(folder, found)
    return found
