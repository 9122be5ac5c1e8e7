"""The pages' origin: addresses in, rendered pages out, and nothing remembered about who asked.

No cookie, no session, no log of requests. A page is rendered and compressed once and kept until the lessons change;
browsers ask each time whether theirs is still right (``no-cache`` and an ETag), which costs them one small answer. The
security policy forbids everything that our pages do not use; the only foreign thing in them is a lesson in its frame,
on the box's other origin.
"""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from edubox.box.catalog import Catalogue
from edubox.box.kept import KeptPages, Rendered, rendered
from edubox.box.library import Library
from edubox.box.origins import host, origin
from edubox.errors import DamagedCatalogue, EduboxError
from edubox.pages import render
from edubox.pages.addresses import HOME, Place, parse, path
from edubox.pages.country import Country
from edubox.pages.model import Frame
from edubox.pages.stylesheet import stylesheet
from edubox.pages.words import preferred

LONGEST_QUERY = 200
_YEAR = "public, max-age=31536000, immutable"
log = logging.getLogger(__name__)


class Site:
    """Everything the routes share: the lessons, the settings, the kept pages."""

    def __init__(self, data: Path, settings: dict[str, Any]) -> None:
        self.library, self._catalogue = Library(data), Catalogue(data)
        self.settings = settings
        self.languages: tuple[str, ...] = tuple(settings["languages"]) or ("en",)
        self.kept = KeptPages()
        self._styles: dict[int, tuple[Country, str, str]] = {}

    def style(self, changes: int) -> tuple[Country, str, str]:
        """The country, the stylesheet and its address, as of *changes*."""
        known = self._styles.get(changes)
        if known is None:
            country = self.library.country()
            text = stylesheet(country)
            known = (country, text, f"/style-{hashlib.sha256(text.encode()).hexdigest()[:12]}.css")
            self._styles = {changes: known}
        return known

    def any_style(self) -> tuple[Country, str, str]:
        """The style as of now, or the last one, or a plain one: an error page needs it most of all."""
        try:
            return self.style(self.library.changes())
        except Exception:  # noqa: BLE001 - whatever broke the page may break this as well
            return next(iter(self._styles.values()), (Country(), stylesheet(Country()), "/style.css"))

    def frame(self, language: str, where: str, changes: int) -> Frame:
        """What surrounds a page of *language* for a reader who came to the host *where*."""
        country, _, address = self.style(changes)
        lesson_origin = origin(request.scheme, where, self.settings["lesson_port"])
        return Frame(
            self.settings["name"], self.languages, language, country, lesson_origin, address, self._catalogue.stale_days()
        )  # fmt: skip

    def bare_frame(self, language: str) -> Frame:
        """A frame that works without a database."""
        return Frame(self.settings["name"], self.languages, language, Country(), "", self.any_style()[2])


def create_app(data: Path, settings: dict[str, Any]) -> Flask:
    """The WSGI application of the pages of the data folder *data*."""
    app = Flask("edubox.box", static_folder=None)
    site = Site(data, settings)

    @app.get("/")
    def begin() -> Response:
        return _to_language(path(HOME, _spoken(site)))

    @app.get("/donnees")
    @app.get("/data")
    def data_page() -> Response:
        return _to_language(path(Place("data"), _spoken(site)))

    @app.get("/style.css")
    @app.get("/style-<_version>.css")
    def style(_version: str = "") -> Response:
        _, text, address = site.any_style()
        answer = _answer(site.kept.get((address,), lambda: rendered(text)), "text/css; charset=utf-8")
        if request.path == address:
            answer.headers["Cache-Control"] = _YEAR
        return answer

    @app.get("/<path:_anything>")
    def page(_anything: str) -> Response:
        where = host(request.environ)
        if where is None:
            return Response(
                "The address of this page is not one that a browser writes.\n", 400, mimetype="text/plain"
            )
        found = parse(request.path, site.languages)
        if found is None and parse(request.path + "/", site.languages):
            return _redirect(request.path + "/" + (f"?{urlencode(request.args)}" if request.args else ""))
        return _answer(_page(site, found, where), "text/html; charset=utf-8")

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        text = render.missing if status == 404 else render.failed
        answer = _answer(rendered(text(site.bare_frame(_spoken(site))), status), "text/html; charset=utf-8")
        if isinstance(error, MethodNotAllowed):
            answer.allow.update(error.valid_methods or ())
        return answer

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        if isinstance(error, EduboxError):
            log.error("%s", error)
        else:
            # The path tells which page; a query would tell what somebody looked for.
            log.error("a page could not be made: %s", request.path, exc_info=error)
        status = 503 if isinstance(error, DamagedCatalogue) else 500
        return _answer(
            rendered(render.failed(site.bare_frame(_spoken(site))), status), "text/html; charset=utf-8"
        )

    @app.after_request
    def protect(answer: Response) -> Response:
        answer.headers.setdefault("Cache-Control", "no-store")
        _protect(answer, site.settings["lesson_port"])
        return answer

    return app


def _page(site: Site, found: tuple[str, Place] | None, where: str) -> Rendered:
    changes = site.library.changes()
    if found is None:
        return _missing(site.frame(_spoken(site), where, changes))
    language, place = found
    frame = site.frame(language, where, changes)
    if place.kind == "search":
        query = request.args.get("q", "")[:LONGEST_QUERY].strip()
        hits = site.library.search(query, language) if query else []
        return rendered(render.search(frame, query, hits))
    if place.kind in {"lesson", "part"}:
        return _lesson_page(site, frame, place, changes)

    def make() -> Rendered:
        if place.kind == "data":
            return rendered(render.data(frame))
        if place.kind == "home":
            began = site.library.began()
            return rendered(render.home(frame, site.library.cards()) if began else render.first_start(frame))
        text = render.lessons(frame, place, site.library.cards())
        return rendered(text) if text is not None else _missing(frame)

    return site.kept.get((changes, frame.stale_days, language, place), make)


def _lesson_page(site: Site, frame: Frame, place: Place, changes: int) -> Rendered:
    file = request.args.get("file", "") if place.kind == "part" else ""
    # What is not a page of the lesson must not become part of a key: a stranger could fill the memory with it.
    inside = file if file and site.library.has_page(place.address, place.part, file) else ""

    def make() -> Rendered:
        lesson = site.library.lesson(place.address)
        if lesson is None:
            return _missing(frame)
        if place.kind == "lesson":
            return rendered(render.lesson(frame, lesson))
        text = render.part(frame, lesson, place.part, inside)
        return rendered(text) if text is not None else _missing(frame)

    lesson = site.library.lesson(place.address)
    if lesson is not None and lesson.card.incomplete:
        return make()  # its files arrive without a change of the list
    return site.kept.get(
        (changes, frame.lesson_origin, frame.stale_days, frame.language, place, inside), make
    )


def _missing(frame: Frame) -> Rendered:
    return rendered(render.missing(frame), 404)


def _answer(page: Rendered, media_type: str) -> Response:
    compressed = request.accept_encodings.quality("gzip") > 0
    answer = Response(page.packed if compressed else page.plain, page.status, content_type=media_type)
    if compressed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = "no-cache"
    if page.status == 200:
        answer.set_etag(f"{page.etag}-gz" if compressed else page.etag)
        answer.make_conditional(request)
    return answer


def _spoken(site: Site) -> str:
    """The language of somebody whose address names none."""
    first = request.path.split("/")[1]
    accepted = request.headers.get("Accept-Language", "")
    return first if first in site.languages else preferred(accepted, site.languages)


def _to_language(address: str) -> Response:
    answer = _redirect(address)
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _redirect(address: str) -> Response:
    answer = Response(status=302)
    answer.autocorrect_location_header = False
    answer.headers["Location"] = address
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _protect(answer: Response, lesson_port: int) -> None:
    where = host(request.environ)
    lessons = origin(request.scheme, where, lesson_port) if where else "'none'"
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self' data: {lessons}; media-src {lessons}; "
        f"frame-src {lessons}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Frame-Options"] = "DENY"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    answer.headers["X-Robots-Tag"] = "noindex"
