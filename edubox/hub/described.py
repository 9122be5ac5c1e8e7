"""``/api/openapi.json``: the description of everything below ``/api/1/``, for whoever writes a program.

It is put together from the parts of the rooms: ``openapi.json`` of this folder has what all share and the routes for programs,
``<room>/openapi.json`` the routes of a room. A test keeps routes and description equal.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response

_HERE = Path(__file__).parent


def add_description(app: Flask) -> None:
    """Add the route to *app*."""

    @app.get("/api/openapi.json")
    def description() -> Response:
        answer = Response(json.dumps(openapi(), ensure_ascii=False), mimetype="application/json")
        answer.headers["Cache-Control"] = "public, max-age=300"
        return answer


@cache
def openapi() -> dict[str, Any]:
    """The whole description (OpenAPI 3.1)."""
    whole: dict[str, Any] = json.loads((_HERE / "openapi.json").read_text("utf-8"))
    for part in sorted(_HERE.glob("*/openapi.json")):
        read = json.loads(part.read_text("utf-8"))
        whole["paths"] |= read.get("paths", {})
        for kind, named in read.get("components", {}).items():
            whole["components"].setdefault(kind, {}).update(named)
    return whole
