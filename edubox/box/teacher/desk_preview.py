"""The way from a draft to its preview: it is put together first, then the browser goes on to the plain pages.

The desk is private and comes by TLS; a lesson's files are on a plain origin, which no page of TLS may frame. So the preview
is a place of its own (``preview_pages``), and this only leads there.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from edubox.box.desk import see, surroundings
from edubox.box.origins import host, origin
from edubox.box.site import Site
from edubox.box.teacher.making import done, open_draft, put_together
from edubox.box.teacher.preview import PREFIX, with_token
from edubox.pages import drafting as pages

_HERE = "home"


def preview_desk(desk: Blueprint, site: Site) -> None:
    """Add it to *desk*."""

    @desk.get("/drafts/<ident>/preview/")
    def look(ident: str) -> Response | str:
        draft = open_draft(site, ident)
        frame, here = surroundings(site, _HERE)
        made = put_together(site, draft)
        if made.state != "done":
            return pages.waiting(frame, here, draft, made)
        token = done(lambda: with_token(site.data, draft)).token
        return see(f"{_pages(site)}{PREFIX}{token}/{frame.language}/{'deux/' * ('both' in request.args)}")

    @desk.post("/drafts/<ident>/preview/")
    def change_preview(ident: str) -> Response:
        draft = open_draft(site, ident)
        action = request.form.get("action", "")
        if action == "again":
            put_together(site, draft, again=True)
        elif action == "anew":
            done(lambda: with_token(site.data, draft, anew=True))
        else:
            abort(400)
        return see(surroundings(site, _HERE)[1].at(f"drafts/{ident}/{'preview/' * (action == 'again')}"))


def _pages(site: Site) -> str:
    """The origin of the plain pages, empty if the request itself came there."""
    where = host(request.environ)
    if where is None or request.scheme == "http":
        return ""
    return origin("http", where, site.settings["port"])
