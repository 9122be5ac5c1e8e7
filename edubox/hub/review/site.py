"""An offered lesson as pupils would see it, on an origin that has nothing to steal: no session, no cookie, no other page.

``review_site`` is an application of its own, for a port of its own. An address begins with a token that names one arrival and
ends after two days; who has it may look, nobody finds it. The pages around the lesson are rendered by the functions that
render every lesson; the lesson's files run in a sandbox without an origin, so that even its own storage is closed to it and a
request to another port of this host is a stranger's: the reviewer's cookie is not sent and could not be read.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, abort, redirect, request
from sqlalchemy import Connection, insert, select

from edubox.errors import EduboxError
from edubox.hub.hub import Hub
from edubox.hub.review import arrivals, trees
from edubox.hub.review.arrivals import Arrival
from edubox.hub.tables import about
from edubox.pack.canonical import nfc
from edubox.pack.media_types import media_type
from edubox.pack.names import check_path
from edubox.pages import drafting, render
from edubox.pages.assets import asset
from edubox.pages.contents import odd_types, parts
from edubox.pages.country import Country
from edubox.pages.country import parse as parse_country
from edubox.pages.kinds import RIGHTS_TOGETHER
from edubox.pages.model import Card, Frame, Lesson
from edubox.pages.player import players
from edubox.pages.stylesheet import stylesheet
from edubox.pages.weights import reading_bytes
from edubox.pages.words import preferred
from edubox.store.file_response import respond
from edubox.trust.directory import Directory
from edubox.trust.fetch import FolderFetch

#: Days for which an address opens: the day of its making and the next.
DAYS = 2
_SEAL = "review-seal"
_TOKEN = re.compile(r"(\d{1,15})-(\d{1,9})-([0-9a-f]{40})\Z")
_OWN = "'self' 'unsafe-inline' 'unsafe-eval' data: blob: mediastream:"
_PDF = "application/pdf"
LANGUAGES = ("fr", "en")
_ASSETS = ("pupil.js", "pictures.svg", "preview.css")


def address(hub: Hub, number: int) -> str:
    """The path, below the review's site, at which the arrival *number* is seen; it ends with a slash. Raises DatabaseAway."""
    day = hub.clock().toordinal()
    return f"/{number}-{day}-{_sealed(_secret(hub), number, day)}/"


def review_site(hub: Hub, frame_ancestors: str = "'self'") -> Flask:
    """The application that shows lessons under review; *frame_ancestors*: what may frame it, as a security policy says it."""
    app = Flask("edubox-review", static_folder=None)
    shown_players = players()

    def arrival(token: str) -> Arrival:
        match = _TOKEN.match(token)
        today = hub.clock().toordinal()
        if match is None or not today - DAYS < int(match[2]) <= today + 1:
            abort(404)
        if not hmac.compare_digest(_sealed(_secret(hub), int(match[1]), int(match[2])), match[3]):
            abort(404)
        with hub.database.read() as connection:
            return arrivals.get(connection, int(match[1]))

    def frame(token: str, language: str, one: Arrival) -> Frame:
        country = _country(hub)
        here = f"{request.scheme}://{request.host}/{token}"
        style = f"/style-{hashlib.sha256(stylesheet(country).encode()).hexdigest()[:12]}.css"
        return Frame(
            one.label,
            LANGUAGES,
            language,
            country,
            here,
            style,
            players=shown_players,
            squares=False,
            preview=f"/{token}",
        )

    def page(token: str, language: str, make: Callable[[Frame, Lesson], str | None]) -> Response:
        one = arrival(token)
        if language not in LANGUAGES:
            abort(404)
        text = make(frame(token, language, one), _lesson(hub, one))
        if text is None:
            abort(404)
        made = Response(text, mimetype="text/html")
        made.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; "
            f"media-src 'self'; frame-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors {frame_ancestors}"
        )
        return made

    @app.before_request
    def no_worker() -> None:
        if "Service-Worker" in request.headers:
            abort(403)

    @app.after_request
    def harmless(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", "default-src 'none'; sandbox")
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Permissions-Policy"] = (
            "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        )
        return response

    @app.errorhandler(EduboxError)
    def gone(error: EduboxError) -> tuple[str, int, dict[str, str]]:
        return str(error), getattr(error, "status", 503), {"Content-Type": "text/plain; charset=utf-8"}

    @app.get("/<token>/")
    def begin(token: str) -> Any:
        arrival(token)
        return redirect(f"/{token}/{preferred(request.headers.get('Accept-Language', ''), LANGUAGES)}/", 303)

    @app.get("/<token>/<language>/")
    def lesson(token: str, language: str) -> Response:
        return page(token, language, render.lesson)

    @app.get("/<token>/<language>/<int:number>/")
    def part(token: str, language: str, number: int) -> Response:
        return page(token, language, lambda around, shown: render.part(around, shown, number))

    @app.get("/<token>/<language>/deux/")
    def both(token: str, language: str) -> Response:
        return page(
            token, language, lambda around, shown: drafting.side_by_side(around, shown.card.title, f"/{token}/{language}/")
        )  # fmt: skip

    @app.get("/<token>/c/<manifest>/<path:name>")
    def file(token: str, manifest: str, name: str) -> Any:
        one = arrival(token)
        if manifest != one.manifest:
            abort(404)
        return _file(hub, one, nfc(name), frame_ancestors)

    @app.get("/<token>/p/<build>/<path:name>")
    def player(token: str, build: str, name: str) -> Any:
        arrival(token)
        found = shown_players.files.get(name)
        if build != shown_players.build or found is None:
            abort(404)
        return _sent(lambda environ, start: respond(
            environ, start, found, etag=None, media_type=media_type(name), headers=_lesson_headers(media_type(name), frame_ancestors),
        ))  # fmt: skip

    for name in _ASSETS:
        _serve(app, asset(name).address, asset(name).text, asset(name).media_type)

    @app.get("/style-<_version>.css")
    def style(_version: str) -> Response:
        made = Response(stylesheet(_country(hub)), mimetype="text/css")
        made.headers["Content-Security-Policy"] = "default-src 'none'"
        return made

    return app


def _file(hub: Hub, one: Arrival, name: str, frame_ancestors: str) -> Any:
    """A file of the lesson, to be trusted by nobody."""
    try:
        check_path(name)
    except EduboxError:
        abort(404)
    place = trees.tree(hub, one).resolve()
    path = place / name
    if path.is_dir():
        path, name = path / "index.html", f"{name}/index.html"
    if not path.is_file() or path.resolve() != path:
        abort(404)
    kind = odd_types(trees.manifest_of(hub, one)).get(name) or media_type(name)
    headers = _lesson_headers(kind, frame_ancestors)
    if request.query_string == b"download":
        last = quote(name.rpartition("/")[2], safe="")
        headers.append(("Content-Disposition", f"attachment; filename*=UTF-8''{last}"))
    return _sent(
        lambda environ, start: respond(environ, start, path, etag=None, media_type=kind, headers=headers)
    )


def _lesson_headers(kind: str, frame_ancestors: str) -> list[tuple[str, str]]:
    # The reviewer's page is an ancestor too: its frame holds ours, which holds the lesson.
    around = frame_ancestors if "'self'" in frame_ancestors else f"'self' {frame_ancestors}"
    rules = [f"default-src {_OWN}", "form-action 'none'", "base-uri 'self'", f"frame-ancestors {around}"]
    if kind != _PDF:  # browsers show no PDF in a sandbox; nosniff keeps it a PDF
        rules.append(f"sandbox {RIGHTS_TOGETHER}")
    # What runs without an origin asks for its own files as a stranger would.
    return [("Content-Security-Policy", "; ".join(rules)), ("Access-Control-Allow-Origin", "*")]


def _sent(answer: Callable[[dict[str, Any], Any], Iterable[bytes]]) -> Any:
    """What a WSGI function answers, as Flask's."""
    return Response.from_app(answer, request.environ, buffered=False)


def _serve(app: Flask, where: str, text: str, kind: str) -> None:
    def answer() -> Response:
        made = Response(text, mimetype=kind)
        made.headers["Content-Security-Policy"] = "default-src 'none'"
        return made

    app.add_url_rule(where, f"asset-{where}", answer)


def _lesson(hub: Hub, one: Arrival) -> Lesson:
    """The arrival as pages show a lesson."""
    manifest = trees.manifest_of(hub, one)
    said: dict[str, Any] = manifest.metadata
    card = Card(
        one.address, manifest.name, manifest.language, said.get("description", ""), tuple(said.get("educationalLevel", ())),
        tuple(said.get("about", ())), said.get("timeRequired", ""), manifest.size, one.arrived,
        keywords=tuple(said.get("keywords", ())), picture=f"{manifest.id}/{manifest.image}" if manifest.image else "",
    )  # fmt: skip
    original = manifest.file(manifest.original) if manifest.original else None
    return Lesson(
        card, one.version, manifest.id, tuple(parts(manifest)), tuple(said.get("author", ())), said.get("license", ""),
        original.path if original else "", original.size if original else 0, reading_bytes(manifest),
    )  # fmt: skip


def _country(hub: Hub) -> Country:
    try:
        return parse_country(Directory(FolderFetch(hub.mirror)).country_file())
    except EduboxError:
        return Country()


def _sealed(secret: str, number: int, day: int) -> str:
    return hmac.new(bytes.fromhex(secret), f"review {number} {day}".encode(), hashlib.sha256).hexdigest()[:40]


def _secret(hub: Hub) -> str:
    """What seals addresses, the same in every process: made once."""
    with hub.database.read() as connection:
        known = connection.execute(select(about.c.value).where(about.c.key == _SEAL)).scalar()
    return str(known) if known else hub.database.change(_make_secret)


def _make_secret(connection: Connection) -> str:
    known = connection.execute(select(about.c.value).where(about.c.key == _SEAL)).scalar()
    if known:
        return str(known)
    made = secrets.token_hex(32)
    connection.execute(insert(about).values(key=_SEAL, value=made))
    return made
