"""The health of a box: one file per check, each a question a technician would ask.

A check is a module with ``TITLE`` (what is looked at) and ``check(box) -> Finding``, or None where this computer has no such thing. It only looks; what it
advises is in its finding's sentence. ``examine`` asks them all, worst first; ``edubox doctor`` prints them
and the administrator's page begins with them. A check that itself fails is a finding, never an error.

A check may also offer ``fix(box) -> str``: it does what can be done without asking anybody and without losing
anything that cannot come again, and says in a sentence what it did, or nothing if there was nothing to do.
What could be dangerous (keys, another card, another folder) is only ever advised. ``mend`` calls them for
what is not good.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

#: Modules of this room, in the order in which a person would ask.
CHECKS = (
    "folder", "prepared", "card", "database", "school", "lessons", "damage", "free_space", "quota", "arrivals", "last_success", "trust_age",
    "clock", "keys", "certificate", "own", "enrolment", "levels", "sources", "sticks", "players", "systems",
    "temperature", "power", "wear", "memory", "radio", "guests",
)  # fmt: skip
#: Bytes of the longest file of the kernel that is read.
_LONGEST = 64 * 1024
#: Worst last.
LEVELS = ("good", "note", "warning", "broken")


@dataclass(frozen=True, slots=True)
class Box:
    """What checks look at: the data folder, its settings, and the computer's files from *root* on."""

    data: Path
    settings: dict[str, Any]
    root: Path = Path("/")


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: *level* is one of LEVELS, *sentence* says what is and what to do."""

    level: str
    sentence: str


class Check(Protocol):
    """What a module of this room offers."""

    TITLE: str

    def check(self, box: Box) -> Finding | None:
        """Look, and say what there is; None where this computer has no such thing."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding with the name and title of its check."""

    name: str
    title: str
    finding: Finding


def examine(box: Box, names: Sequence[str] | None = None) -> list[Answer]:
    """The answer of every check, or of those called *names*, worst first."""
    answers = []
    for name in CHECKS if names is None else names:
        module: Any = importlib.import_module(f"edubox.box.health.{name}")
        try:
            finding = module.check(box)
        except Exception as error:  # noqa: BLE001 - see the module's promise
            finding = Finding("broken", f"This could not be looked at: {error}")
        if finding is not None:
            answers.append(Answer(name, module.TITLE, finding))
    return sorted(answers, key=lambda answer: -LEVELS.index(answer.finding.level))


@dataclass(frozen=True, slots=True)
class Mended:
    """What the fix of one check did."""

    name: str
    title: str
    sentence: str


def mend(box: Box, answers: list[Answer]) -> list[Mended]:
    """Let the checks whose *answers* are not good do what they safely can; in the order of CHECKS."""
    ill = {answer.name for answer in answers if answer.finding.level != LEVELS[0]}
    mended = []
    for name in CHECKS:
        module: Any = importlib.import_module(f"edubox.box.health.{name}")
        if name not in ill or not hasattr(module, "fix"):
            continue
        try:
            sentence = module.fix(box)
        except Exception as error:  # noqa: BLE001 - one fix that fails must not keep the others from helping
            sentence = f"This could not be mended: {error}"
        if sentence:
            mended.append(Mended(name, module.TITLE, sentence))
    return mended


def text(path: Path) -> str:
    """What a file of the kernel says, stripped; empty where there is none."""
    try:
        with path.open("rb") as handle:
            return handle.read(_LONGEST).decode("utf-8", "replace").strip()
    except OSError:
        return ""


def numbers(root: Path, pattern: str) -> list[int]:
    """The whole numbers in the files of the kernel below *root* that *pattern* names."""
    said = [text(path) for path in root.glob(pattern)]
    return [int(one) for one in said if one.lstrip("-").isdecimal() and len(one) < 20]
