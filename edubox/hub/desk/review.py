"""Lessons that schools offered: what waits, and one of them with all that helps to decide.

The lesson itself runs in a frame of another origin (``review.site``), which has nothing to steal. Beside it stand what the
checks said, what changed since the last version, where else it is, and the history. Words for the teacher are asked for where
the lesson is not simply taken.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request
from sqlalchemy import Connection

from edubox.errors import BadIdentifier, BadManifest, EduboxError
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import PUBLISH, READ, REVIEW
from edubox.hub.desk import frame, guard, moments, publishing
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs
from edubox.hub.desk.words import translations
from edubox.hub.errors import NotPossible
from edubox.hub.hub import Hub
from edubox.hub.review import accept as taking
from edubox.hub.review import arrivals, looking, site
from edubox.hub.review.arrivals import ACCEPTED, REFUSED, RETURNED, UNDER_WAY, Arrival
from edubox.pages.notices import sentence

HERE = f"{HOME}relecture/"
A_PAGE = 50
#: Files that are listed one by one when they changed.
FILES = 30


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


STATE_WORDS = {
    "received": _("new"), "review": _("being looked at"), "accepted": _("accepted"), "returned": _("changes asked for"),
    "refused": _("refused"), "replaced": _("replaced by a newer version"), "withdrawn": _("taken back by its teacher"),
}  # fmt: skip
#: Lists of the room: name, states, words.
LISTS = (
    ("", UNDER_WAY, _("waiting")), ("rendues", (RETURNED,), _("changes asked for")), ("acceptees", (ACCEPTED,), _("accepted")),
    ("refusees", (REFUSED,), _("refused")), ("toutes", (), _("all")),
)  # fmt: skip
WHAT_WORDS = {
    "arrived": _("arrived"), "assigned": _("is looked at by"), "remark": _("remark"), "returned": _("changes asked for"), "accepted": _("accepted"),
    "refused": _("refused"), "published": _("made public"), "failed": _("could not be made public"), "replaced": _("replaced"),
    "withdrawn": _("taken back"), "recalled": _("recalled"),
}  # fmt: skip
KEY_WORDS = {
    "at hand": _("made public at once"), "wrapped": _("made public when somebody gives the passphrase"),
    "elsewhere": _("made public when its key comes"),
}  # fmt: skip
WHERE_WORDS = {
    "waiting": _("waits for its key"), "queued": _("is being made public"), "published": _("public"), "failed": _("could not be made public"),
}  # fmt: skip
#: How many boxes in a thousand get a lesson first, and after how many days all do.
FIRST = (
    (1000, _("everybody at once")),
    (10, _("1 box in 100 first")),
    (50, _("5 boxes in 100 first")),
    (200, _("20 boxes in 100 first")),
)
REST = (1, 2, 3, 7, 14)
ODD_TIME = _("This day and hour cannot be read. Leave it empty, or choose it again.")
NOT_PUBLIC = _("The lesson is accepted, and not public yet: see below what is missing.")
NO_WORDS = _("Say it in words: the teacher reads them.")
NOT_NOW = _("This cannot be done now: somebody decided already, or a newer version came. Look at it again.")
ODD_NAME = _(
    "This name cannot be taken: another lesson has it, or it has other signs than small letters, digits and hyphens."
)
SAID = {
    "taken": _("You look at it now; others see that."), "remarked": _("The remark was kept. Colleagues read it, the school does not."),
    "returned": _("The teacher reads your words when the school’s box asks next."), "refused": _("Refused. The teacher reads your words when the school’s box asks next."),
    "accepted": _("Accepted. See below when it is public."),
    "published": _("Accepted and public. Boxes get it with their next synchronisation."),
    "later": _("The passphrase was taken, and the work goes on. Load this page again in a minute."),
}  # fmt: skip


def review_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    @desk.get("/relecture/")
    def review() -> Response:
        me, chosen = guard.me(), guard.asked("liste")
        name, states, _words = next((one for one in LISTS if one[0] == chosen), LISTS[0])
        mine = me.login if "miennes" in request.args else None
        number = guard.page_asked()
        with hub.database.read() as connection:
            total = arrivals.count(connection, me.authority, states, mine)
            found = arrivals.listed(connection, me.authority, states, mine, A_PAGE, (number - 1) * A_PAGE)
        rest = {"liste": name} if name else {}
        return show(
            hub, "review", "reviews.html", found=found, total=total, name=name, lists=LISTS, state_words=STATE_WORDS, mine=mine, now=hub.now(),
            number=number, pages=-(-total // A_PAGE), at=lambda page: f"{HERE}?{urlencode(rest | {'page': page})}",
            able=roles.somewhere(me, REVIEW),
        )  # fmt: skip

    @desk.get("/relecture/<int:number>/")
    def arrival(number: int) -> Response:
        return one(_read(hub, number, READ), said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/relecture/<int:number>/prendre/")
    @needs(REVIEW)
    def take(number: int) -> Response:
        me = guard.me()
        return change(
            number,
            "taken",
            lambda connection: arrivals.assign(connection, number, me.login, me.login, hub.now()),
        )

    @desk.post("/relecture/<int:number>/remarque/")
    @needs(REVIEW)
    def remark(number: int) -> Response:
        words = field("words", arrivals.WORDS)
        return change(
            number,
            "remarked",
            lambda connection: arrivals.remark(connection, number, guard.me().login, words, hub.now()),
        )

    @desk.post("/relecture/<int:number>/rendre/")
    @needs(REVIEW)
    def give_back(number: int) -> Response:
        words = field("words", arrivals.WORDS)
        return change(
            number,
            "returned",
            lambda connection: arrivals.give_back(connection, number, guard.me().login, words, hub.now()),
        )

    @desk.post("/relecture/<int:number>/refuser/")
    @needs(REVIEW)
    def refuse_lesson(number: int) -> Response:
        words = field("words", arrivals.WORDS)
        return change(
            number,
            "refused",
            lambda connection: arrivals.refuse(connection, number, guard.me().login, words, hub.now()),
        )

    @desk.post("/relecture/<int:number>/accepter/")
    @needs(REVIEW)
    def accept_lesson(number: int) -> Response:
        found = _read(hub, number, REVIEW)
        collection = field("collection", 130)
        guard.check(REVIEW, collection.partition("/")[0])
        try:
            made = taking.accept(
                hub,
                number,
                guard.me().login,
                collection,
                field("slug", 63).strip(),
                field("words", arrivals.WORDS),
                field("author", 500),
                _plan(hub),
            )
        except (BadManifest, ValueError):
            return one(found, 400, wrong=ODD_TIME)
        except BadIdentifier:
            return one(found, 400, wrong=ODD_NAME)
        except NotPossible:
            return one(
                _read(hub, number, REVIEW), 409, wrong=NOT_NOW if found.state not in UNDER_WAY else ODD_NAME
            )
        if not field("passphrase", 800) or not roles.may(guard.me(), PUBLISH, collection.partition("/")[0]):
            return see(f"{HERE}{number}/?said=accepted")
        return published(number, [made])

    @desk.post("/relecture/<int:number>/publier/")
    @needs(PUBLISH)
    def publish_lesson(number: int) -> Response:
        """Make what was accepted public, with the passphrase of its collection's key."""
        found = _read(hub, number, READ)
        with hub.database.read() as connection:
            lines = [
                each for each in taking.of_arrival(connection, number) if str(each.id) == field("line", 10)
            ]
        for each in lines:
            guard.check(PUBLISH, each.publisher.partition("/")[0])
        if not lines:
            return one(found, 409, wrong=NOT_NOW)
        return published(number, lines)

    def published(number: int, lines: list[taking.Republication]) -> Response:
        done = publishing.publish(hub, lines)
        if done.wrong:
            answer = one(_read(hub, number, READ), done.status, wrong=done.wrong)
            if done.wait:
                answer.headers["Retry-After"] = str(done.wait)
            return answer
        if done.later:
            return see(f"{HERE}{number}/?said=later")
        with hub.database.read() as connection:
            states = {taking.get(connection, each.id).state for each in lines}
        if states != {taking.PUBLISHED}:
            return one(_read(hub, number, READ), 409, wrong=NOT_PUBLIC)
        return see(f"{HERE}{number}/?said=published")

    def change(number: int, said: str, work: Callable[[Connection], Any]) -> Response:
        _read(hub, number, REVIEW)
        try:
            hub.database.change(work)
        except NotPossible:
            empty = "words" in request.form and not field("words").strip()
            return one(
                _read(hub, number, REVIEW), 400 if empty else 409, wrong=NO_WORDS if empty else NOT_NOW
            )
        return see(f"{HERE}{number}/?said={said}")

    def one(found: Arrival, status: int = 200, said: str = "", wrong: str = "") -> Response:
        me, words = guard.me(), translations(frame.language())
        with hub.database.read() as connection:
            history = arrivals.history(connection, found.id)
            told = [sentence(notice, words) for notice in looking.notices(connection, found.id)]
            before = looking.previous(connection, found)
            where = taking.of_arrival(connection, found.id)
            alike = looking.duplicates(hub, connection, found)
        able = roles.may(me, REVIEW, found.authority)
        origin = frame.lesson_origin(hub, request.host)
        collections = [
            each for each in taking.collections(hub) if able and roles.may(me, REVIEW, each.authority)
        ]
        size = publishing.travels(hub, found.id) if able and found.state in UNDER_WAY else 0
        # The widest first: it is the one that is read, the others are looked up.
        costs = sorted(
            (
                (each, publishing.cost(hub, size, each))
                for each in {one.authority for one in collections}
                if size
            ),
            key=lambda pair: (-pair[1].boxes, pair[0]),
        )
        return show(
            hub, "review", "review.html", status, travels=size, costs=costs, first=FIRST, rest=REST, zone=str(moments.zone(hub)), taking=taking,
            when=lambda moment: moments.said(hub, moment, frame.language()), keys={one.id: one.key for one in taking.collections(hub)},
            may_publish=lambda authority: roles.may(me, PUBLISH, authority), given={name: field(name) for name in ("not_before", "first", "days")},
            one=found, said=said, wrong=wrong, history=history, told=[each for each in told if each],
            before=before, changes=_changes(hub, found, before), files=FILES, where=where, alike=alike, able=able, collections=collections,
            credit=taking.credit_of(found), data=str(hub.data.absolute()), under_way=found.state in UNDER_WAY, now=hub.now(), state_words=STATE_WORDS, what_words=WHAT_WORDS,
            key_words=KEY_WORDS, where_words=WHERE_WORDS, may_see=lambda authority: roles.may(me, READ, authority),
            shown=f"{origin}{site.address(hub, found.id)}{frame.language()}/",
        )  # fmt: skip


def _plan(hub: Hub) -> taking.Plan:
    """When the lesson reaches whom, as the form says. Raises ValueError."""
    first, days = field("first", 4), field("days", 3)
    permille = int(first) if first.isdecimal() and int(first) in dict(FIRST) else FIRST[0][0]
    pause = int(days) if days.isdecimal() and int(days) in REST else REST[1]
    return taking.Plan(
        moments.read(hub, field("not_before", 20)), permille, pause if permille < FIRST[0][0] else 0
    )


def _read(hub: Hub, number: int, action: str) -> Arrival:
    """The arrival *number*, if who asks may do *action* about it. Raises GoneLesson."""
    with hub.database.read() as connection:
        found = arrivals.get(connection, number)
    guard.check(action, found.authority)
    return found


def _changes(hub: Hub, found: Arrival, before: Arrival | None) -> looking.Changes | None:
    """What changed; None when the files cannot be compared now."""
    try:
        return looking.changes(hub, found, before)
    except EduboxError:
        return None
