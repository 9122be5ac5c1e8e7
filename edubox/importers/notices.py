"""What importers tell an author: English sentences that remember how they were made, so that a desk says them in French.

A notice is a string, the English sentence, and can be printed as one. It also keeps its *message*, a constant template
with ``%(names)s``, and the *details* that fill it. ``make messages`` collects the messages of all ``Notice("…")`` calls
for the catalogues; ``as_json`` is what ``report.json`` keeps; ``edubox.pages.notices`` reads that and says it in another
language. A detail may itself be a notice (the reason in "… is offered as a download only: …"), or a list of details.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from edubox.pack.names import printable

#: Names and numbers stand as they are, notices are translated, lists are joined with commas.
Detail = str | int | Sequence["Detail"]
#: Characters of one name in a sentence: a path of a lesson may have a thousand.
_LONGEST = 200


class Notice(str):
    """One sentence for an author. *message* is a template of ``%(names)s``, *details* what they stand for."""

    __slots__ = ("details", "message")
    message: str
    details: dict[str, Detail]

    def __new__(cls, message: str, **details: Detail) -> Self:
        """The sentence; raises KeyError if *message* names what *details* lack: a mistake of ours."""
        kept = {name: _kept(value) for name, value in details.items()}
        self = super().__new__(cls, message % {name: _english(value) for name, value in kept.items()})
        self.message, self.details = message, kept
        return self

    def as_json(self) -> dict[str, Any]:
        """``{"message": …, "details": {…}}``, whose details are texts, numbers, such objects, or lists of them."""
        return {
            "message": self.message,
            "details": {name: _as_json(value) for name, value in self.details.items()},
        }


def _kept(value: Detail) -> Detail:
    """*value* as a sentence holds it: names come from outside, without control characters and not without end."""
    if isinstance(value, Notice | int):
        return value
    if isinstance(value, str):
        shown = printable(value)
        return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
    return [_kept(one) for one in value]


def _english(value: Detail) -> str:
    return str(value) if isinstance(value, str | int) else ", ".join(map(_english, value))


def _as_json(value: Detail) -> Any:
    if isinstance(value, Notice):
        return value.as_json()
    return value if isinstance(value, str | int) else [_as_json(one) for one in value]
