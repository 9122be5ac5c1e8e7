"""How a box may stand, one by one: what tests read and what a browser is shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from edubox.pages.country import Country
from edubox.pages.desk import Desk
from edubox.pages.model import Frame
from edubox.pages.news import Arrival, News

NOW = datetime(2026, 11, 24, 14, 5, tzinfo=UTC)
FRAME = Frame("Collège Marie-Curie", ("fr", "en"), "fr", Country(), "http://box:8081", "/style.css")
DESK = Desk("/bureau", "arriving", name="Ada", role="admin", csrf="x")
ARRIVALS = (
    Arrival("ministry/test/moon", "La Lune et ses phases", "ready", 800_000, 800_000),
    Arrival("ministry/test/volcans", "Les volcans de la Terre", "waiting", 12_000_000, 48_000_000),
    Arrival("ministry/test/fractions", "Les fractions", "coming", 0, 2_400_000, urgent=True),
    Arrival("ministry/test/eau", "Le cycle de l’eau, de la source à la mer et retour", "coming", 0, 131_000),
)
WELL = News(
    NOW, lessons=42, success=NOW - timedelta(hours=2), brought={"hub": 871, "neighbour": 40_000_000}, line=12_100_000,
    near=310_000_000, card=31_000_000_000, free=12_400_000_000, reserve=64_000_000, controls=True,
)  # fmt: skip
FETCHING = replace(
    WELL, running=True, what="Les volcans de la Terre", done=12_800_000, total=51_331_000, left=12 * 60.0, coming=ARRIVALS
)  # fmt: skip
LATER = replace(WELL, coming=ARRIVALS[1:], until=NOW + timedelta(hours=3))


def failed(code: str, said: str = "https://hub.example/ cannot be reached (timed out).") -> News:
    """The last run ended so."""
    return replace(LATER, code=code, said=said, waits="backing-off", until=NOW + timedelta(minutes=12))


STATES = {
    "all is well": WELL,
    "first start": News(NOW, began=False, card=31_000_000_000, free=30_000_000_000, controls=True),
    "fetching": FETCHING,
    "fetching, no measure yet": replace(FETCHING, what="", done=0, total=0, left=None, coming=()),
    "more later": LATER,
    "waiting for the window": replace(LATER, waits="readers", until=None),
    "about to begin": replace(LATER, waits="soon", until=None),
    "paused until the morning": replace(LATER, waits="paused", until=datetime(2026, 11, 25, 6, tzinfo=UTC)),
    "paused": replace(LATER, waits="paused", until=None),
    "the month is used up": replace(LATER, until=None, waits="month", line=500_000_000, allowed=500_000_000),
    "the day is used up": replace(LATER, until=None, waits="day"),
    "metered": replace(LATER, until=None, waits="metered"),
    "a stick": replace(LATER, waits="stick", until=None),
    "checking the card": replace(LATER, waits="checking", until=None),
    "only when asked": replace(LATER, waits="off", until=None),
    "no line": replace(
        WELL, waits="no-source", success=NOW - timedelta(days=40), brought={"stick": 900_000_000}
    ),
    "offline for three days": replace(
        failed("unreachable"), success=NOW - timedelta(days=3, hours=2), brought={}
    ),
    "old confirmations, a note": replace(WELL, stale_days=40),
    "old confirmations, a warning": replace(WELL, stale_days=200),
    "old confirmations, new lessons wait": replace(LATER, stale_days=500),
    "the card is full": replace(LATER, free=20_000_000),
    "no answer": failed("unreachable"),
    "refused": failed("hash-mismatch", "bundle 1234 is not what its publisher signed."),
    "damaged": failed("bad-bundle"),
    "no room": failed("no-room"),
    "the card fails": failed("unusable-path"),
    "busy": failed("busy"),
    "too old for it": failed("unknown-format"),
    "wrong settings": failed("bad-input"),
    "something else": failed("failed"),
    "no keeper": replace(LATER, controls=False),
}
