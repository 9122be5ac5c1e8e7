"""The door for boxes that offer lessons: ``/api/1/pushes``, ``blobs`` and ``offers`` (``docs/formats/push.md``).

Each request is signed by the box (``enrol.boxes``); here it is only taken apart and given to ``pushes``. Errors are raised as
they are: the application answers with their status, code and sentence.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from edubox.hub.enrol.boxes import Box, signed_box
from edubox.hub.errors import BadOffer
from edubox.hub.hub import Hub
from edubox.hub.intake import limits, pushes
from edubox.hub.review import arrivals
from edubox.pack.names import check_slug, is_sha256
from edubox.sync.letter import MAX_LETTER

#: The header that tells how many bytes of a file are here.
OFFSET = "Upload-Offset"
_DIGITS = 14


def blueprint(hub: Hub) -> Blueprint:
    """The routes, below the application's ``/api/1``: register it with ``url_prefix="/api/1"``."""
    intake = Blueprint("intake", __name__)

    def box(most: int = 4096) -> Box:
        if (request.content_length or 0) > most:
            raise BadOffer(reason=f"this request has at most {most} bytes")
        return signed_box(hub, request, idempotent=True)

    @intake.post("/pushes")
    def begin() -> Any:
        sender = box(MAX_LETTER)
        begun = pushes.begin(hub, sender, request.get_data())
        # Its teacher may have taken it back, and offers the same version again.
        if begun.state == pushes.DONE and not hub.database.change(
            lambda c: arrivals.offered_again(c, begun.id, f"box:{sender.id or sender.local}", hub.now())
        ):
            begun = pushes.begin(hub, sender, request.get_data())
        return jsonify(begun.to_json())

    @intake.get("/pushes/<push>")
    def state(push: str) -> Any:
        return jsonify(pushes.state(hub, box(), push).to_json())

    @intake.post("/pushes/<push>/end")
    def end(push: str) -> Any:
        return jsonify(pushes.end(hub, box(), push).to_json())

    # GET as well as HEAD: Flask answers HEAD wherever it answers GET.
    @intake.get("/blobs/<sha256>")
    def reached(sha256: str) -> Any:
        offset = pushes.reached(hub, box(), request.args.get("push", ""), _sha256(sha256))
        answer = Response(status=200, headers={OFFSET: str(offset), "Cache-Control": "no-store"})
        return answer if request.method == "HEAD" else (jsonify(offset=offset), {OFFSET: str(offset)})

    @intake.put("/blobs/<sha256>")
    def take(sha256: str) -> Any:
        sender = box(limits.PIECE)
        offset = _number(request.args.get("offset", ""))
        here = pushes.take(
            hub, sender, request.args.get("push", ""), _sha256(sha256), offset, request.get_data()
        )
        return jsonify(offset=here), {OFFSET: str(here)}

    @intake.get("/offers")
    def offers() -> Any:
        sender = box()
        with hub.database.read() as connection:
            return jsonify(offers=arrivals.told(connection, sender.local))

    @intake.delete("/offers/<slug>")
    def take_back(slug: str) -> Any:
        sender = box()
        named = check_slug(slug)

        def work(connection: Connection) -> int:
            # What is still on its way is given up first: else it would arrive after it was taken back.
            under_way = pushes.give_up(connection, sender.local, named, hub.now())
            actor = f"box:{sender.id or sender.local}"
            return under_way + arrivals.take_back(connection, sender.local, named, actor, hub.now())

        return jsonify(withdrawn=hub.database.change(work))

    return intake


def _sha256(text: str) -> str:
    if not is_sha256(text):
        raise BadOffer(reason="a file is named by its SHA-256, 64 small letters and digits")
    return text


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= _DIGITS):
        raise BadOffer(reason="offset is a number of bytes")
    return int(text)
