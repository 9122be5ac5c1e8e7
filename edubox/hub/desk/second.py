"""Getting a second factor: an authenticator's secret as a square for its camera, or a passkey made by the browser.

Used at the door by whoever has none yet, and on one's own page. The secret waits in the session until its first code is right,
so a page that is sent twice changes nothing. With the first factor come recovery codes, shown once.
"""

from __future__ import annotations

import json
from typing import Any

from flask import request
from sqlalchemy import Connection

from edubox.errors import EduboxError
from edubox.hub import audit
from edubox.hub.accounts import codes, passkeys, people, sessions, totp
from edubox.hub.desk import guard
from edubox.hub.desk.frame import country_name, language
from edubox.hub.desk.guard import Entered, field
from edubox.hub.hub import Hub


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


WRONG_CODE = _("This code is not right. Look whether the clock of your phone is, and take the next code.")
NOT_MADE = _("The passkey was not made. Try again, or take an authenticator.")
PASSKEY = _("Passkey")


def offered(hub: Hub, found: Entered) -> dict[str, Any]:
    """What the page shows: the ``secret`` with its ``address`` for a camera, and the ``options`` of a passkey (empty: none here)."""
    site, issuer = site_here(), issuer_of(hub)

    def work(connection: Connection) -> tuple[str, dict[str, Any] | None]:
        session = sessions.marked(connection, found.mark)
        secret = session.pending if session and session.pending else totp.new()
        sessions.pend(connection, found.mark, secret)
        if not passkeys.can_be_at(site):
            return secret, None
        options = passkeys.to_make(connection, site, issuer, found.person.id, found.person.login)
        sessions.ask(connection, found.mark, options["challenge"])
        return secret, options

    secret, options = hub.database.change(work)
    return {
        "secret": totp.shown(secret), "otpauth": totp.address(secret, issuer, found.person.login),
        "options": json.dumps(options) if options else "",
    }  # fmt: skip


def take(hub: Hub, found: Entered) -> tuple[str, list[str]]:
    """Keep the second factor that the form brings: why not, and the new recovery codes if there were none."""
    now = int(hub.clock().timestamp())
    answer, typed, label = field("answer", passkeys.ANSWER), field("code", 60), field("label", passkeys.LABEL)
    site, here = site_here(), guard.origin()

    def work(connection: Connection) -> tuple[str, list[str]]:
        session = sessions.marked(connection, found.mark)
        if session is None:
            return (NOT_MADE if answer else WRONG_CODE), []
        if answer:
            sessions.ask(connection, found.mark, "")
            passkeys.keep(
                connection, found.person.id, site, here, session.challenge, answer, label or "–", now
            )
            kind = "passkey"
        else:
            step = totp.step_of(session.pending, typed, now, 0) if session.pending else None
            if step is None:
                return WRONG_CODE, []
            people.set_totp(connection, found.person.id, session.pending, step)
            sessions.pend(connection, found.mark, "")
            kind = "totp"
        audit.write(
            connection, now, found.person.login, "person.second-add", f"person:{found.person.login}", kind
        )
        missing = codes.left(connection, found.person.id) == 0
        return "", codes.recovery(connection, found.person.id) if missing else []

    try:
        return hub.database.change(work)
    except EduboxError as error:
        if answer and error.code in {"not-trusted", "bad-input"}:
            return NOT_MADE, []
        raise


def site_here() -> str:
    """The name of this site, as passkeys are bound to it."""
    return request.host.partition(":")[0].lower()


def issuer_of(hub: Hub) -> str:
    """What an authenticator calls this hub."""
    return f"edubox {country_name(hub, language())}"[:60]
