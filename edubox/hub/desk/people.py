"""Who has an account at the hub: letting somebody in with a one-time code, helping who lost everything, closing accounts."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection

from edubox.errors import BadInput, LastAdministrator, NameTaken
from edubox.hub.accounts import codes, passkeys, people, roles
from edubox.hub.accounts.roles import PEOPLE, ROLES, Person
from edubox.hub.desk import guard
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.hub import Hub

HERE = f"{HOME}personnes/"


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: Roles, in words, and what each does.
ROLE_WORDS = {
    "ministry": _("ministry"), "officer": _("officer of an academy"), "reviewer": _("reviewer"), "reader": _("reader"),
}  # fmt: skip
DOES = {
    "ministry": _("everything, for the whole country"),
    "officer": _("enrols schools, reviews, publishes and looks after boxes, for one academy"),
    "reviewer": _("reads lessons that were offered, accepts them or asks for changes"),
    "reader": _("looks at everything and changes nothing"),
}
TAKEN = _("Somebody has this login already. Take another one.")
ODD = _(
    "Look at the form again: a login of small letters and digits, a name, and for an officer the academy."
)
LAST = _("This is the only person of the ministry. Let another one in first.")
SAID = {"removed": _("The account was closed, and everything that it opened.")}


def people_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def now() -> int:
        return int(hub.clock().timestamp())

    def listed(status: int = 200, said: str = "", wrong: str = "") -> Response:
        me = guard.me()
        with hub.database.read() as connection:
            rows = people.every(connection, me.authority)
            keyed = {row.id: bool(row.totp) or bool(passkeys.of(connection, row.id)) for row in rows}
        grantable = [(one, ROLE_WORDS[one], DOES[one]) for one in ROLES if _may_grant(me, one)]
        shown = [(row, keyed[row.id], roles.is_over(me, row.role, row.authority)) for row in rows]
        return show(
            hub, "people", "people.html", status, people=shown, role_words=ROLE_WORDS, grantable=grantable, said=said, wrong=wrong,
            given={name: field(name) for name in ("login", "name", "role", "authority")},
        )  # fmt: skip

    @desk.get("/personnes/")
    @needs(PEOPLE)
    def everybody() -> Response:
        return listed(said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/personnes/")
    @needs(PEOPLE)
    def let_in() -> Response:
        me = guard.me()
        somebody = Person(
            0,
            field("login").strip().lower(),
            field("name").strip(),
            field("role", 20),
            me.authority or field("authority").strip(),
        )
        if not roles.is_over(me, somebody.role, somebody.authority):
            return (
                listed(400, wrong=ODD)
                if somebody.role in ROLES and _may_grant(me, somebody.role)
                else abort(403)
            )
        try:
            code = hub.database.change(lambda connection: people.add(connection, me.login, somebody, now()))
        except NameTaken:
            return listed(400, wrong=TAKEN)
        except BadInput:
            return listed(400, wrong=ODD)
        return _code(code, somebody.login, somebody.name)

    @desk.post("/personnes/<login>/code/")
    @needs(PEOPLE)
    def another_code(login: str) -> Response:
        somebody = _over(login)
        code = hub.database.change(
            lambda connection: people.reset(connection, guard.me().login, login, now())
        )
        return _code(code, login, somebody.name)

    @desk.post("/personnes/<login>/retirer/")
    @needs(PEOPLE)
    def close(login: str) -> Response:
        _over(login)
        try:
            hub.database.change(lambda connection: people.remove(connection, guard.me().login, login, now()))
        except LastAdministrator:
            return listed(400, wrong=LAST)
        return see(f"{HERE}?said=removed")

    def _over(login: str) -> Person:
        def work(connection: Connection) -> Person | None:
            row = people.named(connection, login)
            return None if row is None else people.person(row)

        with hub.database.read() as connection:
            somebody = work(connection)
        if somebody is None:
            abort(404)
        if not roles.is_over(guard.me(), somebody.role, somebody.authority):
            abort(403)
        return somebody

    def _code(code: str, login: str, name: str) -> Response:
        address = f"{guard.origin()}{HOME}invitation/"
        return show(
            hub,
            "people",
            "person_code.html",
            code=code,
            login=login,
            name=name,
            address=address,
            days=codes.DAYS,
        )


def _may_grant(me: Person, role: str) -> bool:
    """Whether *me* may let anybody of *role* in."""
    return roles.is_over(me, role, me.authority) or (
        not me.authority and any(roles.is_over(me, role, one) for one in ("", "x"))
    )
