"""Somebody is told: of boxes that fell silent, of boxes on which something does not work, of a release that was stopped.

An academy says once whom to tell: a mail address, or a web address that takes JSON (``https://``). Every hour ``sweep`` looks; what
is to be said differs from what was said last, or nothing leaves. Sending is a queued job: it is tried again, and a mail
server that is away keeps nobody waiting. What is sent names schools and counts, nobody's pupils.
"""

from __future__ import annotations

import json
import re
import smtplib
import ssl
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import urllib3
from sqlalchemy import Connection, delete, insert, select, update

from edubox.errors import BadInput
from edubox.hub import audit, queue
from edubox.hub.errors import NotSent
from edubox.hub.fleet import checkins, overview, rollouts
from edubox.hub.hub import Hub
from edubox.hub.queue import Job
from edubox.hub.tables import alerts, boxes, check_ins, jobs

SILENT, BROKEN, RELEASE = "silent", "broken", "release"
KINDS = (SILENT, BROKEN, RELEASE)
SWEEP, SEND = "alert-sweep", "alert-send"
#: Seconds that a server may take; schools that one message names.
PATIENCE, NAMED = 20, 20
#: Alerts that one authority may have.
MOST = 20
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}\Z")
_SUBJECTS = {
    SILENT: "Des boîtiers ne donnent plus de nouvelles / Boxes fell silent",
    BROKEN: "Des boîtiers sont en panne / Something does not work on boxes",
    RELEASE: "Une parution est arrêtée / A release was stopped",
}
_TRIAL = "Ceci est un essai, rien n’est arrivé. / This is a try, nothing happened."


def add(hub: Hub, authority: str, kind: str, target: str, actor: str) -> int:
    """Tell *target* of *kind* at the boxes of *authority* (empty: of all). Raises BadInput."""
    if kind not in KINDS:
        raise BadInput(reason=f"an alert is of {', '.join(KINDS)}")
    if not _MAIL.match(target) and not _is_web(target):
        raise BadInput(reason="an alert goes to a mail address or to an address that begins with https://")
    if _MAIL.match(target) and not hub.settings["mail"]:
        raise BadInput(reason="this hub sends no mail: hub.toml says no mail server")

    def work(connection: Connection) -> int:
        here = connection.execute(select(alerts).where(alerts.c.authority == authority)).all()
        known = next((one.id for one in here if (one.kind, one.target) == (kind, target)), None)
        if known is not None:
            return int(known)
        if len(here) >= MOST:
            raise BadInput(reason=f"there are {MOST} alerts already: remove one")
        made = connection.execute(
            insert(alerts).values(
                authority=authority, kind=kind, target=target, made=hub.now(), told=0, said=""
            )
        )
        audit.write(connection, hub.now(), actor, "alert.add", authority or "country", f"{kind} {target}")
        queue.put(connection, SWEEP, SWEEP, due=hub.now())
        return int(made.inserted_primary_key[0])  # type: ignore[index]

    return hub.database.change(work)


def remove(hub: Hub, alert: int, actor: str) -> None:
    """Tell that *alert* no more; one that is not there is no error."""

    def work(connection: Connection) -> None:
        row = connection.execute(select(alerts).where(alerts.c.id == alert)).first()
        if row is not None:
            connection.execute(delete(alerts).where(alerts.c.id == alert))
            audit.write(
                connection,
                hub.now(),
                actor,
                "alert.remove",
                row.authority or "country",
                f"{row.kind} {row.target}",
            )

    hub.database.change(work)


def one(connection: Connection, alert: int) -> Any | None:
    """The row of *alert*, None if there is none."""
    return connection.execute(select(alerts).where(alerts.c.id == alert)).first()


def try_out(hub: Hub, alert: int, actor: str) -> None:
    """Send a word to whom *alert* tells, so that somebody sees that it arrives. Raises BadInput (there is none)."""

    def work(connection: Connection) -> None:
        row = one(connection, alert)
        if row is None:
            raise BadInput(reason=f"there is no alert with the number {alert}")
        queue.forget_failed(connection, SEND, _trial(alert))
        told = {"kind": row.kind, "target": row.target, "text": _TRIAL}
        queue.put(connection, SEND, _trial(alert), told, hub.now())
        audit.write(
            connection, hub.now(), actor, "alert.try", row.authority or "country", f"{row.kind} {row.target}"
        )

    hub.database.change(work)


def trial(connection: Connection, alert: int) -> tuple[str, str]:
    """How the last try of *alert* stands: waiting, running or failed, and what went wrong last; empty when none is under way."""
    row = connection.execute(
        select(jobs.c.state, jobs.c.said)
        .where(jobs.c.kind == SEND, jobs.c.key == _trial(alert))
        .order_by(jobs.c.id.desc())
        .limit(1)
    ).first()
    return ("", "") if row is None else (str(row.state), str(row.said))


def _trial(alert: int) -> str:
    return f"try {alert}"


def listed(connection: Connection, authority: str = "") -> list[Any]:
    """The alerts of *authority* (empty: all)."""
    wanted = select(alerts).order_by(alerts.c.authority, alerts.c.id)
    return list(connection.execute(wanted.where(alerts.c.authority == authority) if authority else wanted))


def sweep(hub: Hub, _job: Job) -> None:
    """The queued look: send what is new to say."""

    def work(connection: Connection) -> None:
        checkins.settle(connection, hub.now())
        for one in listed(connection):
            said = _sentence(connection, one.kind, one.authority, hub.now())
            if said and said != one.said:
                queue.put(
                    connection, SEND, str(one.id), {"kind": one.kind, "target": one.target, "text": said}
                )
            if said != one.said:
                connection.execute(
                    update(alerts).where(alerts.c.id == one.id).values(said=said, told=hub.now())
                )

    hub.database.change(work)


def send(hub: Hub, job: Job) -> None:
    """The queued message. Raises NotSent, and is tried again."""
    kind, target, text = (str(job.payload[key]) for key in ("kind", "target", "text"))
    try:
        if _is_web(target):
            _post(target, {"kind": kind, "text": text, "at": hub.now()})
        else:
            _mail(hub, target, _SUBJECTS[kind], text)
    except (OSError, smtplib.SMTPException, urllib3.exceptions.HTTPError) as error:
        raise NotSent(target=target, reason=str(error)[:200] or type(error).__name__) from None


def _sentence(connection: Connection, kind: str, authority: str, now: int) -> str:
    """What there is to say, empty if nothing; the same as long as nothing changed."""
    if kind == SILENT:
        names = [f"{one.publisher} ({one.school or one.label})" for one in overview.silent(connection, now, authority, NAMED + 1)]  # fmt: skip
        return _list("ne donnent plus de nouvelles / do not check in", names)
    if kind == BROKEN:
        wanted = (
            select(boxes.c.publisher, boxes.c.label, check_ins.c.health)
            .join(check_ins, boxes.c.id == check_ins.c.box)
            .where(boxes.c.state == "accepted", check_ins.c.level == "broken", check_ins.c.due >= now)
            .order_by(boxes.c.publisher).limit(NAMED + 1)
        )  # fmt: skip
        if authority:
            wanted = wanted.where(boxes.c.authority == authority)
        names = [f"{one.publisher} ({one.label}): {_worst(one.health)}" for one in connection.execute(wanted)]
        return _list("en panne / broken", names)
    held = [one for one in rollouts.listed(connection, authority) if one.state == rollouts.HELD]
    return _list("arrêté / stopped", [f"{one.pack}, version {one.version}: {one.held}" for one in held])


def _list(what: str, names: list[str]) -> str:
    more = "\n…" if len(names) > NAMED else ""
    return f"{what}:\n" + "\n".join(names[:NAMED]) + more if names else ""


def _worst(health: str) -> str:
    return ", ".join(name for name, level in json.loads(health).items() if level == "broken")


def _is_web(target: str) -> bool:
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and parts.username is None and len(target) < 500


def _post(target: str, value: dict[str, Any]) -> None:
    with urllib3.PoolManager(retries=False, timeout=PATIENCE) as pool:
        answer = pool.request("POST", target, json=value, redirect=False, preload_content=False)
        answer.close()
    if answer.status >= 300:
        raise OSError(f"it answered {answer.status}")


def _mail(hub: Hub, target: str, subject: str, text: str) -> None:
    server = urlsplit(hub.settings["mail"])
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = hub.settings["mail_from"], target, subject
    message.set_content(text)
    opened = (
        smtplib.SMTP_SSL(server.hostname or "", server.port or 465, timeout=PATIENCE, context=ssl.create_default_context())
        if server.scheme == "smtps"
        else smtplib.SMTP(server.hostname or "", server.port or 25, timeout=PATIENCE)
    )  # fmt: skip
    with opened as line:
        line.send_message(message)
