"""The health of a box: one file per check, each a question a technician would ask.

A check is a module with ``TITLE`` (what is looked at) and ``check(box) -> Finding``. It only looks; what it
advises is in its finding's sentence. ``examine`` asks them all, worst first; ``edubox doctor`` prints them and
the administrator's page begins with them. A check that itself fails is a finding, never an error.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

#: Modules of this room, in the order in which a person would ask.
CHECKS = ("folder", "lessons", "free_space", "database", "trust_age", "clock", "keys", "sources")
#: Worst last.
LEVELS = ("good", "note", "warning", "broken")


@dataclass(frozen=True, slots=True)
class Box:
    """What checks look at: the data folder and its settings."""

    data: Path
    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Finding:
    """One answer: *level* is one of LEVELS, *sentence* says what is and what to do."""

    level: str
    sentence: str


class Check(Protocol):
    """What a module of this room offers."""

    TITLE: str

    def check(self, box: Box) -> Finding:
        """Look, and say what there is."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finding with the name and title of its check."""

    name: str
    title: str
    finding: Finding


def examine(box: Box) -> list[Answer]:
    """Every check's answer, worst first."""
    answers = []
    for name in CHECKS:
        module: Any = importlib.import_module(f"edubox.box.health.{name}")
        try:
            finding = module.check(box)
        except Exception as error:  # noqa: BLE001 - see the module's promise
            finding = Finding("broken", f"This could not be looked at: {error}")
        answers.append(Answer(name, module.TITLE, finding))
    return sorted(answers, key=lambda answer: -LEVELS.index(answer.finding.level))
