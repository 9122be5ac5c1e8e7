"""The door of the desk: the password, then an authenticator's code, a passkey or a recovery code; one-time codes; going.

Nobody who can change something is in with a password alone: whoever has no second factor yet gets one here first.
"""

from __future__ import annotations

import json

from flask import Blueprint, Response, redirect, request
from sqlalchemy import Connection

from edubox.errors import Crowded
from edubox.hub import audit
from edubox.hub.accounts import codes, door, guesses, passkeys, people, sessions
from edubox.hub.desk import guard
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import ANYBODY, DOOR, HALF, HOME, SECOND, SET_UP, SETUP, field, needs
from edubox.hub.desk.second import offered, take
from edubox.hub.hub import Hub
from edubox.trust import passwords


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


WRONG = _("The login or the password is not right. Look at large and small letters.")
WAIT = _("There were many wrong tries. Wait a moment, then try again.")
CROWDED = _("Many people are logging in just now. Try again in a moment.")
WRONG_CODE = _("This code is not right, or was used already. Wait for the next one.")
WRONG_KEY = _("The passkey was not recognised. Try again, or use another way.")
OVER = _("That took too long, or there were too many wrong codes. Begin again.")
UNKNOWN = _("This code is not right, was used already, or is over. Ask for another one.")
DIFFERENT = _("The two passwords differ. Write the same one twice.")
#: Why a password is refused (``trust.passwords.fault``).
FAULTS = {
    "short": _("Take at least 8 characters, for instance three words."),
    "long": _("Take at most 200 characters."),
    "common": _("Too many people have this password. Take another one, for instance three words."),
}


def door_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def now() -> int:
        return int(hub.clock().timestamp())

    @desk.get("/entrer/")
    @needs(ANYBODY)
    def enter() -> Response:
        found = guard.entered()
        after = guard.inside(request.args.get("next", "")[:800])
        if found is not None and found.stage == sessions.WHOLE:
            return see(after)
        said = OVER if "over" in request.args else ""
        return show(hub, "door", "enter.html", after=after, login="", said=said, wait=0)

    @desk.post("/entrer/")
    @needs(ANYBODY)
    def come_in() -> Response:
        login, after = field("login"), guard.inside(field("next", 800))

        def again(status: int, said: str, wait: int = 0) -> Response:
            answer = show(hub, "door", "enter.html", status, after=after, login=login, said=said, wait=wait)
            if wait:
                answer.headers["Retry-After"] = str(wait)
            return answer

        try:
            done = door.with_password(
                hub.database, login, field("password", 800), guard.address(), guard.agent(), now()
            )
        except Crowded:
            return again(503, CROWDED, 5)
        if done.wait:
            return again(429, WAIT, done.wait)
        return in_as_far(done, after) if done.token else again(401, WRONG)

    def in_as_far(done: door.Answer, after: str) -> Response:
        hub.database.change(guard.forget_earlier)
        place = {sessions.HALF: SECOND, sessions.SETUP: SET_UP}.get(done.stage, after)
        if place == SECOND and after != HOME:
            place = f"{SECOND}?next={after.replace('?', '%3F').replace('&', '%26')}"
        return guard.let_in(see(place), done.token)

    def asked_second(status: int = 200, said: str = "", wait: int = 0) -> Response:
        found = guard.entered()
        site = request.host.partition(":")[0]
        with hub.database.read() as connection:
            account = people.numbered(connection, found.person.id)
            options = passkeys.to_use(connection, site, found.person.id) if passkeys.can_be_at(site) else None
        if options is not None:
            hub.database.change(lambda connection: sessions.ask(connection, found.mark, options["challenge"]))
        answer = show(
            hub, "door", "second.html", status, after=guard.inside(request.values.get("next", "")[:800]), said=said, wait=wait,
            has_code=bool(account and account.totp), options=json.dumps(options) if options else "",
        )  # fmt: skip
        if wait:
            answer.headers["Retry-After"] = str(wait)
        return answer

    @desk.get("/entrer/code/")
    @needs(HALF)
    def second() -> Response:
        return asked_second()

    @desk.post("/entrer/code/")
    @needs(HALF)
    def show_second() -> Response:
        found, after, given = (
            guard.entered(),
            guard.inside(field("next", 800)),
            field("answer", passkeys.ANSWER),
        )
        if given:
            site = request.host.partition(":")[0]
            done = door.with_passkey(
                hub.database, found.mark, given, site, guard.origin(), guard.address(), guard.agent(), now()
            )
        else:
            done = door.with_code(
                hub.database, found.mark, field("code", 60), guard.address(), guard.agent(), now()
            )
        if done.token:
            return guard.let_in(see(after), done.token)
        if done.over:
            return guard.let_in(see(f"{DOOR}?over=1"), "")
        if done.wait:
            return asked_second(429, WAIT, done.wait)
        return asked_second(401, WRONG_KEY if given else WRONG_CODE)

    @desk.get("/invitation/")
    @needs(ANYBODY)
    def invitation() -> Response:
        return show(hub, "door", "invitation.html", code="", login="", said="")

    @desk.post("/invitation/")
    @needs(ANYBODY)
    def use_invitation() -> Response:
        typed, password = field("code"), field("password", 800)

        def again(status: int, said: str, login: str = "") -> Response:
            return show(hub, "door", "invitation.html", status, code=typed, login=login, said=said)

        with hub.database.read() as connection:
            left = guesses.wait(connection, "", guard.address(), now())
            number = None if left > 0 else codes.invited(connection, typed, now())
            account = None if number is None else people.numbered(connection, number)
        if left > 0:
            return again(429, WAIT)
        if account is None:
            hub.database.change(lambda connection: guesses.wrong(connection, "", guard.address(), now()))
            return again(401, UNKNOWN)
        if not password:
            return again(200, "", account.login)
        if found := passwords.fault(password, account.login, account.name):
            return again(400, FAULTS[found], account.login)
        if password != field("again", 800):
            return again(400, DIFFERENT, account.login)
        try:
            done = door.with_invitation(hub.database, typed, password, guard.address(), guard.agent(), now())
        except Crowded:
            return again(503, CROWDED, account.login)
        return in_as_far(done, HOME) if done.token else again(401, UNKNOWN)

    @desk.get("/entrer/premier/")
    @needs(SETUP)
    def set_up() -> Response:
        return show(hub, "door", "setup.html", **offered(hub, guard.entered()), said="")

    @desk.post("/entrer/premier/")
    @needs(SETUP)
    def get_second() -> Response:
        found = guard.entered()
        said, printed = take(hub, found)
        if said:
            return show(hub, "door", "setup.html", 400, **offered(hub, found), said=said)

        def work(connection: Connection) -> str:
            guesses.right(connection, found.person.login, guard.address(), now(), whole=True)
            audit.write(
                connection,
                now(),
                found.person.login,
                "door.in",
                f"person:{found.person.login}",
                "first second factor",
            )
            return door.whole(connection, found.person.id, found.mark, guard.agent(), now())

        token = hub.database.change(work)
        return guard.let_in(show(hub, "door", "recovery.html", codes=printed, first=True), token)

    @desk.post("/sortir/")
    @needs(ANYBODY)
    def go() -> Response:
        hub.database.change(guard.forget_earlier)
        return guard.let_in(see(DOOR), "")


def see(place: str) -> Response:
    """Go on at *place*, with a GET."""
    answer = redirect(place, 303)
    return Response(answer.get_data(), 303, headers=list(answer.headers))
