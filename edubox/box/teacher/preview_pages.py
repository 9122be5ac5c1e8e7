"""``/apercu/<token>/…`` on the pages' origin: a draft as pupils will see it, and beside it how a projector shows it.

An address says the language, as those of pupils' pages do. Nothing is kept, by us or by the browser, and pages of the
preview may stand in a frame of this origin only: the page that shows a phone and a projector side by side.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask, Response, abort, request

from edubox.box.desk import see
from edubox.box.origins import host, lessons_of
from edubox.box.site import Site
from edubox.box.teacher import preview
from edubox.pages import drafting, render
from edubox.pages.model import Frame, Lesson

_BOTH = "deux"


def preview_pages(app: Flask, site: Site) -> preview.Previews:
    """Add them to *app*; whose tokens they know is given back."""
    previews = preview.Previews(site.data)

    def shown(token: str, language: str) -> tuple[Frame, Lesson]:
        draft, where = previews.draft(token), host(request.environ)
        lesson = None if draft is None else preview.lesson(site.data, draft)
        if lesson is None or where is None or language not in site.languages:
            abort(404)
        return site.preview_frame(language, where, f"{preview.PREFIX}{token}"), lesson

    def answer(make: Callable[[], str | None]) -> Response:
        text = make()
        if text is None:
            abort(404)
        made = Response(text, mimetype="text/html")
        where = host(request.environ)
        lessons = lessons_of(where, site.settings) if where else "'none'"
        made.headers["Content-Security-Policy"] = (
            f"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data: {lessons}; "
            f"media-src {lessons}; frame-src 'self' {lessons}; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
        )
        made.headers["X-Frame-Options"] = "SAMEORIGIN"
        return made

    @app.get("/apercu/<token>/")
    def preview_begin(token: str) -> Response:
        language = site.spoken() if previews.draft(token) is not None else abort(404)
        return see(f"{preview.PREFIX}{token}/{language}/")

    @app.get("/apercu/<token>/<language>/")
    def preview_lesson(token: str, language: str) -> Response:
        frame, lesson = shown(token, language)
        return answer(lambda: render.lesson(frame, lesson))

    @app.get("/apercu/<token>/<language>/<int:number>/")
    def preview_part(token: str, language: str, number: int) -> Response:
        frame, lesson = shown(token, language)
        return answer(lambda: render.part(frame, lesson, number))

    @app.get(f"/apercu/<token>/<language>/{_BOTH}/")
    def preview_both(token: str, language: str) -> Response:
        frame, lesson = shown(token, language)
        return answer(lambda: drafting.side_by_side(frame, lesson.card.title, f"{frame.preview}/{language}/"))

    return previews
