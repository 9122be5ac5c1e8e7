"""The address of a page as a square for phones' cameras: ``qr.svg`` beside every page that there can be.

Which address a box has for others, only the request can say; so the square is a picture of its own, and the page that shows
it is the same everywhere.
"""

from __future__ import annotations

from flask import Flask, Response, abort, request

from edubox.box.origins import host
from edubox.box.sheet import reached_at
from edubox.box.site import Site
from edubox.pages.addresses import parse, path
from edubox.pages.sheet import qr


def share_pages(app: Flask, site: Site) -> None:
    """Add the squares to *app*."""

    @app.get("/<path:page>/qr.svg")
    def square(page: str) -> Response:
        found = parse(f"/{page}/", site.languages)
        if found is None or host(request.environ) is None:
            abort(404)
        language, place = found
        answer = Response(qr(reached_at(site) + path(place, language)), mimetype="image/svg+xml")
        answer.headers["Cache-Control"] = "no-cache"
        return answer
