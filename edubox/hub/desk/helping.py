"""The page that says in a few words what each room is for, and whom to ask."""

from __future__ import annotations

from flask import Blueprint, Response

from edubox.hub.desk import guard
from edubox.hub.desk.frame import show
from edubox.hub.desk.people import DOES, ROLE_WORDS
from edubox.hub.hub import Hub


def help_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the page to *desk*."""

    @desk.get("/aide/")
    def explained() -> Response:
        return show(hub, "help", "help.html", role_words=ROLE_WORDS, does=DOES, mine=guard.me().role)
