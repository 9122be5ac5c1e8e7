"""Handing classes to a substitute, and what a substitute reads: the lessons of those classes, with the notes for teachers.

``/bureau/remplacer/`` is the teacher's (an administrator may for every class), ``/bureau/remplacement/`` the substitute's.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from flask import Blueprint, Response, abort, request

from edubox.box.accounts import journal, people, substitutes
from edubox.box.accounts.desk_people import back, code_page, field, now_of
from edubox.box.accounts.guard import needs
from edubox.box.accounts.person import ADMIN, SUBSTITUTE, me
from edubox.box.desk import surroundings
from edubox.box.own.identity import now_on, own_id
from edubox.box.school import classes
from edubox.box.school.desk import mine
from edubox.box.site import Site
from edubox.box.teacher import versions
from edubox.errors import NameTaken, NotFound, TooMany
from edubox.pages import people as pages

_HERE = "classes"
#: Days for which somebody stands in, and for how long unless another day is chosen; classes at once.
_LONGEST, _USUAL, _CLASSES = 366, 7, 50


def substitute_desk(desk: Blueprint, site: Site) -> None:
    """Add the pages to *desk*."""
    school = site.school

    @desk.get("/remplacer/")
    def substitutes_page() -> str:
        today = now_on(site.data).date()
        return pages.substitutes(
            *surroundings(site, _HERE), _own(site), {one.code: one.name for one in mine(site) if not one.archived},
            (today, today + timedelta(days=_USUAL), today + timedelta(days=_LONGEST)),
        )  # fmt: skip

    @desk.post("/remplacer/")
    def let_in_substitute() -> str | Response:
        if field("action") == "end":
            return _end(site)
        allowed = {one.code for one in mine(site) if not one.archived}
        codes = list(dict.fromkeys(request.form.getlist("class")))[:_CLASSES]
        if field("action") != "make" or not codes or not allowed.issuperset(codes):
            abort(400)
        until = _end_of(site, field("until"))
        frame, _ = surroundings(site, _HERE)
        name = people.tidy(frame.words.gettext(pages.STANDS_IN) % {"name": me().name})
        try:
            code, called = substitutes.make(school, me(), name, codes, now_of(site), until)
        except NotFound:
            abort(404)
        except (TooMany, NameTaken):
            abort(409)
        journal.note(school, me(), "let-in-substitute", called)
        return code_page(site, _HERE, SUBSTITUTE, code, called, until, "remplacer/")

    @desk.get("/remplacement/")
    @needs(SUBSTITUTE)
    def substitute_page() -> str:
        if me().role != SUBSTITUTE:
            abort(404)
        found = [classes.of_code(school, code) for code in substitutes.classes_of(school, me().id)]
        account = people.account(school, me().id)
        return pages.substitute(
            *surroundings(site, _HERE), [one for one in found if one is not None], _with_notes(site),
            account.until if account else 0,
        )  # fmt: skip


def _end(site: Site) -> Response:
    number = field("person")
    if not any(str(one.person) == number for one in _own(site)):
        abort(404)
    known = people.account(site.school, int(number))
    try:
        substitutes.end(site.school, int(number), now_of(site))
    except NotFound:
        abort(404)
    site.sessions.end_all(int(number))
    journal.note(site.school, me(), "ended-substitute", known.name if known else "")
    return back(site, "remplacer/")


def _own(site: Site) -> list[substitutes.Standing]:
    """The substitutes whom who asks may end: those they let in; an administrator, all."""
    every = substitutes.every(site.school, now_of(site))
    return [one for one in every if me().role == ADMIN or one.made_by == me().id]


def _end_of(site: Site, day: str) -> int:
    """The moment at which the chosen *day* (``2026-11-30``) is over; what cannot be chosen is refused."""
    try:
        chosen = date.fromisoformat(day)
    except ValueError:
        abort(400)
    today = now_on(site.data).date()
    if not today <= chosen <= today + timedelta(days=_LONGEST):
        abort(400)
    return int(datetime.combine(chosen + timedelta(days=1), time()).astimezone().timestamp())


def _with_notes(site: Site) -> set[str]:
    """The addresses of this school's lessons that have something for teachers only."""
    own = own_id(site.data)
    return {f"{own}/{one.slug}" for one in versions.every(site.school) if one.staff and not one.withdrawn}
