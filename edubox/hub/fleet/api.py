"""``/api/1/check-ins``: what a box says of itself once a synchronisation, and what it is told. See docs/formats/check-in.md.

Programs read the same with a token: ``/api/1/fleet.csv`` is the table of all boxes, ``/api/1/metrics`` figures for Prometheus.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Connection

from edubox.hub.accounts.roles import READ
from edubox.hub.desk.programs import needs_token
from edubox.hub.enrol.boxes import Box, signed_box
from edubox.hub.errors import Malformed
from edubox.hub.fleet import checkins, export, report
from edubox.hub.hub import Hub

PATH = "/api/1/check-ins"
#: Check-ins at once in this process above which boxes are asked to come half as often: 8 threads answer.
BUSY = 6


def blueprint(hub: Hub) -> Blueprint:
    """The route, for an application that turns our errors into answers."""
    made = Blueprint("fleet_api", __name__)
    pressure = Pressure()

    @made.post(PATH)
    def check_in() -> Response:
        if (request.content_length or 0) > report.MAX_REPORT:
            raise Malformed(reason=f"it is larger than {report.MAX_REPORT} bytes")
        said = report.read(request.get_data())
        every = hub.settings["check_in_minutes"] * 60
        told: dict[str, Any] = {}

        def keep(connection: Connection, box: Box) -> None:
            if not box.repeated:
                checkins.keep(connection, box.row, said, hub.now(), every)
            told.update(checkins.answer(connection, every))

        with pressure:
            signed_box(hub, request, idempotent=True, work=keep)
            if pressure.high:
                told["next"] = 2 * every
        return jsonify(told)

    @made.get("/api/1/fleet.csv")
    def table() -> Response:
        holder = needs_token(hub, READ)

        def lines() -> Iterator[str]:
            with hub.database.read() as connection:
                yield from export.table(connection, holder.reach)

        return Response(
            lines(), mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="fleet.csv"'}
        )

    @made.get("/api/1/metrics")
    def metrics() -> Response:
        needs_token(hub, READ, "")
        with hub.database.read() as connection:
            return Response(
                export.prometheus(connection, hub.now()), content_type="text/plain; version=0.0.4"
            )

    return made


class Pressure:
    """How many requests are under way."""

    def __init__(self) -> None:
        self._lock, self._now = threading.Lock(), 0

    def __enter__(self) -> None:
        with self._lock:
            self._now += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._now -= 1

    @property
    def high(self) -> bool:
        """Whether more are under way than can be answered soon."""
        return self._now > BUSY
