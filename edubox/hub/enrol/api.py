"""``/api/1/enrolments``: a box asks to be enrolled, and asks again until it is told.

POST carries the request; GET, signed too, asks how far it is. Both answer ``{"state", "id", "reason", "poll"}``. The requests are
those of ``trust.requests``; what comes by courier is the same request, filed (``filed``).
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, jsonify, request
from securesystemslib.signer import Key
from sqlalchemy import select

from edubox.errors import BadInput, NotTrusted
from edubox.hub.enrol import asking
from edubox.hub.enrol.asking import MAX_REQUEST, Reply
from edubox.hub.enrol.limits import Limit, class_of, side_of
from edubox.hub.errors import Malformed, Unauthorised
from edubox.hub.hub import Hub
from edubox.hub.tables import boxes
from edubox.trust import requests
from edubox.trust.chain import public_key

PATH = "/api/1/enrolments"
#: Bytes of a request in a file.
MAX_FILED = 2 * MAX_REQUEST
_FILED = {"format", "kind", "method", "path", "headers", "body"}
#: Polls of many boxes must not fall together: each is told between half and all of the time more.
_SPREAD = 0.5


def blueprint(hub: Hub) -> Blueprint:
    """The routes, for an application that turns our errors into answers."""
    made = Blueprint("enrol_api", __name__)
    limit = Limit(hub)

    @made.post(PATH)
    def ask() -> Response:
        if (request.content_length or 0) > MAX_REQUEST:
            raise Malformed(reason=f"it is larger than {MAX_REQUEST} bytes")
        body = request.get_data()
        address = request.remote_addr or ""

        def prove(key_of: Callable[[str], Key | None]) -> requests.Signed:
            query = request.query_string.decode("ascii", "replace")
            path = request.path
            return requests.verify("POST", path, query, list(request.headers.items()), body, key_of)

        return _answer(asking.ask(hub, body, prove, class_of(address), limit, side_of(address)))

    @made.get(PATH)
    def look() -> Response:
        with hub.database.read() as connection:
            rows: dict[str, Any] = {}

            def key_of(keyid: str) -> Key | None:
                row = connection.execute(select(boxes).where(boxes.c.keyid == keyid)).first()
                rows["row"] = row
                return None if row is None else public_key(row.key)

            try:
                requests.verify(
                    "GET", request.path, request.query_string.decode("ascii", "replace"),
                    list(request.headers.items()), request.get_data(), key_of,
                )  # fmt: skip
            except NotTrusted as error:
                raise Unauthorised(reason=error.details["reason"]) from None
        return _answer(asking.reply_of(rows["row"]))

    return made


def _answer(reply: Reply) -> Response:
    value = reply.to_json()
    value["poll"] = round(reply.poll * (1 + _SPREAD * random.random()))  # noqa: S311
    return jsonify(value)


def filed(hub: Hub, data: bytes, side: str = "courier") -> Reply:
    """Hear the request in the file *data*, which somebody carried; *side* is where from, as ``limits`` counts. Raises Refused and its kin, BadInput, DatabaseAway."""
    if len(data) > MAX_FILED:
        raise BadInput(reason="the file is too large for a request of a box")
    try:
        value = json.loads(data)
        if value.keys() != _FILED or value["format"] != 1 or value["kind"] != "edubox enrolment":
            raise BadInput(reason="this is no request of a box to be enrolled")
        headers = {str(name): str(text) for name, text in value["headers"].items()}
        body = base64.b64decode(value["body"], validate=True)
        method, path = str(value["method"]), str(value["path"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput(reason="this is no request of a box to be enrolled") from None
    if (method, path) != ("POST", PATH):
        raise BadInput(reason="this is no request of a box to be enrolled")

    def prove(key_of: Callable[[str], Key | None]) -> requests.Signed:
        return requests.verify(method, path, "", headers, body, key_of)

    return asking.ask(hub, body, prove, "by courier", Limit(hub), side)
