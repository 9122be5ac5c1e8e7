"""The desk's page of what a draft says of itself: what it is about, for whom, in which language, with which picture and licence."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, abort, request, send_file

from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.box.teacher import drafts
from edubox.box.teacher.build import report
from edubox.box.teacher.draft import Draft, some_lines
from edubox.box.teacher.making import done, open_draft, put_together
from edubox.errors import EditedMeanwhile
from edubox.pack.media_types import extension
from edubox.pages import drafting as pages
from edubox.pages.drafting import LICENCES
from edubox.pages.model import Frame

_HERE = "home"
#: Pictures that can be a cover, by extension. No SVG: the desk shows none that it has not drawn.
_PICTURES = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "gif": "image/gif",
}
#: Pictures to choose from; a page of more is none that anybody looks through.
_CHOICES = 24


def details_desk(desk: Blueprint, site: Site) -> None:
    """Add it to *desk*."""

    @desk.get("/drafts/<ident>/details/")
    def show_details(ident: str) -> str:
        return _page(site, open_draft(site, ident))

    @desk.post("/drafts/<ident>/details/")
    def save_details(ident: str) -> Response | tuple[str, int]:
        shown = open_draft(site, ident)
        frame, here = surroundings(site, _HERE)
        wanted = _said(site, frame, shown)
        if wanted.version != shown.version:
            return _page(site, wanted, conflict=True), 409
        try:
            kept = drafts.change(site.data, wanted)
        except EditedMeanwhile:
            return _page(site, wanted, conflict=True), 409
        put_together(site, kept)
        return see(here.at(f"drafts/{ident}/"))

    @desk.get("/drafts/<ident>/picture/<path:wanted>")
    def draft_picture(ident: str, wanted: str) -> Response:
        open_draft(site, ident)
        top = drafts.folder(site.data, ident) / drafts.FILES
        if wanted not in _pictures(site, ident):
            abort(404)
        answer = done(lambda: send_file(top / wanted, mimetype=_PICTURES[extension(wanted)]))
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer


def _page(site: Site, shown: Draft, *, conflict: bool = False) -> str:
    found = report(site.data, shown.id).get("language")
    return pages.details(
        *surroundings(site, _HERE), shown, _pictures(site, shown.id)[:_CHOICES], conflict=conflict,
        found_language=found if isinstance(found, str) else "",
    )  # fmt: skip


def _said(site: Site, frame: Frame, shown: Draft) -> Draft:
    """*shown* as the form says it is to be; what is not among the choices is left out."""
    form, country = request.form, frame.country
    version, cover, licence, language = (
        form.get(name, "") for name in ("version", "cover", "licence", "language")
    )
    return replace(
        shown,
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 12 else 0,
        description=some_lines(form.get("description", "")),
        authors=tuple(form.get("authors", "")[:2000].split(","))[:20],
        levels=tuple(one for one in form.getlist("level") if country.level(one)),
        subjects=tuple(one for one in form.getlist("subject") if country.subject(one)),
        licence=licence if licence in LICENCES or licence == shown.licence else "",
        language=language if language in frame.languages or language == shown.language else "",
        cover=cover if cover in _pictures(site, shown.id) else "",
    )


def _pictures(site: Site, ident: str) -> list[str]:
    """Paths of the draft's files that can be its cover."""
    every = drafts.paths(drafts.folder(site.data, ident) / drafts.FILES)
    return [path for path in every if extension(path) in _PICTURES]
