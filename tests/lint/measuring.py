"""What the checks for personal data find of snippets, in figures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from edubox.lint import identifiers, mails, names, phones
from tests.lint.harder_data import hard, hard_plain
from tests.lint.later_data import later, later_plain
from tests.lint.other_data import others, plain
from tests.lint.personal_data import negatives, positives

#: Snippets with and without personal data, by how well the checks know their forms.
SETS: dict[str, tuple[Callable[[], list[tuple[str, str]]], Callable[[], list[str]]]] = {
    "written with the checks": (positives, negatives), "mended on, first look": (others, plain),
    "mended on, second look": (hard, hard_plain), "mended on, third look": (later, later_plain),
}  # fmt: skip


@dataclass
class Measure:
    """Counts by kind: snippets that hold it, those found, and those where it is told but is not."""

    there: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    mistaken: Counter[str] = field(default_factory=Counter)
    without: int = 0
    #: What went wrong, for whoever mends a check.
    missed: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[tuple[str, str]] = field(default_factory=list)

    def recall(self, kind: str = "") -> float:
        """Share of what is there that is found; without a *kind*, of all."""
        found, there = (
            (self.found[kind], self.there[kind]) if kind else (self.found.total(), self.there.total())
        )
        return found / there

    def precision(self, kind: str = "") -> float:
        """Share of what is told that is there; without a *kind*, of all."""
        found, wrong = (
            (self.found[kind], self.mistaken[kind]) if kind else (self.found.total(), self.mistaken.total())
        )
        return found / max(found + wrong, 1)


def kinds(text: str) -> set[str]:
    """The kinds of personal data that the checks find in *text*."""
    found = {
        "phone": any(phones.phones(text)), "mail": any(mails.mails(text)), "ine": any(identifiers.pupils_numbers(text)),
        "nir": any(identifiers.insured_numbers(text)), "list": bool(names.longest(text)),
    }  # fmt: skip
    return {kind for kind, there in found.items() if there}


def measured(with_data: Iterable[tuple[str, str]], without: Iterable[str]) -> Measure:
    """The figures of two sets of snippets."""
    measure = Measure()
    for kind, text in with_data:
        measure.there[kind] += 1
        if kind in kinds(text):
            measure.found[kind] += 1
        else:
            measure.missed.append((kind, text))
    for text in without:
        measure.without += 1
        for kind in kinds(text):
            measure.mistaken[kind] += 1
            measure.wrong.append((kind, text))
    return measure
