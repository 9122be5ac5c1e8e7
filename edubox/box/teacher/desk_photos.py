"""The desk's pages on which photos of paper become one PDF: taken, turned, cut, put in order (``photos``, ``photo_work``).

A form sends all of what is said of the photos with every button, so that nothing is lost between two of them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from flask import Blueprint, Response, abort, request, send_file

from edubox.box.desk import see, surroundings
from edubox.box.site import Site
from edubox.box.teacher import drafts, photos
from edubox.box.teacher.making import done, open_draft
from edubox.box.teacher.photos import WHOLE, Photo
from edubox.box.teacher.work import FAILED, said
from edubox.errors import NotFound
from edubox.pages import uploading as pages

_HERE = "home"
#: What a form calls the edges, as what is cut away, in thousandths; no more of a side than that.
_EDGES, _CUT = ("left", "top", "right", "bottom"), WHOLE - photos.LEAST


def photo_desk(desk: Blueprint, site: Site) -> None:
    """Add them to *desk*."""

    def command(ident: str, *more: str) -> list[str]:
        return ["draft", "photos", ident, "--data", str(site.data), "--json", *more]

    def working(ident: str) -> bool:
        return site.bench.busy(command(ident)) or site.bench.busy(command(ident, "--pdf"))

    def start(ident: str, *more: str) -> None:
        if not site.bench.start(command(ident, *more), drafts.folder(site.data, ident) / photos.PROGRESS):
            abort(409)

    @desk.get("/photos/")
    def take_photos() -> str:
        return pages.photos(*surroundings(site, _HERE), "", [], working=False, failed=False, title="")

    @desk.get("/drafts/<ident>/photos/")
    def taken_photos(ident: str) -> Response | str:
        draft, place = open_draft(site, ident), drafts.folder(site.data, ident)
        taken = photos.listed(place)
        frame, here = surroundings(site, _HERE)
        if not taken and drafts.paths(place / drafts.FILES) and "add" not in request.args:
            return see(here.at(f"drafts/{ident}/"))
        busy, told = working(ident), said(place / photos.PROGRESS)
        failed = not busy and told.get("state") == FAILED
        if not busy and not failed and any(one.width == 0 for one in taken):
            start(ident)
            busy = True
        return pages.photos(frame, here, ident, taken, working=busy, failed=failed, title=draft.title)

    @desk.post("/drafts/<ident>/photos/")
    def change_photos(ident: str) -> Response:
        open_draft(site, ident)
        if working(ident):
            abort(409)
        action, _, photo = request.form.get("action", "").partition(":")
        work = _actions().get(action)
        if work is None:
            abort(400)
        done(lambda: photos.change(site.data, ident, lambda known: work(_as_said(known), photo)))
        if action in {"pdf", "look"}:
            start(ident, *(["--pdf"] if action == "pdf" else []))
        mark = f"#p-{photo}" if photo and action != "remove" else ""
        return see(surroundings(site, _HERE)[1].at(f"drafts/{ident}/photos/") + mark)

    @desk.get("/drafts/<ident>/photos/<photo>.jpg")
    def small_photo(ident: str, photo: str) -> Response:
        open_draft(site, ident)
        try:
            path = photos.small(drafts.folder(site.data, ident), photo)
        except NotFound:
            abort(404)
        if not path.is_file():
            abort(404)
        return send_file(path.absolute(), "image/jpeg", conditional=False, max_age=3600)


def _actions() -> dict[str, Callable[[list[Photo], str], list[Photo]]]:
    """What the buttons do with the photos, and with the one that they are of."""

    def each(change: Callable[[Photo], Photo], known: list[Photo], photo: str) -> list[Photo]:
        return [change(one) if one.id == photo else one for one in known]

    return {
        "save": lambda known, _: known,
        "pdf": lambda known, _: known,
        "look": lambda known, _: known,
        "left": partial(each, partial(photos.turned, right=False)),
        "right": partial(each, partial(photos.turned, right=True)),
        "whole": partial(each, partial(photos.cut_to, left=0, top=0, right=WHOLE, bottom=WHOLE)),
        "remove": lambda known, photo: [one for one in known if one.id != photo],
        "earlier": partial(_moved, -1),
        "later": partial(_moved, 1),
    }


def _moved(by: int, known: list[Photo], photo: str) -> list[Photo]:
    places = {one.id: place for place, one in enumerate(known)}
    place = places.get(photo, -1)
    other = place + by
    if place < 0 or not 0 <= other < len(known):
        return known
    changed = list(known)
    changed[place], changed[other] = changed[other], changed[place]
    return changed


def _as_said(known: list[Photo]) -> list[Photo]:
    """The photos with the edges of the form; what it does not say, or says wrongly, stays."""
    return [_cut(one) for one in known]


def _cut(photo: Photo) -> Photo:
    away = [request.form.get(f"{edge}-{photo.id}", "") for edge in _EDGES]
    if not all(text.isascii() and text.isdecimal() and len(text) < 5 for text in away):
        return photo
    left, top, right, bottom = (min(int(text), _CUT) for text in away)
    return photos.cut_to(photo, left, top, WHOLE - right, WHOLE - bottom)
