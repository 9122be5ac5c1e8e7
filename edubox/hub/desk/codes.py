"""Lists of schools and their one-time codes: a table comes in, is looked at line by line, and goes out as sheets that are cut up.

The hub keeps no code, only what it knows one by. So the sheet is shown once, right after the list was taken in; between the look and
the yes the codes travel in the page itself. Whoever lost a sheet withdraws the code and makes another one.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, request

from edubox.errors import BadIdentifier, BadInput
from edubox.hub.accounts import roles
from edubox.hub.accounts.roles import ENROL, READ
from edubox.hub.desk import guard
from edubox.hub.desk.door import see
from edubox.hub.desk.frame import show
from edubox.hub.desk.guard import HOME, field, needs, takes
from edubox.hub.enrol import codes as room
from edubox.hub.enrol.codes import FREE, OVER, USED, Given
from edubox.hub.hub import Hub
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch

HERE = f"{HOME}codes/"
#: Bytes of a form with a table, and its rows; larger lists come in by command.
TABLE, ROWS = 1024 * 1024, 5000
A_PAGE = 50
#: Rows and mistakes that are shown before a yes.
SHOWN, MISTAKES = 20, 100
#: For how long codes can be good, days; 0 for ever.
DAYS = (30, 90, 365, 0)
DAY = 86_400


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


STATE_WORDS = {FREE: _("not used yet"), USED: _("used"), OVER: _("withdrawn or over")}
WHY = {
    room.NAMELESS: _("It names no school."),
    room.SLIP: _("Its code has a typing error: one character is wrong, or two were swapped."),
    room.REPEATED: _("Its code stands in a line above already."),
}
NO_TABLE = _(
    "This is no table with a column “name” in its first line. Save it as CSV from your spreadsheet, and try again."
)
TOO_LONG = _(
    "This table has more than 5,000 schools, or more than a megabyte. Divide it, or ask whoever runs the hub."
)
NO_NAME = _("Give the list a name of one line, such as “Rentrée 2026”.")
NO_ACADEMY = _("Choose the academy whose schools these are.")
EMPTY = _("There is no school in this table that can be taken. Look at the lines below.")
SAID = {
    "withdrawn": _("Withdrawn. This code opens nothing any more."),
    "automatic": _("From now on boxes with a code of this list wait for nobody."),
    "by-hand": _("From now on a person looks at each box of this list."),
}
GONE = _("This code was used already, or is over.")


def code_pages(desk: Blueprint, hub: Hub) -> None:
    """Add the pages to *desk*."""

    def all_lists(status: int = 200, wrong: str = "", mistakes: list[room.Wrong] | None = None) -> Response:
        me = guard.me()
        found = room.lists(hub, me.authority or None)
        given = {name: field(name) for name in ("name", "academy", "days")}
        number = guard.page_asked()
        return show(
            hub, "enrolments", "codes.html", status, lists=found[(number - 1) * A_PAGE : number * A_PAGE], wrong=wrong, given=given,
            able=roles.somewhere(me, ENROL), academies=academies(hub, me.authority), days=DAYS, mistakes=(mistakes or [])[:MISTAKES], why=WHY,
            number=number, pages=-(-len(found) // A_PAGE), at=lambda page: f"{HERE}?page={page}",
        )  # fmt: skip

    @desk.get("/codes/")
    def code_lists() -> Response:
        return all_lists()

    @desk.post("/codes/")
    @needs(ENROL)
    @takes(TABLE + 64 * 1024)
    def look_at_list() -> Response:
        authority, days = _academy(hub), _days()
        sent = request.files.get("table")
        table = sent.read(TABLE + 1) if sent is not None else b""
        try:
            room.check_name(field("name").strip())
        except (BadIdentifier, BadInput):
            return all_lists(400, NO_NAME)
        if not authority:
            return all_lists(400, NO_ACADEMY)
        if len(table) > TABLE:
            return all_lists(400, TOO_LONG)
        try:
            rows, mistakes = room.read_table(table, make=True, most=ROWS)
        except BadInput as error:
            return all_lists(400, TOO_LONG if f"{ROWS} rows" in str(error) else NO_TABLE)
        if not rows:
            return all_lists(400, EMPTY, mistakes)
        return show(
            hub, "enrolments", "codes_look.html", rows=rows[:SHOWN], total=len(rows), made=sum(one.made for one in rows),
            mistakes=mistakes[:MISTAKES], wrong_ones=len(mistakes), why=WHY, twins=_twins(rows), table=room.to_table(rows), name=field("name").strip(),
            authority=authority, days=days,
        )  # fmt: skip

    @desk.post("/codes/prendre/")
    @needs(ENROL)
    @takes(2 * TABLE)
    def take_list() -> Response:
        authority, days, name = _academy(hub), _days(), field("name").strip()
        if not authority:
            return all_lists(400, NO_ACADEMY)
        table = request.form.get("table", "").encode()
        expires = hub.now() + days * DAY if days else None
        try:
            rows, mistakes = room.read_table(table, most=ROWS)
            done = room.import_list(hub, authority, name, table, guard.me().login, expires)
        except (BadInput, BadIdentifier):
            return all_lists(400, NO_TABLE)
        del mistakes
        return sheet(rows, name, authority, days, done.number, known=done.known)

    @desk.post("/codes/table/")
    @needs(ENROL)
    @takes(2 * TABLE)
    def table_of_codes() -> Response:
        # What the page before carries comes back as a file: nothing is read, nothing is kept.
        try:
            rows, _mistakes = room.read_table(request.form.get("table", "").encode(), most=ROWS)
        except BadInput:
            return all_lists(400, NO_TABLE)
        answer = Response("\ufeff" + room.to_table(rows), mimetype="text/csv")
        answer.headers["Content-Disposition"] = 'attachment; filename="codes.csv"'
        return answer

    def sheet(
        rows: list[Given], name: str, authority: str, days: int, number: int, known: int = 0
    ) -> Response:
        return show(
            hub, "enrolments", "codes_sheet.html", rows=rows, name=name, authority=authority, days=days, number=number, known=known,
            until=hub.now() + days * DAY if days else 0, table=room.to_table(rows), back="",
        )  # fmt: skip

    def one(number: int, action: str) -> Any:
        with hub.database.read() as connection:
            found = room.one_list(connection, number)
        if found is None:
            abort(404)
        guard.check(action, found.authority)
        return found

    def of_list(found: Any, status: int = 200, said: str = "", wrong: str = "") -> Response:
        sought, state, number = guard.asked("q"), guard.asked("etat"), guard.page_asked()
        with hub.database.read() as connection:
            total, rows = room.page_of(
                connection, found.id, state, sought, hub.now(), A_PAGE, (number - 1) * A_PAGE
            )
            counts = room.count(connection, found.id, hub.now())
        kept = {name: value for name, value in {"q": sought, "etat": state}.items() if value}
        return show(
            hub, "enrolments", "codes_list.html", status, one=found, rows=rows, total=total, counts=counts, sought=sought, state=state, number=number,
            pages=-(-total // A_PAGE), at=lambda page: f"{HERE}{found.id}/?{urlencode(kept | {'page': page})}", states=room.STATES,
            state_words=STATE_WORDS, said=said, wrong=wrong, now=hub.now(), able=roles.may(guard.me(), ENROL, found.authority), free=FREE,
        )  # fmt: skip

    @desk.get("/codes/<int:number>/")
    def code_list(number: int) -> Response:
        return of_list(one(number, READ), said=SAID.get(request.args.get("said", ""), ""))

    @desk.post("/codes/<int:number>/retirer/")
    @needs(ENROL)
    def withdraw_code(number: int) -> Response:
        found = one(number, ENROL)
        if not room.withdraw(hub, number, field("code", 64), guard.me().login):
            return of_list(found, 409, wrong=GONE)
        return see(f"{HERE}{number}/?said=withdrawn")

    @desk.post("/codes/<int:number>/autre/")
    @needs(ENROL)
    def another_code_of(number: int) -> Response:
        found = one(number, ENROL)
        with hub.database.read() as connection:
            row = room.one_code(connection, number, field("code", 64))
        if row is None or row.box is not None:
            return of_list(found, 409, wrong=GONE)
        days = 0 if row.expires is None else max(DAYS[0], -(-(row.expires - hub.now()) // DAY))
        made = room.another(
            hub, found.authority, found.name, row.school, row.name, guard.me().login, days, row.hash
        )
        return sheet(
            [Given(0, row.school, row.name, made, made=True)], found.name, found.authority, days, number
        )

    @desk.post("/codes/<int:number>/automatique/")
    @needs(ENROL)
    def automatic_list(number: int) -> Response:
        one(number, ENROL)
        on = field("on", 3) == "yes"
        room.set_automatic(hub, number, on, guard.me().login)
        return see(f"{HERE}{number}/?said={'automatic' if on else 'by-hand'}")


def academies(hub: Hub, own: str = "") -> list[str]:
    """The authorities of the directory that somebody works for: *own* alone, or all. Raises NotTrusted."""
    return [own] if own else sorted(Directory(FolderFetch(hub.mirror)).authorities())


def _academy(hub: Hub) -> str:
    """The academy that the form names, if the person may enrol there; empty if it names none that exists."""
    me, given = guard.me(), field("academy", 63)
    wanted = me.authority or given
    if given:
        guard.check(ENROL, given)
    return wanted if wanted in academies(hub, me.authority) else ""


def _days() -> int:
    given = field("days", 4)
    return int(given) if given.isdecimal() and int(given) in DAYS else DAYS[1]


def _twins(rows: list[Given]) -> list[tuple[Given, Given]]:
    """Pairs of rows that would have the same name in the directory: the second school could not be accepted under it."""
    known: dict[str, Given] = {}
    pairs = []
    for one in rows:
        first = known.setdefault(one.name, one)
        if first is not one:
            pairs.append((first, one))
    return pairs[:MISTAKES]
