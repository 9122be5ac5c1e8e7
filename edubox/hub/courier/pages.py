"""The page for carriers as a WSGI application, at ``/courier/`` of the mirror's port; see the package.

A box's request to its academy is heard here too (``enrolling``). A list is answered with another address, so that the page can be loaded again, kept and shown to a friend. The box's name stands in
that address alone, for the names of the files; nothing here writes it down.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from edubox.errors import BadInput, EduboxError, NoRoom
from edubox.hub.courier import enrolling
from edubox.hub.courier.choosing import Choice, Chooser, Notes, is_whole, sizes
from edubox.hub.courier.price import Price, price_of
from edubox.hub.courier.streaming import Part, Sums
from edubox.hub.desk.words import LANGUAGES, templates, translations
from edubox.hub.errors import Refused
from edubox.hub.hub import Hub
from edubox.pack.names import check_part
from edubox.pages import amounts
from edubox.pages.words import NAMES, preferred
from edubox.store.file_response import respond_with
from edubox.sync.carried.wants import MAX_WANT, parse

PLACE = "/courier/"
#: Bytes of the form: a list, and what a browser writes around it.
LARGEST = MAX_WANT + 64 * 1024
#: Megabytes of a file that may be chosen, and which is chosen unless somebody does: it fits on a phone that is nearly full.
CHOICES, USUAL = (50, 100, 250, 500), 100
#: Seconds that somebody waits for others who carry, before a list is looked at and before a file begins, and until they try again.
_TURN, _FILE, _LATER = 2.0, 20.0, 30
_MEGABYTE = 1_000_000
#: Seconds that a part may lie in a phone's own cache.
_KEPT = 86_400
#: What stands in the place of the box's name in the address and the file of an answer to its request.
_ANSWER = "answer"
_HERE = Path(__file__).parent
_COMMENTS, _SPACE = re.compile(r"/\*.*?\*/", re.DOTALL), re.compile(r"\s*\n\s*")


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


NO_LIST = _(
    "This file is neither the list nor the request of a school’s box. Fetch it again on the page of the box, and hand in that file as it is."
)
TOO_LARGE = _(
    "This file is much larger than any file of a box that belongs here: edubox-list.json or edubox-request.json."
)
CROWDED = _("Many people carry lessons just now. Try again in a minute.")
GONE = _("These files are not here any more, or lessons have changed. Hand in the list again.")
TOO_SMALL = _("This does not fit into files of that size. Choose larger ones.")
AWAY = _("The lessons cannot be read just now. Try again later.")
NOTHING = _("There is no page at this address.")


def courier_pages(hub: Hub, name: Any) -> Flask:
    """The application; *name* gives the country's name in a language."""
    app = Flask("edubox.hub.courier", static_folder=None)
    app.url_map.merge_slashes = False
    app.config.update(MAX_CONTENT_LENGTH=LARGEST, MAX_FORM_MEMORY_SIZE=LARGEST, MAX_FORM_PARTS=10)
    chooser, notes, sums = Chooser(hub.mirror), Notes(hub.data / "courier"), Sums(hub.mirror)
    price = price_of(str(hub.settings["courier_price"]))

    def show(status: int = 200, problem: str = "", **shown: Any) -> Response:
        return _page(name, price, status, problem, **shown)

    @app.get(PLACE)
    def ask() -> Response:
        return show()

    def heard(data: bytes) -> Response:
        try:
            found = enrolling.hear(hub, chooser, data, request.remote_addr or "", _TURN)
        except (Refused, BadInput) as error:
            return show(getattr(error, "status", 400), enrolling.refusal(error))
        if found is None:
            return show(503, CROWDED)
        if found.answer is None:
            return show(state=found.state)
        place = f"{PLACE}{notes.keep(found.answer)}/{_ANSWER}/?lang={_language()}"
        return Response(status=303, headers={"Location": place})

    @app.post(PLACE)
    def answer() -> Response:
        given = request.files.get("list")
        megabytes = _number(request.form.get("part", ""))
        data = given.read(MAX_WANT + 1) if given else b""
        if enrolling.is_request(data):
            return heard(data)
        try:
            want = parse(data)
        except EduboxError:
            return show(400, NO_LIST)
        try:
            choice = chooser.choose(want, megabytes * _MEGABYTE, _TURN)
        except BadInput:
            return show(400, TOO_SMALL)
        if choice is None:
            return show(503, CROWDED)
        place = f"{PLACE}{notes.keep(choice)}/{want.box}/?lang={_language()}"
        return Response(status=303, headers={"Location": place})

    @app.get(f"{PLACE}<token>/<box>/")
    def found(token: str, box: str) -> Response:
        choice = notes.find(token)
        if choice is None or not _is_name(box):
            return show(404, GONE)
        return show(choice=choice)

    @app.get(f"{PLACE}<token>/<box>/<int:number>.zip")
    def part(token: str, box: str, number: int) -> Response:
        choice = notes.find(token)
        parts = choice.parts() if choice and _is_name(box) else []
        if choice is None or not 1 <= number <= len(parts) or not is_whole(hub.mirror, parts[number - 1]):
            return show(404, GONE)
        return _file(hub, choice, number, sums, f"{token}-{number}", box) or show(503, CROWDED)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> Response:
        return show(error.code or 500, TOO_LARGE if error.code == 413 else NOTHING)

    @app.errorhandler(EduboxError)
    def away(error: EduboxError) -> Response:
        app.logger.warning("the page for carriers: %s", error)
        return show(507 if isinstance(error, NoRoom) else 503, AWAY)

    return app


def _file(hub: Hub, choice: Choice, number: int, sums: Sums, etag: str, box: str) -> Response | None:
    """Part *number* as a download that goes on after a cut; None if too many others begin one."""
    parts = choice.parts()
    known = sums.of(parts[number - 1], _FILE)
    if known is None:
        return None
    name = f"edubox-{choice.country}-{box}-{number}of{len(parts)}.zip"
    told: list[Any] = []
    body = respond_with(
        request.environ, lambda status, headers: told.extend((status, headers)), Part(hub.mirror, parts[number - 1], known),
        sizes(choice)[number - 1], etag=etag, media_type="application/zip",
        headers=[("Content-Disposition", f'attachment; filename="{name}"'), ("Cache-Control", f"private, max-age={_KEPT}"),
                 ("X-Content-Type-Options", "nosniff")],
    )  # fmt: skip
    status, headers = told
    # The server reads it itself, where each phone is; see ``file_response``.
    return Response(body, status, headers, direct_passthrough=True)


def _page(
    name: Any, price: Price | None, status: int, problem: str, choice: Choice | None = None, state: str = ""
) -> Response:
    """*choice*: the files that are there; *state*: how far a request is, of which there is nothing to take along yet."""
    language = _language()
    answered = enrolling.state_of(choice) if choice else ""
    told = enrolling.STATES.get(state or answered, "")
    words = translations(language)
    parts = sizes(choice) if choice else []
    text = templates(_HERE / "templates", language).get_template("courier.html").render(
        language=language, languages=[(one, NAMES[one]) for one in LANGUAGES if one != language], country=name(language),
        style=Markup(_style()), problem=words.gettext(problem) if problem else "", parts=list(enumerate(parts, 1)), total=sum(parts),  # noqa: S704 - our own file
        told=words.gettext(told) if told else "", answered=answered, lessons=choice.lessons if choice else 0, media=choice.media if choice else 0, choices=CHOICES, chosen=USUAL,
        size=lambda count: amounts.size(count, words), price=price.said if price else "",
        cost=lambda count: price.of(count, words) if price else "",
    )  # fmt: skip
    answer = Response(text, status, mimetype="text/html")
    answer.headers.update(_headers())
    if status == 503:
        answer.headers["Retry-After"] = str(_LATER)
    return answer


@cache
def _headers() -> dict[str, str]:
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Vary": "Accept-Language",
    }  # fmt: skip


@cache
def _style() -> str:
    return _SPACE.sub("\n", _COMMENTS.sub("", (_HERE / "courier.css").read_text("utf-8"))).strip()


def _language() -> str:
    """What the address says, else what the browser asks for, else French."""
    chosen = request.args.get("lang", "")
    return chosen if chosen in LANGUAGES else preferred(request.headers.get("Accept-Language", ""), LANGUAGES)


def _number(text: str) -> int:
    """The megabytes that were chosen."""
    return int(text) if text in {str(one) for one in CHOICES} else USUAL


def _is_name(box: str) -> bool:
    try:
        return bool(check_part(box))
    except EduboxError:
        return False
