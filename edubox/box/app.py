"""The pages' origin: addresses in, rendered pages out, and nothing remembered about who asked.

No cookie, no session, no log of requests. A page is rendered and compressed once and kept until the lessons
change; browsers ask each time whether theirs is still right (``no-cache`` and an ETag), which costs them one
small answer. The security policy forbids everything that our pages do not use; the only foreign thing in them
is a lesson in its frame, on the box's other origin.
"""

from __future__ import annotations

import logging
import time
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, abort, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from edubox.box.accounts.accepting import invitation_pages
from edubox.box.accounts.beginning import beginning_pages
from edubox.box.accounts.desk_me import me_desk
from edubox.box.accounts.desk_people import people_desk
from edubox.box.accounts.desk_substitute import substitute_desk
from edubox.box.accounts.door import door_pages
from edubox.box.accounts.journal import journal_pages
from edubox.box.accounts.leaving import leaving_desk
from edubox.box.courier import carry_pages
from edubox.box.desk import desk_pages
from edubox.box.desk_levels import levels_desk
from edubox.box.desk_state import state_desk
from edubox.box.finding import Suggestions
from edubox.box.keeper import Keeper
from edubox.box.kept import Rendered, rendered
from edubox.box.origins import below, host, lessons_of
from edubox.box.own.identity import now_on
from edubox.box.portal import portal_pages
from edubox.box.school.desk import class_desk
from edubox.box.school.desk_handins import handin_desk
from edubox.box.school.desk_year import year_desk
from edubox.box.school.handing import handin_answer, take_handins
from edubox.box.school.now import with_now
from edubox.box.school.pages import class_answer, report_answer, take_reports, typed, week_answer
from edubox.box.secure.gate import DESK, door, is_desk_path
from edubox.box.share import share_pages
from edubox.box.sheet import sheet_pages
from edubox.box.site import Site
from edubox.box.taking import take_pages
from edubox.box.teacher.closing import closing_desk
from edubox.box.teacher.desk_copying import copying_desk
from edubox.box.teacher.desk_details import details_desk
from edubox.box.teacher.desk_drafts import draft_desk
from edubox.box.teacher.desk_form import form_desk, form_request
from edubox.box.teacher.desk_give import Giving, give_desk
from edubox.box.teacher.desk_photos import photo_desk
from edubox.box.teacher.desk_preview import preview_desk
from edubox.box.teacher.desk_quiz import quiz_desk
from edubox.box.teacher.desk_text import text_desk
from edubox.box.teacher.desk_upload import upload_desk
from edubox.box.teacher.notes import note_desk
from edubox.box.teacher.preview_pages import preview_pages
from edubox.box.teacher.receiving import forget
from edubox.box.teacher.uploads import Uploads
from edubox.errors import DamagedCatalogue, DamagedSchool, EduboxError
from edubox.hardware.card import state as cards
from edubox.pages import render
from edubox.pages.addresses import HOME, Place, parse, path
from edubox.pages.assets import asset
from edubox.pages.lost import look
from edubox.pages.model import Frame
from edubox.pages.takehome.booklet import booklet
from edubox.sync.status import read_status

LONGEST_QUERY = 200
#: While there are fewer lessons and more on their way, the first page says so.
FIRST_LESSONS = 6
_YEAR = "public, max-age=31536000, immutable"
#: Pages that are the same for all lessons.
_PLAIN = {"data": render.data, "device": render.device, "accessibility": render.accessibility}
log = logging.getLogger(__name__)


def create_app(
    data: Path, settings: dict[str, Any], keeper: Keeper | None = None, uploads: Uploads | None = None
) -> Flask:  # fmt: skip
    """The WSGI application of the pages of the data folder *data*; *keeper* does the box's work by itself.

    *uploads* are those into which the server pours what comes, if it does.
    """
    app = Flask("edubox.box", static_folder=None)
    app.request_class = form_request(data)
    app.url_map.strict_slashes = False  # its redirect would tell strangers which addresses the desk has
    site = Site(data, settings)
    suggestions = Suggestions(site.library)
    in_charge = desk_pages(site, keeper)
    state_desk(in_charge, site)
    levels_desk(in_charge, site)
    sheet_pages(in_charge, site)
    carry_pages(in_charge, site, keeper.run if keeper else lambda _: False)
    class_desk(in_charge, site)
    handin_desk(in_charge, site)
    year_desk(in_charge, site)
    draft_desk(in_charge, site)
    details_desk(in_charge, site)
    giving = Giving(site, site.bench)
    give_desk(in_charge, site, giving)
    note_desk(in_charge, site)
    copying_desk(in_charge, site)
    photo_desk(in_charge, site)
    preview_desk(in_charge, site)
    text_desk(in_charge, site)
    quiz_desk(in_charge, site)
    form_desk(in_charge, site)
    upload_desk(in_charge, site, uploads or Uploads(data, forget=partial(forget, data)))
    closing_desk(in_charge, site)
    if keeper is not None:
        keeper.make_way(giving.busy)
    door_pages(in_charge, site)
    beginning_pages(in_charge, site)
    invitation_pages(in_charge, site)
    people_desk(in_charge, site)
    substitute_desk(in_charge, site)
    me_desk(in_charge, site)
    leaving_desk(in_charge, site)
    journal_pages(in_charge, site)
    app.register_blueprint(in_charge)
    take_reports(app, site)
    take_handins(app, site)
    app.wsgi_app = with_now(app.wsgi_app, site.school, site.library, site.languages)  # type: ignore[assignment,method-assign]

    portal_pages(app, site)

    @app.before_request
    def at_its_own_name() -> Response | None:
        # Names below it are lessons': a page there would share cookies with one of them.
        where, domain = host(request.environ) or "", settings["school_domain"]
        if not below(where, domain):
            return None
        port = request.environ["HTTP_HOST"][len(where) :]
        return _redirect(f"{request.scheme}://{domain}{port}/")

    @app.before_request
    def private() -> Response | None:
        return door(site, request) if is_desk_path(request.path) else None

    @app.get("/")
    def begin() -> Response:
        return _to_language(path(HOME, site.spoken()))

    @app.get("/donnees")
    @app.get("/data")
    def data_page() -> Response:
        return _to_language(path(Place("data"), site.spoken()))

    @app.get("/style.css")
    @app.get("/style-<_version>.css")
    def style(_version: str = "") -> Response:
        _, text, address = site.any_style()
        answer = _answer(site.kept.get((address,), lambda: rendered(text)), "text/css; charset=utf-8")
        if request.path == address:
            answer.headers["Cache-Control"] = _YEAR
        return answer

    @app.get(
        "/<any(pupil, mine, pictures, booklet, handing, door, desk, enter, upload, photos, preview, write, quiz, compose):stem>-<_version>.<any(js, css, svg):kind>"
    )
    def loaded(stem: str, kind: str, _version: str) -> Response:
        try:
            found = asset(f"{stem}.{kind}")
        except KeyError:
            abort(404)
        page = site.kept.get((found.address,), lambda: rendered(found.text))
        answer = _answer(page, f"{found.media_type}; charset=utf-8")
        if request.path == found.address:
            answer.headers["Cache-Control"] = _YEAR
        return answer

    @app.get("/find/<language>/<name>")
    def find(language: str, name: str) -> Response:
        found = suggestions.get(language, name) if language in site.languages else None
        if found is None:
            abort(404)
        return _answer(found, "application/json")

    preview_pages(app, site)
    share_pages(app, site)
    take_pages(app, site)

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
        if found and found[1].kind == "class" and (entered := typed(found[0], site.languages)):
            return _redirect(entered)
        return _answer(_page(site, found, where), "text/html; charset=utf-8")

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        text = render.missing if status == 404 else render.failed
        answer = _answer(rendered(text(site.bare_frame(site.spoken())), status), "text/html; charset=utf-8")
        if isinstance(error, MethodNotAllowed):
            answer.allow.update(error.valid_methods or ())
        return answer

    @app.errorhandler(Exception)
    def broken(error: Exception) -> Response:
        if isinstance(error, EduboxError):
            log.error("%s", error)
        else:
            # The path tells which page; a query would tell what somebody looked for, a path of the desk may hold a code.
            rule = request.url_rule.rule if request.url_rule else DESK
            shown = rule if is_desk_path(request.path) else request.path
            log.error("a page could not be made: %s", shown, exc_info=error)
        status = 503 if isinstance(error, DamagedCatalogue | DamagedSchool) else 500
        return _answer(
            rendered(render.failed(site.bare_frame(site.spoken())), status), "text/html; charset=utf-8"
        )

    @app.after_request
    def protect(answer: Response) -> Response:
        if is_desk_path(
            request.path
        ):  # whoever sits down at a shared computer next finds nothing, mistakes included
            answer.headers["Cache-Control"] = "no-store"
        answer.headers.setdefault("Cache-Control", "no-store")
        _protect(answer, site.settings)
        return answer

    return app


def _page(site: Site, found: tuple[str, Place] | None, where: str) -> Rendered:
    changes = site.library.changes()
    if found is None:
        return _missing(site, site.frame(site.spoken(), where, changes))
    language, place = found
    frame = site.frame(language, where, changes)
    if place.kind == "search":
        query = request.args.get("q", "")[:LONGEST_QUERY].strip()
        return rendered(_answers(site, frame, query))
    if place.code and place.kind in {"week", "booklet"}:
        return week_answer(site, frame, place, changes) or _missing(site, frame)
    if place.kind in {"lesson", "part", "booklet"}:
        return _lesson_page(site, frame, place, changes)
    if place.kind == "class":
        return class_answer(site, frame, place, changes)
    if place.kind == "handin":
        return handin_answer(site, frame, place) or _missing(site, frame)
    if place.kind == "report":
        return report_answer(site, frame)

    def make() -> Rendered:
        if place.kind in _PLAIN:
            return rendered(_PLAIN[place.kind](frame))
        if place.kind == "home":
            if not site.library.began():
                return rendered(render.first_start(frame, cards.beside(site.data).said(frame.language)))
            return rendered(render.home(frame, site.library.cards(), arriving=arriving))
        text = render.lessons(frame, place, site.library.cards())
        return rendered(text) if text is not None else _missing(site, frame)

    arriving = place.kind == "home" and _arriving(site)
    return site.page(frame, (changes, arriving, frame.stale_days, language, place), make)


def _answers(site: Site, frame: Frame, query: str) -> str:
    if not query:
        return render.search(frame, "", [])
    subject = frame.country.subject(request.args.get("subject", ""))
    hits = site.library.search(query, frame.language, subject.id if subject else "")
    meant = site.library.meant(query, frame.language)
    cards = [] if hits else site.library.cards()
    return render.search(frame, query, hits, subject=subject, meant=meant, cards=cards)


def _lesson_page(site: Site, frame: Frame, place: Place, changes: int) -> Rendered:
    file = request.args.get("file", "") if place.kind == "part" else ""
    # What is not a page of the lesson must not become part of a key: a stranger could fill the memory with it.
    inside = file if file and site.library.has_page(place.address, place.part, file) else ""

    def make() -> Rendered:
        lesson = site.library.lesson(place.address)
        if lesson is None:
            return _missing(site, frame)
        if place.kind == "lesson":
            return rendered(render.lesson(frame, lesson))
        if place.kind == "booklet":
            return rendered(booklet(frame, lesson, site.data / "site" / lesson.manifest))
        text = render.part(frame, lesson, place.part, inside)
        return rendered(text) if text is not None else _missing(site, frame)

    lesson = site.library.lesson(place.address)
    if lesson is not None and request.method == "GET" and (code := request.args.get("class", "")):
        site.openings.count(code, place.address, now_on(site.data).date())
    if lesson is not None and lesson.card.incomplete:
        return make()  # its files arrive without a change of the list
    return site.page(frame, (changes, frame.stale_days, frame.language, place, inside), make)


def _arriving(site: Site) -> bool:
    """Whether the box is bringing its first lessons just now."""
    return site.library.count() < FIRST_LESSONS and read_status(site.data).running(time.time())


def _missing(site: Site, frame: Frame) -> Rendered:
    """The page that helps whoever followed an address that leads nowhere (any more, or yet)."""
    if request.path.split("/")[1] not in site.languages:
        # No page of ours ever had such an address. Phones ask any box again and again whether it is the internet, and
        # looking through all lessons costs 30 ms when there are thousands.
        return rendered(render.missing(frame), 404)
    found = parse(request.path if request.path.endswith("/") else request.path + "/", site.languages)
    address = found[1].address if found else ""
    on_its_way = {one.pack: one.title for one in read_status(site.data).coming}
    coming = on_its_way.get(address, "")
    withdrawn = bool(address) and not coming and site.library.withdrawn(address)
    lost = look(address or request.path, site.library.cards(), withdrawn=withdrawn, coming=coming)
    return rendered(render.missing(frame, lost), 404)


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


def _protect(answer: Response, settings: dict[str, Any]) -> None:
    where, on_desk = host(request.environ), is_desk_path(request.path)
    lessons = lessons_of(where, settings) if where else "'none'"
    # The desk shows no lesson: what a lesson might send to a page with a session does not come in.
    shown = (
        "img-src 'self' data:"
        if on_desk
        else f"img-src 'self' data: {lessons}; media-src {lessons}; frame-src {lessons}"
    )
    answer.headers.setdefault(
        "Content-Security-Policy",
        f"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; {shown}; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    )
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin" if on_desk else "no-referrer"
    if on_desk and request.is_secure:  # by plain HTTP browsers ignore it, and complain
        answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    answer.headers.setdefault("X-Frame-Options", "DENY")
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
    answer.headers["X-Robots-Tag"] = "noindex"
