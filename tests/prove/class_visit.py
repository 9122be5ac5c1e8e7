"""What a browser asks for when it opens a page: recorded from Chromium, so that an emulated class asks for the same.

``python -m tests.prove.class_visit URL PART`` prints the visit as JSON. A request has its parent, the one whose answer made
the browser ask; a class replays them in that order. The lesson's own document is the one whose address contains PART.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.browser.chromium import Browser, Tab

#: How Chromium ranks requests; those below ``Medium`` wait for the page's head.
RANKS = ("VeryHigh", "High", "Medium", "Low", "VeryLow")
#: Seconds without a request after which a page is quiet.
QUIET = 1.5


@dataclass(frozen=True)
class Request:
    """One request of a visit.

    *rank* counts from 0, the most urgent; *parent* is the place in the visit of what asked for it, -1 for the page itself;
    without what is *needed* nobody can read: the lesson's document, every style sheet, and what led to them.
    """

    url: str
    rank: int
    parent: int
    needed: bool


def visit(tab: Tab, url: str, part: str) -> list[Request]:
    """Open *url* in *tab* and say what was asked for; the lesson's document has *part* in its address."""
    tab.open(url)
    _wait_for_quiet(tab)
    places: dict[str, int] = {}
    found: list[Request] = []
    for event in tab.network:
        facts = event["params"]
        if event["method"] != "Network.requestWillBeSent":
            continue
        address = facts["request"]["url"].partition("#")[0]
        if not address.startswith("http") or address in places or facts["request"]["method"] != "GET":
            continue
        parent = places.get(_asker(facts), 0 if found else -1)
        kind = facts.get("type")
        rank = RANKS.index(facts["request"]["initialPriority"])
        needed = kind == "Stylesheet" or (kind == "Document" and part in address)
        places[address] = len(found)
        found.append(Request(address, rank, parent, needed))
    assert any(part in one.url and one.needed for one in found), (
        f"{url} never asked for {part}: {list(places)}"
    )
    return _with_what_led_there(found)


def _wait_for_quiet(tab: Tab) -> None:
    quiet = time.monotonic() + QUIET
    while time.monotonic() < quiet:
        count = len(tab.requests)
        tab.send("Runtime.evaluate", expression="1")  # reads what the browser has said
        if len(tab.requests) > count:
            quiet = time.monotonic() + QUIET
        time.sleep(0.1)


def _asker(facts: dict) -> str:
    """The address of what made the browser ask: a redirect, what its parser read, a script, else the document."""
    if facts.get("redirectResponse"):
        return facts["redirectResponse"]["url"]
    initiator = facts["initiator"]
    frames = initiator.get("stack", {}).get("callFrames", [])
    return (initiator.get("url") or (frames[0]["url"] if frames else "") or facts["documentURL"]).partition(
        "#"
    )[0]


def _with_what_led_there(found: list[Request]) -> list[Request]:
    """What was asked for to find something needed is needed itself; parents stand before their children."""
    needed = {place for place, one in enumerate(found) if one.needed}
    for place in reversed(range(len(found))):
        if place in needed:
            needed.add(found[place].parent)
    return [Request(one.url, one.rank, one.parent, place in needed) for place, one in enumerate(found)]


def main() -> None:
    url, part = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        browser = Browser(Path(folder) / "profile")
        try:
            found = visit(browser.tab(390, 844, phone=True), url, part)
        finally:
            browser.close()
    json.dump([asdict(one) for one in found], sys.stdout)


if __name__ == "__main__":
    main()
