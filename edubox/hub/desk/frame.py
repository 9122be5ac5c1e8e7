"""What stands around a page of the desk: the country's name, the rooms that its reader may enter, and in which language."""

from __future__ import annotations

import json
import re
import time
from typing import Any

from flask import Response, g, request

from edubox.hub.accounts import roles, sessions
from edubox.hub.accounts.roles import AUDIT, PEOPLE, READ
from edubox.hub.desk import pages
from edubox.hub.desk.gate import host_of
from edubox.hub.desk.guard import HOME, Entered
from edubox.hub.desk.words import LANGUAGES
from edubox.hub.hub import Hub
from edubox.pages.words import preferred

#: The cookie of a language that was chosen: no secret.
COOKIE = "langue"
_YEAR = 365 * 86_400
#: Seconds that the country's name is believed.
_BELIEVED = 60.0
#: What a browser writes for a host: anything else would be a word of the pages' policy.
_HOST = re.compile(r"[a-z0-9.-]{1,253}|\[[0-9a-f:.]{2,45}\]")
_names: dict[str, tuple[float, str]] = {}


def _(message: str) -> str:
    """Mark a message for the catalogues; it is translated where it is used."""
    return message


#: Rooms of the desk: name, address, words, what one must be allowed to do.
ROOMS = (
    ("today", "", _("Today"), READ),
    ("enrolments", "inscriptions/", _("Enrolments"), READ),
    ("schools", "ecoles/", _("Schools"), READ),
    ("review", "relecture/", _("Review"), READ),
    ("publications", "parutions/", _("Publications"), READ),
    ("signatures", "signatures/", _("Signatures"), READ),
    ("audit", "journal/", _("Journal"), AUDIT),
    ("people", "personnes/", _("People"), PEOPLE),
    ("help", "aide/", _("Help"), READ),
)


def show(hub: Hub, here: str, template: str, status: int = 200, **shown: Any) -> Response:
    """The page of the room *here* that *template* makes of what is *shown*."""
    found: Entered | None = g.get("entered")
    whole = found is not None and found.stage == sessions.WHOLE
    rooms = tuple(
        (name, f"{HOME}{place}", words, 0)
        for name, place, words, what in ROOMS
        if whole and found is not None and roles.somewhere(found.person, what)
    )
    around = pages.Around(
        country=country_name(hub, language()), language=language(), person=found.person if found and whole else None,
        csrf=found.csrf if found else "", here=here, rooms=rooms, address=request.full_path.rstrip("?"),
    )  # fmt: skip
    return Response(pages.page(around, template, shown), status, mimetype="text/html")


def language() -> str:
    """What the reader chose, else what their browser asks for, else French."""
    chosen = request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else preferred(request.headers.get("Accept-Language", ""), LANGUAGES)


def remember_language(answer: Response) -> Response:
    """Keep what was chosen with ``?lang=``."""
    chosen = request.args.get("lang", "")
    if chosen in LANGUAGES:
        answer.set_cookie(
            COOKIE, chosen, max_age=_YEAR, secure=request.is_secure, httponly=True, samesite="Lax", path=HOME
        )
    return answer


def lesson_origin(hub: Hub, host: str) -> str:
    """Scheme, host and port at which lessons that are looked at run, apart from these pages; *host* is that of the request."""
    if given := str(hub.settings["review_address"]):
        return given.rstrip("/")
    name = host_of(host)
    return f"{request.scheme}://{name}:{hub.settings['review_port']}" if _HOST.fullmatch(name) else ""


def country_name(hub: Hub, spoken: str) -> str:
    """What the country is called, as its own file says; never an error, for it stands on every page."""
    key, now = f"{hub.data} {spoken}", time.monotonic()
    read, name = _names.get(key, (float("-inf"), ""))
    if now - read > _BELIEVED:
        name = _read_name(hub, spoken)
        _names[key] = (now, name)
    return name


def _read_name(hub: Hub, spoken: str) -> str:
    try:
        files = sorted(
            (hub.data / "mirror" / "directory" / "targets").glob("*.country.json"),
            key=lambda one: one.stat().st_mtime,
        )
        said = json.loads(files[-1].read_bytes())["name"]
        return str(said.get(spoken) or next(iter(said.values())))[:120]
    except (OSError, ValueError, LookupError, AttributeError, StopIteration):
        return "edubox"
