"""Everything that waits for a key, in one place: schools for the directory, lessons for a collection, recalls for the country.

Whoever has a passphrase types it here and a child signs (``keyed``); where the key is on another computer, the list goes there as a file
and comes back signed; and the command is always there. What is signed is what was shown: lines that came later wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, Response, abort, request

from edubox.errors import BadInput, Busy, EduboxError, NotTrusted
from edubox.hub import child
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import ENROL, PUBLISH, READ
from edubox.hub.desk import following, frame, guard, keyed, moments, publishing
from edubox.hub.desk.codes import academies
from edubox.hub.desk.door import see
from edubox.hub.desk.enrolments import DOES
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs, takes
from edubox.hub.desk.keyed import Signed
from edubox.hub.enrol import offline, offline_lists, signing, travelling
from edubox.hub.hub import Hub
from edubox.hub.review import accept as taking
from edubox.hub.review import recall
from edubox.hub.review.accept import Republication

HERE = f"{HOME}signatures/"
#: Lines of an academy that are shown; the whole list is a file beside it. Lessons of a collection.
SHOWN, LESSONS = 50, 50
#: Bytes of a list that was signed elsewhere.
FILE = 8 * 1024 * 1024 - 64 * 1024


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


SAID = {
    "signed": _("Signed and public. Boxes hear of it with their next synchronisation."),
    "published": _("Public. Boxes get it with their next synchronisation."),
    "later": _("The passphrase was taken, and the work goes on. Load this page again in a minute."),
    "brought": _("What was signed elsewhere is public now."),
}
NOT_OURS = _(
    "This file cannot be taken: it is damaged, signed with another key, or the list changed since. Take the list along once more."
)
NOTHING = _("Nothing waits here any more.")


def signature_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def listed(status: int = 200, said: str = "", wrong: str = "", wait: int = 0) -> Response:
        me = guard.me()
        lines = sorted(signing.waiting(hub, me.authority or None), key=lambda line: line.authority)
        by_academy = [(name, list(some)) for name, some in groupby(lines, key=lambda line: line.authority)]
        with hub.database.read() as connection:
            lessons = taking.listed(
                connection, me.authority, (taking.WAITING, taking.QUEUED, taking.FAILED), 1000
            )
            recalls = recall.count(connection, me.authority, recall.WAITING)
        collections = {one.id: one.key for one in taking.collections(hub, me.authority)}
        lessons.sort(key=lambda one: one.publisher)
        by_collection = [(name, list(some)) for name, some in groupby(lessons, key=lambda one: one.publisher)]
        costs = {
            one.id: _cost(hub, one)
            for _name, some in by_collection
            for one in some[:LESSONS]
            if one.state == taking.WAITING
        }
        answer = show(
            hub, "signatures", "signatures.html", status, said=said, wrong=wrong, academies=by_academy, collections=by_collection, keys=collections,
            costs=costs, recalls=recalls, does=DOES, shown=SHOWN, lessons=LESSONS, now=hub.now(), data=str(hub.data.absolute()), taking=taking,
            held={name: (hub.workplace.keys / "authorities" / name).is_file() for name, _some in by_academy},
            may_enrol=lambda authority: roles.may(me, ENROL, authority), may_publish=lambda authority: roles.may(me, PUBLISH, authority),
            when=lambda moment: moments.said(hub, moment, frame.language()), zone=str(moments.zone(hub)),
        )  # fmt: skip
        if wait:
            answer.headers["Retry-After"] = str(wait)
        return answer

    def after(done: Signed, said: str) -> Response:
        if done.wrong:
            return listed(done.status, wrong=done.wrong, wait=done.wait)
        return see(f"{HERE}?said={'later' if done.later else said}")

    @desk.get("/signatures/")
    def signatures() -> Response:
        return listed(said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/signatures/ecoles/")
    @needs(ENROL)
    def sign_schools() -> Response:
        academy, last = field("academy", 63), field("last", 12)
        guard.check(ENROL, academy)
        if academy not in academies(hub, guard.me().authority) or not last.isdecimal():
            return listed(409, wrong=NOTHING)
        words = (
            "academy",
            "sign",
            "--authority",
            academy,
            "--up-to",
            last,
            "--by",
            guard.me().login,
            "--yes",
        )

        def work(passphrase: str) -> None:
            child.run(hub, words, passphrase)

        return after(keyed.sign(hub, work), "signed")

    @desk.post("/signatures/lecons/")
    @needs(PUBLISH)
    def sign_lessons() -> Response:
        found = _chosen(hub)
        if not found:
            return listed(409, wrong=NOTHING)
        return after(publishing.publish(hub, found), "published")

    @desk.get("/signatures/<authority>.json")
    @needs(ENROL)
    def signing_file(authority: str) -> Response:
        guard.check(ENROL, authority)
        try:
            made = offline.export(hub, authority)
        except BadInput:
            return listed(404, wrong=NOTHING)
        answer = Response(made, mimetype="application/json")
        answer.headers["Content-Disposition"] = f'attachment; filename="queue-{authority}.json"'
        return answer

    @desk.get("/signatures/<authority>.txt")
    def signing_list(authority: str) -> Response:
        guard.check(READ, authority)
        text = signing.transcript(signing.waiting(hub, authority), hub.clock())
        return Response(text + "\n", mimetype="text/plain")

    @desk.post("/signatures/rapporter/")
    @needs(ENROL)
    @takes(FILE + 64 * 1024)
    def bring_signed() -> Response:
        sent = request.files.get("file")
        data = sent.read(FILE + 1) if sent is not None else b""
        try:
            guard.check(ENROL, travelling.authority_of(data))
            lists = travelling.kind_of(data) == offline_lists.SIGNED
            (offline_lists if lists else offline).bring(hub, data, guard.me().login)
        except Busy:
            return listed(503, wrong=keyed.BUSY, wait=5)
        except (BadInput, NotTrusted):
            return listed(409, wrong=NOT_OURS)
        if lists:
            return see(f"{following.HERE}{travelling.authority_of(data)}/?said=brought")
        return see(f"{HERE}?said=brought")


def _chosen(hub: Hub) -> Sequence[Republication]:
    """The lessons that the form names, all of collections for which the person may publish; else the request ends."""
    numbers = [
        int(one) for one in request.form.getlist("lesson")[:LESSONS] if one.isdecimal() and len(one) < 10
    ]
    with hub.database.read() as connection:
        found = [taking.get(connection, number) for number in numbers]
    for one in found:
        guard.check(PUBLISH, one.publisher.partition("/")[0])
    if len({one.publisher for one in found}) > 1:
        abort(400)
    return found


def _cost(hub: Hub, one: Republication) -> object:
    try:
        return publishing.cost(hub, publishing.travels(hub, one.arrival), one.publisher.partition("/")[0])
    except EduboxError:
        return None
