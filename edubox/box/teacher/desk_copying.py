"""The desk's pages on which a lesson becomes a draft: choosing one to copy, and waiting until it is opened (``copying``)."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request
from werkzeug.wrappers import Response as AnyResponse

from edubox.box.accounts.person import me
from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.box.teacher import copying, drafts
from edubox.box.teacher.making import done, open_draft
from edubox.pages import uploading as pages

#: Lessons of one page.
LISTED = 30
_HERE = "home"
_LONGEST = 200


def copying_desk(desk: Blueprint, site: Site) -> None:
    """Add them to *desk*."""

    @desk.get("/copies/")
    def choose_copy() -> str:
        asked = " ".join(request.args.get("q", "")[:_LONGEST].split())
        frame, here = surroundings(site, _HERE)
        if asked:
            hits = site.library.search(asked, frame.language)
            found = list({hit.card.address: hit.card for hit in hits}.values())
        else:
            found = site.library.cards()
        whole = [card for card in found if not card.incomplete]
        return pages.copies(frame, here, asked, whole[:LISTED], len(whole[LISTED:]))

    @desk.post("/copies/")
    def copy_lesson() -> Response:
        lesson = site.library.lesson(request.form.get("lesson", "")[:_LONGEST]) or abort(404)
        ident = done(lambda: drafts.create(site.data, me(), lesson.card.title).id)
        done(lambda: copying.copy_of(site.data, ident, lesson.card.address, lesson.manifest))
        if not copying.begin(site, ident):
            drafts.delete(site.data, ident)
            abort(409)
        return see(surroundings(site, _HERE)[1].at(f"drafts/{ident}/opening/"))

    @desk.get("/drafts/<ident>/opening/")
    def opening(ident: str) -> AnyResponse | str:
        draft, state = open_draft(site, ident), copying.state(site, ident)
        frame, here = surroundings(site, _HERE)
        if state == "done":
            return see(here.at(f"drafts/{ident}/"))
        return pages.opening(frame, here, ident, draft.title, state, copying.why(site, ident))

    @desk.post("/drafts/<ident>/opening/")
    def open_again(ident: str) -> Response:
        open_draft(site, ident)
        here, state = surroundings(site, _HERE)[1], copying.state(site, ident)
        if state in {"working", "done"}:
            return see(here.at(f"drafts/{ident}/opening/"))
        if request.form.get("action") == "leave":
            drafts.delete(site.data, ident)
            return see(here.at())
        copying.begin(site, ident)
        return see(here.at(f"drafts/{ident}/opening/"))
