"""One's own account: password, second factors, recovery codes, where one is logged in, tokens for programs.

What opens more doors, or closes one's own, asks for the password again: a computer that somebody left open is not enough.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from edubox.errors import BadInput, Crowded, EduboxError, NameTaken
from edubox.hub import audit
from edubox.hub.accounts import codes, guesses, passkeys, people, roles, sessions, tokens
from edubox.hub.desk import guard
from edubox.hub.desk.door import CROWDED, DIFFERENT, FAULTS, WAIT, see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field
from edubox.hub.desk.second import offered, take
from edubox.hub.hub import Hub
from edubox.trust import passwords

MINE = f"{HOME}moi/"


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


WRONG = _("The password is not right. Nothing was changed.")
LAST = _("You need at least one second factor. Add another one first.")
SAID = {
    "password": _("Your password is another one now. Every other session was ended."),
    "second": _("The second factor was added."),
    "removed": _("The second factor was taken away."),
    "ended": _("The session was ended."),
    "token": _("The token opens nothing any more."),
}
#: What a token can be for, in words.
SCOPES = {
    "read": _("read schools and states"), "fleet": _("read the fleet’s figures"), "audit": _("read the journal"),
    "enrol": _("enrol schools"), "review": _("review lessons"), "publish": _("publish"),
}  # fmt: skip


def me_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def now() -> int:
        return int(hub.clock().timestamp())

    def mine(status: int = 200, said: str = "", wrong: str = "") -> Response:
        found = guard.entered()
        with hub.database.read() as connection:
            account = people.numbered(connection, found.person.id)
            shown = {
                "keys": passkeys.of(connection, found.person.id), "has_code": bool(account and account.totp),
                "left": codes.left(connection, found.person.id), "open": sessions.of(connection, found.person.id, now()),
                "tokens": tokens.of(connection, found.person.id),
            }  # fmt: skip
        scopes = [(one, words) for one, words in SCOPES.items() if roles.somewhere(found.person, one)]
        return show(
            hub,
            "me",
            "me.html",
            status,
            said=said,
            wrong=wrong,
            mark=found.mark,
            now=now(),
            scopes=scopes,
            scope_words=SCOPES,
            **shown,
        )

    def denied() -> Response | None:
        """Why the password that the form carries does not let this happen; None if it does."""
        found = guard.entered()
        with hub.database.read() as connection:
            account = people.numbered(connection, found.person.id)
            left = guesses.wait(connection, found.person.login, guard.address(), now(), second=True)
        if left > 0:
            return mine(429, wrong=WAIT)
        try:
            right = passwords.is_right(account.secret if account else "", field("current", 800))
        except Crowded:
            return mine(503, wrong=CROWDED)
        if right:
            return None
        hub.database.change(
            lambda connection: guesses.wrong(
                connection, found.person.login, guard.address(), now(), second=True
            )
        )
        return mine(403, wrong=WRONG)

    @desk.get("/moi/")
    def my_account() -> Response:
        return mine(said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/moi/mot-de-passe/")
    def change_password() -> Response:
        found, password = guard.entered(), field("password", 800)
        if fault := passwords.fault(password, found.person.login, found.person.name):
            return mine(400, wrong=FAULTS[fault])
        if password != field("again", 800):
            return mine(400, wrong=DIFFERENT)
        if answer := denied():
            return answer
        try:
            secret = passwords.hashed(password)
        except Crowded:
            return mine(503, wrong=CROWDED)

        def work(connection: Connection) -> str:
            people.set_secret(connection, found.person.id, secret)
            sessions.end_others(connection, found.person.id)
            audit.write(
                connection, now(), found.person.login, "person.password", f"person:{found.person.login}", ""
            )
            return sessions.begin(connection, found.person.id, sessions.WHOLE, guard.agent(), now())

        return guard.let_in(see(f"{MINE}?said=password"), hub.database.change(work))

    @desk.get("/moi/second/")
    def add_second() -> Response:
        return show(hub, "me", "setup.html", **offered(hub, guard.entered()), said="")

    @desk.post("/moi/second/")
    def keep_second() -> Response:
        found = guard.entered()
        if answer := denied():
            return answer
        said, printed = take(hub, found)
        if said:
            return show(hub, "me", "setup.html", 400, **offered(hub, found), said=said)
        if printed:
            return show(hub, "me", "recovery.html", codes=printed, first=False)
        return see(f"{MINE}?said=second")

    @desk.post("/moi/second/retirer/")
    def remove_second() -> Response:
        found, which = guard.entered(), field("which", 64)
        if answer := denied():
            return answer

        def work(connection: Connection) -> bool:
            account = people.numbered(connection, found.person.id)
            factors = len(passkeys.of(connection, found.person.id)) + bool(account and account.totp)
            if factors < 2 and roles.writes(found.person.role):
                return False
            if which == "totp":
                people.set_totp(connection, found.person.id, "", 0)
            elif not passkeys.end(connection, found.person.id, which):
                return True
            audit.write(
                connection,
                now(),
                found.person.login,
                "person.second-remove",
                f"person:{found.person.login}",
                "",
            )
            return True

        return see(f"{MINE}?said=removed") if hub.database.change(work) else mine(400, wrong=LAST)

    @desk.post("/moi/secours/")
    def new_codes() -> Response:
        found = guard.entered()
        if answer := denied():
            return answer

        def work(connection: Connection) -> list[str]:
            audit.write(
                connection, now(), found.person.login, "person.recovery", f"person:{found.person.login}", ""
            )
            return codes.recovery(connection, found.person.id)

        return show(hub, "me", "recovery.html", codes=hub.database.change(work), first=False)

    @desk.post("/moi/sessions/")
    def end_session() -> Response:
        found, mark = guard.entered(), field("mark", 64)
        if mark == "others":
            hub.database.change(
                lambda connection: sessions.end_others(connection, found.person.id, found.mark)
            )
        else:
            hub.database.change(lambda connection: sessions.end(connection, mark, found.person.id))
        return see(f"{MINE}?said=ended")

    @desk.post("/moi/jetons/")
    def make_token() -> Response:
        found = guard.entered()
        if answer := denied():
            return answer
        days, scope = field("days", 4), request.form.getlist("scope")[:10]

        def work(connection: Connection) -> str:
            return tokens.make(
                connection,
                found.person,
                field("label", 80),
                scope,
                found.person.authority,
                int(days) if days.isdecimal() else 0,
                now(),
            )

        try:
            token = hub.database.change(work)
        except (BadInput, NameTaken) as error:
            return mine(400, wrong=_token_fault(error))
        return show(hub, "me", "token.html", token=token, label=field("label", 80))

    @desk.post("/moi/jetons/retirer/")
    def end_token() -> Response:
        found = guard.entered()
        hub.database.change(
            lambda connection: tokens.end(connection, found.person, field("label", 80), now())
        )
        return see(f"{MINE}?said=token")


def _token_fault(error: EduboxError) -> str:
    if isinstance(error, NameTaken):
        return _("A token has this name already. Take another one.")
    return _("The token was not made: give it a name, say what it is for, and until when (a year at most).")
