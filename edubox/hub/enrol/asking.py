"""What a box sends to be enrolled, read as what a stranger wrote; and what becomes of it.

A request is one JSON object: the chain of the box's roots, the name that the school gave itself, a code, and which authority and
name it would like. It is signed with the key that the last root names, so it proves that the sender writes that repository and
nothing else. Only with a good code a box gets into the queue: without one, nothing of the sender is kept. Asking again gets the
same answer, also when the request comes by courier, weeks late. A chain that is longer than the known one is a school that
went on after a lost card: its new key counts from now on.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from securesystemslib.signer import Key
from sqlalchemy import Connection, insert, select, update

from edubox.errors import BadIdentifier, EduboxError, NotTrusted
from edubox.hub import audit
from edubox.hub.enrol import codes, deciding, signing
from edubox.hub.enrol.limits import Limit
from edubox.hub.errors import (
    ExpiredCode,
    ForkedKeys,
    HostileLabel,
    Malformed,
    NoCode,
    OlderKey,
    OtherAuthority,
    Unauthorised,
    UnknownCode,
    UsedCode,
    WrongCode,
)
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes as table
from edubox.hub.tables import codes as code_table
from edubox.pack.names import slug
from edubox.trust import requests
from edubox.trust.chain import Chain, read_chain
from edubox.trust.codes import hashed, understood
from edubox.trust.record import check_authority, check_label

#: Bytes of a request: 64 roots of 2 kB.
MAX_REQUEST = 256 * 1024
MAX_LABEL = 200
#: States of a box.
ASKED, ACCEPTED, REFUSED, SUSPENDED, REPLACED = "asked", "accepted", "refused", "suspended", "replaced"
#: Seconds after which a box asks again: while somebody has to look at it, and when all is said.
POLL_ASKED, POLL_SAID = 6 * 3600, 7 * 86_400
KIND = "school"
_FIELDS = {"format", "roots", "label", "kind", "code", "authority", "name"}
#: Letters that would turn the text around them, or hide.
_HIDDEN = {
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0x200B,
    0x200E,
    0x200F,
    0x2060,
    0xFEFF,
    0xAD,
    0x061C,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, read and checked as far as that goes without the hub's own knowledge."""

    roots: tuple[bytes, ...]
    chain: Chain
    label: str
    code: str
    authority: str
    name: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a box is told. *id* is its name in the directory, once it was accepted; *poll* are seconds."""

    state: str
    id: str
    reason: str
    poll: int
    label: str = ""

    def to_json(self) -> dict[str, Any]:
        """As it goes over the line."""
        return {"state": self.state, "id": self.id, "reason": self.reason, "poll": self.poll}


#: Gives the signature of a request when it is told which key belongs to a key id; raises NotTrusted.
Prove = Callable[[Callable[[str], Key | None]], requests.Signed]


def ask(hub: Hub, body: bytes, prove: Prove, address_class: str, limit: Limit, side: str) -> Reply:
    """Hear the box that sent *body*; *side* says for *limit* where from, and is kept nowhere.

    Raises Refused and its kin, DatabaseAway.
    """
    asked = read(body)
    try:
        signed = prove(lambda keyid: asked.chain.writer if keyid == asked.chain.writer.keyid else None)
    except NotTrusted as error:
        raise Unauthorised(reason=error.details["reason"]) from None
    now = int(hub.clock().timestamp())
    try:
        reply, automatic = hub.database.change(
            lambda connection: _hear(connection, asked, signed, address_class, now)
        )
    except (UnknownCode, WrongCode):
        # Counted by itself: what was asked for left nothing.
        limit.count(side)
        raise
    except ForkedKeys:
        # The first chain stays. Only who holds the school's root key comes so far, and a person must hear of it.
        subject = asked.chain.local
        hub.database.change(
            lambda connection: audit.write(
                connection, now, f"box:{subject}", "enrol.fork", subject, asked.chain.sha256
            )
        )
        raise
    if automatic is None:
        return reply
    row, said = automatic
    try:
        deciding.accept(hub, [row], said)
    except EduboxError:
        return reply  # a person looks: its name is taken, say
    with hub.database.read() as connection:
        return reply_of(connection.execute(select(table).where(table.c.id == row)).one())


def read(body: bytes) -> Asked:
    """The request in *body*. Raises Malformed, HostileLabel, Unauthorised (its roots are no chain)."""
    if len(body) > MAX_REQUEST:
        raise Malformed(reason=f"it is larger than {MAX_REQUEST} bytes")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed(reason="it is no JSON") from None
    if (
        not isinstance(value, dict)
        or value.keys() != _FIELDS
        or value["format"] != 1
        or value["kind"] != KIND
    ):
        raise Malformed(reason="it has other fields than a request to be enrolled, or another format")
    texts = [value[key] for key in ("label", "code", "authority", "name")]
    roots = value["roots"]
    if not all(isinstance(text, str) for text in texts) or not isinstance(roots, list):
        raise Malformed(reason="a field has the wrong type")
    try:
        files = tuple(base64.b64decode(one, validate=True) for one in roots if isinstance(one, str))
        chain = read_chain(files if len(files) == len(roots) else ())
        if value["authority"]:
            check_authority(value["authority"])
    except BadIdentifier as error:
        raise Malformed(reason=str(error)) from None
    except ValueError:
        raise Malformed(reason="its roots are not in base64") from None
    except NotTrusted as error:
        raise Unauthorised(reason=error.details["reason"]) from None
    return Asked(
        files, chain, _label(value["label"]), value["code"][:100], value["authority"], slug(value["name"], "")
    )


def _label(label: str) -> str:
    try:
        check_label(label)
    except BadIdentifier:
        raise HostileLabel(reason="use one line without signs that nobody sees") from None
    if len(label) > MAX_LABEL:
        raise HostileLabel(reason=f"at most {MAX_LABEL} characters")
    if any(ord(letter) in _HIDDEN for letter in label):
        raise HostileLabel(reason="it holds signs that nobody sees, or that turn the text around")
    return label.strip()


def _hear(
    connection: Connection, asked: Asked, signed: requests.Signed, address_class: str, now: int
) -> tuple[Reply, tuple[int, str] | None]:  # fmt: skip
    """The answer; and, where a list is automatic, the row to accept and on whose word."""
    row = connection.execute(select(table).where(table.c.local == asked.chain.local)).first()
    if row is None:
        return _new(connection, asked, signed, address_class, now)
    version = asked.chain.version
    if version < row.root_version:
        raise OlderKey
    if hashlib.sha256(asked.roots[row.root_version - 1]).hexdigest() != row.root_sha256:
        raise ForkedKeys
    if version > row.root_version:
        _new_key(connection, row, asked, signed, now)
    elif signed.counter > row.counter:
        used = {"counter": signed.counter, "signature": signed.signature.hex()}
        connection.execute(update(table).where(table.c.id == row.id).values(**used))
    if row.state == REFUSED and asked.code:
        return _again(connection, row, asked, now)
    return reply_of(row), None


def _new(
    connection: Connection, asked: Asked, signed: requests.Signed, address_class: str, now: int
) -> tuple[Reply, tuple[int, str] | None]:  # fmt: skip
    code = _good_code(connection, asked, now)
    if connection.execute(select(table.c.id).where(table.c.keyid == signed.keyid)).first() is not None:
        raise ForkedKeys
    values = {
        "local": asked.chain.local, "publisher": "", "state": ASKED, "authority": code.authority,
        "wanted": code.name or asked.name or slug(code.school, "school"), "label": asked.label, "kind": KIND, "school": code.school, "reason": "",
        "asked": now, "decided": None, "decided_by": "", "address_class": address_class,
        "counter": signed.counter, "signature": signed.signature.hex(), "epoch": 1,
        "moved_from": "",
    } | _keys(asked)  # fmt: skip
    added = connection.execute(insert(table).values(**values))
    row = int(added.inserted_primary_key[0])  # type: ignore[index]
    connection.execute(update(code_table).where(code_table.c.hash == code.hash).values(box=row, used=now))
    audit.write(
        connection,
        now,
        f"box:{asked.chain.local}",
        "enrol.ask",
        f"{code.authority}/{values['wanted']}",
        code.school,
    )
    return Reply(ASKED, "", "", POLL_ASKED), _automatic(row, code)


def _again(connection: Connection, row: Any, asked: Asked, now: int) -> tuple[Reply, tuple[int, str] | None]:
    """A box that was refused shows another code: it is looked at again. With the same one it stays refused."""
    spelled = understood(asked.code)
    if spelled:
        used = connection.execute(
            select(code_table.c.box).where(code_table.c.hash == hashed(spelled))
        ).scalar()
        if used == row.id:
            return reply_of(row), None
    code = _good_code(connection, asked, now)
    values = {
        "state": ASKED, "authority": code.authority, "wanted": code.name or row.wanted, "label": asked.label,
        "school": code.school, "reason": "", "asked": now, "decided": None, "decided_by": "",
    }  # fmt: skip
    connection.execute(update(table).where(table.c.id == row.id).values(**values))
    connection.execute(update(code_table).where(code_table.c.hash == code.hash).values(box=row.id, used=now))
    audit.write(
        connection, now, f"box:{row.local}", "enrol.ask", f"{code.authority}/{values['wanted']}", code.school
    )
    return Reply(ASKED, "", "", POLL_ASKED), _automatic(row.id, code)


def _automatic(row: int, code: Any) -> tuple[int, str] | None:
    return (row, f"list:{code.authority}/{code.list_name}"[:200]) if code.automatic else None


def _good_code(connection: Connection, asked: Asked, now: int) -> Any:
    """The code that lets this box in. Only wrong ones count against a side, so a school behind the same address gets in."""
    if not asked.code:
        raise NoCode
    spelled = understood(asked.code)
    code = codes.of_hash(connection, hashed(spelled)) if spelled else None
    if code is None:
        raise UnknownCode if spelled else WrongCode
    if code.box is not None:
        raise UsedCode
    if code.expires is not None and code.expires < now:
        raise ExpiredCode
    if asked.authority not in {"", code.authority}:
        raise OtherAuthority(authority=asked.authority)
    return code


def _keys(asked: Asked) -> dict[str, Any]:
    chain = asked.chain
    return {
        "keyid": chain.writer.keyid, "key": chain.writer.keyval["public"], "root_version": chain.version,
        "root_sha256": chain.sha256, "roots": json.dumps([base64.b64encode(one).decode("ascii") for one in asked.roots]),
    }  # fmt: skip


def _new_key(connection: Connection, row: Any, asked: Asked, signed: requests.Signed, now: int) -> None:
    """The school went on after a lost card, by its recovery code: the directory will begin at its new root."""
    other = select(table.c.id).where(table.c.keyid == signed.keyid, table.c.id != row.id)
    if connection.execute(other).first() is not None:
        raise ForkedKeys
    values = _keys(asked) | {"counter": signed.counter, "signature": signed.signature.hex()}
    connection.execute(update(table).where(table.c.id == row.id).values(**values))
    audit.write(
        connection, now, f"box:{row.local}", "enrol.new-key", row.publisher or row.local, signed.keyid[:16]
    )
    if row.state == ACCEPTED:
        fresh = connection.execute(select(table).where(table.c.id == row.id)).one()
        signing.put(connection, signing.record_of(fresh), "new-key", now, f"box:{row.publisher}")


def reply_of(row: Any) -> Reply:
    """What the box of *row* (of ``boxes``) is told."""
    poll = POLL_ASKED if row.state == ASKED else POLL_SAID
    state = row.state if row.state in {ASKED, ACCEPTED, REFUSED} else REFUSED
    reason = row.reason or ({SUSPENDED: "suspended", REPLACED: "replaced"}.get(row.state, ""))
    return Reply(state, row.publisher if row.state == ACCEPTED else "", reason, poll)
