"""The page before the desk for those who came by plain HTTP: why the browser will warn, what to press, and what to compare.

It has no form. The number on it helps to find one's way; what proves something is the same number on paper.
"""

from __future__ import annotations

from edubox.pages import render
from edubox.pages.addresses import HOME
from edubox.pages.model import Frame


def page(frame: Frame, address: str, fingerprint: str) -> str:
    """The page with the way to *address*; without a *fingerprint* the box has no certificate yet, and says so."""
    groups = fingerprint.split()
    lines = [" ".join(groups[at : at + 4]) for at in range(0, len(groups), 4)]
    return render.fill(frame, "door.html", HOME, address=address, lines=lines)
