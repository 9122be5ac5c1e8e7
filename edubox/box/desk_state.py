"""``/bureau/boitier/``: how the box is, and what an administrator asks of the computer under it."""

from __future__ import annotations

import time

from flask import Blueprint, Response, abort, request

from edubox.box import renewal
from edubox.box.accounts import journal
from edubox.box.accounts.guard import needs
from edubox.box.accounts.person import ADMIN, me
from edubox.box.catalog import Catalogue
from edubox.box.checkup import checkup, support_file
from edubox.box.desk import surroundings
from edubox.box.site import Site
from edubox.hardware.ask import request as asking
from edubox.hardware.ask.applying import is_believable
from edubox.hardware.ask.request import CLOCK, POWEROFF, RESTART, Request
from edubox.pages import state as pages
from edubox.store.layout import publisher_prefix
from edubox.sync.enrolment import read_enrolment
from edubox.sync.following import current_proposal, followed
from edubox.sync.pinned import read_floor

_HERE = "state"
#: A difference of the two clocks, in seconds, that is left alone.
_SMALL = 60
_DIGITS = 11
#: What is asked → key of the journal's line.
_NOTED = {POWEROFF: "switched-off", RESTART: "restarted", CLOCK: "set-clock"}


def state_desk(desk: Blueprint, site: Site) -> None:
    """Add the pages to *desk*."""

    def page(said: str = "") -> str:
        known = read_enrolment(site.data)
        controls = pages.Controls(
            asking.is_heard(asking.FOLDER), int(time.time()), said, known.state, known.since, known.reason,
            renewal.what_waits(site.settings), *_whose_lessons(site),
        )  # fmt: skip
        return pages.state(*surroundings(site, _HERE), checkup(site.data), controls)

    @desk.get("/boitier/")
    @needs(ADMIN)
    def state_page() -> str:
        return page()

    @desk.get("/boitier/<word>/")
    @needs(ADMIN)
    def sure(word: str) -> str:
        if word not in {POWEROFF, RESTART} or not asking.is_heard(asking.FOLDER):
            abort(404)
        return pages.sure(*surroundings(site, _HERE), word)

    @desk.post("/boitier/")
    @needs(ADMIN)
    def ask_system() -> str | tuple[str, int]:
        if not asking.is_heard(asking.FOLDER):
            abort(404)
        action = request.form.get("action", "")
        if action == CLOCK:
            seconds = _seconds()
            if not is_believable(seconds, read_floor(site.data)):
                return page("not-clock"), 400
            if abs(seconds - time.time()) < _SMALL:
                return page()
            wanted = Request(CLOCK, seconds)
        elif action in {POWEROFF, RESTART} and request.form.get("sure") == "yes":
            wanted = Request(action)
        else:
            abort(400)
        # Noted first: a moment later nothing can be written any more.
        journal.note(site.school, me(), _NOTED[action])
        asking.put(asking.FOLDER, wanted)
        return page(action)

    @desk.post("/boitier/support.zip")
    @needs(ADMIN)
    def support() -> Response:
        made = support_file(site.data)
        if not made:
            abort(503)
        named = {"Content-Disposition": "attachment; filename=edubox-support.zip"}
        return Response(made, headers=named, mimetype="application/zip")


def _whose_lessons(site: Site) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of those whose lessons this box keeps, and of those among them that its academy proposes."""
    labels = Catalogue(site.data).labels()
    kept = followed(site.data, site.settings)
    proposed = [one for one in kept if one in current_proposal(site.data).publishers]
    named = [
        tuple(labels.get(publisher_prefix(*one.partition("/")[::2]), one) for one in some)
        for some in (kept, proposed)
    ]
    return named[0], named[1]


def _seconds() -> int:
    said = request.form.get("seconds", "")
    if not (said.isascii() and said.isdecimal() and len(said) <= _DIGITS):
        abort(400)
    return int(said)
