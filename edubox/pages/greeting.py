"""The page that greets a phone in the box's Wi-Fi, in the small window that its system opens: no script, one screen."""

from __future__ import annotations

from edubox.pages import render
from edubox.pages.addresses import HOME
from edubox.pages.model import Frame


def page(frame: Frame, lessons: str, onward: str, *, done: bool) -> str:
    """The greeting; *lessons* is the address to type, *onward* where its button leads, *done* the page behind it."""
    return render.fill(frame, "greeting.html", HOME, lessons=lessons, onward=onward, done=done)
