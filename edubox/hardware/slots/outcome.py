"""What came of the system that was last tried, for ``STATUS.txt``, the doctor and the administrator's page.

``/data/system/slots/outcome.json`` may be read by everybody on the box; nothing is decided by it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from edubox.store.notes import read_note
from edubox.store.platform import write_atomic
from edubox.store.slots import SLOTS

FILE, FORMAT = "outcome.json", 1
#: The tried system is still looked at; it works and stays; it did not, and the other one runs again or will; this one starts
#: as ever, and nothing was tried; the loader could not start the good one.
TRIED, KEPT, FELL_BACK, GOOD, RESCUED = "tried", "kept", "fell-back", "good", "rescued"
OUTCOMES = (TRIED, KEPT, FELL_BACK, GOOD, RESCUED)
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """*slot* (``a`` or ``b``) and *version* are those of the system that it is about, version 0 if nobody can say."""

    slot: str
    version: int
    outcome: str
    #: A sentence, in English.
    why: str = ""
    #: How often the box has started since, and the kernel's name for the last start.
    boots: int = 0
    boot: str = ""


def read(folder: Path) -> Outcome | None:
    """The outcome in the folder *folder* (``/data/system/slots``); None when there is none or it cannot be read."""
    try:
        value = read_note(folder / FILE)
        if value["format"] != FORMAT or value["outcome"] not in OUTCOMES or value["slot"] not in SLOTS:
            return None
        return Outcome(
            value["slot"], int(value["version"]), value["outcome"], str(value["why"])[:_LONGEST], int(value["boots"]),
            str(value["boot"])[:_LONGEST],
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write(folder: Path, outcome: Outcome) -> None:
    """Keep *outcome* in *folder*, unless it is there already: this is asked every minute. Raises NoRoom, OSError."""
    if read(folder) != outcome:
        value = {"format": FORMAT} | asdict(outcome)
        write_atomic(folder / FILE, json.dumps(value, ensure_ascii=False, indent=1).encode())
