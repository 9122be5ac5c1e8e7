"""Offers that somebody carried: the same letters, signed by their boxes, out of the parts of a courier.

A letter in a courier is the very request that the box would have sent, with its signature, so it is believed as much. Its
counter is not compared: a courier comes weeks late, and taking the same offer twice changes nothing. The files go the way that
pieces go; what is not in these parts waits for others.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key
from sqlalchemy import select

from edubox.errors import MissingFile, NotTrusted
from edubox.hub.errors import BadOffer, NotEnrolled, Refused, Unauthorised
from edubox.hub.hub import Hub
from edubox.hub.intake import limits, pushes
from edubox.hub.intake.checking import ACCEPTED, Box, box_of
from edubox.hub.tables import boxes
from edubox.pack.names import check_slug
from edubox.store.layout import bundle_path, object_path
from edubox.sync import letter as letters
from edubox.sync.api import PREFIX
from edubox.sync.carried.courier_source import CourierSource, members
from edubox.sync.letter import MAX_LETTER
from edubox.sync.pushing import OFFERS, files_of
from edubox.trust.chain import public_key
from edubox.trust.requests import verify

#: Bytes of a letter with its signature, in base64; letters in one courier.
_MAX_FILE, MOST = MAX_LETTER * 2, 500


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one letter: *state* of ``pushes`` or ``missing`` (the rest is in other parts), *said* in words."""

    name: str
    state: str
    said: str = ""


def take_courier(hub: Hub, parts: Sequence[Path]) -> list[Carried]:
    """Take every offer in the *parts* of a courier; jobs look at those that are whole.

    What is wrong with one offer is told and leaves the others alone. Raises UnreadableSource, BadArchive and its kin (no
    courier), DatabaseAway, StoreAway, NoRoom.
    """
    source = CourierSource(parts)
    names = {
        one.name
        for part in parts
        for one in members(part)
        if one.name.startswith(OFFERS) and one.name.endswith(".json")
    }
    found = []
    for name in sorted(names)[:MOST]:
        slug = name.removeprefix(OFFERS).removesuffix(".json")
        try:
            check_slug(slug)
            found.append(_take(hub, source, name))
        except Refused as error:
            found.append(Carried(name, pushes.REFUSED, str(error)))
        except MissingFile:
            found.append(Carried(name, "missing", "the rest of it is in other parts: take them in too"))
        except NotTrusted as error:
            found.append(Carried(name, pushes.REFUSED, str(error)))
    return found


def _take(hub: Hub, source: CourierSource, name: str) -> Carried:
    headers, body = _signed(source.read(name, _MAX_FILE))
    box = _sender(hub, headers, body)
    begun = pushes.begin(hub, box, body)
    letter = letters.read(body)
    lacking: MissingFile | None = None
    for file in files_of(letter):
        if file.sha256 in {*begun.bundles, *begun.objects}:
            path = bundle_path(file.sha256) if file.sha256 in begun.bundles else object_path(file.sha256)
            try:
                _copy(hub, source, box, begun.id, (file.sha256, path, file.size))
            except MissingFile as error:
                lacking = error  # what else is in these parts is taken all the same
    if lacking is not None:
        raise lacking
    done = pushes.end(hub, box, begun.id)
    return Carried(name, done.state, done.reason)


def _copy(hub: Hub, source: CourierSource, box: Box, push: str, file: tuple[str, str, int]) -> None:
    """Take what of *file* (hash, path, bytes) is not here yet, in pieces."""
    sha256, path, size = file
    at = pushes.reached(hub, box, push, sha256)
    held = bytearray()
    for block in source.stream(path, at, size, size):
        held += block
        while len(held) >= limits.PIECE:
            at = pushes.take(hub, box, push, sha256, at, bytes(held[: limits.PIECE]), counted=False)
            del held[: limits.PIECE]
    if held:
        pushes.take(hub, box, push, sha256, at, bytes(held), counted=False)


def _signed(data: bytes) -> tuple[dict[str, str], bytes]:
    """The headers and the body of the request that a courier carries. Raises BadOffer."""
    try:
        value: Any = json.loads(data)
        headers, body = dict(value["headers"]), base64.b64decode(value["body"], validate=True)
        whole = value["format"] == 1 and all(
            isinstance(text, str) for pair in headers.items() for text in pair
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        whole, headers, body = False, {}, b""
    if not whole:
        raise BadOffer(reason="it cannot be read")
    return headers, body


def _sender(hub: Hub, headers: dict[str, str], body: bytes) -> Box:
    """The box that signed. Raises Unauthorised, NotEnrolled."""
    found: dict[str, Box | None] = {}

    with hub.database.read() as connection:

        def key_of(keyid: str) -> Key | None:
            row = connection.execute(select(boxes).where(boxes.c.keyid == keyid)).first()
            found["box"] = None if row is None else box_of(connection, row.local)
            return None if row is None else public_key(row.key)

        try:
            verify("POST", f"{PREFIX}pushes", "", headers, body, key_of)
        except NotTrusted as error:
            raise Unauthorised(reason=str(error.details["reason"])) from None
    box = found["box"]
    if box is None or box.state != ACCEPTED:
        raise NotEnrolled(state="unknown" if box is None else box.state)
    return box
