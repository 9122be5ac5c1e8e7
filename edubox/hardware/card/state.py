"""How far a card is: what came of the last request, for the pages, the doctor and ``STATUS.txt``. No secret is in it.

``/data/system/state.json`` may be read by everybody on the box. A box that was installed in another way has none, and its
state is ``unknown``, which nobody needs to be told.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from edubox.store.notes import read_note
from edubox.store.platform import write_atomic

FILE, FORMAT = "state.json", 1
#: Applied: all that was asked is done. Defaults: nobody asked for anything. Refused: what was asked has mistakes.
#: Unfinished: something is not done, the next start tries again. Unknown: no card was prepared here.
APPLIED, DEFAULTS, REFUSED, UNFINISHED, UNKNOWN = "applied", "defaults", "refused", "unfinished", "unknown"
OUTCOMES = (APPLIED, DEFAULTS, REFUSED, UNFINISHED, UNKNOWN)
#: Sentences of each kind, and characters of one, that are kept.
_MOST, _LONGEST = 40, 500
Said = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CardState:
    """What came of the last request. Sentences are by language, ``en`` and ``fr``."""

    outcome: str = UNKNOWN
    #: When something was last applied, by the box's clock, seconds since 1970; 0: never.
    at: int = 0
    #: What is wrong with ``edubox.toml``.
    mistakes: tuple[Said, ...] = ()
    #: What could not be done, and why; what is worth knowing.
    problems: tuple[Said, ...] = ()
    notes: tuple[Said, ...] = ()
    #: What the box is called on the network.
    hostname: str = ""
    #: Values as strings that ``STATUS.txt`` shows besides: ``school``, ``wifi``, ``reset``.
    shown: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_well(self) -> bool:
        """Whether nobody has to do anything about the card."""
        return self.outcome in {APPLIED, DEFAULTS, UNKNOWN} and not self.problems

    def said(self, language: str) -> list[str]:
        """What is wrong, in French for ``fr`` and in English otherwise."""
        return [one["fr" if language == "fr" else "en"] for one in (*self.problems, *self.mistakes)]


def read(system: Path) -> CardState:
    """The state in the folder *system* (``/data/system``); unknown when there is none or it cannot be read."""
    try:
        value = read_note(system / FILE)
        if value["format"] != FORMAT or value["outcome"] not in OUTCOMES:
            return CardState()
        return CardState(
            value["outcome"], int(value["at"]), _sentences(value["mistakes"]), _sentences(value["problems"]),
            _sentences(value["notes"]), str(value["hostname"]),
            {str(name): str(said)[:_LONGEST] for name, said in value["shown"].items()},
        )  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return CardState()


def beside(data: Path) -> CardState:
    """The state of the card that holds the box's data folder *data*: on an image the system's folder lies beside it."""
    return read(data.parent / "system")


def write(system: Path, state: CardState) -> None:
    """Keep *state* in the folder *system*. Raises NoRoom."""
    value = {"format": FORMAT} | asdict(state)
    write_atomic(system / FILE, json.dumps(value, ensure_ascii=False, indent=1).encode())


def _sentences(value: Any) -> tuple[Said, ...]:
    return tuple({name: str(one[name])[:_LONGEST] for name in ("en", "fr")} for one in value[:_MOST])
