"""The one sentence with which the desk's page begins: all is well, or what is not and what to do.

The worst that is known comes first. Every error of a synchronisation has its words here, by its code: the sentences of
``errors`` are for a terminal, these are for somebody who teaches.
"""

from __future__ import annotations

from dataclasses import dataclass

from edubox.pages.news import News
from edubox.trust.clock import staleness

#: How loud the sentence is: a person acts on the last two.
GOOD, WORKING, NOTE, WARNING, BROKEN = "good", "working", "note", "warning", "broken"
#: Days without news from anywhere after which somebody should look.
SILENT_DAYS = 3


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Verdict:
    """*sentence* and *advice* are message ids; the advice may be empty."""

    level: str
    sentence: str
    advice: str = ""


ALL_WELL = Verdict(GOOD, _("All is well: every lesson is here."))
COMING = Verdict(WORKING, _("Lessons are arriving. There is nothing to do."))
MORE_LATER = Verdict(GOOD, _("All is well: what is still missing comes by itself."))
FIRST_START = Verdict(
    NOTE, _("This box works and has no lessons yet."),
    _("Connect it to the internet, or plug in a stick that carries lessons. This page tells when they arrive."),
)  # fmt: skip
FULL = Verdict(
    BROKEN, _("The card is full: new lessons do not fit."),
    _("The lessons that are here go on. Ask for a larger card, or follow fewer lessons."),
)  # fmt: skip
SILENT = Verdict(
    WARNING, _("Nothing new has been heard for several days."),
    _("The lessons that are here go on. Look at the cable and at the internet box, or bring lessons with a stick or a phone."),
)  # fmt: skip
#: The country's confirmations are old, by ``trust.clock.staleness``.
STALE = {
    "note": Verdict(
        NOTE, _("The confirmation of these lessons is past its date. All of them go on."),
        _("Nothing is urgent: the box asks again by itself. A line or a fresh stick brings a new confirmation."),
    ),
    "warning": Verdict(
        WARNING, _("Nobody has confirmed these lessons for months. All of them go on."),
        _("Some may have been corrected since. Connect the box to the internet, or bring a stick filled recently."),
    ),
    "blocked": Verdict(
        BROKEN, _("Nobody has confirmed these lessons for more than a year. They go on, but new ones wait."),
        _("Connect the box to the internet or bring a stick filled recently; if that does not help, call a technician."),
    ),
}  # fmt: skip
#: What the box does instead of fetching, or why it does nothing. ``%(minutes)d`` is filled by the page.
WAITS = {
    "soon": Verdict(WORKING, _("The box is about to look for lessons.")),
    "stick": Verdict(WORKING, _("The box is at work on a stick. If it is pulled out, what came is kept.")),
    "checking": Verdict(GOOD, _("The box is looking over its card. Lessons come after that.")),
    "paused": Verdict(NOTE, _("Paused, as you asked. Nothing is fetched.")),
    "readers": Verdict(
        GOOD, _("The box waits for its hours, or until nobody has read for %(minutes)d minutes: pupils come first."),
    ),
    "month": Verdict(
        NOTE, _("This month’s internet allowance is used up. The rest comes next month."),
        _("A stick, a phone or the box next door can bring lessons at once: they cost nothing."),
    ),
    "day": Verdict(
        GOOD, _("Today’s internet allowance is used up. The rest comes tomorrow."),
    ),
    "metered": Verdict(
        NOTE, _("This line is paid by the byte: films wait for a stick, a phone or the box next door."),
        _("To have them over this line all the same, press “Look for lessons now”."),
    ),
    "backing-off": Verdict(NOTE, _("The last try failed. The box tries again by itself.")),
    "off": Verdict(NOTE, _("This box looks for lessons only when somebody asks, as its settings say.")),
    "no-source": Verdict(
        NOTE, _("This box has no line: lessons come with a stick, a phone or from the box next door."),
    ),
}  # fmt: skip
_REFUSED = Verdict(
    WARNING, _("Something that came was not what the authorities sent. It was refused, and nothing has changed."),
    _("Another source may be better: try again, or use another stick. If it stays like this, call a technician."),
)  # fmt: skip
_DAMAGED = Verdict(
    WARNING, _("A lesson came damaged and was refused. The others are not concerned."),
    _("The box tries again by itself. If it stays like this, call a technician."),
)  # fmt: skip
_NO_ANSWER = Verdict(
    NOTE, _("The place where lessons come from does not answer."),
    _("The box tries again by itself, and nothing that came is lost. A stick or a phone can bring lessons too."),
)  # fmt: skip
_CARD = Verdict(
    BROKEN, _("The box cannot read or write its card."),
    _("The lessons that are here go on as long as the card does. Call a technician soon."),
)  # fmt: skip
UNKNOWN = Verdict(
    WARNING, _("Something did not work."), _("Try again. If it stays like this, call a technician.")
)
#: By the code of an error (``edubox.errors``); what is not here is UNKNOWN.
MISHAPS = {
    "unreachable": _NO_ANSWER, "store-away": _NO_ANSWER, "missing-file": _NO_ANSWER, "not-found": _NO_ANSWER,
    "in-other-parts": Verdict(
        NOTE, _("The rest comes with the other parts that are still to be brought."),
        _("What came is kept, and lessons that are whole can be read. The other parts may come in any order."),
    ),
    "try-later": Verdict(NOTE, _("The place where lessons come from is busy. The box tries again by itself.")),
    "not-trusted": _REFUSED, "expired": _REFUSED, "rollback": _REFUSED, "hash-mismatch": _REFUSED,
    "bomb": _DAMAGED, "bad-archive": _DAMAGED, "bad-manifest": _DAMAGED, "bad-bundle": _DAMAGED, "unsafe-path": _DAMAGED,
    "bad-identifier": _DAMAGED,
    "no-room": FULL, "slot-too-small": FULL,
    "unreadable-source": _CARD, "unusable-path": _CARD, "failing-card": _CARD,
    "damaged-catalogue": Verdict(NOTE, _("The list of lessons was damaged. The box makes it again by itself.")),
    "other-country": Verdict(
        WARNING, _("What was brought belongs to another country than this box. Nothing was taken from it."),
        _("Use a stick or a file that was filled for this country."),
    ),
    "busy": Verdict(NOTE, _("Other work on this box has to end first. The rest follows by itself.")),
    "unknown-format": Verdict(
        WARNING, _("A new lesson needs a newer box."), _("Ask a technician to update this box. The lessons that are here go on."),
    ),
    "bad-input": Verdict(WARNING, _("The settings of this box have a mistake."), _("Call a technician.")),
}  # fmt: skip


def verdict(news: News) -> Verdict:
    """What to say first about *news*."""
    stale = STALE.get(staleness(news.stale_days))
    mishap = None if news.running or news.code in {"", "postponed"} else MISHAPS.get(news.code, UNKNOWN)
    wait = WAITS.get(news.waits)
    if news.is_full():
        return FULL
    for level in (BROKEN, WARNING):
        for one in (mishap, stale):
            if one is not None and one.level == level:
                return one
    if news.running:
        return COMING
    if wait is not None and news.waits in {"soon", "stick", "paused"}:
        return wait
    if not news.began:
        return FIRST_START
    if news.silent_days() >= SILENT_DAYS and news.waits != "no-source":
        return SILENT
    for found in (mishap, wait, stale):
        if found is not None:
            return found
    return MORE_LATER if any(one.state != "ready" for one in news.coming) else ALL_WELL
