"""The people of the box, for an administrator: who has an account, who is invited, and the code that lets somebody in.

A code is shown once, on the page that answers the form: the box keeps its hash alone. Nobody chooses a password for
somebody else or reads one: whoever lost theirs gets a code by which they choose another.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from edubox.box.accounts import invitations, journal, people
from edubox.box.accounts.guard import needs
from edubox.box.accounts.invitations import WEEK
from edubox.box.accounts.people import Account
from edubox.box.accounts.person import ADMIN, SUBSTITUTE, TEACHER, me
from edubox.box.desk import see, surroundings
from edubox.box.own.identity import now_on
from edubox.box.own.sheet import desk_address
from edubox.box.sheet import reached_at
from edubox.box.site import Site
from edubox.errors import LastAdministrator, NotFound, TooMany
from edubox.pages import people as pages

_HERE = "people"
_LONGEST = 400


def people_desk(desk: Blueprint, site: Site) -> None:
    """Add the pages to *desk*."""
    school = site.school

    @desk.get("/personnes/")
    @needs(ADMIN)
    def people_page() -> str:
        now, known = now_of(site), people.every(school)
        names = {one.id: one.name for one in known}
        waiting = [
            pages.Waiting(
                one.mark,
                one.kind,
                one.name or names.get(one.person, ""),
                names.get(one.made_by, ""),
                one.until,
            )
            for one in invitations.every(school, now)
            if one.kind != SUBSTITUTE  # who stands among the accounts
        ]
        listed = [shown(one) for one in known if one.is_open(now)]
        listed.sort(key=lambda one: (one.role == SUBSTITUTE, one.name.casefold()))
        return pages.everybody(*surroundings(site, _HERE), listed, waiting)

    @desk.post("/personnes/")
    @needs(ADMIN)
    def invite_somebody() -> str | Response:
        action, name = field("action"), people.tidy(field("name"))
        if action == "take-back":
            invitations.take_back(school, field("mark"))
            journal.note(school, me(), "took-back-invitation")
            return back(site)
        kind = {"teacher": TEACHER, "admin": ADMIN}.get(action) or abort(400)
        now, person = now_of(site), me()
        try:
            code = school.write(lambda db: invitations.make(db, kind, person.id, now, now + WEEK, name=name))
        except TooMany:
            abort(409)
        journal.note(school, person, "invited-administrator" if kind == ADMIN else "invited", name or "–")
        return code_page(site, _HERE, kind, code, name, now + WEEK, "personnes/")

    @desk.get("/personnes/<int:number>/")
    @needs(ADMIN)
    def person_page(number: int) -> str:
        return pages.one(*surroundings(site, _HERE), shown(_account(site, number)), mine=number == me().id)

    @desk.post("/personnes/<int:number>/")
    @needs(ADMIN)
    def change_person(number: int) -> str | Response:
        account, action = _account(site, number), field("action")
        if account.role == SUBSTITUTE and action != "close":
            abort(400)
        try:
            if action == "reset":
                code = invitations.reset(school, number, me().id, now_of(site))
                journal.note(school, me(), "offered-reset", account.name)
                until = now_of(site) + WEEK
                return code_page(site, _HERE, invitations.RESET, code, account.name, until, "personnes/")
            if action in {"admin", "teacher"}:
                people.change_role(school, number, ADMIN if action == "admin" else TEACHER)
                what = "made-administrator" if action == "admin" else "made-teacher"
                journal.note(school, me(), what, account.name)
                # Who has just given the rights away may not see the page any more.
                return back(site, "" if action == "teacher" and number == me().id else f"personnes/{number}/")
            if action != "close" or field("sure") != "yes":
                abort(400)
            people.close(school, number, now_of(site))
        except LastAdministrator:
            page = pages.one(
                *surroundings(site, _HERE), shown(account), mine=number == me().id, said=pages.LAST
            )
            return Response(page, 409)
        except NotFound:
            abort(404)
        except TooMany:
            abort(409)
        site.sessions.end_all(number)
        journal.note(school, me(), "closed-account", account.name)
        return back(site)


def code_page(site: Site, here: str, kind: str, code: str, name: str, until: int, after: str) -> str:
    """The page that shows *code* (of *kind*, for *name*, good until *until*) once, to be photographed or printed.

    *after*: where on the desk its reader goes on.
    """
    address = f"{desk_address(site.settings, reached_at(site))}invitation/{code}/"
    frame, around = surroundings(site, here)
    return pages.code(frame, around, kind, code, address, name, until, after)


def shown(account: Account) -> pages.Listed:
    """What the pages say of *account*."""
    return pages.Listed(account.id, account.name, account.role, account.made, account.until)


def now_of(site: Site) -> int:
    """Seconds since 1970, by the clock that is never set back."""
    return int(now_on(site.data).timestamp())


def field(name: str) -> str:
    """What the form says under *name*, cut to size."""
    return request.form.get(name, "")[:_LONGEST]


def back(site: Site, rest: str = "personnes/") -> Response:
    """To the desk's page *rest*."""
    return see(surroundings(site, _HERE)[1].at(rest))


def _account(site: Site, number: int) -> Account:
    found = people.account(site.school, number) if number < 1 << 62 else None
    if found is None or not found.is_open(now_of(site)):
        abort(404)
    return found
