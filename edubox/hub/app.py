"""The hub's dynamic side as one WSGI application: the officers' desk below ``/bureau/``, what boxes ask below ``/api/1/``.

The same application answers at the desk's port (over TLS, or on loopback, or on the socket of a web server in front) and, for
``/api/`` alone, at the port of the mirror: a box needs one address. Requests of boxes are signed, so they may come over plain
HTTP; passwords, cookies and tokens may not. Every error is a sentence: a page for people, JSON for programs. When the database
or the store is away the answer is 503 with a time to come back, and nothing is half done.
"""

from __future__ import annotations

import importlib
import logging
from importlib.util import find_spec
from typing import Any
from urllib.parse import quote, urlencode

from flask import Blueprint, Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from edubox.errors import BUSY, NO_ROOM, NOT_TRUSTED, UNREACHABLE, BadInput, EduboxError, NotFound, NotTrusted
from edubox.hub import described
from edubox.hub.desk import frame, guard
from edubox.hub.desk.alerting import alert_pages
from edubox.hub.desk.codes import code_pages
from edubox.hub.desk.door import door_pages
from edubox.hub.desk.enrolments import enrolment_pages
from edubox.hub.desk.following import following_pages
from edubox.hub.desk.guard import ANYBODY
from edubox.hub.desk.helping import help_pages
from edubox.hub.desk.journal import journal_pages
from edubox.hub.desk.me import me_pages
from edubox.hub.desk.moving import move_pages
from edubox.hub.desk.pages import BASE, asset
from edubox.hub.desk.people import people_pages
from edubox.hub.desk.programs import program_api
from edubox.hub.desk.publications import publication_pages
from edubox.hub.desk.recalling import recall_pages
from edubox.hub.desk.review import review_pages
from edubox.hub.desk.schools import school_pages
from edubox.hub.desk.signatures import signature_pages
from edubox.hub.desk.today import today_pages
from edubox.hub.hub import Hub

#: Bytes of a form of the desk, and fields of one; rooms of the API say their own limits.
FORM, FIELDS = 256 * 1024, 500
#: Seconds after which to come back when the database or the store is away.
LATER = 30
API = "/api/"
#: Rooms with a part of the API, each in its ``api.py``, and what its addresses begin with unless it says so itself.
ROOMS = {"enrol": "", "intake": "/api/1", "fleet": ""}
#: Bytes of a request below ``/api/`` before the room has looked at it.
REQUEST = 28 * 1024 * 1024
_YEAR = "public, max-age=31536000, immutable"
_STATUS = {NOT_TRUSTED: 403, UNREACHABLE: 503, NO_ROOM: 507, BUSY: 503}
log = logging.getLogger(__name__)


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: Pages of errors by their status: icon, title, words.
PROBLEMS = {
    400: ("warning", _("This cannot be read"), _("The address or the form is not one that these pages make. Go back and try again.")),
    403: ("shield", _("Not for you"), _("Your role does not allow this, or the page had become old. Go back, load it again, and ask whoever looks after the people if it stays so.")),
    404: ("search", _("Nothing is here"), _("There is no page at this address, or what it was about has gone.")),
    413: ("weight", _("Too much at once"), _("What was sent is larger than this page takes.")),
    500: ("warning", _("Something failed inside the hub"), _("It was written down for whoever runs the hub. Nothing was half done; try again.")),
    503: ("clock", _("The hub cannot answer just now"), _("Its database or its store is away. Nothing was changed. Try again in a minute; schools notice nothing of it.")),
}  # fmt: skip


def create_app(hub: Hub) -> Flask:
    """The application of *hub*."""
    app = Flask("edubox.hub", static_folder=None)
    app.url_map.strict_slashes = False
    app.config.update(MAX_CONTENT_LENGTH=FORM, MAX_FORM_MEMORY_SIZE=FORM, MAX_FORM_PARTS=FIELDS)
    app.insecure = lambda: frame.show(hub, "door", "insecure.html", 403).get_data()  # type: ignore[attr-defined]
    app.register_blueprint(_desk(hub))
    described.add_description(app)
    app.register_blueprint(program_api(hub))
    for room, prefix in ROOMS.items():
        if find_spec(f"edubox.hub.{room}") and find_spec(f"edubox.hub.{room}.api"):
            made = importlib.import_module(f"edubox.hub.{room}.api").blueprint(hub)
            app.register_blueprint(made, url_prefix=prefix or None)

    @app.before_request
    def sized() -> None:
        if request.path.startswith(API):
            request.max_content_length = REQUEST

    @app.get("/")
    def begin() -> Response:
        return Response(status=302, headers={"Location": f"{BASE}/"})

    @app.after_request
    def careful(answer: Response) -> Response:
        headers = answer.headers
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Content-Security-Policy", policy(hub, request.host))
        headers.setdefault("Cache-Control", "no-store")
        headers.setdefault(
            "Permissions-Policy", "publickey-credentials-get=(self), publickey-credentials-create=(self)"
        )
        if request.is_secure:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return answer

    @app.errorhandler(EduboxError)
    def known(error: EduboxError) -> Response:
        status = status_of(error)
        if request.path.startswith(API):
            answer = jsonify({"error": error.code, "message": str(error)} | _details(error))
            answer.status_code = status
        elif isinstance(error, NotTrusted) and status == 403:
            # Nobody sent this: what the hub itself holds does not hold. "Not for you" would send people to the wrong person.
            return failed(error)
        else:
            answer = _problem(hub, status)
        if status in {429, 503}:
            answer.headers["Retry-After"] = str(error.details.get("retry", LATER))
        return answer

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        status = error.code or 500
        if not request.path.startswith(API):
            answer = _problem(hub, status)
        else:
            answer = jsonify(
                {"error": _NAMES.get(status, "failed"), "message": error.description or error.name}
            )
            answer.status_code = status
        for name, value in error.get_headers():
            if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
                answer.headers[name] = value
        if isinstance(error, RequestEntityTooLarge):
            answer.headers["Connection"] = "close"
        return answer

    @app.errorhandler(Exception)
    def failed(error: Exception) -> Response:
        log.error("a request failed: %s %s", request.method, request.path, exc_info=error)
        if request.path.startswith(API):
            answer = jsonify({"error": EduboxError.code, "message": EduboxError.message})
            answer.status_code = 500
            return answer
        return _problem(hub, 500)

    return app


_NAMES = {
    400: "bad-input", 401: "not-trusted", 403: "not-allowed", 404: "not-found", 405: "not-allowed", 409: "conflict", 411: "bad-input",
    413: "too-large", 415: "bad-input", 416: "bad-input", 429: "crowded", 503: "away",
}  # fmt: skip


def status_of(error: EduboxError) -> int:
    """The number of the answer that tells of *error*."""
    given = getattr(error, "status", None)
    if isinstance(given, int):
        return given
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, BadInput):
        return 400
    return _STATUS.get(error.exit_code, 500)


def policy(hub: Hub, host: str) -> str:
    """What pages may load: themselves, and lessons that are reviewed in a frame of another origin."""
    frames = frame.lesson_origin(hub, host) or "'none'"
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
        f"frame-src {frames}; frame-ancestors 'none'; base-uri 'none'"
    )


def _details(error: EduboxError) -> dict[str, Any]:
    """What a program may need besides the sentence."""
    return {name: error.details[name] for name in ("counter", "offset", "retry") if name in error.details}


def _problem(hub: Hub, status: int) -> Response:
    sign, title, words = PROBLEMS.get(status) or PROBLEMS[400 if status < 500 else 500]
    return frame.show(hub, "", "problem.html", status, sign=sign, title=title, words=words)


def _desk(hub: Hub) -> Blueprint:
    desk = Blueprint("desk", __name__, url_prefix=BASE)

    @desk.before_request
    def watch() -> Response | None:
        if request.endpoint == "desk.loaded":
            return None
        if size := guard.taken():
            request.max_content_length = request.max_form_memory_size = size
        return guard.watch(hub) or _in_language()

    @desk.get("/<stem>-<_version>.<ending>")
    @guard.needs(ANYBODY)
    def loaded(stem: str, ending: str, _version: str) -> Response:
        try:
            text, kind, address = asset(f"{stem}.{ending}")
        except KeyError:
            return _problem(hub, 404)
        answer = Response(text, mimetype=kind)
        if request.path == address:
            answer.headers["Cache-Control"] = _YEAR
        return answer

    for add in (
        today_pages, door_pages, enrolment_pages, code_pages, school_pages, following_pages, move_pages, alert_pages, review_pages, publication_pages,
        recall_pages, signature_pages, journal_pages, people_pages, me_pages, help_pages,
    ):  # fmt: skip
        add(desk, hub)
    return desk


def _in_language() -> Response | None:
    """Keep a language that was chosen, and show the page without that in its address."""
    if "lang" not in request.args or request.method != "GET":
        return None
    rest = urlencode([(name, value) for name, value in request.args.items(multi=True) if name != "lang"])
    answer = Response(status=303, headers={"Location": quote(request.path) + (f"?{rest}" if rest else "")})
    return frame.remember_language(answer)
