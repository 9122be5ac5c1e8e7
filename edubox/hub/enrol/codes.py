"""An authority's lists of one-time codes: imported from the technician's table, kept as hashes, each good for one box.

The table is what ``edubox flash codes`` writes (name, hostname, code, written), from any spreadsheet; on the desk a school
without a code gets one, which is shown once. A list that is imported again under its name brings what is new in it; a code that is
there already stays with the school that it was for. A code that was withdrawn, or is over, opens nothing; what it did open stays.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from edubox.errors import BadIdentifier, BadInput
from edubox.hub import audit
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes, code_lists, codes
from edubox.pack.names import slug
from edubox.trust.codes import hashed, new_code, understood
from edubox.trust.record import check_authority, check_label

#: Bytes of a table, and its rows: a country's schools in one list.
MAX_TABLE, MAX_ROWS = 16 * 1024 * 1024, 100_000
#: Characters of a list's name.
MAX_NAME = 200
_HEAD = ("name", "hostname", "code")
#: What schools' own spreadsheets call these columns.
_ALSO = {
    "nom": "name",
    "école": "name",
    "ecole": "name",
    "établissement": "name",
    "etablissement": "name",
    "school": "name",
}
#: What is wrong with a row, and how the command says it.
NAMELESS, SLIP, REPEATED = "nameless", "slip", "repeated"
_SAID = {NAMELESS: "it names no school", SLIP: "its code has a slip", REPEATED: "its code came before"}
#: ``codes.expires`` of a code that somebody withdrew: before every clock.
WITHDRAWN = 0
#: What became of a code.
FREE, USED, OVER = STATES = "free", "used", "over"


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with the row at *line* of a table (the first line is its head): one of NAMELESS, SLIP, REPEATED."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class Given:
    """A good row: the *school*, the second part of its id, its *code*; *made*: here, because the table had none for it."""

    line: int
    school: str
    name: str
    code: str
    made: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """How many codes came in, how many were there already, and what is wrong with other rows, in words."""

    number: int
    new: int
    known: int
    mistakes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CodeList:
    """One list of an authority. *automatic*: a box with one of its codes is accepted without a person."""

    id: int
    authority: str
    name: str
    automatic: bool
    codes: int
    used: int


def import_list(
    hub: Hub, authority: str, name: str, table: bytes, actor: str, expires: int | None = None
) -> Imported:
    """Take in the *table* (CSV) as the list *name* of *authority*; *expires*: seconds since 1970, None for never.

    Nothing is taken from a table with a wrong first line; a row with a mistake is told and left out. Raises BadInput, BadIdentifier,
    DatabaseAway.
    """
    check_authority(authority)
    check_name(name)
    rows, wrong = read_table(table)
    mistakes = [f"line {one.line}: {_SAID[one.why]}" for one in wrong]
    # Before the transaction: a thousand hashes take seconds.
    found = [(hashed(one.code), one.school, one.name) for one in rows]

    def work(connection: Connection) -> Imported:
        now = hub.now()
        here = _list_named(connection, authority, name, now)
        known: set[str] = set()
        for begin in range(0, len(found), 500):
            some = [one[0] for one in found[begin : begin + 500]]
            known |= set(connection.execute(select(codes.c.hash).where(codes.c.hash.in_(some))).scalars())
        new = [
            {"hash": one, "list": here, "school": school, "name": part, "expires": expires}
            for one, school, part in found
            if one not in known
        ]
        if new:
            connection.execute(insert(codes), new)
        audit.write(connection, now, actor, "codes.import", f"{authority}/{name}", f"{len(new)} codes")
        return Imported(here, len(new), len(found) - len(new), mistakes)

    return hub.database.change(work)


def lists(hub: Hub, authority: str | None = None) -> list[CodeList]:
    """Every list, of one *authority* or of all. Raises DatabaseAway."""
    counted = (
        select(code_lists, func.count(codes.c.hash).label("codes"), func.count(codes.c.box).label("used"))
        .select_from(code_lists.outerjoin(codes, codes.c.list == code_lists.c.id))
        .group_by(*code_lists.c)
        .order_by(code_lists.c.authority, code_lists.c.name)
    )
    if authority is not None:
        counted = counted.where(code_lists.c.authority == authority)
    with hub.database.read() as connection:
        return [
            CodeList(row.id, row.authority, row.name, bool(row.automatic), row.codes, row.used)
            for row in connection.execute(counted)
        ]


def set_automatic(hub: Hub, list_id: int, on: bool, actor: str) -> None:
    """Let boxes with a code of the list in without a person, or not any more. Raises BadInput (no such list), DatabaseAway."""

    def work(connection: Connection) -> None:
        row = connection.execute(select(code_lists).where(code_lists.c.id == list_id)).first()
        if row is None:
            raise BadInput(reason=f"there is no list of codes with the number {list_id}")
        connection.execute(update(code_lists).where(code_lists.c.id == list_id).values(automatic=int(on)))
        now = int(hub.clock().timestamp())
        word = "codes.automatic" if on else "codes.by-hand"
        audit.write(connection, now, actor, word, f"{row.authority}/{row.name}", "")

    hub.database.change(work)


def of_hash(connection: Connection, code_hash: str) -> Row[tuple[object, ...]] | None:
    """The code with that hash, with ``authority``, ``automatic`` and ``list_name`` of its list; None if nobody gave it out."""
    wanted = (
        select(codes, code_lists.c.authority, code_lists.c.automatic, code_lists.c.name.label("list_name"))
        .join(code_lists, code_lists.c.id == codes.c.list)
        .where(codes.c.hash == code_hash)
    )
    return connection.execute(wanted).first()


def check_name(name: str) -> str:
    """*name* if a list can be called so. Raises BadIdentifier, BadInput."""
    if len(check_label(name)) > MAX_NAME:
        raise BadInput(reason=f"the name of a list has at most {MAX_NAME} characters")
    return name


def read_table(table: bytes, *, make: bool = False, most: int = MAX_ROWS) -> tuple[list[Given], list[Wrong]]:
    """The good rows of a *table*, *most* at most, and what is wrong with the others; *make* a code where a row has none.

    Raises BadInput: it is no table, too large, or its first line is another one.
    """
    if len(table) > MAX_TABLE:
        raise BadInput(reason=f"a list of codes has at most {MAX_TABLE // 2**20} MiB")
    try:
        text = table.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = table.decode("cp1252", "replace")  # a spreadsheet on Windows has saved it
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(";,\t", key=first.count)
    try:
        found = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise BadInput(reason=f"the list of codes is no table: {error}") from None
    head = [_ALSO.get(cell.strip().lower(), cell.strip().lower()) for cell in found[0]] if found else []
    if "name" not in head or ("code" not in head and not make):
        raise BadInput(reason=f"the first line of a list of codes is {';'.join(_HEAD)}")
    if len(found) > most + 1:
        raise BadInput(reason=f"a list of codes has at most {most} rows")
    rows, wrong, seen = [], [], set()
    for number, row in enumerate(found[1:], start=2):
        cells = dict(zip(head, (cell.strip().replace("\0", "") for cell in row), strict=False))
        if not any(cells.values()):
            continue
        try:
            school = check_label(cells.get("name", ""))
        except BadIdentifier:
            school = ""
        made = make and not cells.get("code")
        code = new_code() if made else understood(cells.get("code", ""))
        if not school or not code or code in seen:
            wrong.append(Wrong(number, REPEATED if code in seen else SLIP if school else NAMELESS))
            continue
        seen.add(code)
        rows.append(
            Given(number, school, slug(cells.get("hostname", ""), "") or slug(school, ""), code, made)
        )
    return rows, wrong


def to_table(rows: list[Given]) -> str:
    """*rows* as ``edubox flash codes`` writes them and ``read_table`` reads them."""
    out = io.StringIO()
    written = csv.writer(out, delimiter=";", lineterminator="\n")
    written.writerow((*_HEAD, "written"))
    written.writerows((one.school, one.name, one.code, "") for one in rows)
    return out.getvalue()


def one_list(connection: Connection, number: int) -> Any | None:
    """The row of the list *number*, None if there is none."""
    return connection.execute(select(code_lists).where(code_lists.c.id == number)).first()


def one_code(connection: Connection, number: int, code_hash: str) -> Any | None:
    """The row of the code *code_hash* of the list *number*, None if there is none."""
    return connection.execute(select(codes).where(codes.c.hash == code_hash, codes.c.list == number)).first()


def page_of(
    connection: Connection, number: int, state: str, sought: str, now: int, limit: int, offset: int
) -> tuple[int, list[Any]]:
    """How many codes of the list *number* are in *state* (any if it is none of STATES) and for a school called like *sought*; some of them.

    Each with ``publisher`` and ``label`` of the box that used it, None before.
    """
    total = (
        connection.scalar(_of_list(select(func.count()).select_from(codes), number, state, sought, now)) or 0
    )
    wanted = select(codes, boxes.c.publisher, boxes.c.label).select_from(
        codes.outerjoin(boxes, boxes.c.id == codes.c.box)
    )
    rows = connection.execute(
        _of_list(wanted, number, state, sought, now)
        .order_by(codes.c.school, codes.c.hash)
        .limit(limit)
        .offset(offset)
    )
    return total, list(rows)


def count(connection: Connection, number: int, now: int) -> dict[str, int]:
    """How many codes of the list *number* are in each of STATES."""
    return {
        state: connection.scalar(_of_list(select(func.count()).select_from(codes), number, state, "", now))
        or 0
        for state in STATES
    }


def withdraw(hub: Hub, number: int, code_hash: str, actor: str) -> bool:
    """Let the code *code_hash* of the list *number* open nothing any more; False if it was used, or is over. Raises DatabaseAway."""

    def work(connection: Connection) -> bool:
        here, now = one_list(connection, number), hub.now()
        mine = (codes.c.hash == code_hash) & (codes.c.list == number) & _is(FREE, now)
        row = connection.execute(select(codes).where(mine)).first()
        if here is None or row is None:
            return False
        connection.execute(update(codes).where(mine).values(expires=WITHDRAWN))
        audit.write(
            connection, now, actor, "codes.withdraw", f"{here.authority}/{here.name}"[:200], row.school
        )
        return True

    return hub.database.change(work)


def another(
    hub: Hub, authority: str, name: str, school: str, part: str, actor: str, days: int, instead_of: str = ""
) -> str:
    """A new code for one *school*, good for *days* (0: for ever), on the list *name*; *instead_of*: the hash of one that is withdrawn with it.

    *part* is the second part of the school's id. The code is returned and kept nowhere. Raises BadIdentifier, DatabaseAway.
    """
    check_authority(authority)
    check_label(school)
    code = new_code()
    secret = hashed(code)

    def work(connection: Connection) -> None:
        now = hub.now()
        here = _list_named(connection, authority, name, now)
        if instead_of:
            old = (codes.c.hash == instead_of) & (codes.c.list == here) & _is(FREE, now)
            connection.execute(update(codes).where(old).values(expires=WITHDRAWN))
        connection.execute(
            insert(codes).values(
                hash=secret,
                list=here,
                school=school,
                name=part,
                expires=now + days * 86_400 if days else None,
            )
        )
        audit.write(connection, now, actor, "codes.one", f"{authority}/{part}", school)

    hub.database.change(work)
    return code


def _of_list(query: Select[Any], number: int, state: str, sought: str, now: int) -> Select[Any]:
    query = query.where(codes.c.list == number)
    if state in STATES:
        query = query.where(_is(state, now))
    for word in sought.lower().split()[:5]:
        query = query.where(func.lower(codes.c.school).contains(word, autoescape=True))
    return query


def _is(state: str, now: int) -> Any:
    over = codes.c.expires.is_not(None) & (codes.c.expires < now)
    return (
        codes.c.box.is_not(None)
        if state == USED
        else codes.c.box.is_(None) & (over if state == OVER else ~over)
    )


def _list_named(connection: Connection, authority: str, name: str, now: int) -> int:
    """The number of the list *name* of *authority*, made if it is not there."""
    here = connection.execute(
        select(code_lists.c.id).where(code_lists.c.authority == authority, code_lists.c.name == name)
    ).scalar()
    if here is not None:
        return int(here)
    made = {"authority": authority, "name": name, "imported": now, "automatic": 0}
    added = connection.execute(insert(code_lists).values(**made))
    return int(added.inserted_primary_key[0])  # type: ignore[index]
