"""Lessons that must be nowhere any more: asked for with a reason, signed by the ministry, and the list of them all.

An academy recalls lessons of its own schools and collections; the ministry's key signs for every box of the country, so the ministry looks
at each before. What the hub itself has is away at once.
"""

from __future__ import annotations

import csv
import io
from functools import partial

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from edubox.errors import BadIdentifier, EduboxError
from edubox.hub import audit, child
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import PUBLISH
from edubox.hub.desk import guard, keyed
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.errors import NotPossible
from edubox.hub.hub import Hub
from edubox.hub.review import arrivals, recall, trees
from edubox.hub.review.arrivals import Arrival

HERE = f"{HOME}rappels/"
A_PAGE = 50
#: Files of a lesson that can be chosen one by one.
FILES = 300


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


STATE_WORDS = {recall.WAITING: _("waits for the ministry’s key"), recall.DONE: _("signed: boxes delete it")}
NO_REASON = _("Say why: its teacher reads it, and it stands in this list.")
NO_LESSON = _("There is no lesson at this address now. It is written like ac-nantes/choix/la-lune.")
NO_FILE = _("Choose at least one file, or the whole lesson.")
SAID = {
    "asked": _(
        "Recalled. The hub has deleted what it had in its intake; boxes delete it when the ministry has signed."
    ),
    "signed": _("Signed. Each box deletes it with its next synchronisation."),
    "later": _("It is being signed. Load this page again in a minute."),
}


def recall_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def listed(status: int = 200, said: str = "", wrong: str = "", wait: int = 0) -> Response:
        me, number = guard.me(), guard.page_asked()
        with hub.database.read() as connection:
            found = recall.listed(connection, A_PAGE, me.authority, (number - 1) * A_PAGE)
            total, waits = (
                recall.count(connection, me.authority),
                recall.count(connection, me.authority, recall.WAITING),
            )
        try:
            signed = recall.signed(hub)
        except EduboxError:
            signed = None
        still = recall.showing(
            hub, {one.manifest for one in found if one.manifest and one.state == recall.WAITING}
        )
        answer = show(
            hub, "publications", "recalls.html", status, found=found, total=total, waits=waits, said=said, wrong=wrong, state_words=STATE_WORDS,
            now=hub.now(), able=roles.somewhere(me, PUBLISH), signs=roles.may(me, PUBLISH, ""), signed=signed, still=still, number=number,
            pages=-(-total // A_PAGE), at=lambda page: f"{HERE}?page={page}", data=str(hub.data.absolute()), waiting=recall.WAITING,
            key=(hub.workplace.keys / "targets").is_file(), given={name: field(name, 2000) for name in ("lesson", "reason")},
        )  # fmt: skip
        if wait:
            answer.headers["Retry-After"] = str(wait)
        return answer

    @desk.get("/rappels/")
    def recalls() -> Response:
        return listed(said=SAID.get(request.args.get("said", ""), ""))

    @desk.get("/rappels.csv")
    def recalls_table() -> Response:
        with hub.database.read() as connection:
            found = recall.listed(connection, 100_000, guard.me().authority)
        out = io.StringIO()
        written = csv.writer(out)
        written.writerow(["number", "at", "actor", "lesson", "manifest", "objects", "reason", "state"])
        for one in found:
            cells = [
                one.id,
                one.at,
                one.actor,
                one.lesson,
                one.manifest,
                " ".join(one.objects),
                one.reason,
                one.state,
            ]
            # A spreadsheet must not take what somebody wrote for a formula.
            written.writerow(
                [
                    f"'{cell}" if isinstance(cell, str) and cell[:1] in set("=+-@\t\r") else cell
                    for cell in cells
                ]
            )
        answer = Response(out.getvalue(), mimetype="text/csv")
        answer.headers["Content-Disposition"] = 'attachment; filename="recalls.csv"'
        return answer

    @desk.post("/rappels/")
    @needs(PUBLISH)
    def recall_address() -> Response:
        """A lesson that is public here, by its address."""
        address, reason = field("lesson", 200).strip(), field("reason", 2000).strip()
        authority = address.partition("/")[0]
        guard.check(PUBLISH, authority)
        try:
            index = recall.published(hub, address)
        except BadIdentifier:
            index = None
        if index is None:
            return listed(404, wrong=NO_LESSON)
        if not reason:
            return listed(400, wrong=NO_REASON)
        recall.ask(hub, guard.me().login, reason, index.manifest, (), address, authority)
        return see(f"{HERE}?said=asked")

    def look(one: Arrival, status: int = 200, wrong: str = "") -> Response:
        try:
            files = [(file.path, file.sha256, file.size) for file in trees.manifest_of(hub, one).files]
        except EduboxError:
            files = []
        return show(
            hub, "publications", "recall.html", status, one=one, files=files[:FILES], more=len(files) - FILES, wrong=wrong,
            where=recall.publishing(hub, one.manifest), able=roles.may(guard.me(), PUBLISH, one.authority), reason=field("reason", 2000),
        )  # fmt: skip

    def read(number: int) -> Arrival:
        with hub.database.read() as connection:
            found = arrivals.get(connection, number)
        guard.check(PUBLISH, found.authority)
        return found

    @desk.get("/relecture/<int:number>/rappeler/")
    @needs(PUBLISH)
    def recall_look(number: int) -> Response:
        return look(read(number))

    @desk.post("/relecture/<int:number>/rappeler/")
    @needs(PUBLISH)
    def recall_arrival(number: int) -> Response:
        one, reason = read(number), field("reason", 2000).strip()
        if not reason:
            return look(one, 400, NO_REASON)
        whole, objects = field("what", 10) != "files", tuple(request.form.getlist("file")[:FILES])
        if not whole and not objects:
            return look(one, 400, NO_FILE)
        try:
            recall.ask(
                hub,
                guard.me().login,
                reason,
                one.manifest if whole else "",
                () if whole else objects,
                one.address,
                one.authority,
            )
        except NotPossible:
            return look(one, 400, NO_FILE)
        return see(f"{HERE}?said=asked")

    @desk.post("/rappels/signer/")
    @needs(PUBLISH)
    def sign_recalls() -> Response:
        guard.check(PUBLISH, "")
        me = guard.me()

        def work(passphrase: str) -> None:
            done = child.run(hub, ("hub", "recall"), passphrase)
            hub.database.change(
                partial(_note, actor=me.login, count=int(done.get("recalled", 0)), now=hub.now())
            )

        done = keyed.sign(hub, work)
        if done.wrong:
            return listed(done.status, wrong=done.wrong, wait=done.wait)
        return see(f"{HERE}?said={'later' if done.later else 'signed'}")


def _note(connection: Connection, actor: str, count: int, now: int) -> None:
    audit.write(connection, now, actor, "sign.recall", "country", f"{count} recalls")
